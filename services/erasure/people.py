"""Erasing a person: what they wrote for other people's tickets, and their name everywhere.

What they decided stays on record under a pseudonym that is theirs alone, such as `erased-7`: groups
of duplicates and counts of reports must not change because somebody left.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session

from models import Change, Channel, FollowUp, Item, Resolution, Topic
from models.queries import IMPORTED
from services.erasure.subjects import Subject
from services.erasure.surfaces import PERSON, columns_of
from services.erasure.tickets import Erased, copied_answers, snippet
from services.intake.importers.rows.metadata import MAX_REPLY_LENGTH
from services.issues.resolutions import clear_resolution

PSEUDONYM = "erased-{number}"

# What an erasure counts of what a person wrote for others.
ANSWERS = "answers to other people's tickets"
COPIES = "answers copied to other tickets"
REPLIES = "replies in other people's tickets"

# Items with replies that are read at a time.
_BATCH = 500

# Characters of a line by which it is found again.
_COMPARED = 200


def pseudonym(erasure_id: int) -> str:
    """Return what stands in place of a person."""
    return PSEUDONYM.format(number=erasure_id)


def answers_by(subject: Subject) -> ColumnElement[bool]:
    """Return the condition over `Resolution` for what a person wrote for anybody's ticket."""
    return (Resolution.author == subject.person) & (Resolution.text != "")


def erase_answers(session: Session, subject: Subject, now: datetime) -> Erased:
    """Erase the answers that a person wrote for other people's tickets."""
    erased = Erased()
    rows = session.execute(
        select(Resolution, Item)
        .join(Item, Item.id == Resolution.item_id)
        .where(Item.workspace_id == subject.workspace_id, answers_by(subject))
        .order_by(Resolution.id)
    ).all()
    for resolution, item in rows:
        erased.snippets += filter(None, [snippet(resolution.text)])
        clear_resolution(session, resolution, item, now)
        erased.changed.append(item.id)
        erased.counts[ANSWERS] += 1
    return erased


def erase_replies(session: Session, subject: Subject, now: datetime) -> Erased:
    """Erase the replies by a person that came with other people's imported tickets, and answers.

    An answer that was taken from a reply goes with it, also where it was used for another ticket.
    """
    erased = Erased()
    for item in items_with_replies(session, subject):
        own = [one for one in item.extra["replies"] if _is_by(one, subject)]
        texts = {str(one.get("text", "")) for one in own}
        erased.snippets += filter(None, map(snippet, texts))
        replies = [one for one in item.extra["replies"] if one not in own]
        item.extra = {**item.extra, "replies": replies}
        taken = _taken_answers(session, item, texts)
        erased.changed += [ticket.id for _, ticket in taken.rows if ticket.id != item.id]
        erased.counts += taken.counts(item, subject) + Counter({REPLIES: len(own)})
        _erase_taken(session, item, taken, now)
        erased.changed.append(item.id)
    session.flush()
    return erased


def items_with_replies(session: Session, subject: Subject) -> Iterator[Item]:
    """Yield the tickets of others that came with a reply by a person."""
    is_other = or_(~subject.items, Item.author.is_(None))
    others = (Item.workspace_id == subject.workspace_id) & is_other
    last = 0
    while True:
        found = session.execute(
            select(Item.id, Item.extra)
            .where(others, Item.id > last)
            .order_by(Item.id)
            .limit(_BATCH)
        ).all()
        if not found:
            return
        last = found[-1].id
        for item_id, extra in found:
            replies = extra.get("replies")
            if isinstance(replies, list) and any(_is_by(one, subject) for one in replies):
                yield session.get_one(Item, item_id)


def count_replies(session: Session, subject: Subject) -> Counter[str]:
    """Count a person's replies in other people's imported tickets, and answers taken from them."""
    found = Counter[str]()
    for item in items_with_replies(session, subject):
        own = [one for one in item.extra["replies"] if _is_by(one, subject)]
        texts = {str(one.get("text", "")) for one in own}
        taken = _taken_answers(session, item, texts)
        found += taken.counts(item, subject) + Counter({REPLIES: len(own)})
    return found


@dataclass(frozen=True)
class _Taken:
    """Answers that were taken from replies: their texts, and where they are stored."""

    texts: Collection[str]
    rows: Sequence[tuple[Resolution, Item]] = ()

    def counts(self, item: Item, subject: Subject) -> Counter[str]:
        """Count those of the ticket that they came with, and copies at others.

        Those with the person's name are found by it.
        """
        found = Counter[str]()
        for answer, ticket in self.rows:
            if answer.author != subject.person:
                found[ANSWERS if ticket.id == item.id else COPIES] += 1
        if item.resolution in self.texts and all(one.id != item.id for _, one in self.rows):
            found[ANSWERS] += 1
        return found


