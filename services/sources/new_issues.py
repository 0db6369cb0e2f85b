"""Opening issues in trackers, and finding those that were opened before an error."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, ClassVar, Protocol

from services.errors import SourceError
from services.sources import github, jira
from services.sources.api import TrackerAnswer, inner, iso
from services.sources.connector import ApiRecord, Connector
from services.sources.github import GitHub
from services.sources.jira import Jira
from services.sources.jira_fields import comment_text, document, fields_of, key_of
from services.sources.zendesk import Zendesk

# Pages of new issues among which one is looked for.
MAX_PAGES = 10

# Of a project's types of issues that of the first name here is taken, else the first one.
TYPES = ("task", "bug", "support", "[system] service request", "service request", "story")

# What a tracker answers to an issue that it does not take.
_REFUSED = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY)


@dataclass(frozen=True)
class NewIssue:
    """An issue to open. `reference` is part of its body, and of no other issue's."""

    project: str
    title: str
    body: str
    reference: str


@dataclass(frozen=True)
class OpenedIssue:
    """An issue in a tracker: the id that its ticket has here, what people call it, its address."""

    id: str
    name: str
    url: str


class IssueWriter(Protocol):
    """Opens issues in one tracker. Errors are `SourceError` and `SourceBusyError`."""

    @property
    def settles_in(self) -> timedelta:
        """How long an issue that was opened may be missing where `find` looks."""

    def open(self, issue: NewIssue) -> OpenedIssue:
        """Open an issue."""

    def find(self, issue: NewIssue, since: datetime, now: datetime) -> OpenedIssue | None:
        """Return the issue that was opened with this reference at `since` or later."""


def issue_writer(connector: Connector, site: str) -> IssueWriter:
    """Return what opens issues in a connected tracker.

    `site` is the host of Jira, or the account of Zendesk, where people find them.
    """
    if isinstance(connector, GitHub):
        return GitHubIssues(connector)
    if isinstance(connector, Jira):
        return JiraIssues(connector, site)
    if isinstance(connector, Zendesk):
        return ZendeskIssues(connector, site)
    raise SourceError("No issues can be opened there.")


@dataclass(frozen=True)
class GitHubIssues:
    """The issues of a repository."""

    settles_in: ClassVar[timedelta] = github.OVERLAP

    github: GitHub

    def open(self, issue: NewIssue) -> OpenedIssue:
        """Open an issue."""
        body = {"title": issue.title, "body": issue.body}
        path = f"/repos/{self.github.repository}/issues"
        answer = self.github.api.send("POST", path, body, allowed=_REFUSED)
        return self._opened(_taken(answer, "GitHub"))

    def find(self, issue: NewIssue, since: datetime, now: datetime) -> OpenedIssue | None:
        """Look through the newest issues: GitHub's search is minutes behind."""
        path: str | None = (
            f"/repos/{self.github.repository}/issues?state=all&sort=created&direction=desc"
            f"&per_page={github.PAGE}&since={iso(since)}"
        )
        for _ in range(MAX_PAGES):
            answer = self.github.api.get(str(path))
            for one in answer.objects():
                if issue.reference in str(one.get("body")) and "pull_request" not in one:
                    return self._opened(one)
            if (path := answer.next) is None:
                break
        return None

    def _opened(self, found: ApiRecord) -> OpenedIssue:
        number = str(github.number_of(found))
        return OpenedIssue(
            number, f"{self.github.repository}#{number}", str(found.get("html_url") or "")
        )


@dataclass(frozen=True)
class JiraIssues:
    """The issues of projects."""

    settles_in: ClassVar[timedelta] = jira.OVERLAP

    jira: Jira
    site: str

    def open(self, issue: NewIssue) -> OpenedIssue:
        """Open an issue of the project's usual type."""
        fields = {
            "project": {"key": issue.project},
            "issuetype": {"id": self._type(issue.project)},
            "summary": issue.title,
            "description": document(issue.body),
        }
        send = self.jira.api.send
        answer = send("POST", "/rest/api/3/issue", {"fields": fields}, allowed=_REFUSED)
        return self._opened(key_of(_taken(answer, "Jira")))

    def find(self, issue: NewIssue, since: datetime, now: datetime) -> OpenedIssue | None:
        """Search the newest issues of the project, by their age: a date would need a zone."""
        age = int((now - since).total_seconds() // 60) + 2
        body: dict[str, Any] = {
            "jql": f'project = "{issue.project}" AND created >= "-{age}m" ORDER BY created DESC',
            "maxResults": jira.PAGE,
            "fields": ["description"],
        }
        for _ in range(MAX_PAGES):
            answer = self.jira.api.send("POST", "/rest/api/3/search/jql", body)
            for one in answer.objects("issues"):
                if issue.reference in comment_text({"body": fields_of(one).get("description")}):
                    return self._opened(key_of(one))
            token = answer.object().get("nextPageToken")
            if not token:
                break
            body["nextPageToken"] = token
        return None

    def _type(self, project: str) -> str:
        path = f"/rest/api/3/issue/createmeta/{project}/issuetypes"
        types = self.jira.api.get(path).objects("issueTypes")
        found = {str(one.get("name")).casefold(): one for one in types if not one.get("subtask")}
        chosen = next((found[name] for name in TYPES if name in found), None)
        chosen = chosen or next(iter(found.values()), None)
        if chosen is None:
            raise SourceError(f"{project} has no type of issue that Déjà may open.")
        return str(chosen.get("id"))

    def _opened(self, key: str) -> OpenedIssue:
        return OpenedIssue(key, key, f"https://{self.site}/browse/{key}")


@dataclass(frozen=True)
class ZendeskIssues:
    """The tickets of an account. The reference is their external id, by which they are found."""

    settles_in: ClassVar[timedelta] = timedelta(minutes=1)

    zendesk: Zendesk
    site: str

    def open(self, issue: NewIssue) -> OpenedIssue:
        """Open a ticket, whose text only agents see."""
        comment = {"body": issue.body, "public": False}
        ticket = {"subject": issue.title, "comment": comment, "external_id": issue.reference}
        answer = self.zendesk.post("/api/v2/tickets.json", {"ticket": ticket}, allowed=_REFUSED)
        return self._opened(inner(_taken(answer, "Zendesk"), "ticket", "id"))

    def find(self, issue: NewIssue, since: datetime, now: datetime) -> OpenedIssue | None:
        """Look up the ticket."""
        query = {"external_id": issue.reference}
        found = self.zendesk.get("/api/v2/tickets.json", query).objects("tickets")
        own = (one.get("id") for one in found if one.get("external_id") == issue.reference)
        id_ = next(own, None)
        return None if id_ is None else self._opened(id_)

    def _opened(self, id_: object) -> OpenedIssue:
        if not isinstance(id_, int):
            raise SourceError("Zendesk names no ticket that it has opened.")
        return OpenedIssue(
            str(id_), f"#{id_}", f"https://{self.site}.zendesk.com/agent/tickets/{id_}"
        )


def _taken(answer: TrackerAnswer, name: str) -> dict[str, Any]:
    """Return an answer about an issue that was opened. Raises `SourceError` if it was not."""
    if answer.status in _REFUSED:
        raise SourceError(
            f"{name} does not take such an issue ({answer.status}): it may ask for more than a"
            " title and a text."
        )
    return answer.object()
