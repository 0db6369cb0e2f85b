"""The replies to a ticket, in the forms that exports write them."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.errors import InputError
from services.intake.importers.audience.private_texts import is_text_of_team, without_note
from services.intake.importers.audience.reply_audience import is_public, is_public_name
from services.intake.importers.dates.date_parsing import DateReader
from services.intake.importers.replies.discarded import is_deleted
from services.intake.importers.replies.reply_objects import (
    Fields,
    authors_of,
    fields_of,
    is_accepted,
    is_of_team,
    text_of,
    time_of,
)
from services.intake.importers.replies.transcripts import Turn, turns_of
from services.intake.importers.vocabulary.reply_kinds import kind_of
from services.text.small_talk.talk import has_matter

# A ticket with more was mostly written by machines.
MAX_REPLIES = 500

# Jira's CSV: date;account;text. The text may have semicolons.
_JIRA = re.compile(r"\s*([^;\n]{6,40});([^;\n]*);(.+)", re.DOTALL)
# ServiceNow's cell of all comments: each begins "2026-05-04 10:00:00 - Ana Diaz (Work notes)".
_ENTRY = re.compile(
    r"^(?P<at>\d[\d./: -]{8,18}(?: ?[AP]M)?) - (?P<author>[^\n(]+) \((?P<kind>[^)\n]+)\)[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
# A report of Salesforce: Created By: Ana Diaz (5/15/2026 8:00 AM) | Replaced the fuse.
_CREATED_BY = re.compile(
    r"^Created By: (?P<author>[^\n(]+) \((?P<at>[^)\n]+)\) \|[ \t]*", re.MULTILINE
)
# Spiceworks: Ana Diaz (May 04, 2026 @ 09:00 AM): Replaced the fuse.
_DATED = re.compile(
    r"^(?P<author>[^\n:()<>\[\]|]{1,60}?) \((?P<at>[^()\n]{0,20}\d{4}[^()\n]{0,24})\):[ \t]*",
    re.MULTILINE,
)
# Internal note by Ana Diaz on 2026-05-04 10:00:
_WRITTEN_BY = re.compile(
    r"^(?P<kind>[^\W\d_]+(?: [^\W\d_]+){0,2}) (?:by|von|por|par) (?P<author>[^\n:]{1,60}?)"
    r" (?:on|at|am|el|le) (?P<at>\d[^\n]{5,24}\d(?: ?[AP]M)?):[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
# iTop: ========== 2026-05-04 10:00:00 : Ana Diaz (5) ============
_RULED = re.compile(
    r"^={3,20} (?P<at>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) : (?P<author>[^\n(=]+) \(\d+\) ={3,20}$",
    re.MULTILINE,
)


def names_kinds(cell: str) -> bool:
    """Say whether each part of a cell says what it is: a comment, or a work note."""
    return _ENTRY.match(cell.lstrip()) is not None


_HEADS = (_ENTRY, _CREATED_BY, _DATED, _WRITTEN_BY, _RULED)


@dataclass(frozen=True)
class TicketReply:
    """A reply: `is_agent` and `at` are None where the source does not say.

    `is_public` is False for notes among agents, which are read to tell what they are, and not kept.
    `is_accepted` says that the source itself calls it the answer.
    """

    text: str
    author: str | None = None
    is_agent: bool | None = None
    is_public: bool = True
    at: datetime | None = None
    is_accepted: bool = False


@dataclass(frozen=True)
class ReplyReader:
    """Reads replies: `clean` makes plain text of theirs, `dates` reads their times."""

    clean: Callable[[Any], str]
    dates: DateReader

    def read(self, value: Any, requesters: frozenset[str], kind: str = "") -> list[TicketReply]:
        """Return the replies in the value of a column, in order of time where it is known.

        `requesters` are the ids and names of who reported the ticket; `kind` is the column's name.
        """
        found: list[TicketReply] = []
        for reply in self._each(value, requesters, kind):
            if reply.text and len(found) < MAX_REPLIES:
                is_marked = reply.is_public and is_text_of_team(reply.text)
                found.append(replace(reply, is_public=False) if is_marked else reply)
        return in_order(found)

    def _each(self, value: Any, requesters: frozenset[str], kind: str) -> Iterator[TicketReply]:
        if isinstance(value, Mapping):
            yield from self._from_fields(fields_of(value), requesters, kind)
        elif isinstance(value, list):
            for one in _in_context(value):
                read = self._from_fields if isinstance(one, Mapping) else self._each
                yield from read(one, requesters, kind)
        elif isinstance(value, str) and value.strip():
            yield from self._from_text(value, requesters, kind)

    def _from_text(
        self, value: str, requesters: frozenset[str], kind: str
    ) -> Iterator[TicketReply]:
        listed = _listed(value)
        if listed:
            yield from self._each(listed, requesters, kind)
            return
        found = (list(one.finditer(value)) for one in _HEADS)
        if entries := next(filter(None, found), []):
            yield from self._from_entries(value, entries, requesters, kind)
            return
        is_public = is_public_name(kind)
        if turns := turns_of(value):
            yield from self._from_turns(turns, requesters, is_public=is_public)
            return
        jira = _JIRA.match(value)
        at = self._time(jira[1]) if jira else None
        if jira and at is not None:
            author = jira[2].strip()
            is_agent = _is_other([author] if author else [], requesters)
            yield TicketReply(self.clean(jira[3]), author or None, is_agent, is_public, at)
            return
        text = self.clean(value)
        if "<" in value and (turns := turns_of(text)):  # its lines were paragraphs of HTML
            yield from self._from_turns(turns, requesters, is_public=is_public)
        else:
            yield TicketReply(text, is_public=is_public)

    def _from_entries(
        self, value: str, entries: Sequence[re.Match[str]], requesters: frozenset[str], kind: str
    ) -> Iterator[TicketReply]:
        """Read the replies of which each begins with who wrote it, when and for whom."""
        yield TicketReply(self.clean(value[: entries[0].start()]), is_public=is_public_name(kind))
        ends = [*(one.start() for one in entries[1:]), len(value)]
        for entry, end in zip(entries, ends, strict=True):
            author = entry["author"].strip()
            own = entry.groupdict().get("kind") or kind
            yield TicketReply(
                self.clean(value[entry.end() : end]), author, author not in requesters,
                is_public=is_public_name(own), at=self._time(entry["at"]),
            )  # fmt: skip

    def _from_turns(
        self, turns: Sequence[Turn], requesters: frozenset[str], *, is_public: bool
    ) -> Iterator[TicketReply]:
        """Read the turns of a transcript. Where nobody is said to have asked, the first one did."""
        askers = requesters & {one.author for one in turns}
        if not askers:
            people = [one for one in turns if not one.is_agent]
            asking = (one.author for one in people if has_matter(one.text))
            askers = frozenset([next(asking, people[0].author)] if people else ())
        for one in turns:
            is_agent = one.is_agent or one.author not in askers
            text, at = self.clean(one.text), self._time(one.at)
            is_marked = is_text_of_team(f"{one.author}:")  # Kim (internal)
            yield TicketReply(text, one.author, is_agent, is_public and not is_marked, at)

    def _from_fields(
        self, fields: Fields, requesters: frozenset[str], kind: str
    ) -> Iterator[TicketReply]:
        if is_deleted(fields):
            return
        authors, at = authors_of(fields), time_of(fields)
        yield TicketReply(
            self.clean(text_of(fields)),
            authors[0] if authors else None,
            _is_agent(fields, authors, requesters),
            is_public_name(kind) and is_public(fields),
            None if at is None else self._time(at),
            is_accepted(fields),
        )

    def _time(self, value: Any) -> datetime | None:
        try:
            return self.dates.read(value)
        except InputError:
            return None


def _in_context(parts: list[Any]) -> list[Any]:
    """Return the parts of a conversation, objects as their fields with what all kinds tell of each.

    In Request Tracker a comment beside correspondence is what the team says to itself, and beside
    mails in any tool; in Help Scout a message beside those called "customer" is from the team.
    LiveAgent writes M for a message and N for a note.
    """
    read = [fields_of(one) if isinstance(one, Mapping) else one for one in parts]
    kinds = {kind_of(one) for one in read if isinstance(one, Mapping)}
    told = {
        "comment": {"is private": True} if _OF_RT & kinds or any(map(_is_mail, kinds)) else {},
        "n": {"is private": True} if kinds & {"m", "r"} else {},
        "message": {"is agent": True} if "customer" in kinds else {},
    }
    return [
        {**one, **told.get(kind_of(one), {})} if isinstance(one, Mapping) else one for one in read
    ]


def _is_mail(kind: str) -> bool:
    return "email" in kind.replace("e-mail", "email")


# Kinds of transactions that no other tool has, and that of the first message.
_OF_RT = frozenset({"correspond", "create"})


def _listed(value: str) -> list[dict[str, Any]]:
    """Return the objects that a cell lists, as JSON or as Python writes them; none of a text.

    What begins so and cannot be read may have notes of the team: it is one, and nobody's answer.
    """
    if not _LIST.match(value):
        return []
    for read in (json.loads, ast.literal_eval):
        with suppress(ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
            found = read(value.strip()[:MAX_LIST])
            if isinstance(found, list) and all(isinstance(one, dict) for one in found):
                return found
    return [{"body": value, "is private": True}]


# Characters: Python's parser needs some hundred bytes for each.
MAX_LIST = 1 << 20
_LIST = re.compile(r"\s*\[\s*\{\s*[\"']")


def first_message(replies: Sequence[TicketReply]) -> TicketReply | None:
    """Return the reply that says the matter where a ticket has no text; None if the team began.

    Whoever only greets and asks what the matter is began nothing.
    """
    public = (one for one in replies if one.is_public)
    first = next((one for one in public if not (one.is_agent and _greets(one.text))), None)
    return None if first is None or first.is_agent else first


def without_notes(
    text: str, replies: list[TicketReply], reader: ReplyReader, author: str
) -> tuple[str, list[TicketReply]]:
    """Return the text of an `author` and the replies, the text empty if the team's notes are in it.

    It may repeat a note, with which the team opened the ticket, or be a conversation with notes.
    """
    notes = [one.text.split() for one in replies if not one.is_public]
    if notes and (said := text.split()) and said in notes:
        return "", replies
    requesters = frozenset({author} if author else ())
    if not is_text_of_team(text):
        return text, replies
    parts = reader.read(text, requesters) if "\n" in text else []
    return ("", [*parts, *replies]) if len(parts) > 1 else (without_note(text), replies)


def _greets(text: str) -> bool:
    """Say whether a text of the team may only greet: "Hi, how can I help you?"."""
    return len(text.split()) <= MAX_GREETING


# Words.
MAX_GREETING = 25


def in_order(replies: list[TicketReply]) -> list[TicketReply]:
    """Return replies in order of time; where one has none, as they are."""
    times = [one.at for one in replies if one.at is not None]
    if len(times) < len(replies):
        return replies
    return [one for _, one in sorted(zip(times, replies, strict=True), key=lambda pair: pair[0])]


def _is_agent(fields: Fields, authors: list[str], requesters: frozenset[str]) -> bool | None:
    kind = kind_of(fields)
    if kind == "customer" or (kind == "message" and "created by.type" in fields):  # Help Scout
        return kind == "message"
    known = is_of_team(fields)
    return _is_other(authors, requesters) if known is None else known


def _is_other(authors: list[str], requesters: frozenset[str]) -> bool | None:
    """Say whether somebody else than the reporter wrote a reply; None where that is not known."""
    return requesters.isdisjoint(authors) if authors and requesters else None
