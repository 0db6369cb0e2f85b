"""Decisions are written to the programs whose tickets they are about, and taken back by Undo."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, exists, or_, select
from sqlalchemy.orm import Session

from models import Connection, CreatedIssue, Database, Item, Source, Verdict, WriteBack
from models.queries import LIVE
from services.channels.audience import audience_of_members
from services.errors import SourceError
from services.sources.connector import SIGNATURE, Connector

_HAS_ITEM = (Source.workspace_id == Item.workspace_id) & (Source.name == Item.source)
# What failed before it was undone may be there all the same: a proxy may have answered with a page.
_MAY_BE_THERE = or_(
    WriteBack.state.in_(("begun", "done")),
    and_(WriteBack.state == "failed", WriteBack.changed_at <= Verdict.undone_at),
)


@dataclass(frozen=True)
class DecidedTicket:
    """A ticket of a program, the other one that it is the same as, and the decision."""

    verdict: Verdict
    source: Source
    connection: Connection
    item: Item
    other: Item

    @property
    def reference(self) -> str:
        """What a comment is found by, as it is written: deja-1 would be found in deja-12, too."""
        return f"(deja-{self.verdict.id})"

    @property
    def original(self) -> str | None:
        """The id of the older ticket, if it is one of the same program and this is the newer."""
        is_newer = (self.item.created_at, self.item.id) > (self.other.created_at, self.other.id)
        return (
            self.other.external_id if is_newer and self.item.source == self.other.source else None
        )


def due_write_backs(session: Session, workspace_id: int) -> list[tuple[int, int, str]]:
    """Return what is to be written and taken back: ids of verdict and item, and "do" or "undo".

    Only decisions count that were made while their source was written to, about tickets that all
    full members may read.
    """
    known = exists().where(
        WriteBack.verdict_id == Verdict.id, WriteBack.item_id == Item.id, WriteBack.state != "begun"
    )
    # An issue that was created of the other ticket says so already.
    created = exists().where(
        CreatedIssue.source_id == Source.id,
        CreatedIssue.external_id == Item.external_id,
        CreatedIssue.item_id.in_((Verdict.item_a_id, Verdict.item_b_id)),
    )
    new = (
        select(Verdict.id, Item.id)
        .join(Item, or_(Item.id == Verdict.item_a_id, Item.id == Verdict.item_b_id))
        .join(Source, _HAS_ITEM)
        .join(Connection, Connection.source_id == Source.id)
        .where(
            Verdict.workspace_id == workspace_id,
            Verdict.verdict == "duplicate",
            Verdict.undone_at.is_(None),
            Verdict.decided_at >= Connection.writes_since,
            ~known,
            ~created,
        )
        .order_by(Verdict.id, Item.id)
    )
    undone = (
        select(WriteBack.verdict_id, WriteBack.item_id)
        .join(Verdict, Verdict.id == WriteBack.verdict_id)
        .where(Verdict.workspace_id == workspace_id, Verdict.undone_at.is_not(None), _MAY_BE_THERE)
        .order_by(WriteBack.id)
    )
    return [
        *((verdict, item, "do") for verdict, item in session.execute(new)),
        *((verdict, item, "undo") for verdict, item in session.execute(undone)),
    ]


def find_decided_ticket(session: Session, verdict_id: int, item_id: int) -> DecidedTicket | None:
    """Return what is to be said of a ticket; None if it is not to be said any more."""
    verdict = session.get(Verdict, verdict_id)
    if verdict is None or item_id not in (verdict.item_a_id, verdict.item_b_id):
        return None
    other_id = verdict.item_b_id if item_id == verdict.item_a_id else verdict.item_a_id
    item, other = session.get_one(Item, item_id), session.get_one(Item, other_id)
    row = session.execute(
        select(Source, Connection)
        .join(Connection, Connection.source_id == Source.id)
        .join(Item, _HAS_ITEM)
        .where(Item.id == item_id)
    ).one_or_none()
    return None if row is None else DecidedTicket(verdict, row.Source, row.Connection, item, other)


@dataclass(frozen=True)
class Writer:
    """Writes to one program."""

    database: Database
    connector: Connector

    def write(self, ticket: DecidedTicket, now: datetime) -> None:
        """Say that a ticket is the same as another one, or take that back if it was undone.

        It may be called again after any failure. Raises `SourceBusyError`.
        """
        row = self._row(ticket)
        undone_at = ticket.verdict.undone_at
        is_undone = undone_at is not None
        if row is not None and _is_over(row, undone_at):
            return
        try:
            if is_undone:
                if row is not None:
                    self._take_back(ticket, row)
                    self._save(ticket, now, state="undone")
            elif ticket.connection.writes_since is not None and self._may_be_named(ticket):
                self._write(ticket, row, now)
        except SourceError as error:
            self._save(ticket, now, state="failed", error=str(error))
            raise

    def _write(self, ticket: DecidedTicket, row: WriteBack | None, now: datetime) -> None:
        id_ = ticket.item.external_id
        # Known to have begun, it may have been written before an error.
        note = None if row is None else self.connector.find_note(id_, ticket.reference)
        if row is None:
            self._save(ticket, now, state="begun")
        link = row.link_id if row is not None else None
        if ticket.original is not None and link is None:
            link = self.connector.link(id_, ticket.original)
            self._save(ticket, now, state="begun", link_id=link)
        if note is None:
            note = self.connector.note(id_, self._text(ticket))
        self._save(ticket, now, state="done", note_id=note, link_id=link)

    def _take_back(self, ticket: DecidedTicket, row: WriteBack) -> None:
        id_, note = ticket.item.external_id, row.note_id
        if row.state != "done":
            note = self.connector.find_note(id_, ticket.reference)
        if row.link_id is not None:
            self.connector.unlink(row.link_id)
        if row.state == "done" or note is not None:
            text = f"{SIGNATURE}this is not the same as {ticket.other.url} {ticket.reference}."
            self.connector.remove_note(id_, note, text)

    def _text(self, ticket: DecidedTicket) -> str:
        first = ticket.original and self.connector.mention(ticket.item.external_id, ticket.original)
        said = f"{SIGNATURE}people found that this is the same as {ticket.other.url}"
        return "\n\n".join(filter(None, (first, f"{said} {ticket.reference}.")))

    def _may_be_named(self, ticket: DecidedTicket) -> bool:
        """Say whether the other ticket has an address that all full members may follow."""
        readable = audience_of_members(ticket.item.workspace_id).items
        with self.database.read() as session:
            found = session.scalar(
                select(Item.id).where(Item.id == ticket.other.id, LIVE, readable)
            )
        return found is not None and ticket.other.url is not None

    def _row(self, ticket: DecidedTicket) -> WriteBack | None:
        with self.database.read() as session:
            return session.scalar(_of(ticket))

    def _save(self, ticket: DecidedTicket, now: datetime, **values: str | None) -> None:
        with self.database.write() as session:
            row = session.scalar(_of(ticket))
            if row is None:
                row = WriteBack(
                    source_id=ticket.source.id, verdict_id=ticket.verdict.id, item_id=ticket.item.id
                )
                session.add(row)
            for name, value in values.items():
                setattr(row, name, value)
            row.changed_at = now


def _is_over(row: WriteBack, undone_at: datetime | None) -> bool:
    """Say whether there is nothing more to do: it is as decided, or has failed since."""
    if row.state == "failed":
        return undone_at is None or row.changed_at > undone_at
    return row.state == "undone" or (row.state == "done" and undone_at is None)


def _of(ticket: DecidedTicket) -> Select[WriteBack]:
    return select(WriteBack).where(
        WriteBack.verdict_id == ticket.verdict.id, WriteBack.item_id == ticket.item.id
    )
