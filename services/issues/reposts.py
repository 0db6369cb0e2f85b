"""Posts that carry a ticket's answer into other threads: used there, or sent to other reports.

No table lists them. Each post names both tickets in its mark; which threads may have one follows
from resolutions, outcomes and verdicts, which are kept even when undone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models import Channel, Item, Outcome, Resolution
from models.queries import LIVE, in_parts
from services.channels.audience import readable_in
from services.issues.groups import PairIds, ever_connected

USED, NOTICE = "deja-use", "deja-told"
_MARK = re.compile(rf"{USED}-(?P<at>\d+)-(?P<of>\d+)|{NOTICE}-(?P<root>\d+)-(?P<report>\d+)")


def used_mark(at: int, of: int) -> str:
    """Return the mark of a post of the answer of ticket `of` in the thread of ticket `at`."""
    return f"{USED}-{at}-{of}"


def notice_mark(root: int, report: int) -> str:
    """Return the mark of a post in a report's thread: the root of its issue is solved."""
    return f"{NOTICE}-{root}-{report}"


def source_of_post(mark: str | None) -> int | None:
    """Return the ticket whose answer a post with this mark shows; None for other messages."""
    found = _MARK.fullmatch(mark or "")
    return None if found is None else int(found["of"] or found["root"])


def pair_of_use(mark: str | None) -> PairIds | None:
    """Return the ticket at which an answer was used, and whose it is; None for other messages."""
    found = _MARK.fullmatch(mark or "")
    return None if found is None or not found["of"] else (int(found["at"]), int(found["of"]))


def pair_of_notice(mark: str | None) -> PairIds | None:
    """Return the first report of an issue and the one that was notified of its solution."""
    found = _MARK.fullmatch(mark or "")
    return (
        None if found is None or not found["root"] else (int(found["root"]), int(found["report"]))
    )


def user_of_answer(session: Session, pair: PairIds) -> str | None:
    """Return who used the answer of the pair's second ticket at its first one."""
    return session.scalar(
        select(Outcome.said_by)
        .join(Resolution, Resolution.id == Outcome.resolution_id)
        .where(Outcome.item_id == pair[0], Resolution.item_id == pair[1])
        .order_by(Outcome.id)
        .limit(1)
    )


def threads_with_reposts(session: Session, item_ids: Iterable[int]) -> set[int]:
    """Return the tickets whose threads may contain posts of, or for, one of these tickets."""
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


def may_be_shown(session: Session, channel: Channel, item_id: int) -> bool:
    """Say whether a ticket has an answer that every reader of a channel may read."""
    answer = select(Item.resolution).where(Item.id == item_id, LIVE, readable_in(channel))
    return bool(session.scalar(answer))
