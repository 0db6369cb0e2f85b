"""A stand-in of Zendesk's incremental export, after developer.zendesk.com."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from tests.trackers.server import Call, Json, Reply, Tracker

CLIENT, SECRET = "deja", "zendesk-secret"
START = "2026-05-04T10:00:00Z"


@dataclass
class ZendeskStandIn(Tracker):
    """An account. Each change goes to the end of `log`; a cursor is a place in it."""

    tickets: dict[int, Json] = field(default_factory=dict)
    comments: dict[int, list[Json]] = field(default_factory=dict)
    log: list[int] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    page: int = 100

    def change(self, id_: int, **fields: Any) -> Json:
        """Add or change a ticket."""
        self.log.append(id_)
        second = len(self.log)
        known = self.tickets.get(id_) or {
            "id": id_,
            "url": f"https://acme.zendesk.com/api/v2/tickets/{id_}.json",
            "subject": f"printer {id_} prints blank pages",
            "description": "since the firmware update all pages are blank",
            "status": "open",
            "requester_id": 7,
            "created_at": START,
        }
        self.tickets[id_] = {
            **known,
            "updated_at": f"2026-05-04T10:{second // 60:02d}:{second % 60:02d}Z",
            "generated_timestamp": 1_777_888_800 + second,
            **fields,
        }
        return self.tickets[id_]

    def say(self, id_: int, text: str, author: int = 8, *, public: bool = True) -> None:
        """Comment on a ticket."""
        said = self.comments.setdefault(id_, [])
        said.append({
            "id": len(said), "author_id": author, "body": text, "plain_body": text,
            "public": public, "created_at": f"2026-05-04T11:{len(said):02d}:00Z",
        })  # fmt: skip

    def answer(self, call: Call) -> Reply:  # noqa: C901, PLR0911 - a line a route
        """Answer a request."""
        if call.path == "/oauth/tokens":
            return self._sign_in(call.json)
        if call.headers.get("authorization") not in {f"Bearer {one}" for one in self.tokens[-1:]}:
            return Reply(401, {"error": "invalid_token"})
        match call.path.removeprefix("/api/v2/").split("/"):
            case ["incremental", "tickets", "cursor.json"]:
                return self._changes(call)
            case ["tickets", "count.json"]:
                return Reply(data={"count": {"value": len(self.tickets)}})
            case ["tickets.json"] if call.method == "POST":
                return Reply(201, {"ticket": self._create(call.json["ticket"])})
            case ["tickets.json"]:
                own = call.query["external_id"]
                found = [one for one in self.tickets.values() if one.get("external_id") == own]
                return Reply(data={"tickets": found})
            case ["tickets", name] if call.method == "PUT":
                note = call.json["ticket"]["comment"]
                self.say(int(name.removesuffix(".json")), note["body"], public=note["public"])
                return Reply(data={})
            case ["tickets", id_, "comments.json"]:
                return self._comments(call, int(id_))
        return Reply(404, {"error": "RecordNotFound"})

    def _create(self, ticket: Json) -> Json:
        id_ = max(self.tickets, default=0) + 1
        self.say(id_, ticket["comment"]["body"], public=ticket["comment"]["public"])
        known = {"subject": ticket["subject"], "external_id": ticket["external_id"]}
        return self.change(id_, **known, description=ticket["comment"]["body"])

    def _sign_in(self, asked: Json) -> Reply:
        if (asked["client_id"], asked["client_secret"]) != (CLIENT, SECRET):
            return Reply(401, {"error": "invalid_client"})
        self.tokens.append(f"zendesk-token-{len(self.tokens)}")
        return Reply(data={"access_token": self.tokens[-1], "token_type": "bearer"})

    def _changes(self, call: Call) -> Reply:
        cursor = call.query.get("cursor", "0")
        if not cursor.isdecimal():
            return Reply(400, {"error": "InvalidCursor"})
        begin, size = int(cursor), min(int(call.query["per_page"]), self.page)
        # A ticket is where its last change is.
        places = [
            n for n, id_ in enumerate(self.log) if id_ not in self.log[n + 1 :] and n >= begin
        ]
        shown = places[:size]
        return Reply(data={
            "tickets": deepcopy([self.tickets[self.log[place]] for place in shown]),
            "users": [{"id": 7, "name": "Ana"}],
            "after_cursor": str(shown[-1] + 1 if shown else begin),
            "end_of_stream": len(places) <= size,
        })  # fmt: skip

    def _comments(self, call: Call, id_: int) -> Reply:
        if id_ not in self.tickets:
            return Reply(404, {"error": "RecordNotFound"})
        begin = int(call.query.get("after", 0))
        said = self.comments.get(id_, [])[::-1]
        next_ = f"{self.address}{call.path}?after={begin + 2}"
        has_more = len(said) > begin + 2
        return Reply(data={
            "comments": said[begin : begin + 2],
            "meta": {"has_more": has_more},
            "links": {"next": next_ if has_more else None},
        })  # fmt: skip
