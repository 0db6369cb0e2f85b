"""A ticket in several rows: its first row is the ticket, the others are replies to it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.errors import InputError
from services.intake.importers.audience.reply_audience import is_public
from services.intake.importers.entries import RowError
from services.intake.importers.plans.plan import DATE_FIELDS, Plan
from services.intake.importers.records import Record, is_empty, raw_id
from services.intake.importers.replies.discarded import is_deleted
from services.intake.importers.replies.reply_lists import ReplyReader, TicketReply, in_order
from services.intake.importers.replies.reply_objects import is_accepted as says_accepted
from services.intake.importers.replies.reply_objects import is_of_team
from services.intake.importers.replies.reply_titles import bare_title
from services.intake.importers.replies.threads import MAX_DEPTH
from services.intake.importers.rows.private_rows import has_own_comment, is_private_message

TEAM_STARTED = "messages of the team that answer nothing in the file"
PART_OF_UNREADABLE = "rows of a ticket whose first row cannot be read"


@dataclass
class ThreadParts:
    """A ticket's first row and its replies. `records` are the rows that count as one ticket."""

    first: Record
    replies: list[TicketReply] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)


def tickets_of(thread: Sequence[Record], plan: Plan) -> list[list[Record]]:
    """Return the rows of a thread by ticket, its first row first.

    Where only the values of a column told that it names what a row replies to, a row with another
    title than the first one is a ticket, and what replies to it belongs to it.
    """
    title = _title(thread[0], plan)
    others = [_title(record, plan) not in ("", title) for record in thread]
    if not plan.has_found_parents or not any(others):
        return [[*thread]]
    places: dict[str | None, int] = {}
    for index, record in enumerate(thread):
        places.setdefault(raw_id(record, plan.mapping.get("id", ())), index)
    above = [places.get(raw_id(one, plan.mapping["parent"]), 0) for one in thread]
    tickets: dict[int, list[Record]] = {}
    for index, record in enumerate(thread):
        first, steps = index, 0
        while first and not others[first] and steps < MAX_DEPTH:
            first, steps = above[first], steps + 1
        tickets.setdefault(first if others[first] else 0, []).append(record)
    return [
        [thread[first], *(one for one in records if one is not thread[first])]
        for first, records in tickets.items()
    ]


def later_replies(thread: Sequence[Record], plan: Plan, reader: ReplyReader) -> ThreadParts:
    """Return the parts of a ticket from its rows.

    Of rows of one id, the first public one is the ticket. What it does not say, such as its status,
    a later one may, but not who wrote it; a private one says no more than the title and the status.
    A row of the same id with another title is another ticket, and an error: its id is taken.
    """
    first, *rest = _by_time(thread, plan)
    parts = ThreadParts(first, records=[first])
    title = _title(first, plan)
    seen = {*_said(first, plan, reader)}
    accepted = raw_id(first, [name for name in first.values if name == "AcceptedAnswerId"])
    values = dict(first.values)
    own = plan.mapping.get("author", ())
    author = _author(first, plan)
    for record in rest:
        other = _title(record, plan)
        if other and title and other != title and not plan.mapping.get("parent"):
            id_ = raw_id(record, plan.mapping.get("id", ()))
            reason = f"the id {id_} stands in line {first.line} already, with another title"
            parts.errors.append(RowError(record.line, reason))
            continue
        parts.records.append(record)
        if is_deleted(record.named) or plan.layout.skip(record.values) is not None:
            continue
        if not plan.mapping.get("parent"):
            told = _told(record, plan).items()
            new = {name: one for name, one in told if is_empty(values.get(name))}
            values |= {name: one for name, one in new.items() if name not in own}
        for text in _said(record, plan, reader):
            if text not in seen:
                seen.add(text)
                reply = _reply(record, text, plan, requester=author, accepted=accepted)
                parts.replies.append(reply)
    parts.first = Record(first.line, values)
    parts.replies = in_order(parts.replies)
    return parts


def is_started_by_team(thread: Sequence[Record], plan: Plan) -> bool:
    """Say whether the team began a thread, whose rows name what they reply to."""
    return "parent" in plan.mapping and bool(is_of_team(thread[0].named))


