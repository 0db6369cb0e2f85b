"""Resolutions: the answers that closed tickets.

All are kept; the newest that is not undone is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from models import Item, Resolution
from models.queries import DELETED, IMPORTED

RESOLVED, OPEN = "resolved", "open"

# Built once: an import of threads asks for each that has an answer.
_OF_ITEM = select(Resolution).where(Resolution.item_id == bindparam("item"))
_CURRENT = _OF_ITEM.where(Resolution.undone_at.is_(None)).order_by(Resolution.id)
_IS_DELETED = (
    select(Resolution.id)
    .where(
        Resolution.item_id == bindparam("item"),
        Resolution.ts == bindparam("ts"),
        Resolution.revision == DELETED,
    )
    .limit(1)
)


@dataclass(frozen=True)
class Solution:
    """What solved a ticket: the text, its author, and the message of the thread (`ts`) if any.

    `text` is empty if somebody only marked the ticket as solved; `revision` is the message's last
    edit ("": none).
    """

    text: str = ""
    author: str | None = None
    ts: str | None = None
    revision: str = ""


def resolve(session: Session, item: Item, found: Solution, *, by: str, now: datetime) -> bool:
    """Store what solved a ticket; return whether that is new."""
    if not _is_kept(session, item):
        return False
    current = _current(session, item.id)
    if not current and item.resolution:  # keep an imported answer, in case this one is undone
        ensure_resolution(session, item)
    if any((one.text, one.ts) == (found.text, found.ts) for one in current[-1:]):
        return False
    if _is_deleted(session, item.id, found.ts):
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
    update_ticket(session, item)
    return True


def restore_solution(
    session: Session, item: Item, found: Solution, *, by: str, now: datetime
) -> bool:
    """Store what solved a ticket in the past; return whether that is new.

    What is known of the message stays, also if it was undone since, and so does what solved the
    ticket later.
    """
    known = session.scalars(_OF_ITEM, {"item": item.id}).all()
    if any(one.ts == found.ts for one in known):
        return bool(edit_solution(session, item.workspace_id, found))
    marked = [one for one in known if one.undone_at is None and one.marked_by != IMPORTED]
    if any(one.ts is None or _seconds(one.ts) > _seconds(found.ts) for one in marked):
        return False
    return resolve(session, item, found, by=by, now=now)


def ensure_resolution(session: Session, item: Item) -> Resolution | None:
    """Return the resolution that is shown for a ticket; an imported one is stored first."""
    with_text = [one for one in _current(session, item.id) if one.text]
    if with_text or not item.resolution:
        return with_text[-1] if with_text else None
    if not _is_kept(session, item):
        return None
    imported = Resolution(
        item_id=item.id,
        text=item.resolution,
        marked_by=IMPORTED,
        marked_at=item.resolved_at or item.updated_at,
    )
    session.add(imported)
    session.flush()
    return imported


def unresolve(session: Session, item: Item, ts: str | None, *, by: str, now: datetime) -> bool:
    """Undo what a person marked in a message (`ts`); return whether there was anything to undo.

    What others marked stays until they undo it themselves. A ticket without any resolution is open
    again.
    """
    undone = [one for one in _current(session, item.id) if (one.ts, one.marked_by) == (ts, by)]
    for one in undone:
        one.undone_by, one.undone_at = by, now
    session.flush()
    update_ticket(session, item)
    return bool(undone)


def forget_solution(session: Session, workspace_id: int, ts: str, now: datetime) -> list[int]:
    """Forget the answer in a deleted message; return the ids of the tickets that it solved."""
    rows = _from_message(session, workspace_id, ts)
    for resolution, item in rows:
        clear_resolution(session, resolution, item, now)
    return [item.id for _, item in rows]


def clear_resolution(session: Session, resolution: Resolution, item: Item, now: datetime) -> None:
    """Take the words out of a resolution of a ticket; that there was one stays on record."""
    resolution.text, resolution.author, resolution.revision = "", None, DELETED
    resolution.undone_at = resolution.undone_at or now
    session.flush()
    update_ticket(session, item)


def edit_solution(session: Session, workspace_id: int, found: Solution) -> list[int]:
    """Apply the edit of a message that solved tickets; return the ids of the changed tickets.

    An edit older than the stored revision changes nothing.
    """
    rows = [
        (resolution, item)
        for resolution, item in _from_message(session, workspace_id, str(found.ts))
        if resolution.revision < found.revision
    ]
    for resolution, item in rows:
        resolution.text, resolution.revision = found.text, found.revision
        session.flush()
        update_ticket(session, item)
    return [item.id for _, item in rows]


def _from_message(session: Session, workspace_id: int, ts: str) -> list[tuple[Resolution, Item]]:
    """Return the resolutions that come from a message, with their tickets.

    The tickets may be in other channels, because an answer that worked for another report is
    copied to it. A `ts` is almost certainly unique in a workspace.
    """
    rows = session.execute(
        select(Resolution, Item)
        .join(Item, Item.id == Resolution.item_id)
        .where(Item.workspace_id == workspace_id, Resolution.ts == ts)
        .order_by(Resolution.id)
    )
    return [(resolution, item) for resolution, item in rows]


def move_resolutions(session: Session, from_id: int, to_id: int) -> None:
    """Move the resolutions of a ticket to the one that replaces it."""
    moved = session.scalars(_OF_ITEM, {"item": from_id}).all()
    for one in moved:
        one.item_id = to_id
    if moved:
        session.flush()
        for item_id in (from_id, to_id):
            update_ticket(session, session.get_one(Item, item_id))


def solution_of(session: Session, item: Item) -> Solution | None:
    """Return what solved a ticket, marked or imported; None if nothing did."""
    if not item.resolution:
        return None
    row = next((one for one in reversed(_current(session, item.id)) if one.text), None)
    if row is None:
        return Solution(item.resolution)
    return Solution(row.text, row.author, row.ts, row.revision)


def _is_kept(session: Session, item: Item) -> bool:
    """Lock a ticket, and say whether it was not erased since it was read."""
    session.refresh(item, ["revision"], with_for_update=True)
    return item.revision != DELETED


def _is_deleted(session: Session, item_id: int, ts: str | None) -> bool:
    """Say whether the message of an answer was deleted or erased: it must not come back."""
    if ts is None:
        return False
    return session.scalar(_IS_DELETED, {"item": item_id, "ts": ts}) is not None


def _seconds(ts: str | None) -> float:
    return float(ts or 0)


def _current(session: Session, item_id: int) -> list[Resolution]:
    """Return the resolutions of a ticket that are not undone, newest last."""
    return list(session.scalars(_CURRENT, {"item": item_id}))


def update_ticket(session: Session, item: Item) -> None:
    """Write status and answer of a ticket as its resolutions say."""
    current = _current(session, item.id)
    item.status = RESOLVED if current else OPEN
    item.resolution = next((one.text for one in reversed(current) if one.text), None)
