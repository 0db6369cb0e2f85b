"""Rows as tickets: each value is checked and cleaned; a bad one costs itself, not the ticket."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

from models.types import safe_text
from services.errors import InputError
from services.intake.importers.audience.reply_audience import (
    are_replies_public,
    kinds_of,
)
from services.intake.importers.documents.json_people import REPORTERS
from services.intake.importers.entries import ImportEntry, Row, RowDefaults, RowError, Skipped
from services.intake.importers.layouts.table import TABLE
from services.intake.importers.plans.plan import Plan
from services.intake.importers.plans.reply_tables import names_of
from services.intake.importers.records import Record, is_empty, raw_id, shown
from services.intake.importers.replies.answer_choice import choose_answer
from services.intake.importers.replies.conversations import MailFacts
from services.intake.importers.replies.discarded import DISCARDED
from services.intake.importers.replies.reply_lists import (
    ReplyReader,
    TicketReply,
    first_message,
    without_notes,
)
from services.intake.importers.replies.reply_objects import first_authors, requesters_of
from services.intake.importers.replies.threads import threads
from services.intake.importers.rows.metadata import KEPT_REPLIES, kept_fields, kept_replies
from services.intake.importers.rows.private_rows import MARKED_PRIVATE, speaks_of_message
from services.intake.importers.rows.reply_files import ReplyStore
from services.intake.importers.rows.report_lines import report_line
from services.intake.importers.rows.row_ids import MAX_ID_LENGTH, RowIds
from services.intake.importers.rows.row_mails import mail_facts
from services.intake.importers.rows.row_states import own_answer, state_in
from services.intake.importers.rows.row_threads import (
    PART_OF_UNREADABLE,
    TEAM_STARTED,
    is_started_by_team,
    is_thread_private,
    later_replies,
    tickets_of,
)
from services.intake.importers.rows.row_values import RowValues
from services.intake.importers.rows.skipped_rows import reason_of_room, reason_to_skip
from services.intake.importers.rows.text_cleaning import clean_text, fill_placeholders
from services.intake.importers.vocabulary.synonyms import Field
from services.memory.comparable_text import FindWords, compared
from services.memory.new_items import NewItem

MAX_SOURCE_LENGTH = 64


@dataclass(frozen=True)
class TicketReader:
    """Makes tickets of the rows of a table; `apart` has replies that other files hold.

    One `with_discarded` gives those that somebody deleted or called spam, as closed.
    """

    plan: Plan
    defaults: RowDefaults
    apart: ReplyStore | None = None
    with_discarded: bool = False
    find_words: FindWords = compared

    def read(self) -> Iterator[ImportEntry]:
        """Read all rows; each gives an entry, or is counted in that of its ticket."""
        if not self.plan.is_threaded:
            for entry in self.plan.table.read():
                yield self.entry(entry) if isinstance(entry, Record) else entry
            return
        errors: list[RowError] = []
        parent = partial(self._key, name="parent")
        for thread in threads(self._records(errors), self._key, parent, self._mail_facts):
            yield from errors
            errors.clear()
            for rows in tickets_of(thread, self.plan):
                yield from self._thread(rows)
        yield from errors

    def entry(self, record: Record, later: Sequence[TicketReply] = ()) -> ImportEntry:
        """Return the ticket of a row; `later` are replies in rows of their own."""
        if (reason := self._reason_to_skip(record)) is not None:
            return Skipped(record.line, reason, self._withheld(record, reason))
        try:
            apart = self._apart(record)
            row = self._row(RowValues(self.plan, record), later, apart)
        except InputError as error:
            return RowError(record.line, str(error))
        return replace(row, joined=len(apart)) if apart else row

    def _withheld(self, record: Record, reason: str) -> NewItem | None:
        """Return the ticket of a row that is private or deleted; None if it has no id of its own.

        One without words is known by its id, unless it may be a message: a comment that somebody
        deleted has no words, and the id of its ticket.
        """
        if reason not in (MARKED_PRIVATE, DISCARDED) or self._id(record) is None:
            return None
        if "title" not in self.plan.mapping and not self.plan.has_any(record, "text"):
            return None
        values = RowValues(self.plan, record)
        text, of_message = values.text("text"), speaks_of_message(record, self.plan)
        if of_message and not text:
            return None
        return NewItem(
            source=self._source(record),
            external_id=self._ids.id_of(values, "", ""),
            title=None if of_message else values.text("title") or None,  # others may read it
            text=text,
            created_at=self.defaults.now,
        )

    def _reason_to_skip(self, record: Record) -> str | None:
        plan, kind = self.plan, self.defaults.kind
        return (
            plan.layout.skip(record.values)
            or report_line(record, plan)
            or reason_to_skip(record, plan, kind, with_discarded=self.with_discarded)
        )

    def _apart(self, record: Record) -> list[dict[str, Any]]:
        """Return the replies to a row's ticket that other files hold."""
        if self.apart is None:
            return []
        return self.apart.take(names_of(record.values, self._id(record)), self.plan.table.name)

    def _records(self, errors: list[RowError]) -> Iterator[Record]:
        for entry in self.plan.table.read():
            if isinstance(entry, Record):
                yield entry
            else:
                errors.append(entry)

    def _id(self, record: Record) -> str | None:
        return raw_id(record, self.plan.mapping.get("id", ()))

    def _key(self, record: Record, name: Field = "id") -> str | None:
        """Return an id with whose it is: two repositories in a file have the same numbers."""
        id_ = raw_id(record, self.plan.mapping.get(name, ()))
        account = None if self.defaults.source else self.plan.layout.account_of(record.values)
        return f"{account}\n{id_}" if account and id_ else id_

    def _mail_facts(self, record: Record) -> MailFacts | None:
        has_one = self.plan.has_reply_titles and self.plan.layout.skip(record.values) is None
        return mail_facts(record, self.plan) if has_one else None

    def _thread(self, thread: Sequence[Record]) -> Iterator[ImportEntry]:
        rooms = [(one, reason_of_room(one, self.plan)) for one in thread]
        yield from (Skipped(one.line, why) for one, why in rooms if why)
        if public := [one for one, why in rooms if not why]:
            yield from self._thread_in_public(public)

    def _thread_in_public(self, thread: Sequence[Record]) -> Iterator[ImportEntry]:
        parts = later_replies(thread, self.plan, self.replies)
        yield from parts.errors
        if is_started_by_team(thread, self.plan):
            yield from (Skipped(one.line, TEAM_STARTED) for one in parts.records)
            return
        if self.defaults.kind == "ticket" and is_thread_private(parts.first, self.plan):
            item = self._withheld(parts.first, MARKED_PRIVATE)
            yield from (Skipped(one.line, MARKED_PRIVATE, item) for one in parts.records)
            return
        entry = self.entry(parts.first, parts.replies)
        joined = len(parts.records) - 1
        if isinstance(entry, Row):
            yield replace(entry, joined=entry.joined + joined)
            return
        yield entry
        for one in parts.records[1:]:
            skipped = entry.reason if isinstance(entry, Skipped) else PART_OF_UNREADABLE
            yield Skipped(one.line, skipped)

    @cached_property
    def replies(self) -> ReplyReader:
        """What reads the replies to a ticket."""
        return ReplyReader(
            lambda value: clean_text(value, self.plan.layout.markup), self.plan.reply_dates
        )

    @cached_property
    def _alternatives(self) -> frozenset[str]:
        """The columns that say the same in other words, where the tool is known, and the ids."""
        listed = {*self.plan.layout.columns, "id", "parent", "replies"} - {"outcome"}
        mapping = self.plan.mapping
        return frozenset(name for one in mapping if one in listed for name in mapping[one])

    def _row(
        self, values: RowValues, later: Sequence[TicketReply], apart: Sequence[Mapping[str, Any]]
    ) -> Row:
        record, named = values.record, values.record.named
        title = " ".join(fill_placeholders(values.text("title"), named).split())
        text = fill_placeholders(values.text("text"), named)
        replies = [*self._replies(values, named, apart, opens=not text), *later]
        text, replies = without_notes(text, replies, self.replies, values.text("author"))
        created, starter = values.time("created"), ""
        if not text and (first := self._first_message(replies)):
            replies.remove(first)
            text, starter, created = first.text, first.author or "", created or first.at
        if not text and not title:
            raise InputError("there is neither text nor title")
        resolved = values.resolved_after(created)
        state, status = state_in(values, is_resolved=resolved is not None)
        id_ = self._ids.id_of(values, title, text)
        author, url = self._author(values, named) or starter, self._url(values, id_)
        channel = values.text("channel").removeprefix("#") or self.defaults.channel
        answer = own_answer(values) or choose_answer(replies, state, text)
        extra = self._extra(values, replies, answer)  # what the above leaves
        item = NewItem(
            source=self._source(record),
            external_id=id_,
            kind=self.defaults.kind,
            title=title or None,
            text=text,
            author=author[:MAX_ID_LENGTH] or None,
            url=url,
            status=status or ("resolved" if answer else None),
            resolution=answer,
            is_unanswered=answer is None
            and (bool(replies) or values.has_list("replies") or values.withholds_answer()),
            resolved_at=resolved,
            created_at=created or self.defaults.now,
            is_dated=created is not None,
            extra=extra,
            compared=self.find_words(title or None, text, self.defaults.kind, extra),
        )
        return Row(record.line, item, channel, warnings=tuple(values.warnings))

    def _first_message(self, replies: Sequence[TicketReply]) -> TicketReply | None:
        if self.plan.layout.is_first_reply_text:
            return next((one for one in replies[:1] if one.is_public), None)
        return first_message(replies)

    def _author(self, values: RowValues, named: Mapping[str, Any]) -> str:
        author, people = values.text("author"), self.plan.people
        ids = (str(named[name]) for name in REPORTERS if people and name in named)
        known = next((people[id_] for id_ in ids if id_ in people), "")
        return author if known == "" or (author and author not in people) else known

    def _replies(
        self,
        values: RowValues,
        named: Mapping[str, Any],
        apart: Sequence[Mapping[str, Any]],
        *,
        opens: bool,
    ) -> list[TicketReply]:
        columns = self.plan.mapping.get("replies", ())
        if not columns and not apart:
            return []
        requesters = requesters_of(named, values.text("author"))
        found: list[TicketReply] = []
        for column, kind in kinds_of(columns, are_known=self.plan.layout is not TABLE):
            value = values.record.values.get(column)
            if opens and not requesters:  # whoever wrote first reported it
                requesters = first_authors(value, kind)
            if is_empty(value) or isinstance(value, int | float) or column in values.hidden:
                continue
            found += self.replies.read(value, requesters, kind)
        if found and not are_replies_public(named, of_rows=self.plan.has_repeated_ids):
            found = [replace(one, is_public=False) for one in found]
        return found + self.replies.read(list(apart), requesters)

    @cached_property
    def _ids(self) -> RowIds:
        return RowIds(self.plan.mapping.get("id", ()))

    def _source(self, record: Record) -> str:
        if self.defaults.source:
            return self.defaults.source
        account = self.plan.layout.account_of(record.values)
        key = self.plan.layout.key
        return (f"{key}/{account}" if account else key)[:MAX_SOURCE_LENGTH]

    def _url(self, values: RowValues, id_: str) -> str | None:
        url = values.first("url")
        given = safe_text(url).strip() if isinstance(url, str) else ""
        if given and not given.startswith(("http://", "https://")):
            values.warnings.append(f"{shown(given)} is not a link")
            given = ""
        return self.plan.layout.link(values.record.values, id_) or given or None

    def _extra(
        self, values: RowValues, replies: Sequence[TicketReply], answer: str | None
    ) -> dict[str, Any]:
        used = values.used | self._alternatives
        extra = kept_fields(values.record.values, used, values.warnings, self.plan.layout.notes)
        if kept := kept_replies(replies, answer):
            extra[KEPT_REPLIES] = kept
        return extra
