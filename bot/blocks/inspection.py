"""What Déjà made of a message, told to whoever asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.blocks.parts import (
    Block,
    button,
    context,
    how_similar,
    link,
    notification,
    person,
    section,
    words,
)
from bot.blocks.replies import Reply
from bot.i18n.texts import Texts
from services.phrases import Phrase

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
    lines: Sequence[Phrase],
    answer: str | None,
    alike: Alike | None,
    joined: Joined | None,
    say: Texts,
) -> Reply:
    """Return what became of a message: `lines`, the address of its answer, and what is nearest."""
    said = [words(say(line), LINE_LENGTH) for line in lines]
    heading = say("What I did with this message")
    if answer is not None:
        said.append(link(say("I answered it."), answer))
    blocks = [section("\n".join([f":mag: *{heading}*", *said]))]
    if joined is not None:
        blocks.append(_joined(joined, say))
    if alike is not None:
        ticket = link(alike.title, alike.url)
        blocks.append(section(say("*Most similar:* {ticket}", ticket=ticket)))
        more = say("/deja why with both links explains more")
        blocks.append(context(f"{how_similar(alike.similarity, say)} · {more}"))
    return Reply(notification(heading), blocks)


def split_reply(item_id: int, say: Texts) -> Reply:
    """Return what is said to whoever split a message off."""
    said = say("Split off: it is now a separate ticket.")
    return Reply(said, [section(said, accessory=_join(item_id, say))])


def joined_reply(item_id: int, say: Texts) -> Reply:
    """Return what is said to whoever joined a message again."""
    said = say("Joined again: it is treated together with the messages around it.")
    return Reply(said, [section(said, accessory=_split(item_id, say))])


def _joined(joined: Joined, say: Texts) -> Block:
    if joined.split_by is not None:
        by = person(joined.split_by, say)
        said = say("Split off by {person}: it is a separate ticket.", person=by)
        return section(said, accessory=_join(joined.item_id, say))
    said = say("{n} messages in a row form one ticket.", n=joined.size)
    if joined.url is None:
        said += " " + say("This is the first one.")
    else:
        said += " " + link(say("Go to the first one"), joined.url)
    return section(said, accessory=_split(joined.item_id, say))


def _split(item_id: int, say: Texts) -> Block:
    return button(say("Split off"), "split", str(item_id))


def _join(item_id: int, say: Texts) -> Block:
    return button(say("Join again"), "join", str(item_id))
