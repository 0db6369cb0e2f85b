"""What changed in the last seven days, as far as an audience may know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from models import Item
from models.queries import LIVE
from services.channels.audience import Audience

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Week:
    """How many tickets came in seven days and in the seven before, and how many were solved."""

    tickets: int
    before: int
    solved: int


def week_until(session: Session, audience: Audience, now: datetime) -> Week:
    """Return the seven days up to `now`."""
    since = now - WEEK
    reported = Item.reported_at

    def count(condition: ColumnElement[bool]) -> int:
        tickets = select(func.count(Item.id)).where(Item.kind == "ticket", LIVE, audience.items)
        return session.scalar(tickets.where(condition)) or 0

    return Week(
        tickets=count((reported > since) & (reported <= now)),
        before=count((reported > since - WEEK) & (reported <= since)),
        solved=count((Item.resolved_at > since) & (Item.resolved_at <= now)),
    )
