"""A stand-in of GitHub's REST API for issues, after docs.github.com/rest/issues."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from tests.trackers.server import Call, Json, Reply, Tracker

TOKEN = "ghp_secret"
REPOSITORY = "acme/desk"
START = "2026-05-04T10:00:00Z"


def at(second: int) -> str:
    """Return a time after the start."""
    return f"2026-05-04T10:{second // 60:02d}:{second % 60:02d}Z"


@dataclass
class GitHubStandIn(Tracker):
    """A repository. `page` bounds pages, as if a hundred were asked for in vain.

    `after_list` runs after each answer to a list: issues may change between two pages.
    """

    issues: dict[int, Json] = field(default_factory=dict)
    comments: dict[int, list[Json]] = field(default_factory=dict)
    moved: dict[int, str] = field(default_factory=dict)
    page: int = 100
    now: str = "2026-11-23T12:00:00Z"
    is_public: bool = False
    after_list: Callable[[], object] | None = None

    def open(self, number: int, title: str = "", updated: str = START, **more: Any) -> Json:
        """Add an issue."""
        self.issues[number] = {
            "number": number,
            "title": title or f"printer {number} prints blank pages",
            "body": "since the firmware update all pages are blank",
            "state": "open",
            "state_reason": None,
            "html_url": f"https://github.com/{REPOSITORY}/issues/{number}",
            "repository_url": f"{self.address}/repos/{REPOSITORY}",
            "user": {"login": "ana", "type": "User"},
            "labels": [{"name": "printer"}],
            "comments": 0,
            "created_at": START,
            "updated_at": updated,
            "closed_at": None,
            **more,
        }
        return self.issues[number]

    def close_with(self, number: int, text: str, updated: str, **user: str) -> None:
        """Comment on an issue and close it."""
        by = {"login": "ben", "type": "User", **user}
        said = self.comments.setdefault(number, [])
        said.append({"id": 1000 + number, "body": text, "user": by, "created_at": updated})
        self.issues[number] |= {
            "state": "closed", "state_reason": "completed", "closed_at": updated,
            "updated_at": updated, "comments": len(said),
        }  # fmt: skip

    def answer(self, call: Call) -> Reply:
        """Answer a request."""
        if not self.is_public and call.headers.get("authorization") != f"Bearer {TOKEN}":
            return Reply(401, {"message": "Bad credentials"})
        base = f"/repos/{REPOSITORY}"
        if not call.path.startswith(base):
            return Reply(404, {"message": "Not Found"})
        return self._route(call, call.path.removeprefix(base).split("/")[1:])

    def _route(self, call: Call, parts: list[str]) -> Reply:  # noqa: PLR0911 - a line a route
        match parts:
            case []:
                return Reply(data={"full_name": REPOSITORY, "has_issues": True})
            case ["issues"] if call.method == "POST":
                number = max(self.issues, default=0) + 1
                time = {"updated": self.now, "created_at": self.now}
                return Reply(201, self.open(number, **call.json, **time))
            case ["issues"]:
                return self._list(call)
            case ["issues", number] if number.isdecimal():
                return self._one(int(number))
            case ["issues", "comments", id_]:
                return self._delete_comment(int(id_))
            case ["issues", number, "comments"] if call.method == "POST":
                return Reply(201, self.note(int(number), call.json["body"]))
            case ["issues", number, "comments"]:
                return self._page(call, self.comments.get(int(number), []))
        return Reply(404, {"message": "Not Found"})

    def _one(self, number: int) -> Reply:
        if number in self.moved:
            location = f"{self.address}/repos/acme/other/issues/9"
            return Reply(301, {"url": location}, {"Location": location})
        found = self.issues.get(number)
        return Reply(410, {"message": "deleted"}) if found is None else Reply(data=found)

    def note(self, number: int, body: str) -> Json:
        """Add a comment of the account that Déjà has, and return it."""
        said = self.comments.setdefault(number, [])
        id_ = 1 + max((one["id"] for some in self.comments.values() for one in some), default=0)
        said.append({"id": id_, "body": body, "user": {"login": "deja", "type": "User"}})
        self.issues[number]["comments"] = len(said)
        return said[-1]

    def _delete_comment(self, id_: int) -> Reply:
        for number, some in self.comments.items():
            self.comments[number] = [one for one in some if one["id"] != id_]
        return Reply(204)

    def _list(self, call: Call) -> Reply:
        field_ = f"{call.query['sort']}_at"
        since = call.query.get("since", "")
        found = sorted(
            (one for one in self.issues.values() if one["updated_at"] >= since),
            key=lambda one: (one[field_], one["number"]),
            reverse=call.query.get("direction") == "desc",
        )
        reply = self._page(call, found)
        if self.after_list is not None:
            self.after_list()
        return reply

    def _page(self, call: Call, found: list[Json]) -> Reply:
        size = min(int(call.query.get("per_page", 30)), self.page)
        number = int(call.query.get("page", 1))
        shown = found[(number - 1) * size : number * size]
        etag = '"' + hashlib.sha256(json.dumps(shown).encode()).hexdigest() + '"'
        if call.headers.get("if-none-match") == etag:
            return Reply(304, headers={"ETag": etag})
        headers = {"ETag": etag}
        if len(found) > number * size:
            query = "&".join(f"{k}={v}" for k, v in {**call.query, "page": number + 1}.items())
            url = f"{self.address}{call.path}?{query}"
            headers["Link"] = f'<{url}>; rel="next", <{url}>; rel="last"'
        return Reply(data=deepcopy(shown), headers=headers)
