"""Resolutions: the answers that closed tickets. The newest that stands is shown, all are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Item, Resolution

RESOLVED, OPEN = "resolved", "open"

# The revision of a deletion: later than every edit.
DELETED = "~"

# Whose a resolution is that came with an import.
IMPORTED = "import"


@dataclass(frozen=True)
class Solution:
    """What solved a ticket: who said it, and in which message of its thread (`ts`), if in one.

    `text` is empty where somebody only says that it is solved; `revision` is the message's last
    edit ("": none).
    """

    text: str = ""
    author: str | None = None
    ts: str | None = None
    revision: str = ""


def resolve(session: Session, item: Item, found: Solution, *, by: str, now: datetime) -> bool:
    """Store what solved a ticket; return whether that is news."""
    standing = _standing(session, item.id)
    if not standing:  # what it came with is kept, should this be taken back
        stored_resolution(session, item)
    if any((one.text, one.ts) == (found.text, found.ts) for one in standing[-1:]):
        return False
    session.add(
        Resolution(
            item_id=item.id,
            text=found.text,
            author=found.author,
            ts=found.ts,
            revision=found.revision,
            marked_by=by,
            marked_at=now,
        )
    )
    session.flush()
    _follow(session, item)
    return True


def stored_resolution(session: Session, item: Item) -> Resolution | None:
    """Return the resolution that is shown of a ticket; one that it came with is stored first."""
    said = [one for one in _standing(session, item.id) if one.text]
    if said or not item.resolution:
        return said[-1] if said else None
    imported = Resolution(
        item_id=item.id,
        text=item.resolution,
        marked_by=IMPORTED,
        marked_at=item.resolved_at or item.updated_at,
    )
    session.add(imported)
    session.flush()
    return imported


def take_back(session: Session, item: Item, ts: str | None, *, by: str, now: datetime) -> bool:
    """Take back what somebody marked in a message (`ts`); return whether there was any.

    What another person marked stands until they take it back. Without another that stands the
    ticket is open again.
    """
    gone = [one for one in _standing(session, item.id) if (one.ts, one.marked_by) == (ts, by)]
    for one in gone:
        one.undone_by, one.undone_at = by, now
    session.flush()
    _follow(session, item)
    return bool(gone)


def forget_said(session: Session, workspace_id: int, ts: str, now: datetime) -> list[int]:
    """Forget what a deleted message said to solve tickets; return the ids of these."""
    rows = _said(session, workspace_id, ts)
    for resolution, item in rows:
        resolution.text, resolution.author, resolution.revision = "", None, DELETED
        resolution.undone_at = resolution.undone_at or now
        session.flush()
        _follow(session, item)
    return [item.id for _, item in rows]


def correct_said(session: Session, workspace_id: int, found: Solution) -> list[int]:
    """Follow the edit of a message that solved tickets; return the ids of these.

    An edit that is older than what is known changes nothing.
    """
    rows = [
        (resolution, item)
        for resolution, item in _said(session, workspace_id, str(found.ts))
        if resolution.revision < found.revision
    ]
    for resolution, item in rows:
        resolution.text, resolution.revision = found.text, found.revision
        session.flush()
        _follow(session, item)
    return [item.id for _, item in rows]


def _said(session: Session, workspace_id: int, ts: str) -> list[tuple[Resolution, Item]]:
    """Return what was taken from a message, with its tickets.

    Theirs may be other channels: an answer that works for another report, too, is taken over.
    Slack's `ts` tells a message from all others of a workspace as good as surely.
    """
    rows = session.execute(
        select(Resolution, Item)
        .join(Item, Item.id == Resolution.item_id)
        .where(Item.workspace_id == workspace_id, Resolution.ts == ts)
        .order_by(Resolution.id)
    )
    return [(resolution, item) for resolution, item in rows]


def move_resolutions(session: Session, from_id: int, to_id: int) -> None:
    """Make what solved one ticket what solved another one, which stands for it now."""
    moved = session.scalars(select(Resolution).where(Resolution.item_id == from_id)).all()
    for one in moved:
        one.item_id = to_id
    if moved:
        session.flush()
        for item_id in (from_id, to_id):
            _follow(session, session.get_one(Item, item_id))


def solution_of(session: Session, item: Item) -> Solution | None:
    """Return what solved a ticket, as somebody marked it or as it was imported; None without."""
    if not item.resolution:
        return None
    row = next((one for one in reversed(_standing(session, item.id)) if one.text), None)
    if row is None:
        return Solution(item.resolution)
    return Solution(row.text, row.author, row.ts, row.revision)


def _standing(session: Session, item_id: int) -> list[Resolution]:
    """Return what stands of a ticket's resolutions, the newest last."""
    statement = select(Resolution).where(
        Resolution.item_id == item_id, Resolution.undone_at.is_(None)
    )
    return list(session.scalars(statement.order_by(Resolution.id)))


def _follow(session: Session, item: Item) -> None:
    standing = _standing(session, item.id)
    item.status = RESOLVED if standing else OPEN
    item.resolution = next((one.text for one in reversed(standing) if one.text), None)
