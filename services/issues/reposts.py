"""What was posted of a ticket's answer in other threads: used there, or told to other reports.

No table says where. A post carries both tickets in its mark; what may have been posted follows from
what is stored for good: resolutions, outcomes and verdicts, also those that were undone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models import Channel, Item, Outcome, Resolution
from models.queries import LIVE, in_parts
from services.channels.audience import readable_in
from services.issues.groups import ever_connected

USED, TOLD = "deja-use", "deja-told"
_MARK = re.compile(rf"{USED}-(?P<at>\d+)-(?P<of>\d+)|{TOLD}-(?P<root>\d+)-(?P<report>\d+)")


def used_mark(at: int, of: int) -> str:
    """Return what marks the answer of one ticket (`of`) that is posted in the thread of another."""
    return f"{USED}-{at}-{of}"


def told_mark(root: int, report: int) -> str:
    """Return what marks the message that tells a report that its issue's first one is solved."""
    return f"{TOLD}-{root}-{report}"


def posted_of(mark: str | None) -> int | None:
    """Return the ticket whose answer a message of ours with that mark names; None: none."""
    found = _MARK.fullmatch(mark or "")
    return None if found is None else int(found["of"] or found["root"])


def threads_about(session: Session, item_ids: Iterable[int]) -> set[int]:
    """Return the tickets in whose threads an answer may stand that is of, or shown to, these."""
    ids = set(item_ids)
    found: set[int] = set()
    for part in in_parts(ids):
        either = or_(Outcome.item_id.in_(part), Resolution.item_id.in_(part))
        tried = select(Outcome.item_id).join(Resolution, Resolution.id == Outcome.resolution_id)
        found.update(session.scalars(tried.where(either)))
    groups = ever_connected(session, ids)
    solved = {
        item_id
        for part in in_parts({one for group in groups for one in group})
        for item_id in session.scalars(
            select(Resolution.item_id).where(Resolution.item_id.in_(part))
        )
    }
    return found.union(*(group for group in groups if group & solved))


def may_stand(session: Session, channel: Channel, item_id: int) -> bool:
    """Say whether the answer of a ticket may be shown in a channel: both are there to be read."""
    named = select(Item.resolution).where(Item.id == item_id, LIVE, readable_in(channel))
    return bool(session.scalar(named))