def _taken_answers(session: Session, item: Item, replies: Collection[str]) -> _Taken:
    """Return the answers of a ticket that were taken from replies.

    They are in the ticket, by themselves once somebody has used them, and copied to other tickets.
    """
    imported = (Resolution.item_id == item.id) & (Resolution.marked_by == IMPORTED)
    known = [item.resolution or "", *session.scalars(select(Resolution.text).where(imported))]
    taken = {one for one in known if any(_is_from(one, reply) for reply in replies)}
    if not taken:
        return _Taken(taken)
    rows = session.execute(
        select(Resolution, Item)
        .join(Item, Item.id == Resolution.item_id)
        .where(or_(imported, copied_answers(Item.id == item.id)), Resolution.text.in_(taken))
        .order_by(Resolution.id)
    )
    return _Taken(taken, [(resolution, ticket) for resolution, ticket in rows])


def _erase_taken(session: Session, item: Item, taken: _Taken, now: datetime) -> None:
    status = item.status  # its tracker knows whether it is over
    for resolution, ticket in taken.rows:
        clear_resolution(session, resolution, ticket, now)
    if item.resolution in taken.texts:
        item.resolution = None
    item.status = status


def _is_from(answer: str, reply: str) -> bool:
    """Say whether an answer was taken from a reply, with or without what mail has around it.

    Of a long reply only the beginning may be kept.
    """
    lines = [line.strip()[:_COMPARED] for line in answer.splitlines() if line.strip()]
    if not lines:
        return False
    return max(lines, key=len) in reply or (len(reply) >= MAX_REPLY_LENGTH and lines[0] in reply)


def _is_by(reply: object, subject: Subject) -> bool:
    return isinstance(reply, dict) and reply.get("author") == subject.person


def count_traces(session: Session, subject: Subject) -> int:
    """Return in how many rows a person is named for what they did."""
    person = subject.person
    found = [
        session.scalar(
            select(func.count())
            .select_from(column.table)
            .where(column == person, *rows_here(column.table, subject))
        )
        for column in columns_of(PERSON)
        if column.table.name != "items"
    ]
    return sum(one or 0 for one in found) + len(channels_decided_by(session, subject))


def rename_person(session: Session, subject: Subject, name: str) -> int:
    """Put a pseudonym in place of a person wherever they are named; return in how many rows.

    Titles that they gave to topics are no longer kept: later runs name these topics again.
    """
    person = subject.person
    own_titles = (Topic.named_by == person) & (Topic.workspace_id == subject.workspace_id)
    session.execute(update(Topic).where(own_titles).values(named_by=None))
    renamed = 0
    for column in columns_of(PERSON):
        if column.table.name == "items":
            continue
        values = {column.name: name}
        if column.table is FollowUp.__table__ and column.name == "author":
            values["revision"] = "~"  # so that no sweep brings the name back
        statement = update(column.table).where(column == person, *rows_here(column.table, subject))
        done: Any = session.execute(statement.values(values))
        renamed += done.rowcount
    for channel in channels_decided_by(session, subject):
        # Not left out: without anybody named, everybody would decide.
        channel.deciders = [name if one == person else one for one in channel.deciders]
        renamed += 1
    renamed += _rename_in_changes(session, subject, name)
    session.flush()
    return renamed


def rows_here(table: Any, subject: Subject) -> list[ColumnElement[bool]]:
    """Return the condition that a row of a table belongs to the subject's workspace."""
    columns = table.c
    if "workspace_id" in columns:
        return [columns.workspace_id == subject.workspace_id]
    channels = select(Channel.id).where(Channel.workspace_id == subject.workspace_id)
    if "channel_id" in columns:
        return [columns.channel_id.in_(channels)]
    items = select(Item.id).where(Item.workspace_id == subject.workspace_id)
    return [columns.item_id.in_(items)]


def channels_decided_by(session: Session, subject: Subject) -> list[Channel]:
    """Return the channels in which a person is one of those who may decide."""
    found = session.scalars(select(Channel).where(Channel.workspace_id == subject.workspace_id))
    return [channel for channel in found if subject.person in channel.deciders]


def _rename_in_changes(session: Session, subject: Subject, name: str) -> int:
    """Rename a person in the record of who could decide."""
    person = str(subject.person)
    named = Change.before.contains(person, autoescape=True) | Change.after.contains(
        person, autoescape=True
    )
    rows = session.scalars(
        select(Change).where(Change.workspace_id == subject.workspace_id, named)
    ).all()
    whole = re.compile(rf"(?<!\w){re.escape(person)}(?!\w)")
    for row in rows:
        row.before, row.after = (whole.sub(name, text) for text in (row.before, row.after))
    return len(rows)
