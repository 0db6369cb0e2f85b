"""The issues of a GitHub repository, by its REST API (docs.github.com/rest/issues)."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from math import ceil
from typing import Any, ClassVar

from services.errors import SourceError
from services.intake.importers.layouts.layout import Layout
from services.intake.importers.layouts.trackers import GITHUB_REST
from services.sources.api import Api, TrackerAnswer, inner, iso, segment
from services.sources.connector import (
    ApiRecord,
    Cursor,
    CursorFields,
    KnownTickets,
    SourcePage,
    complete,
    is_own,
)

ADDRESS = "https://api.github.com"

PAGE = 100

# Of the comments on an issue, the last ones: what answered it is among them.
MAX_COMMENTS = 500

# The list may be a moment behind, so a round begins before the last change that was seen.
OVERLAP = timedelta(minutes=2)

# Issues that one step of the walk asks for by themselves.
MAX_LOOKED_UP = 20

# An issue that was deleted, or cannot be read any more.
_GONE = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)
# The address of a page that is not good any more.
_STALE = (HTTPStatus.BAD_REQUEST, HTTPStatus.GONE, HTTPStatus.UNPROCESSABLE_ENTITY)

_TIME = re.compile(r"\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\dZ", re.ASCII)
_FIELDS = (
    "number", "title", "body", "state", "state_reason", "html_url", "created_at", "updated_at",
    "closed_at",
)  # fmt: skip


@dataclass(frozen=True)
class _Cursor(CursorFields):
    """How far the list of changes and the walk are.

    `since` is the last change that was seen in earlier rounds; in a round, changes are read from
    `start` on. Where more of them have the same time than fit on a page, `next` is the next page,
    and `is_dirty` says that a page of them had something new.
    """

    since: str | None = None
    start: str | None = None
    next: str | None = None
    is_dirty: bool = False
    etag: str | None = None
    walk: str | None = None
    walked: int = 0


@dataclass(frozen=True)
class GitHub:
    """The issues of a repository, called `OWNER/NAME`."""

    layout: ClassVar[Layout] = GITHUB_REST
    version_field: ClassVar[str] = "updated_at"

    api: Api
    repository: str

    def check(self) -> str:
        """Return the repository's name. Raises `SourceError` if it has no issues."""
        found = self.api.get(f"/repos/{self.repository}").object()
        if found.get("has_issues") is False:
            raise SourceError(f"{self.repository} has no issues: they are switched off there.")
        return f"{found.get('full_name')} on {self.api.name}"

    def read(self, cursor: Cursor, known: KnownTickets) -> SourcePage:
        """Return the next changes.

        A page by its number would lose an issue when another one moves to the end of the list, so
        each page begins at the time of the last one's last issue. Only where a whole page has one
        and the same time is the next page asked for, until it has nothing new.
        """
        at = _Cursor.of(cursor)
        start = at.start or _before(at.since)
        is_first = at.start is None and at.next is None
        answer = self.api.get(
            at.next or self._changes_since(start),
            etag=at.etag if is_first else None,
            allowed=_STALE if at.next else (),
        )
        if answer.status == HTTPStatus.NOT_MODIFIED:
            return SourcePage(cursor=asdict(at), is_last=True)
        if answer.status in _STALE:
            return SourcePage(cursor=asdict(replace(at, next=None)))
        issues = answer.objects()
        records, wait = self._complete(issues, known)
        if wait is not None:  # what there is of it is stored, and then skipped
            return SourcePage(records, cursor=asdict(at), wait=wait)
        etag = answer.etag if is_first and answer.next is None else None
        then = _then(replace(at, etag=etag), start, answer, issues, bool(records))
        is_last = then.start is None and then.next is None
        return SourcePage(records, cursor=asdict(then), is_last=is_last, read_until=_time(then))

    def walk(self, cursor: Cursor, known: KnownTickets) -> SourcePage:
        """Return a page of all issues, oldest first: those that are missing there may be gone."""
        at = _Cursor.of(cursor)
        query = f"?state=all&sort=created&direction=asc&per_page={PAGE}"
        answer = self.api.get(at.walk or self._path(query), allowed=_STALE if at.walk else ())
        if answer.status in _STALE:
            return SourcePage(cursor=asdict(replace(at, walk=None, walked=0)))
        issues = answer.objects()
        records, wait = self._complete(issues, known)
        numbers = {number_of(one) for one in issues}
        last = max(numbers, default=at.walked) if answer.next else None
        # Enough to hold the first missing ones: of those that are there it has at most a page.
        stored = known.numbers_after(at.walked, last, PAGE + MAX_LOOKED_UP + 1)
        missing = [number for number in stored if number not in numbers]
        home = {one.get("repository_url") for one in issues}
        gone = [str(one) for one in missing[:MAX_LOOKED_UP] if self._is_gone(one, home)]
        if wait is not None or len(missing) > MAX_LOOKED_UP:
            # The rest of this part is looked up next time.
            walked = at.walked if wait is not None else missing[MAX_LOOKED_UP - 1]
            then = replace(at, walked=walked)
        else:
            then = replace(at, walk=answer.next, walked=last or 0)
        return SourcePage(records, gone, asdict(then), wait=wait)

    def note(self, id_: str, text: str) -> str | None:
        """Write a comment, and return its id."""
        found = self.api.send(
            "POST", self._path(f"/{segment(id_)}/comments"), {"body": text}
        ).object()
        return str(found.get("id"))

    def find_note(self, id_: str, reference: str) -> str | None:
        """Return the id of the comment with this reference."""
        issue = self.api.get(self._path(f"/{segment(id_)}")).object()
        total = issue.get("comments")
        found = self._all_comments(id_, total if isinstance(total, int) else 0)
        own = (one for one in found if is_own(one.get("body"), reference))
        return next((str(one.get("id")) for one in own), None)

    def remove_note(self, id_: str, note_id: str | None, text: str) -> None:
        """Remove a comment."""
        if note_id:
            self.api.send("DELETE", self._path(f"/comments/{segment(note_id)}"), allowed=_GONE)

    def link(self, duplicate: str, original: str) -> str | None:
        """Do nothing: `mention` makes the link."""
        return None

    def unlink(self, link_id: str) -> None:
        """Do nothing: `remove_note` removes the link."""

    def mention(self, duplicate: str, original: str) -> str | None:
        """Return the line by which GitHub marks a duplicate."""
        return f"Duplicate of #{original}"

    def close(self) -> None:
        """Close the connections."""
        self.api.close()

    def _path(self, rest: str) -> str:
        return f"/repos/{self.repository}/issues{rest}"

    def _changes_since(self, start: str | None) -> str:
        since = f"&since={start}" if start else ""
        return self._path(f"?state=all&sort=updated&direction=asc&per_page={PAGE}{since}")

    def _complete(
        self, issues: Sequence[ApiRecord], known: KnownTickets
    ) -> tuple[list[ApiRecord], float | None]:
        """Return the issues that differ from the stored ones, those that are closed with comments.

        Where GitHub asks to wait on the way, see `complete`.
        """
        versions = known.versions([str(number_of(one)) for one in issues])
        changed = [
            one
            for one in issues
            if "pull_request" not in one
            and versions.get(str(number_of(one))) != one.get("updated_at")
        ]
        return complete(changed, self._record)

    def _record(self, issue: ApiRecord) -> ApiRecord:
        record: ApiRecord = {name: issue.get(name) for name in _FIELDS}
        record["user"] = {"login": inner(issue, "user", "login")}
        labels = issue.get("labels") or []
        record["labels"] = [one.get("name") for one in labels if isinstance(one, Mapping)]
        total = issue.get("comments")
        if issue.get("state") == "closed" and isinstance(total, int):
            record["comments"] = self._comments(number_of(issue), total) if total > 0 else []
        return record

    def _comments(self, number: int, total: int) -> list[ApiRecord]:
        """Return the last comments on an issue, without those of bots and of Déjà."""
        return [
            {
                "body": one.get("body"),
                "user": inner(one, "user", "login"),
                "created_at": one.get("created_at"),
            }
            for one in self._all_comments(str(number), total)
            if inner(one, "user", "type") != "Bot" and not is_own(one.get("body"))
        ]

    def _all_comments(self, id_: str, total: int) -> list[ApiRecord]:
        first = max(1, ceil(total / PAGE) - MAX_COMMENTS // PAGE + 1)
        found: list[ApiRecord] = []
        for page in range(first, first + MAX_COMMENTS // PAGE):
            path = self._path(f"/{segment(id_)}/comments?per_page={PAGE}&page={page}")
            answer = self.api.get(path, allowed=_GONE)
            if answer.status in _GONE:  # deleted meanwhile: the walk finds that
                break
            found += answer.objects()
            if answer.next is None:
                break
        return found

    def _is_gone(self, number: int, home: Collection[Any]) -> bool:
        """Say whether an issue is no longer one of the repositories at the addresses `home`."""
        answer = self.api.get(self._path(f"/{number}"), allowed=_GONE)
        if answer.status in _GONE:
            return True
        found = answer.object()  # of another repository, if it was transferred
        return number_of(found) != number or bool(home and found.get("repository_url") not in home)


def _then(
    at: _Cursor, start: str | None, answer: TrackerAnswer, issues: Sequence[ApiRecord], is_new: bool
) -> _Cursor:
    """Return the cursor after a page that began at `start`."""
    last = max(map(_version, issues), default="")
    is_dirty = at.is_dirty or is_new
    is_over = answer.next is None or last > (start or "")
    if at.next is not None and is_over and is_dirty:
        # Issues may have moved from one of these pages to one before it: once more.
        return replace(at, start=start, next=None, is_dirty=False)
    if answer.next is None:
        since = max(filter(None, (at.since, last)), default=None)
        return replace(at, since=since, start=None, next=None, is_dirty=False)
    if is_over:
        return replace(at, start=last, next=None, is_dirty=False)
    return replace(at, start=start, next=answer.next, is_dirty=is_dirty)


def _before(since: str | None) -> str | None:
    if since is None:
        return None
    return iso(datetime.fromisoformat(since).astimezone(UTC) - OVERLAP)


def _time(at: _Cursor) -> datetime | None:
    found = at.start or at.since
    return datetime.fromisoformat(found).astimezone(UTC) if found else None


def number_of(issue: ApiRecord) -> int:
    """Return an issue's number. Raises `SourceError`."""
    number = issue.get("number")
    if not isinstance(number, int):
        raise SourceError("An issue has no number: is this the API of GitHub?")
    return number


def _version(issue: ApiRecord) -> str:
    """Return when an issue was changed, as GitHub writes it. Raises `SourceError`."""
    written = issue.get("updated_at")
    if not isinstance(written, str) or not _TIME.fullmatch(written):
        raise SourceError("An issue has no time of its change: is this the API of GitHub?")
    return written
