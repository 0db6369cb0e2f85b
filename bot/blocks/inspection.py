"""What Déjà made of a message, told to whoever asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.blocks.parts import Block, button, context, link, notification, person, section, words
from bot.blocks.replies import Reply

LINE_LENGTH = 300


@dataclass(frozen=True)
class Alike:
    """What is most alike to a message, and how alike (a cosine)."""

    title: str
    url: str | None
    similarity: float


@dataclass(frozen=True)
class Joined:
    """How a message (`item_id`) and others are one ticket: how many, the first one's address.

    `url` is None where it is the first itself; `split_by` said that it is a ticket of its own.
    """

    item_id: int
    size: int
    url: str | None = None
    split_by: str | None = None


def inspection_reply(
    lines: Sequence[str], answer: str | None, alike: Alike | None, joined: Joined | None = None
) -> Reply:
    """Return what became of a message: `lines`, the address of its answer, and what is nearest."""
    said = [words(line, LINE_LENGTH) for line in lines]
    if answer is not None:
        said.append(link("I answered it.", answer))
    blocks = [section("\n".join([":mag: *What I made of this message*", *said]))]
    if joined is not None:
        blocks.append(_joined(joined))
    if alike is not None:
        known = f"similarity {alike.similarity:.2f}"
        blocks.append(section(f"*Most alike:* {link(alike.title, alike.url)}"))
        blocks.append(context(f"{known} · /deja why with both links tells more"))
    return Reply(notification("What I made of this message"), blocks)


def split_reply(item_id: int) -> Reply:
    """Return what is said to whoever split a message off."""
    return _done("Split: it is a ticket of its own now.", "Join again", "join", item_id)


def joined_reply(item_id: int) -> Reply:
    """Return what is said to whoever joined a message again."""
    return _done(
        "Joined again: it is judged with the messages around it.", "Split", "split", item_id
    )


def _done(said: str, label: str, action: str, item_id: int) -> Reply:
    return Reply(said, [section(said, accessory=button(label, action, str(item_id)))])


def _joined(joined: Joined) -> Block:
    item = str(joined.item_id)
    if joined.split_by is not None:
        said = f"Split off by {person(joined.split_by)}: it is a ticket of its own."
        return section(said, accessory=button("Join again", "join", item))
    first = "the first" if joined.url is None else f"one; {link('this', joined.url)} is the first"
    said = f"{joined.size} messages in a row are one ticket. It is {first}."
    return section(said, accessory=button("Split", "split", item))