def is_thread_private(first: Record, plan: Plan) -> bool:
    """Say whether the first message of a thread is for the team alone; `first` is its first row.

    Of rows of one id, that is so where all of them are.
    """
    if plan.layout.skip(first.values) is not None or not plan.is_threaded:
        return False
    return not has_own_comment(first, plan) and is_private_message(first.named, plan.mapping)


def _told(record: Record, plan: Plan) -> dict[str, Any]:
    """Return what a row may say of its ticket."""
    if is_public(record.named):
        said = [name for name in plan.mapping.get("replies", ()) if _is_text(record, name)]
        return {name: value for name, value in record.values.items() if name not in said}
    names = {*plan.mapping.get("title", ()), *plan.mapping.get("status", ())}
    return {name: value for name, value in record.values.items() if name in names}


def _reply(
    record: Record, text: str, plan: Plan, *, requester: str | None, accepted: str | None
) -> TicketReply:
    author = _author(record, plan)
    is_agent = is_of_team(record.named)
    if is_agent and author == requester:  # the column has the customer in each row
        author = None
    if is_agent is None and author and requester:
        is_agent = author != requester
    id_ = raw_id(record, plan.mapping.get("id", ()))
    is_accepted = (accepted is not None and id_ == accepted) or says_accepted(record.named)
    return TicketReply(
        text, author, is_agent, is_public(record.named), time_of_row(record, plan), is_accepted
    )


def _by_time(thread: Sequence[Record], plan: Plan) -> list[Record]:
    """Return rows in order of time, where all have one, and a public one first.

    Rows that name another one as their parent stay as they are.
    """
    if plan.mapping.get("parent"):
        return list(thread)
    rows = _in_order(thread, plan)
    first = next((one for one in rows if is_public(one.named)), rows[0])
    return [first, *(one for one in rows if one is not first)]


def _in_order(thread: Sequence[Record], plan: Plan) -> list[Record]:
    times = [time_of_row(record, plan) for record in thread]
    known = [time for time in times if time is not None]
    if len(known) < len(thread):
        return list(thread)
    order = sorted(range(len(thread)), key=lambda index: known[index])
    return [thread[index] for index in order]


def time_of_row(record: Record, plan: Plan) -> datetime | None:
    """Return when a row was written; None where that is not known."""
    own = next((record.named[one] for one in _MESSAGE_TIMES if record.named.get(one)), None)
    if own is not None:
        with suppress(InputError):
            return plan.reply_dates.read(own)
    for name in plan.mapping.get(DATE_FIELDS[0], ()):
        try:
            return plan.readers[name].read(next(iter(plan.dates_in(record, name)), None))
        except InputError:
            continue
    return None


def _title(record: Record, plan: Plan) -> str:
    return bare_title(raw_id(record, plan.mapping.get("title", ())) or "")


def _author(record: Record, plan: Plan) -> str | None:
    """Return who wrote a row: of a column of its own before that of the ticket."""
    commenter = next((record.named[one] for one in _COMMENTERS if one in record.named), None)
    own = raw_id(record, plan.mapping.get("author", ()))
    return commenter if isinstance(commenter, str) and commenter.strip() else own


# What each row has of its own where the other columns are those of the ticket.
_MESSAGE_TIMES = (
    "message sent at", "message created at", "message date", "message time", "message timestamp",
    "comment created at", "comment date", "comment created", "reply date", "reply created at",
)  # fmt: skip
_COMMENTERS = (
    "comment author", "commented by", "comment by", "comment created by", "action creator",
    "message author", "reply author",
)  # fmt: skip


def _said(record: Record, plan: Plan, reader: ReplyReader) -> list[str]:
    """Return what a row says: its text, and what it has in a column of replies, one in each row."""
    columns = [name for name in plan.mapping.get("replies", ()) if _is_text(record, name)]
    replies = [reader.clean(record.values[name]) for name in columns]
    return [text for text in (_text(record, plan, reader), *replies) if text]


def _is_text(record: Record, name: str) -> bool:
    return isinstance(record.values.get(name), str)


def _text(record: Record, plan: Plan, reader: ReplyReader) -> str:
    for name in plan.mapping.get("text", ()):
        text = reader.clean(record.values.get(name))
        if text:
            return text
    return ""
