"""Resolutions: the answers that closed tickets. The newest that stands is shown, all are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Item, Resolution

RESOLVED, OPEN = "resolved", "open"

# Whose a resolution is that came with an import.
IMPORTED = "import"


@dataclass(frozen=True)
class Solution:
    """What solved a ticket: who said it, and in which message of its thread (`ts`), if in one.

    `text` is empty where somebody only says that it is solved.
    """

    text: str = ""
    author: str | None = None
    ts: str | None = None


def resolve(session: Session, item: Item, found: Solution, *, by: str, now: datetime) -> bool:
    """Store what solved a ticket; return whether that is news."""
    standing = _standing(session, item.id)
    if not standing and item.resolution:  # what it came with is kept, should this be taken back
        session.add(
            Resolution(
                item_id=item.id, text=item.resolution, marked_by=IMPORTED, marked_at=item.updated_at
            )
        )
        session.flush()
    if any((one.text, one.ts) == (found.text, found.ts) for one in standing[-1:]):
        return False
    session.add(
        Resolution(
            item_id=item.id,
            text=found.text,
            author=found.author,
            ts=found.ts,
            marked_by=by,
            marked_at=now,
        )
    )
    session.flush()
    _follow(session, item)
    return True


def take_back(session: Session, item: Item, ts: str | None, *, by: str, now: datetime) -> bool:
    """Take back what was marked in a message, or last (`ts` None); return whether there was any.

    Without another that stands the ticket is open again.
    """
    standing = [one for one in _standing(session, item.id) if ts in {None, one.ts}]
    if not standing:
        return False
    gone = standing if ts is not None else standing[-1:]
    for one in gone:
        one.undone_by, one.undone_at = by, now
    session.flush()
    _follow(session, item)
    return True


def forget_said(
    session: Session, workspace_id: int, channel: str, ts: str, now: datetime
) -> list[int]:
    """Forget what a deleted message said to solve tickets; return the ids of these."""
    rows = session.execute(
        select(Resolution, Item)
        .join(Item, Item.id == Resolution.item_id)
        .where(
            Item.workspace_id == workspace_id,
            Item.external_id.startswith(f"{channel}/", autoescape=True),
            Resolution.ts == ts,
        )
    ).all()
    for resolution, item in rows:
        resolution.text, resolution.author = "", None
        resolution.undone_at = resolution.undone_at or now
        session.flush()
        _follow(session, item)
    return [item.id for _, item in rows]


def move_resolutions(session: Session, from_id: int, to_id: int) -> None:
    """Make what solved one ticket what solved another one, which stands for it now."""
    moved = session.scalars(select(Resolution).where(Resolution.item_id == from_id)).all()
    for one in moved:
        one.item_id = to_id
    if moved:
        session.flush()
        _follow(session, session.get_one(Item, to_id))


def solution_of(session: Session, item: Item) -> Solution | None:
    """Return what solved a ticket, as somebody marked it or as it was imported; None without."""
    if not item.resolution:
        return None
    row = next((one for one in reversed(_standing(session, item.id)) if one.text), None)
    return Solution(item.resolution) if row is None else Solution(row.text, row.author, row.ts)


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
