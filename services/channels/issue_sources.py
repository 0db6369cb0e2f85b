"""The trackers in which people of a channel may open issues."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from models import Channel, Connection, Source

_PROGRAMS = {"github": "GitHub", "jira": "Jira", "zendesk": "Zendesk"}


@dataclass(frozen=True)
class IssuePlace:
    """A project of a tracker: of its source, and what people call it."""

    source_id: int
    project: str
    label: str

    @property
    def value(self) -> str:
        """What a form calls it."""
        return f"{self.source_id}:{self.project}"


def issue_places(session: Session, channel: Channel) -> list[IssuePlace]:
    """Return where people of a channel may open issues.

    A source whose tickets only the readers of another channel see is not named here.
    """
    rows = session.execute(
        select(Source, Connection)
        .join(Connection, Connection.source_id == Source.id)
        .where(_of(channel))
        .order_by(Source.name)
    )
    return [place for source, connection in rows for place in _places(source, connection)]


def takes_issues() -> ColumnElement[bool]:
    """Return the condition that people of a channel, of the outer query, may open issues."""
    found = select(Source.id).join(Connection, Connection.source_id == Source.id)
    return found.where(_of(Channel)).correlate(Channel).exists()


def _of(channel: Channel | type[Channel]) -> ColumnElement[bool]:
    seen = or_(Source.channel_id.is_(None), Source.channel_id == channel.id)
    return (Source.workspace_id == channel.workspace_id) & Connection.creates_issues & seen


def _places(source: Source, connection: Connection) -> Iterator[IssuePlace]:
    account = source.name.partition("/")[2]
    program = _PROGRAMS.get(source.kind, source.kind)
    if source.kind != "jira":
        yield IssuePlace(source.id, "", f"{program}: {account}")
        return
    for project in connection.scope.split(","):
        yield IssuePlace(source.id, project, f"{program}: {project} ({account})")
