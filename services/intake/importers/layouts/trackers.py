"""Issue trackers: Jira, GitHub, GitLab, Linear, Bugzilla."""

from __future__ import annotations

import re
from dataclasses import replace

from services.intake.importers.layouts.layout import Layout, Values, marks
from services.intake.importers.vocabulary.synonyms import Field

_SITE = re.compile(r"https?://([^/\s]+)/rest/", re.IGNORECASE)
_REPOSITORY = re.compile(r"https?://[^/\s]+/(?:repos/)?([^/\s]+/[^/\s]+)/issues/\d+", re.IGNORECASE)
_PROJECT = re.compile(r"https?://[^/\s]+/(.+?)/(?:-/)?(?:issues|work_items)/\d+", re.IGNORECASE)

PULL_REQUEST = "pull requests: they are no tickets"


def _browse_address(values: Values, id_: str) -> str | None:
    address = values.get("self")
    site = _SITE.search(address) if isinstance(address, str) else None
    return f"https://{site[1]}/browse/{id_}" if site else None


def _is_pull_request(values: Values) -> str | None:
    urls = (str(values.get(name) or "") for name in ("html_url", "url"))
    is_pull = (
        values.get("pull_request")
        or any(name.startswith("pull_request.") for name in values)
        or any("/pull/" in url for url in urls)
        or values.get("isPullRequest") is True
    )
    return PULL_REQUEST if is_pull else None


JIRA = Layout(
    "jira",
    "Jira",
    (
        marks("issue key", "summary"),
        marks("key", "fields.summary"),
        marks("vorgangsschlussel", "zusammenfassung"),
        marks("clave de incidencia", "resumen"),
        marks("key", "summary", "issuelinks"),
        marks("key", "summary", "project", "reporter"),
    ),
    {
        "id": ("issue key", "key", "vorgangsschlussel", "clave de incidencia"),
        "title": ("summary", "fields.summary", "zusammenfassung", "resumen"),
        "text": ("description", "fields.description", "rendered fields.description",
                 "beschreibung", "descripcion"),
        "created": ("created", "fields.created", "erstellt", "creada", "creado"),
        "resolved": ("resolved", "fields.resolutiondate", "erledigt", "resuelta", "resuelto"),
        "status": ("status", "fields.status.name", "fields.status", "estado",
                   "status category", "fields.status.status category.key"),
        "outcome": ("resolution", "fields.resolution.name", "losung", "resolucion"),
        "author": ("reporter", "fields.reporter.display name", "fields.creator.display name",
                   "autor", "informador"),
        "answer": (),
        "url": ("link",),
        "channel": (),
        "replies": ("comment", "fields.comment.comments", "comments", "comments.comment",
                    "kommentar", "comentario"),
    },
    {"done": "resolved", "new": "open", "indeterminate": "open"},
    markup="wiki",
    account=("self", _SITE),
    link=_browse_address,
)  # fmt: skip
# Its texts are HTML, and only the link says whose Jira it is.
JIRA_XML = replace(
    JIRA, marks=(marks("key", "summary", "link", "title", "status"),), markup="html",
    account=("link", re.compile(r"https?://([^/\s]+)/(?:\S*/)?browse/", re.IGNORECASE)),
)  # fmt: skip
# Of a service project: only the API tells its notes from what the customer reads.
JIRA_SERVICE = replace(
    JIRA,
    marks=tuple(
        marks("issue key", "summary", f"{field} ({name})")
        for field in ("custom field", "benutzerdefinierte felder", "campo personalizado")
        for name in ("request type", "customer request type")
    ),
    warning="Jira's CSV does not say which comments of a service project are internal: import its"
    " JSON, or look at the answers in a preview first",
)
_GITHUB_COLUMNS: dict[Field, tuple[str, ...]] = {
    "id": ("number",),
    "title": ("title",),
    "text": ("body", "body text"),
    "created": ("created at",),
    "resolved": ("closed at",),
    "status": ("state",),
    "author": ("user.login", "author.login"),
    "url": ("html url", "url"),
    "answer": ("answer.body",),  # of a discussion
    "replies": ("comments", "comments.nodes", "timeline", "timeline items.nodes"),
}
GITHUB_REST = Layout(
    "github", "GitHub issues", (marks("number", "title", "html url"),), _GITHUB_COLUMNS,
    markup="markdown", account=("html_url", _REPOSITORY), skip=_is_pull_request,
)  # fmt: skip
GITHUB_CLI = Layout(
    "github", "GitHub issues (gh)",
    (marks("number", "title", "url", "state"), marks("number", "title", "url", "created at")),
    _GITHUB_COLUMNS, markup="markdown", account=("url", _REPOSITORY), skip=_is_pull_request,
)  # fmt: skip
ARCHIVED_COMMENT = "comments without their issues: import both in one archive or folder"


