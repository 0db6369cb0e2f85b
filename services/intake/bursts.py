"""Bursts: what one person says in several messages in a row is one ticket.

Which messages are one ticket follows from the messages alone (who, where, when, how long), so that
the order in which they become known changes nothing. What another person says in between does not
end a burst: in a busy channel two tickets are written at the same time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from services.memory.items import NewItem

# The longest pause between two messages of a burst, in seconds. Who breaks a sentence into messages
# goes on at once; who comes back after some minutes has something new to say.
WINDOW = 120.0

# Of this many messages at most: who says more in one go holds a conversation.
MAX_MESSAGES = 10

# In characters: a second log of this length is another matter, and the sum of both no ticket.
MAX_CHARACTERS = 4_000


@dataclass(frozen=True)
class BurstMessage:
    """A message by itself. `split_by` said that it is a ticket of its own."""

    item: NewItem
    split_by: str | None = None

    @property
    def at(self) -> float:
        """When it was said, in seconds."""
        return float(self.item.ts or 0)


@dataclass(frozen=True)
class Burst:
    """Messages that are one ticket, in order. The first of them is its head."""

    messages: tuple[BurstMessage, ...]

    @property
    def ticket(self) -> NewItem:
        """The ticket that they are: the head with all that was said, in one line."""
        said = (one.item.text for one in self.messages)
        return replace(self.messages[0].item, text=" ".join(text for text in said if text))


def chains(messages: Sequence[BurstMessage], window: float) -> Iterator[list[BurstMessage]]:
    """Cut what one person said in one channel where they paused for more than `window` seconds."""
    ordered = sorted(messages, key=lambda one: (one.at, one.item.external_id))
    start = 0
    for index, (before, after) in enumerate(pairwise(ordered), 1):
        if after.at - before.at > window:
            yield ordered[start:index]
            start = index
    if ordered:
        yield ordered[start:]


def bursts(chain: Sequence[BurstMessage]) -> Iterator[Burst]:
    """Cut a chain into tickets: what was split off stands alone, the rest in as few as may be."""
    yield from (Burst((one,)) for one in chain if one.split_by is not None)
    current: list[BurstMessage] = []
    length = 0
    for one in chain:
        if one.split_by is not None:
            continue
        length += len(one.item.text)
        if current and (len(current) == MAX_MESSAGES or length > MAX_CHARACTERS):
            yield Burst(tuple(current))
            current, length = [], len(one.item.text)
        current.append(one)
    if current:
        yield Burst(tuple(current))
