"""The replies about one message: what Déjà did with it, and that it was split off or joined."""

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
from bot.blocks.thread_answer import decision_line
from bot.i18n.texts import Texts
from services.phrases import Phrase, translatable
from services.text.small_talk.follow_ups import FollowUpKind

# What a message says of the ticket that it follows.
FOLLOWED = {
    FollowUpKind.NEWS: translatable("It follows {ticket} and asks for news."),
    FollowUpKind.WORKS: translatable("It follows {ticket} and says that it works."),
    FollowUpKind.BROKEN: translatable("It follows {ticket} and says that it still does not work."),
    FollowUpKind.DETAIL: translatable("It follows {ticket} and adds to it."),
    FollowUpKind.SAME: translatable("It follows {ticket} and adds to it."),
}

# By whether it was written after the message.
NEAREST_TICKET = {
    False: translatable("*Most similar:* {ticket}"),
    True: translatable("*Most similar, written later:* {ticket}"),
}

LINE_LENGTH = 300


@dataclass(frozen=True)
class SimilarItem:
    """An item that is like a message, or shows its picture. `similarity` is a cosine.

    `is_later` says that it was written after the message, which it may repeat.
    """

    title: str
    url: str | None
    similarity: float = 0.0
    is_later: bool = False


@dataclass(frozen=True)
class Decided:
    """What somebody decided on a message's ticket and another one, whatever the bot said."""

    verdict: str
    by: str
    title: str
    url: str | None


@dataclass(frozen=True)
class Joined:
    """The burst of a message (`item_id`): several messages in a row that form one ticket.

    `size` counts its messages; `url` is the first one's address, None for the first one itself.
    `split_by` is who made the message a ticket of its own.
    """

    item_id: int
    size: int
    url: str | None = None
    split_by: str | None = None


@dataclass(frozen=True)
class Overridden:
    """Whose reaction (`emoji` by name) made a message a ticket, or took it out."""

    is_ticket: bool
    emoji: str
    by: str


@dataclass(frozen=True)
class Followed:
    """The ticket that a message (`ts`) follows, and what the message says of it.

    `is_report` where it counts as one more report of the ticket, `undone_by` who undid that.
    `open_id` is the ticket's id while it is not solved.
    """

    ts: str
    title: str
    url: str | None
    kind: FollowUpKind
    is_report: bool = False
    undone_by: str | None = None
    open_id: int | None = None


@dataclass(frozen=True)
class Inspection:
    """What became of a message.

    `answer` is the address of the bot's answer to it, `nearest` the most similar ticket.
    `ticket_emoji` would make the message a ticket; None where nothing does. `read` is what was
    read in its pictures, `same_picture` a ticket that shows one of them, too.
    `decisions` are what people decided on its ticket, the newest first.
    """

    lines: Sequence[Phrase]
    answer: str | None = None
    nearest: SimilarItem | None = None
    joined: Joined | None = None
    overridden: Overridden | None = None
    followed: Followed | None = None
    ticket_emoji: str | None = None
    read: str | None = None
    decisions: Sequence[Decided] = ()
    same_picture: SimilarItem | None = None


def inspection_reply(found: Inspection, say: Texts) -> Reply:
    """Return what became of a message."""
    shown = [words(say(line), LINE_LENGTH) for line in found.lines]
    if found.read is not None:
        # Escaped and cut: it is what a machine read, not what somebody wrote.
        read = say("Read in its pictures: {words}", words=words(found.read, LINE_LENGTH))
        shown.append(f":frame_with_picture: {read}")
    heading = say("What I did with this message")
    if found.answer is not None:
        shown.append(link(say("I answered it."), found.answer))
    blocks = [section("\n".join([f":mag: *{heading}*", *shown]))]
    if found.followed is not None:
        blocks.append(followed_block(found.followed, say))
    if found.overridden is not None:
        blocks.append(_overridden(found.overridden, say))
    if found.ticket_emoji:
        emoji = f":{found.ticket_emoji}:"
        blocks.append(context(say("React with {emoji} to make it a ticket.", emoji=emoji)))
    for one in found.decisions:
        line = decision_line(one.verdict, one.by, say)
        blocks.append(section(f"{line} · {link(one.title, one.url)}"))
    if found.joined is not None:
        blocks.append(_joined(found.joined, say))
    blocks += _similar(found, say)
    return Reply(notification(heading), blocks)