def _skip_comment(_values: Values) -> str:
    return ARCHIVED_COMMENT


GITHUB_COMMENTS = Layout(
    "github", "comments of GitHub issues (archive)",
    (marks("html url", "issue", "body", "user.login"),),
    {"text": ("body",), "created": ("created at",), "author": ("user.login",)},
    markup="markdown", account=("html_url", _REPOSITORY), skip=_skip_comment,
)  # fmt: skip
GITLAB_REST = Layout(
    "gitlab",
    "GitLab issues",
    (marks("iid", "title", "web url"), marks("iid", "title", "description", "notes")),
    {
        "id": ("iid",),
        "title": ("title",),
        "text": ("description",),
        "created": ("created at",),
        "resolved": ("closed at",),
        "status": ("state",),
        "author": ("author.name", "author.username"),
        "url": ("web url",),
        "answer": (),
        "replies": ("notes", "discussions"),
    },
    markup="markdown",
    account=("web_url", _PROJECT),
)
GITLAB_CSV = Layout(
    "gitlab",
    "GitLab issues (CSV)",
    (
        marks("title", "description", "url", "state", "author username"),
        marks("title", "description", "url", "state", "created at (utc)"),
    ),
    {
        "id": ("iid", "issue iid", "issue id", "id"),
        "title": ("title",),
        "text": ("description",),
        "created": ("created at (utc)",),
        "resolved": ("closed at (utc)",),
        "status": ("state",),
        "author": ("author", "author username"),
        "url": ("url",),
    },
    markup="markdown",
    account=("URL", _PROJECT),
)
LINEAR = Layout(
    "linear",
    "Linear",
    (
        marks("id", "team", "title", "status", "creator"),
        marks("id", "team", "title", "description", "status"),
        marks("identifier", "title", "state.name"),
    ),
    {
        "id": ("identifier", "id"),
        "title": ("title",),
        "text": ("description",),
        "created": ("created", "created at"),
        "resolved": ("completed", "completed at", "canceled", "canceled at"),
        "status": ("status", "state.name"),
        "author": ("creator", "creator.name"),
        "answer": (),
        "replies": ("comments", "comments.nodes"),
    },
    markup="markdown",
)
BUGZILLA = Layout(
    "bugzilla",
    "Bugzilla",
    (marks("bug id", "short desc", "bug status"),),
    {
        "id": ("bug id",),
        "title": ("short desc",),
        "text": (),
        "created": ("creation ts",),
        "resolved": (),
        "status": ("bug status",),
        "outcome": ("resolution",),
        "author": ("reporter",),
        # The address in a bug is that of the page where it was seen.
        "url": (),
        "answer": (),
        "channel": (),
        "replies": ("long desc",),
    },
    is_first_reply_text=True,
)
LAYOUTS = (
    JIRA_XML,
    JIRA_SERVICE,
    JIRA,
    GITHUB_REST,
    GITHUB_COMMENTS,
    GITLAB_REST,
    GITLAB_CSV,
    GITHUB_CLI,
    LINEAR,
    BUGZILLA,
)
