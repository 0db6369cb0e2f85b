"""What changed in the last seven days, as far as an audience may know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from models import Item, Resolution
from models.queries import IMPORTED, LIVE
from services.channels.audience import Audience
from services.memory.ticket_status import IS_SOLVED

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Week:
    """How many tickets came in seven days and in the seven before, and how many were solved."""

    tickets: int
    before: int
    solved: int


def week_until(session: Session, audience: Audience, now: datetime) -> Week:
    """Return the seven days up to `now`.

    A ticket is solved when its source says so, or else when the first answer was marked.
    """
    since = now - WEEK
    reported, resolved = Item.reported_at, Item.resolved_at
    marked = func.min(Resolution.marked_at)
    answered = (
        select(Resolution.item_id)
        # The time of an import is not the time when somebody solved the ticket.
        .where(Resolution.undone_at.is_(None), Resolution.marked_by != IMPORTED)
        .group_by(Resolution.item_id)
        .having(marked > since, marked <= now)
    )
    is_new = (resolved > since) & (resolved <= now)
    is_answered = resolved.is_(None) & Item.id.in_(answered)

    def count(condition: ColumnElement[bool]) -> int:
        tickets = select(func.count(Item.id)).where(Item.kind == "ticket", LIVE, audience.items)
        return session.scalar(tickets.where(condition)) or 0

    return Week(
        tickets=count((reported > since) & (reported <= now)),
        before=count((reported > since - WEEK) & (reported <= since)),
        solved=count(IS_SOLVED & (is_new | is_answered)),
    )
