"""Issues that people open from Slack: each once, and solved here when it is closed there."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import CreatedIssue, Database, Item, Source
from models.queries import LIVE, in_parts
from services.errors import ConflictError, SourceBusyError, SourceError
from services.issues.resolutions import Solution, resolve, unresolve
from services.issues.verdicts import decide
from services.memory.ticket_status import SOLVED
from services.sources.connector import SIGNATURE
from services.sources.new_issues import IssueWriter, NewIssue, OpenedIssue


@dataclass(frozen=True)
class IssueRequest:
    """What somebody sent in the form `form`: an issue about the ticket `item_id`."""

    source_id: int
    item_id: int
    form: str
    project: str
    title: str
    text: str
    by: str

    def issue(self, thread: str | None) -> NewIssue:
        """Return the issue to open, with the link of the ticket's thread."""
        reference = f"(deja-{self.form})"
        origin = f"{SIGNATURE}{' '.join(filter(None, ('from Slack', thread, reference)))}"
        body = "\n\n".join(filter(None, (self.text.strip(), origin)))
        return NewIssue(self.project, self.title, body, reference)


@dataclass(frozen=True)
class IssueOpening:
    """Opens an issue once, however often it is tried."""

    database: Database
    writer: IssueWriter

    def run(self, asked: IssueRequest, thread: str | None, now: datetime) -> CreatedIssue:
        """Open the issue, or find it if an earlier try did; return its row, which may be refused.

        An earlier try may have opened it without learning that, and the tracker may not list it
        yet: so much is waited. Raises `SourceBusyError`.
        """
        row = self._begin(asked, now)
        if row.state != "begun":
            return row
        issue = asked.issue(thread)
        try:
            opened = self._find(row, issue, now) or self._open(row, issue, now)
        except SourceError as error:
            return self._save(row.id, state="failed", error=str(error))
        return self._save(
            row.id, state="done", external_id=opened.id, name=opened.name, url=opened.url
        )

    def _begin(self, asked: IssueRequest, now: datetime) -> CreatedIssue:
        with self.database.write() as session:
            row = session.scalar(select(CreatedIssue).where(CreatedIssue.form == asked.form))
            if row is None:
                row = CreatedIssue(
                    source_id=asked.source_id,
                    item_id=asked.item_id,
                    form=asked.form,
                    state="begun",
                    created_by=asked.by,
                    created_at=now,
                )
                session.add(row)
                session.flush()
            return row

    def _find(self, row: CreatedIssue, issue: NewIssue, now: datetime) -> OpenedIssue | None:
        if row.tried_at is None:  # nothing was sent yet
            return None
        found = self.writer.find(issue, row.created_at, now)
        left = row.tried_at + self.writer.settles_in - now
        if found is None and left.total_seconds() > 0:
            reason = "the issue may have been created: waiting until the tracker would list it"
            raise SourceBusyError(reason, left.total_seconds(), is_outage=False)
        return found

    def _open(self, row: CreatedIssue, issue: NewIssue, now: datetime) -> OpenedIssue:
        self._save(row.id, tried_at=now)
        try:
            return self.writer.open(issue)
        except SourceBusyError as busy:
            if not busy.is_outage:  # it only asked to wait, so nothing was created
                self._save(row.id, tried_at=None)
            raise

    def _save(self, row_id: int, **values: str | datetime | None) -> CreatedIssue:
        with self.database.write() as session:
            row = session.get_one(CreatedIssue, row_id)
            for name, value in values.items():
                setattr(row, name, value)
            return row


def issues_of_items(session: Session, source: Source, item_ids: list[int]) -> list[int]:
    """Return the ids of the created issues that items of a source are."""
    return [
        id_
        for part in in_parts(item_ids)
        for id_ in session.scalars(
            select(CreatedIssue.id)
            .join(Item, Item.external_id == CreatedIssue.external_id)
            .where(
                CreatedIssue.source_id == source.id,
                Item.workspace_id == source.workspace_id,
                Item.source == source.name,
                Item.id.in_(part),
            )
        )
    ]


def follow_issue(session: Session, created_id: int, now: datetime) -> Item | None:
    """Bring a ticket of Slack to the state of the issue that was created of it; return the ticket.

    The two are confirmed as the same once; a closed issue solves the ticket, and one that is opened
    again takes that back. None if nothing has changed, one of them is gone, or was not read yet.
    """
    row = session.get(CreatedIssue, created_id)
    source = None if row is None else session.get(Source, row.source_id)
    if row is None or source is None:
        return None
    item = session.scalar(select(Item).where(Item.id == row.item_id, LIVE))
    issue = session.scalar(
        select(Item).where(
            Item.workspace_id == source.workspace_id,
            Item.source == source.name,
            Item.external_id == row.external_id,
            LIVE,
        )
    )
    if item is None or issue is None:
        return None
    is_new = not row.is_linked
    if is_new:
        row.is_linked = True
        with suppress(ConflictError):  # people have decided otherwise
            pair = item.id, issue.id
            decide(session, item.workspace_id, pair, "duplicate", by=row.created_by, now=now)
    closed = issue.status.casefold() in SOLVED  # an answer may stay when it is opened again
    if closed == row.is_closed:
        return item if is_new else None
    row.is_closed = closed
    if closed:
        resolve(session, item, Solution(issue.resolution or ""), by=source.name, now=now)
    else:
        unresolve(session, item, None, by=source.name, now=now)
    return item
