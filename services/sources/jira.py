"""The issues of Jira Cloud projects, by its REST API, version 3 (developer.atlassian.com)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

from services.errors import SourceBusyError, SourceError
from services.intake.importers.layouts.layout import Layout
from services.intake.importers.layouts.trackers import JIRA
from services.intake.importers.states import state_of
from services.sources.api import Api
from services.sources.connector import ApiRecord, Cursor, KnownTickets, Page

PAGE = 100
MAX_COMMENTS = 500

# The search may be minutes behind, so a round begins before the last one did.
OVERLAP = timedelta(minutes=15)

# Issues that one step of the walk asks for by themselves.
MAX_LOOKED_UP = 20

# A page's token is good for a week.
_STALE = (HTTPStatus.BAD_REQUEST,)

PROJECT = re.compile(r"[A-Z][A-Z0-9_]{1,49}", re.ASCII)
_KEY = re.compile(r"[A-Z][A-Z0-9_]*-\d+", re.ASCII)
_FIELDS = (
    "summary", "description", "status", "resolution", "resolutiondate", "created", "updated",
    "reporter", "labels", "priority", "issuetype", "comment",
)  # fmt: skip
_NAMED = ("resolution", "priority", "issuetype")
_CLOSED = "done"


@dataclass(frozen=True)
class _Cursor:
    """How far the list of changes and the walk are.

    All changes before `since` are read. A round began at `start` and asks `jql` page by page.
    The walk has come to the issue `walk`.
    """

    since: str | None = None
    start: str | None = None
    jql: str | None = None
    token: str | None = None
    walk: str | None = None

    @classmethod
    def of(cls, stored: Cursor) -> _Cursor:
        """Return a stored cursor."""
        names = cls.__dataclass_fields__
        return cls(**{name: value for name, value in stored.items() if name in names})


@dataclass(frozen=True)
class Jira:
    """The issues of projects, by their keys."""

    api: Api
    projects: tuple[str, ...]
    clock: Callable[[], datetime]

    @property
    def layout(self) -> Layout:
        """How its records become tickets."""
        return JIRA

    @property
    def version_field(self) -> str:
        """The field of a record that says when it was last changed."""
        return "fields.updated"

    def check(self) -> str:
        """Return the projects and who reads them. Raises `SourceError` if one cannot be read."""
        me = self.api.get("/rest/api/3/myself").object()
        for project in self.projects:
            self.api.get(f"/rest/api/3/project/{project}")
        return f"{', '.join(self.projects)} on {self.api.address} as {me.get('displayName')}"

    def read(self, cursor: Cursor, known: KnownTickets) -> Page:
        """Return the next changes.

        What is edited during a round is read again in the next one, which begins before.
        """
        at = _Cursor.of(cursor)
        if at.jql is None:
            now = self.clock()
            at = replace(at, start=now.isoformat(), jql=self._jql(at.since, now), token=None)
        body = {"jql": at.jql, "maxResults": PAGE, "fields": list(_FIELDS)}
        if at.token is not None:
            body["nextPageToken"] = at.token
        answer = self.api.send(
            "POST", "/rest/api/3/search/jql", body, allowed=_STALE if at.token else ()
        )
        if answer.status in _STALE:
            return Page(cursor=asdict(replace(at, jql=None)))
        records, wait = self._complete(answer.objects("issues"), known)
        if wait is not None:
            return Page(records, cursor=asdict(at), wait=wait)
        token = answer.object().get("nextPageToken")
        if token and answer.object().get("isLast") is not True:
            return Page(records, cursor=asdict(replace(at, token=token)))
        then = replace(at, since=at.start, start=None, jql=None, token=None)
        return Page(records, cursor=asdict(then), is_last=True)

    def walk(self, cursor: Cursor, known: KnownTickets) -> Page:
        """Ask for the next hundred of the stored issues: those that are missing may be gone."""
        at = _Cursor.of(cursor)
        stored = [id_ for id_ in known.ids() if _KEY.fullmatch(id_)]
        begin = stored.index(at.walk) + 1 if at.walk in stored else 0
        keys = stored[begin : begin + PAGE]
        if not keys:
            return Page(cursor=asdict(replace(at, walk=None)))
        body = {"issueIdsOrKeys": keys, "fields": list(_FIELDS)}
        answer = self.api.send("POST", "/rest/api/3/issue/bulkfetch", body)
        issues = answer.objects("issues")
        records, wait = self._complete(issues, known)
        found = {_key(one) for one in issues}
        missing = [key for key in keys if key not in found]
        gone = [key for key in missing[:MAX_LOOKED_UP] if self._is_gone(key)]
        if wait is not None or len(missing) > MAX_LOOKED_UP:
            return Page(records, gone, cursor, wait=wait)
        return Page(records, gone, asdict(replace(at, walk=keys[-1])))

    def close(self) -> None:
        """Close the connections."""
        self.api.close()

    def _jql(self, since: str | None, now: datetime) -> str:
        """Return what finds the changes of a round.

        Their age in minutes is the same in every time zone; a date would be read in that of the
        account.
        """
        projects = ", ".join(f'"{one}"' for one in self.projects)
        changed = ""
        if since is not None:
            age = now - datetime.fromisoformat(since).astimezone(UTC) + OVERLAP
            changed = f' AND updated >= "-{int(age.total_seconds() // 60) + 1}m"'
        return f"project in ({projects}){changed} ORDER BY updated ASC, key ASC"

    def _complete(
        self, issues: Sequence[ApiRecord], known: KnownTickets
    ) -> tuple[list[ApiRecord], float | None]:
        """Return the issues that differ from the stored ones, with their comments.

        Where Jira asks to wait on the way, those so far, and for how long.
        """
        mine = [one for one in issues if _key(one).rpartition("-")[0] in self.projects]
        versions = known.versions([_key(one) for one in mine])
        records: list[ApiRecord] = []
        for issue in mine:
            if versions.get(_key(issue)) == _fields(issue).get("updated"):
                continue
            try:
                records.append(self._record(issue))
            except SourceBusyError as error:
                if not records or error.is_outage:
                    raise
                return records, error.delay
        return records, None

    def _record(self, issue: ApiRecord) -> ApiRecord:
        given = _fields(issue)
        fields = {name: given.get(name) for name in _FIELDS}
        for name in _NAMED:
            fields[name] = _inner(given, name, "name") and {"name": _inner(given, name, "name")}
        fields["reporter"] = {"displayName": _inner(given, "reporter", "displayName")}
        fields["status"] = {"name": _state(given)}
        comments = self._comments(_key(issue), given)
        fields["comment"] = {
            "comments": [_comment(one) for one in comments if not _is_by_program(one)]
        }
        return {"key": issue["key"], "self": issue.get("self"), "fields": fields}

    def _comments(self, key: str, fields: Mapping[str, Any]) -> list[ApiRecord]:
        """Return the last comments; those of closed issues are fetched where a search has few."""
        page = fields.get("comment")
        shown = page.get("comments") if isinstance(page, Mapping) else None
        found = [one for one in shown or [] if isinstance(one, dict)]
        total = page.get("total") if isinstance(page, Mapping) else None
        is_closed = _inner(fields, "status", "statusCategory", "key") == _CLOSED
        if not is_closed or not isinstance(total, int) or total <= len(found):
            return found
        found, begin = [], max(0, total - MAX_COMMENTS)
        for start in range(begin, begin + MAX_COMMENTS, PAGE):
            path = f"/rest/api/3/issue/{key}/comment"
            query: dict[str, str | int] = {
                "startAt": start,
                "maxResults": PAGE,
                "orderBy": "created",
            }
            answer = self.api.get(path, query, allowed=(HTTPStatus.NOT_FOUND,))
            some = answer.objects("comments") if answer.status == HTTPStatus.OK else []
            found += some
            if len(some) < PAGE:
                break
        return found

    def _is_gone(self, key: str) -> bool:
        """Say whether an issue was deleted or moved away. Raises `SourceError` for a project."""
        path = f"/rest/api/3/issue/{key}"
        answer = self.api.get(path, {"fields": "updated"}, allowed=(HTTPStatus.NOT_FOUND,))
        if answer.status == HTTPStatus.OK:
            return _key(answer.object()) != key
        # A project that cannot be read any more hides its issues: they are not deleted.
        self.api.get(f"/rest/api/3/project/{key.rpartition('-')[0]}")
        return True


def _state(fields: Mapping[str, Any]) -> str | None:
    """Return an issue's state: by the category, where its own name says nothing."""
    name = _inner(fields, "status", "name")
    category = _inner(fields, "status", "statusCategory", "key")
    is_told = isinstance(name, str) and state_of(name) is not None
    is_closed = is_told and state_of(str(name)) in ("resolved", "closed")
    if isinstance(category, str) and (not is_told or is_closed != (category == _CLOSED)):
        return category
    return name if isinstance(name, str) else None


def _comment(comment: ApiRecord) -> ApiRecord:
    kept = {name: comment.get(name) for name in ("body", "created", "jsdPublic")}
    return {**kept, "author": _inner(comment, "author", "displayName")}


def _is_by_program(comment: ApiRecord) -> bool:
    return bool(_inner(comment, "author", "accountType") == "app")


def _fields(issue: ApiRecord) -> Mapping[str, Any]:
    fields = issue.get("fields")
    if not isinstance(fields, Mapping):
        raise SourceError("An issue has no fields: is this the API of Jira?")
    return fields


def _key(issue: ApiRecord) -> str:
    key = issue.get("key")
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise SourceError("An issue has no key: is this the API of Jira?")
    return key


def _inner(fields: Mapping[str, Any], *path: str) -> Any:
    """Return a value in objects of objects; None if it is not there."""
    found: Any = fields
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found
