"""Bursts: several messages in a row by one person in one channel are one ticket.

Which messages form a ticket depends only on the messages (who, where, when, how long), so the order
in which they become known does not matter. Messages of other people in between do not end a burst:
in a busy channel two tickets are written at the same time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from services.memory.comparable_text import PINNED

if TYPE_CHECKING:
    from services.memory.new_items import NewItem
from services.text.small_talk.follow_ups import FollowUpKind

# Messages in a burst. More than that in one go is a conversation.
MAX_MESSAGES = 10

# Characters in a burst. A second log of that length is another matter, and both together no ticket.
MAX_CHARACTERS = 4_000


@dataclass(frozen=True)
class BurstMessage:
    """A single message. `split_by` is the person who made it a ticket of its own.

    `override` is what a reaction turns it into ("ticket", "ignored").
    """

    item: NewItem
    split_by: str | None = None
    override: str | None = None

    @property
    def at(self) -> float:
        """When it was written, in seconds since 1970."""
        return float(self.item.ts or 0)


@dataclass(frozen=True)
class Burst:
    """The messages of one ticket, in order. The first of them is the head.

    `follows` is what they say of an earlier ticket of their author if they are none themselves.
    """

    messages: tuple[BurstMessage, ...]
    follows: FollowUpKind | None = None

    @property
    def ticket(self) -> NewItem:
        """The head with the text of all messages that are not taken out."""
        texts = (one.item.text for one in self.messages if one.override != "ignored")
        head = self.messages[0]
        whole = " ".join(text for text in texts if text)
        is_all = whole == head.item.text  # of most tickets: a copy would cost more than the rest
        item = head.item if is_all else replace(head.item, text=whole, compared=None)
        return with_pin(item, head.override)

    @property
    def is_taken_out(self) -> bool:
        """Whether the ticket is taken out: its head is, which gets the answers."""
        return self.messages[0].override == "ignored"

    @property
    def is_ticket(self) -> bool:
        """Say whether the messages are a ticket."""
        return not self.is_taken_out and self.follows is None


def with_pin(item: NewItem, override: str | None) -> NewItem:
    """Return an item that says in `extra` whether a reaction makes it a ticket."""
    if override != "ticket" and PINNED not in item.extra:
        return item  # nearly all, and a copy costs more than the rest
    extra = {key: value for key, value in item.extra.items() if key != PINNED}
    extra |= {PINNED: True} if override == "ticket" else {}
    return replace(item, extra=extra, compared=None)


def chains(messages: Sequence[BurstMessage], max_pause: float) -> Iterator[list[BurstMessage]]:
    """Cut one person's messages in one channel at pauses longer than `max_pause` seconds."""
    ordered = sorted(messages, key=lambda one: (one.at, one.item.external_id))
    start = 0
    for index, (before, after) in enumerate(pairwise(ordered), 1):
        if after.at - before.at > max_pause:
            yield ordered[start:index]
            start = index
    if ordered:
        yield ordered[start:]


def bursts(chain: Sequence[BurstMessage]) -> Iterator[Burst]:
    """Cut a chain into bursts: split-off messages alone, the others in as few as possible.

    A message that a reaction makes a ticket begins one.
    """
    yield from (Burst((one,)) for one in chain if one.split_by is not None)
    current: list[BurstMessage] = []
    length = 0
    for one in chain:
        if one.split_by is not None:
            continue
        length += len(one.item.text)
        is_full = len(current) == MAX_MESSAGES or length > MAX_CHARACTERS
        if current and (is_full or one.override == "ticket"):
            yield Burst(tuple(current))
            current, length = [], len(one.item.text)
        current.append(one)
    if current:
        yield Burst(tuple(current))