def _similar(found: Inspection, say: Texts) -> list[Block]:
    """Return the tickets that a message is like."""
    blocks = []
    if found.same_picture is not None:
        ticket = link(found.same_picture.title, found.same_picture.url)
        blocks.append(section(say("*The same picture:* {ticket}", ticket=ticket)))
    if found.nearest is not None:
        ticket = link(found.nearest.title, found.nearest.url)
        blocks.append(section(say(NEAREST_TICKET[found.nearest.is_later], ticket=ticket)))
        more = say("/deja why with both links explains more")
        blocks.append(context(f"{how_similar(found.nearest.similarity, say)} · {more}"))
    return blocks


def split_reply(item_id: int, say: Texts) -> Reply:
    """Return the reply to whoever split a message off."""
    text = say("Split off: it is now a separate ticket.")
    return Reply(text, [section(text, accessory=_join_button(item_id, say))])


def joined_reply(item_id: int, say: Texts) -> Reply:
    """Return the reply to whoever joined a message to its burst again."""
    text = say("Joined again: it is treated together with the messages around it.")
    return Reply(text, [section(text, accessory=_split_button(item_id, say))])


def followed_block(followed: Followed, say: Texts) -> Block:
    """Return which ticket a message follows, with what can be done about it."""
    ticket = link(followed.title, followed.url)
    if followed.is_report and followed.undone_by is None:
        text = say("Counted as one more report of {ticket}.", ticket=ticket)
        return section(text, accessory=button(say("Undo"), "uncount", followed.ts))
    if followed.is_report:
        by = person(followed.undone_by, say)
        text = say("Not counted as a report of {ticket}, says {person}.", ticket=ticket, person=by)
        return section(text, accessory=button(say("Count it again"), "recount", followed.ts))
    text = say(FOLLOWED[followed.kind], ticket=ticket)
    if followed.kind is FollowUpKind.WORKS and followed.open_id is not None:
        solve = button(say("Mark as solved…"), "solved", str(followed.open_id))
        return section(text, accessory=solve)
    return section(text)


def report_reply(followed: Followed, say: Texts) -> Reply:
    """Return the reply to whoever changed whether a message counts as a report."""
    text = say("Counted again.") if followed.undone_by is None else say("No longer counted.")
    return Reply(text, [followed_block(followed, say)])


def _overridden(overridden: Overridden, say: Texts) -> Block:
    who = {"person": person(overridden.by, say), "emoji": f":{overridden.emoji}:"}
    if overridden.is_ticket:
        text = say("{person} made it a ticket with {emoji}.", **who)
    else:
        text = say("{person} took it out with {emoji}.", **who)
    undo = say("Removing the reaction undoes that.")
    return section(f"{text} {undo}")


def _joined(joined: Joined, say: Texts) -> Block:
    if joined.split_by is not None:
        by = person(joined.split_by, say)
        text = say("Split off by {person}: it is a separate ticket.", person=by)
        return section(text, accessory=_join_button(joined.item_id, say))
    text = say("{n} messages in a row form one ticket.", n=joined.size)
    if joined.url is None:
        text += " " + say("This is the first one.")
    else:
        text += " " + link(say("Go to the first one"), joined.url)
    return section(text, accessory=_split_button(joined.item_id, say))


def _split_button(item_id: int, say: Texts) -> Block:
    return button(say("Split off"), "split", str(item_id))


def _join_button(item_id: int, say: Texts) -> Block:
    return button(say("Join again"), "join", str(item_id))
