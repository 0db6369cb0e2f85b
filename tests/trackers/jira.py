"""A stand-in of Jira Cloud's REST API, version 3, after developer.atlassian.com."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.conftest import NOW
from tests.trackers.server import Call, Json, Reply, Tracker

EMAIL, TOKEN = "ana@acme.example", "jira-secret"
SIGN_IN = f"Basic {b64encode(f'{EMAIL}:{TOKEN}'.encode()).decode()}"
_AGE = re.compile(r'updated >= "-(\d+)m"')


def document(text: str) -> Json:
    """Return a text as version 3 writes it."""
    paragraph = {"type": "paragraph", "content": [{"type": "text", "text": text}]}
    return {"type": "doc", "version": 1, "content": [paragraph]}


@dataclass
class JiraStandIn(Tracker):
    """A site. Searches are read page by page from a snapshot of ids, as its tokens promise."""

    issues: dict[str, Json] = field(default_factory=dict)
    comments: dict[str, list[Json]] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    projects: set[str] = field(default_factory=lambda: {"HELP"})
    now: datetime = NOW
    page: int = 100
    shown_comments: int = 2
    types: list[Json] = field(
        default_factory=lambda: [
            {"id": "3", "name": "Sub-task", "subtask": True},
            {"id": "1", "name": "Epic", "subtask": False},
            {"id": "2", "name": "Task", "subtask": False},
        ]
    )
    links: dict[str, Json] = field(default_factory=dict)
    after_search: Callable[[], object] | None = None

    def open(self, key: str, summary: str = "", minutes: float = 0, **more: Any) -> Json:
        """Add an issue that was changed so many minutes from now."""
        at = self.time(minutes)
        self.issues[key] = {
            "summary": summary or f"printer prints blank pages: {key}",
            "description": document("since the firmware update all pages are blank"),
            "status": {"name": "To Do", "statusCategory": {"key": "new"}},
            "resolution": None,
            "resolutiondate": None,
            "created": self.time(-9000),
            "updated": at,
            "reporter": {"displayName": "Ana", "accountType": "atlassian"},
            "labels": ["printer"],
            **more,
        }
        return self.issues[key]

    def time(self, minutes: float) -> str:
        """Return a time as Jira writes it, in the zone of the account."""
        moment = self.now + timedelta(minutes=minutes, hours=3)
        return f"{moment:%Y-%m-%dT%H:%M:%S}.000+0300"

    def close_with(self, key: str, text: str, minutes: float, state: str = "Done") -> None:
        """Comment on an issue and close it."""
        at = self.time(minutes)
        by = {"displayName": "Ben", "accountType": "atlassian"}
        self.comments.setdefault(key, []).append(
            {"body": document(text), "created": at, "author": by}
        )
        self.issues[key] |= {
            "status": {"name": state, "statusCategory": {"key": "done"}},
            "resolution": {"name": "Done"}, "resolutiondate": at, "updated": at,
        }  # fmt: skip

    def answer(self, call: Call) -> Reply:  # noqa: C901, PLR0911 - a line a route
        """Answer a request."""
        if call.headers.get("authorization") != SIGN_IN:
            return Reply(401, b"Client must be authenticated to access this resource.")
        match call.path.removeprefix("/rest/api/3/").split("/"):
            case ["myself"]:
                return Reply(data={"displayName": "Ana"})
            case ["serverInfo"]:
                return Reply(data={"deploymentType": "Cloud", "serverTime": self.time(0)})
            case ["project", key]:
                return Reply(data={"key": key}) if key in self.projects else Reply(404, {})
            case ["search", "jql"]:
                return self._search(call.json)
            case ["issueLink"]:
                self.links[str(len(self.links) + 1)] = call.json
                return Reply(201)
            case ["issueLink", id_]:
                del self.links[id_]
                return Reply(204)
            case ["issue", *rest]:
                return self._issue(call, rest)
        return Reply(404, {"errorMessages": ["no such page"]})

    def _issue(self, call: Call, rest: list[str]) -> Reply:  # noqa: PLR0911 - a line a route
        if not rest:
            return self._create(call.json["fields"])
        if rest[0] == "createmeta":
            return Reply(data={"issueTypes": self.types})
        if rest == ["bulkfetch"]:
            found = [self._moved(key) for key in call.json["issueIdsOrKeys"]]
            return Reply(data={"issues": [self._shown(key) for key in found if key], "x": []})
        key = self._moved(rest[0])
        if key is None:
            return Reply(404, {"errorMessages": ["Issue does not exist or you do not have…"]})
        if call.method == "DELETE":
            self.comments[key] = [one for one in self.comments[key] if one.get("id") != rest[2]]
            return Reply(204)
        if call.method == "POST":
            said = self.comments.setdefault(key, [])
            said.append({"id": f"c{len(said)}", **call.json})
            return Reply(201, said[-1])
        if rest[1:] == ["comment"]:
            start, size = int(call.query["startAt"]), int(call.query["maxResults"])
            return Reply(data={"comments": self.comments.get(key, [])[start : start + size]})
        return Reply(data=self._shown(key))

    def _create(self, fields: Json) -> Reply:
        if fields["issuetype"]["id"] not in {one["id"] for one in self.types}:
            return Reply(400, {"errors": {"issuetype": "Specify an issue type"}})
        project = fields["project"]["key"]
        key = f"{project}-{1 + sum(one.startswith(project) for one in self.issues)}"
        self.open(key, fields["summary"], description=fields["description"])
        return Reply(201, {"id": "1", "key": key, "self": "…"})

    def _moved(self, key: str) -> str | None:
        key = self.moved.get(key, key)
        return key if key in self.issues and key.split("-")[0] in self.projects else None

    def _search(self, asked: Json) -> Reply:
        if asked.get("nextPageToken") == "expired":
            return Reply(400, {"errorMessages": ["the token is not valid"]})
        age = _AGE.search(asked["jql"])
        oldest = self.time(-float(age[1])) if age else ""
        found = sorted(
            (key for key, one in self.issues.items() if one["updated"] >= oldest),
            key=lambda key: (self.issues[key]["updated"], key),
        )
        start, size = int(asked.get("nextPageToken", 0)), min(asked["maxResults"], self.page)
        data: Json = {"issues": [self._shown(key) for key in found[start : start + size]]}
        data["isLast"] = len(found) <= start + size
        if not data["isLast"]:
            data["nextPageToken"] = str(start + size)
        if self.after_search is not None:
            self.after_search()
        return Reply(data=data)

    def _shown(self, key: str) -> Json:
        said = self.comments.get(key, [])
        comment = {"comments": said[: self.shown_comments], "total": len(said)}
        links = [
            {"id": id_, "type": one["type"], "outwardIssue": one["outwardIssue"]}
            for id_, one in self.links.items()
            if one["inwardIssue"]["key"] == key
        ]
        fields = deepcopy({**self.issues[key], "comment": comment, "issuelinks": links})
        return {"key": key, "self": f"{self.address}/rest/api/3/issue/1", "fields": fields}
