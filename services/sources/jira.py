"""The issues of Jira Cloud projects, by its REST API, version 3 (developer.atlassian.com)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, ClassVar

from services.errors import SourceError
from services.intake.importers.layouts.layout import Layout
from services.intake.importers.layouts.trackers import JIRA
from services.sources.api import Api, inner, segment
from services.sources.connector import (
    ApiRecord,
    Cursor,
    CursorFields,
    KnownTickets,
    SourcePage,
    complete,
    is_own,
)
from services.sources.jira_fields import (
    CLOSED,
    KEY,
    comment_text,
    document,
    fields_of,
    is_by_program,
    kept_comment,
    key_of,
    state_word,
)

PAGE = 100
MAX_COMMENTS = 500

# The search may be minutes behind, so a round begins before the last one did.
OVERLAP = timedelta(minutes=15)

# Issues that one step of the walk asks for by themselves.
MAX_LOOKED_UP = 20

# A page's token is good for a week.
_STALE = (HTTPStatus.BAD_REQUEST, HTTPStatus.GONE)

PROJECT = re.compile(r"[A-Z][A-Z0-9_]{1,49}", re.ASCII)
_FIELDS = (
    "summary", "description", "status", "resolution", "resolutiondate", "created", "updated",
    "reporter", "labels", "priority", "issuetype", "comment", "security",
)  # fmt: skip
_NAMED = ("resolution", "priority", "issuetype", "security")


@dataclass(frozen=True)
class _Cursor(CursorFields):
    """How far the list of changes and the walk are.

    All changes before `since` are read. A round began at `start` and asks `jql` page by page.
    The walk has come to the issue `walk`.
    """

    since: str | None = None
    start: str | None = None
    jql: str | None = None
    token: str | None = None
    walk: str | None = None


@dataclass(frozen=True)
class Jira:
    """The issues of projects, by their keys."""

    layout: ClassVar[Layout] = JIRA
    version_field: ClassVar[str] = "fields.updated"

    api: Api
    projects: tuple[str, ...]

    def check(self) -> str:
        """Return the projects and who reads them. Raises `SourceError` if one cannot be read."""
        me = self.api.get("/rest/api/3/myself").object()
        for project in self.projects:
            self.api.get(f"/rest/api/3/project/{project}")
        return f"{', '.join(self.projects)} on {self.api.address} as {me.get('displayName')}"

    def read(self, cursor: Cursor, known: KnownTickets) -> SourcePage:
        """Return the next changes.

        What is edited during a round is read again in the next one, which begins before.
        """
        at = _Cursor.of(cursor)
        if at.jql is None:
            now = self._now()
            at = replace(at, start=now.isoformat(), jql=self._jql(at.since, now), token=None)
        body = {"jql": at.jql, "maxResults": PAGE, "fields": list(_FIELDS)}
        if at.token is not None:
            body["nextPageToken"] = at.token
        answer = self.api.send(
            "POST", "/rest/api/3/search/jql", body, allowed=_STALE if at.token else ()
        )
        if answer.status in _STALE:
            return SourcePage(cursor=asdict(replace(at, jql=None)))
        records, wait = self._complete(answer.objects("issues"), known)
        if wait is not None:
            return SourcePage(records, cursor=asdict(at), wait=wait)
        token = answer.object().get("nextPageToken")
        if token and answer.object().get("isLast") is not True:
            return SourcePage(records, cursor=asdict(replace(at, token=token)))
        then = replace(at, since=at.start, start=None, jql=None, token=None)
        return SourcePage(records, cursor=asdict(then), is_last=True)

    def walk(self, cursor: Cursor, known: KnownTickets) -> SourcePage:
        """Ask for the next hundred of the stored issues: those that are missing may be gone."""
        at = _Cursor.of(cursor)
        stored = known.ids_after(at.walk, PAGE)
        keys = [id_ for id_ in stored if KEY.fullmatch(id_)]
        if not keys:  # at the end, or where an import left other ids
            return SourcePage(cursor=asdict(replace(at, walk=stored[-1] if stored else None)))
        body = {"issueIdsOrKeys": keys, "fields": list(_FIELDS)}
        answer = self.api.send("POST", "/rest/api/3/issue/bulkfetch", body)
        issues = answer.objects("issues")
        records, wait = self._complete(issues, known)
        found = {key_of(one) for one in issues}
        missing = [key for key in keys if key not in found]
        gone = [key for key in missing[:MAX_LOOKED_UP] if self._is_gone(key)]
        if wait is not None or len(missing) > MAX_LOOKED_UP:
            return SourcePage(records, gone, cursor, wait=wait)
        return SourcePage(records, gone, asdict(replace(at, walk=stored[-1])))

    def note(self, id_: str, text: str) -> str | None:
        """Write a comment, and return its id."""
        found = self.api.send("POST", _path(id_, "/comment"), {"body": document(text)}).object()
        return str(found.get("id"))

    def find_note(self, id_: str, reference: str) -> str | None:
        """Return the id of the comment with this reference, which is among the last ones."""
        query = _comment_page(0, "-created")
        found = self.api.get(_path(id_, "/comment"), query).objects("comments")
        own = (one for one in found if is_own(comment_text(one), reference))
        return next((str(one.get("id")) for one in own), None)

    def remove_note(self, id_: str, note_id: str | None, text: str) -> None:
        """Remove a comment."""
        if note_id:
            path = _path(id_, f"/comment/{segment(note_id)}")
            self.api.send("DELETE", path, allowed=(HTTPStatus.NOT_FOUND,))

    def link(self, duplicate: str, original: str) -> str | None:
        """Link two issues, unless they are, and return the link's id."""
        known = self._link_of(duplicate, original)
        if known is None:
            # The one of the inward end duplicates the one of the outward end.
            body = {
                "type": {"name": "Duplicate"},
                "inwardIssue": {"key": duplicate},
                "outwardIssue": {"key": original},
            }
            self.api.send("POST", "/rest/api/3/issueLink", body)
            return self._link_of(duplicate, original)
        return None  # somebody else linked them, and it is theirs to undo

    def unlink(self, link_id: str) -> None:
        """Remove a link."""
        path = f"/rest/api/3/issueLink/{segment(link_id)}"
        self.api.send("DELETE", path, allowed=(HTTPStatus.NOT_FOUND,))

    def mention(self, duplicate: str, original: str) -> str | None:
        """Return nothing: the link says it."""
        return None

    def _link_of(self, one: str, other: str) -> str | None:
        fields = fields_of(self.api.get(_path(one), {"fields": "issuelinks"}).object())
        for link in fields.get("issuelinks") or []:
            ends = {inner(link, "inwardIssue", "key"), inner(link, "outwardIssue", "key")}
            if other in ends and inner(link, "type", "name") == "Duplicate":
                return str(link.get("id"))
        return None

    def close(self) -> None:
        """Close the connections."""
        self.api.close()

    def _now(self) -> datetime:
        """Return the time at Jira: with our own clock, set back, changes would be left out."""
        given = self.api.get("/rest/api/3/serverInfo").object().get("serverTime")
        try:
            return datetime.fromisoformat(str(given)).astimezone(UTC)
        except (ValueError, OverflowError):
            raise SourceError("Jira does not say what time it is there.") from None

    def _jql(self, since: str | None, now: datetime) -> str:
        """Return what finds the changes of a round.

        Their age in minutes is the same in every time zone; a date would be read in that of the
        account. Without a time, or after one that has not come yet, all issues are asked for.
        """
        projects = ", ".join(f'"{one}"' for one in self.projects)
        changed = ""
        age = None if since is None else now - datetime.fromisoformat(since).astimezone(UTC)
        if age is not None and age >= timedelta():
            minutes = int((age + OVERLAP).total_seconds() // 60) + 1
            changed = f' AND updated >= "-{minutes}m"'
        return f"project in ({projects}){changed} ORDER BY updated ASC, key ASC"

    def _complete(
        self, issues: Sequence[ApiRecord], known: KnownTickets
    ) -> tuple[list[ApiRecord], float | None]:
        """Return the issues that differ from the stored ones, with their comments.

        Where Jira asks to wait on the way, see `complete`.
        """
        mine = [one for one in issues if key_of(one).rpartition("-")[0] in self.projects]
        versions = known.versions([key_of(one) for one in mine])
        changed = [
            one for one in mine if versions.get(key_of(one)) != fields_of(one).get("updated")
        ]
        return complete(changed, self._record)

    def _record(self, issue: ApiRecord) -> ApiRecord:
        given = fields_of(issue)
        fields = {name: given.get(name) for name in _FIELDS}
        for name in _NAMED:
            fields[name] = (label := inner(given, name, "name")) and {"name": label}
        fields["reporter"] = {"displayName": inner(given, "reporter", "displayName")}
        fields["status"] = {"name": state_word(given)}
        comments = self._comments(key_of(issue), given)
        fields["comment"] = {
            "comments": [
                kept_comment(one)
                for one in comments
                if not (is_by_program(one) or is_own(comment_text(one)))
            ]
        }
        return {"key": issue["key"], "self": issue.get("self"), "fields": fields}

    def _comments(self, key: str, fields: Mapping[str, Any]) -> list[ApiRecord]:
        """Return the last comments; those of closed issues are fetched where a search has few."""
        shown = inner(fields, "comment", "comments") or []
        found = [one for one in shown if isinstance(one, dict)]
        total = inner(fields, "comment", "total")
        is_closed = inner(fields, "status", "statusCategory", "key") == CLOSED
        if not is_closed or not isinstance(total, int) or total <= len(found):
            return found
        found, begin = [], max(0, total - MAX_COMMENTS)
        for start in range(begin, begin + MAX_COMMENTS, PAGE):
            query = _comment_page(start, "created")
            answer = self.api.get(_path(key, "/comment"), query, allowed=(HTTPStatus.NOT_FOUND,))
            some = answer.objects("comments") if answer.status == HTTPStatus.OK else []
            found += some
            if len(some) < PAGE:
                break
        return found

    def _is_gone(self, key: str) -> bool:
        """Say whether an issue was deleted or moved away. Raises `SourceError` for a project."""
        answer = self.api.get(_path(key), {"fields": "updated"}, allowed=(HTTPStatus.NOT_FOUND,))
        if answer.status == HTTPStatus.OK:
            return key_of(answer.object()) != key
        # A project that cannot be read any more hides its issues: they are not deleted.
        self.api.get(f"/rest/api/3/project/{key.rpartition('-')[0]}")
        return True


def _path(key: str, rest: str = "") -> str:
    return f"/rest/api/3/issue/{segment(key)}{rest}"


def _comment_page(start: int, order: str) -> dict[str, str | int]:
    return {"startAt": start, "maxResults": PAGE, "orderBy": order}
