"""The tickets of a Zendesk account, by its incremental export (developer.zendesk.com)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from http import HTTPStatus
from typing import Any, ClassVar

from services.errors import SourceError
from services.intake.importers.layouts.helpdesks import ZENDESK
from services.intake.importers.layouts.layout import Layout
from services.sources.api import Api, TokenRejectedError, TrackerAnswer, inner, segment
from services.sources.connector import (
    ApiRecord,
    Cursor,
    CursorFields,
    KnownTickets,
    SourcePage,
    complete,
    is_own,
)

PAGE = 100

# Pages of comments on one ticket.
MAX_COMMENT_PAGES = 5

# What the client may do.
READ, READ_AND_WRITE = "read", "read write"

# The first second that the export takes: from the beginning.
FIRST_SECOND = 1

_STALE = (HTTPStatus.BAD_REQUEST, HTTPStatus.GONE, HTTPStatus.UNPROCESSABLE_ENTITY)
_DELETED = "deleted"
_CLOSED = ("solved", "closed")
_FIELDS = (
    "id", "url", "subject", "description", "status", "created_at", "updated_at", "requester_id",
    "tags", "priority", "type", "is_public",
)  # fmt: skip
_COMMENT = ("author_id", "plain_body", "body", "public", "created_at")


@dataclass(frozen=True)
class _Cursor(CursorFields):
    """Where the export goes on: after `cursor`, or if that is no good, from the second `start`."""

    cursor: str | None = None
    start: int = FIRST_SECOND


@dataclass
class AccessTokens:
    """Signs in with client credentials; a token is used until it is refused."""

    client_id: str
    client_secret: str = field(repr=False)
    token: str | None = field(default=None, repr=False)
    scope: str = READ

    def current(self, api: Api) -> str:
        """Return the token. Raises `SourceError` if the client is refused."""
        if self.token is None:
            body = {
                "grant_type": "client_credentials",
                "client_id": self.client_id,
                "client_secret": self.client_secret,
                "scope": self.scope,
            }
            found = api.send("POST", "/oauth/tokens", body).object().get("access_token")
            if not isinstance(found, str) or not found:
                raise SourceError(f"{api.name} gives no token: see docs/sources.md.")
            self.token = found
        return self.token


@dataclass(frozen=True)
class Zendesk:
    """The tickets of an account."""

    layout: ClassVar[Layout] = ZENDESK
    version_field: ClassVar[str] = "updated_at"

    api: Api
    tokens: AccessTokens

    def check(self) -> str:
        """Return how many tickets can be read, and where."""
        found = self.get("/api/v2/tickets/count.json").object()
        count = inner(found, "count", "value")
        return f"{'some' if count is None else count} tickets of {self.api.address}"

    def read(self, cursor: Cursor, known: KnownTickets) -> SourcePage:
        """Return the next changes: a ticket that changes meanwhile comes again at the end."""
        at = _Cursor.of(cursor)
        query: dict[str, str | int] = {"per_page": PAGE, "include": "users"}
        query |= {"cursor": at.cursor} if at.cursor else {"start_time": at.start}
        path = "/api/v2/incremental/tickets/cursor.json"
        answer = self.get(path, query, allowed=_STALE if at.cursor else ())
        if answer.status in _STALE:
            return SourcePage(cursor=asdict(replace(at, cursor=None)))
        tickets = answer.objects("tickets")
        gone = [_id(one) for one in tickets if one.get("status") == _DELETED]
        there = [one for one in tickets if one.get("status") != _DELETED]
        records, wait = self._complete(there, _names(answer), known)
        if wait is not None:
            return SourcePage(records, cursor=asdict(at), wait=wait)
        after = answer.object().get("after_cursor")
        start = max([at.start, *map(_second, tickets)])
        then = _Cursor(after if isinstance(after, str) else at.cursor, start)
        is_last = answer.object().get("end_of_stream") is not False or not isinstance(after, str)
        return SourcePage(records, gone, asdict(then), is_last=is_last)

    def walk(self, cursor: Cursor, known: KnownTickets) -> SourcePage:
        """Return nothing: the export tells of deletions, too."""
        return SourcePage(cursor=cursor)

    def note(self, id_: str, text: str) -> str | None:
        """Write a note that only agents see. It cannot be removed."""
        body = {"ticket": {"comment": {"body": text, "public": False}}}

        def send() -> TrackerAnswer:
            return self._api().send("PUT", f"/api/v2/tickets/{segment(id_)}.json", body)

        self._signed_in(send)
        return None

    def post(
        self, path: str, body: Mapping[str, Any], *, allowed: Sequence[int] = ()
    ) -> TrackerAnswer:
        """Send JSON; a token that has expired is replaced once."""
        return self._signed_in(lambda: self._api().send("POST", path, body, allowed=allowed))

    def find_note(self, id_: str, reference: str) -> str | None:
        """Return "" if there is a note with this reference."""
        found = self._all_comments(id_)
        return "" if any(is_own(one.get("body"), reference) for one in found) else None

    def remove_note(self, id_: str, note_id: str | None, text: str) -> None:
        """Write a note that takes the earlier one back."""
        self.note(id_, text)

    def link(self, duplicate: str, original: str) -> str | None:
        """Do nothing: Zendesk can only merge tickets, for good."""
        return None

    def unlink(self, link_id: str) -> None:
        """Do nothing: there are no links."""

    def mention(self, duplicate: str, original: str) -> str | None:
        """Return nothing: the note has the link."""
        return None

    def close(self) -> None:
        """Close the connections."""
        self.api.close()

    def get(
        self,
        path: str,
        query: Mapping[str, str | int] | None = None,
        *,
        allowed: Sequence[int] = (),
    ) -> TrackerAnswer:
        """Fetch a path; a token that has expired is replaced once."""
        return self._signed_in(lambda: self._api().get(path, query, allowed=allowed))

    def _api(self) -> Api:
        token = self.tokens.current(self.api)
        headers = {**self.api.headers, "Authorization": f"Bearer {token}"}
        return replace(self.api, headers=headers)

    def _signed_in(self, fetch: Callable[[], TrackerAnswer]) -> TrackerAnswer:
        had_token = self.tokens.token is not None
        try:
            return fetch()
        except TokenRejectedError:
            self.tokens.token = None
            if not had_token:
                raise
        return fetch()

    def _complete(
        self, tickets: Sequence[ApiRecord], names: Mapping[Any, Any], known: KnownTickets
    ) -> tuple[list[ApiRecord], float | None]:
        """Return the tickets that differ from the stored ones, those that are solved with comments.

        Where Zendesk asks to wait on the way, see `complete`.
        """
        versions = known.versions([_id(one) for one in tickets])
        changed = [one for one in tickets if versions.get(_id(one)) != one.get("updated_at")]
        return complete(changed, lambda ticket: self._record(ticket, names))

    def _record(self, ticket: ApiRecord, names: Mapping[Any, Any]) -> ApiRecord:
        record = {name: ticket.get(name) for name in _FIELDS}
        record["requester"] = {"name": names.get(ticket.get("requester_id"))}
        comments = self._comments(ticket)
        return record if comments is None else {**record, "comments": comments}

    def _comments(self, ticket: ApiRecord) -> list[ApiRecord] | None:
        """Return the comments on a solved ticket; None for others, and where it is gone."""
        if ticket.get("status") not in _CLOSED:
            return None
        found = self._all_comments(_id(ticket))
        return [
            {name: one.get(name) for name in _COMMENT}
            for one in found
            if not is_own(one.get("body"))
        ]

    def _all_comments(self, id_: str) -> list[ApiRecord]:
        found: list[ApiRecord] = []
        path: str | None = f"/api/v2/tickets/{segment(id_)}/comments.json"
        query: dict[str, str | int] | None = {"page[size]": PAGE, "sort": "-created_at"}
        for _ in range(MAX_COMMENT_PAGES):
            answer = self.get(str(path), query, allowed=(HTTPStatus.NOT_FOUND,))
            if answer.status == HTTPStatus.NOT_FOUND:
                break
            found += answer.objects("comments")
            path, query = inner(answer.data, "links", "next"), None
            if not path or not inner(answer.data, "meta", "has_more"):
                break
        return found


def _names(answer: TrackerAnswer) -> dict[Any, Any]:
    users = answer.object().get("users")
    found = users if isinstance(users, list) else []
    return {one.get("id"): one.get("name") for one in found if isinstance(one, Mapping)}


def _second(ticket: ApiRecord) -> int:
    second = ticket.get("generated_timestamp")
    return second if isinstance(second, int) else FIRST_SECOND


def _id(ticket: ApiRecord) -> str:
    id_ = ticket.get("id")
    if not isinstance(id_, int):
        raise SourceError("A ticket has no id: is this the API of Zendesk?")
    return str(id_)
