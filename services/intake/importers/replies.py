"""The replies to a ticket, in the forms that exports write them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.errors import InputError
from services.intake.importers.dates import DateReader
from services.text.word_lists import words

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
_TEXTS = (
    "plain_body", "body_text", "bodyText", "body", "text", "html_body", "comment", "content",
    "message", "CommentBody", "TextBody", "comment_body", "text_body", "note", "thetext", "value",
)  # fmt: skip
_AUTHORS = (
    "author_id", "authorId", "author", "user", "createdBy", "created_by", "user_id", "from",
    "sender_id", "who", "by",
)  # fmt: skip
_TIMES = (
    "created_at", "createdAt", "created", "CreatedDate", "date", "time", "timestamp", "bug_when",
)  # fmt: skip
_AGENTS = words("admin bot agent staff operator team_member teammate user_agent system")
_CUSTOMERS = words("user lead contact customer end-user enduser requester visitor")
# Parts of a conversation that nobody wrote for the customer.
_SILENT = words(
    "note lineitem assignment close open away_mode_assignment snoozed unsnoozed forwardedlog"
    " note_and_reopen timer_unsnooze conversation_rating_changed"
    " quick_reply attribute_collected"
)


@dataclass(frozen=True)
class Reply:
    """A reply: `is_agent` and `at` are None where the source does not say.

    `is_public` is False for notes among agents. `is_accepted` says that the source itself calls it
    the answer.
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

    def read(self, value: Any, requesters: frozenset[str], kind: str = "") -> list[Reply]:
        """Return the replies in the value of a column, in order of time where it is known.

        `requesters` are the ids and names of who reported the ticket; `kind` is the column's name.
        """
        found: list[Reply] = []
        for reply in self._each(value, requesters, kind):
            if reply.text and len(found) < MAX_REPLIES:
                found.append(reply)
        return in_order(found)

    def _each(self, value: Any, requesters: frozenset[str], kind: str) -> Iterator[Reply]:
        if isinstance(value, Mapping):
            yield from self._from_object(value, requesters)
        elif isinstance(value, list):
            for one in value:
                yield from self._each(one, requesters, kind)
        elif isinstance(value, str) and value.strip():
            yield from self._from_text(value, requesters, kind)

    def _from_text(self, value: str, requesters: frozenset[str], kind: str) -> Iterator[Reply]:
        listed = _listed(value)
        if listed:
            yield from self._each(listed, requesters, kind)
            return
        entries = list(_ENTRY.finditer(value)) or list(_CREATED_BY.finditer(value))
        if entries:
            ends = [*(one.start() for one in entries[1:]), len(value)]
            for entry, end in zip(entries, ends, strict=True):
                author = entry["author"].strip()
                kind = entry.groupdict().get("kind", "").lower()
                yield Reply(
                    self.clean(value[entry.end() : end]), author, author not in requesters,
                    is_public="work" not in kind, at=self._time(entry["at"]),
                )  # fmt: skip
            return
        jira = _JIRA.match(value)
        at = self._time(jira[1]) if jira else None
        if jira and at is not None:
            author = jira[2].strip()
            yield Reply(self.clean(jira[3]), author or None, _is_other(author, requesters), at=at)
        else:
            yield Reply(self.clean(value), is_public="work" not in kind)

    def _from_object(
        self, fields: Mapping[str, Any], requesters: frozenset[str]
    ) -> Iterator[Reply]:
        text = next((self.clean(fields[name]) for name in _TEXTS if _has_text(fields, name)), "")
        kind = str(fields.get("part_type") or fields.get("type") or "").lower()
        author, type_ = _author(fields)
        is_public = not (
            fields.get("public") is False
            or fields.get("is_public") is False
            or fields.get("private") is True
            or fields.get("internal") is True
            or fields.get("is_private") is True
            or fields.get("isprivate") == "1"
            or fields.get("jsdPublic") is False
            or fields.get("system") is True
            or kind in _SILENT
        )
        yield Reply(
            text, author, _is_agent(fields, type_, kind, author, requesters), is_public,
            next((self._time(fields[name]) for name in _TIMES if fields.get(name)), None),
            fields.get("is_answer") is True or fields.get("isAnswer") is True,
        )  # fmt: skip

    def _time(self, value: Any) -> datetime | None:
        try:
            return self.dates.read(value)
        except InputError:
            return None


def _listed(value: str) -> list[dict[str, Any]]:
    """Return the objects that a cell lists as JSON; none if it is any other text."""
    if not value.lstrip().startswith("[{"):
        return []
    with suppress(ValueError, RecursionError):
        found = json.loads(value)
        if isinstance(found, list) and all(isinstance(one, dict) for one in found):
            return found
    return []


def in_order(replies: list[Reply]) -> list[Reply]:
    """Return replies in order of time; where one has none, as they are."""
    times = [one.at for one in replies if one.at is not None]
    if len(times) < len(replies):
        return replies
    return [one for _, one in sorted(zip(times, replies, strict=True), key=lambda pair: pair[0])]


def _has_text(fields: Mapping[str, Any], name: str) -> bool:
    value = fields.get(name)
    return bool(value) and isinstance(value, str | Mapping)


def _author(fields: Mapping[str, Any]) -> tuple[str | None, str]:
    """Return the id or name of a reply's author, and what kind of person it is ("" unknown)."""
    value = next((fields[name] for name in _AUTHORS if fields.get(name) not in (None, "")), None)
    if isinstance(value, Mapping):
        names = ("name", "displayName", "login", "email", "id")
        name = next((value[one] for one in names if value.get(one)), None)
        return None if name is None else str(name), str(value.get("type") or "").lower()
    return None if value is None else str(value), str(fields.get("sender") or "").lower()


def _is_agent(
    fields: Mapping[str, Any], type_: str, kind: str, author: str | None, requesters: frozenset[str]
) -> bool | None:
    for name in ("incoming", "is_inbound", "inbound", "Incoming"):
        if isinstance(fields.get(name), bool):
            return not fields[name]
    if kind in {"customer", "message"}:  # Help Scout: a message is from the team
        return kind == "message"
    if type_ in _AGENTS or type_ in _CUSTOMERS:
        return type_ in _AGENTS
    return _is_other(author, requesters)


def _is_other(author: str | None, requesters: frozenset[str]) -> bool | None:
    """Say whether somebody else than the reporter wrote a reply; None where that is not known."""
    if not author or not requesters:
        return None
    return author not in requesters
