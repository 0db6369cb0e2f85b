"""What Déjà was worth to each workspace, in figures, for `deja status`."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.clock import utc_now
from models import Workspace
from services.answers.worth import MIN_COUNTED, MonthRecord, Worth, median_wait, worth_of
from services.answers.worth_text import helped_text, is_empty, wait_text
from services.channels.audience import whole_workspace

if TYPE_CHECKING:
    from bot.settings import Settings


def worths(session: Session, settings: Settings) -> dict[str, Worth]:
    """Return what Déjà was worth to each workspace with anything to count."""
    rows = session.execute(select(Workspace.id, Workspace.team_id).order_by(Workspace.id))
    found = {
        team_id or "imports": worth_of(
            session, whole_workspace(workspace_id), utc_now(), settings.hours
        )
        for workspace_id, team_id in rows
    }
    return {name: worth for name, worth in found.items() if not is_empty(worth)}


def in_short(worth: Worth) -> str:
    """Return what Déjà was worth as one line."""
    flagged = len(worth.flagged)
    right = flagged - len(worth.wrong)
    return (
        f"{helped_text(worth)}; until the answer {wait_text(worth.helped)} with Déjà's, "
        f"{wait_text(worth.others)} without; {right} of {flagged} pairs rightly called the same"
    )


def figures(worth: Worth) -> dict[str, Any]:
    """Return the figures as JSON, a median being None for too few tickets."""
    return {
        "since": worth.since.isoformat(),
        "until": worth.until.isoformat(),
        "min_counted": MIN_COUNTED,
        "helped": len(worth.helped),
        "median_seconds_with": seconds(median_wait(worth.helped)),
        "answered_by_people": len(worth.others),
        "median_seconds_without": seconds(median_wait(worth.others)),
        "months": [_month(one) for one in worth.months],
        "wrong": len(worth.wrong),
        "failed_answers": len(worth.failed),
    }


def _month(one: MonthRecord) -> dict[str, Any]:
    return {
        "month": f"{one.month:%Y-%m}",
        "decisions": one.decided,
        "called_the_same": one.flagged,
        "right": one.right,
        "precision": one.precision,
    }


def seconds(span: timedelta | None) -> float | None:
    """Return a span in seconds, for JSON."""
    return None if span is None else round(span.total_seconds(), 1)
