"""`deja status --worth`: what Déjà did, with every ticket that is counted."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cli.terminal import console, print_table
from bot.clock import utc_now
from models import Workspace
from services.answers.ticket_links import TicketLink, links_of
from services.answers.worth import (
    MIN_COUNTED,
    MonthRecord,
    TimedTicket,
    Worth,
    median_wait,
    worth_of,
)
from services.answers.worth_text import (
    DECIDED_NOTE,
    HEADING,
    HELPED_NOTE,
    WAIT_NOTE,
    helped_text,
    is_empty,
    month_text,
    wait_text,
)
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
        "median_seconds_with": _seconds(median_wait(worth.helped)),
        "answered_by_people": len(worth.others),
        "median_seconds_without": _seconds(median_wait(worth.others)),
        "months": [_month(one) for one in worth.months],
        "wrong": len(worth.wrong),
        "failed_answers": len(worth.failed),
    }


def lists(session: Session, worth: Worth) -> dict[str, Any]:
    """Return all that the figures count, as JSON."""
    links = links_of(session, worth.first_ids(sys.maxsize))
    return {
        "helped": [
            {
                **_timed(one, links),
                "answer_of": _ticket(links[one.source_id]),
                "confirmed": one.is_confirmed,
            }
            for one in worth.helped
        ],
        "answered_by_people": [_timed(one, links) for one in worth.others],
        "decisions": [
            {
                "ticket": _ticket(links[one.item_id]),
                "other": _ticket(links[one.other_id]),
                "verdict": one.verdict,
                "decided_at": one.decided_at.isoformat(),
                "called_the_same": one.flagged,
            }
            for one in worth.decisions
        ],
        "failed_answers": [
            {
                "ticket": _ticket(links[one.item_id]),
                "answer_of": _ticket(links[one.source_id]),
                "said_at": one.said_at.isoformat(),
            }
            for one in worth.failed
        ],
    }


def print_worth(session: Session, name: str, worth: Worth) -> None:
    """Write the figures with how they are counted, and what Déjà was wrong about."""
    rows = [
        ["answered", str(helped_text(worth))],
        ["until the answer, with Déjà's", str(wait_text(worth.helped))],
        ["until the answer, without", str(wait_text(worth.others))],
        *([f"{one.month:%B %Y}", str(month_text(one))] for one in worth.months),
    ]
    print_table(f"{HEADING} ({name})", ["what", "value"], rows)
    for note in (HELPED_NOTE, WAIT_NOTE, DECIDED_NOTE):
        console.print(f"- {note}", markup=False)
    pairs = [(one.item_id, one.other_id, one.verdict) for one in worth.wrong]
    pairs += [(one.item_id, one.source_id, "answer failed") for one in worth.failed]
    if pairs:
        links = links_of(session, [id_ for pair in pairs for id_ in pair[:2]])
        rows = [[links[one].title, links[other].title, said] for one, other, said in pairs]
        print_table("What Déjà was wrong about", ["ticket", "shown with it", "people said"], rows)
    console.print("deja status --worth --json lists every ticket that is counted.", markup=False)


def _timed(one: TimedTicket, links: Mapping[int, TicketLink]) -> dict[str, Any]:
    return {"ticket": _ticket(links[one.item_id]), "seconds": _seconds(one.waited)}


def _ticket(one: TicketLink) -> dict[str, Any]:
    return {"id": one.item_id, "title": one.title, "url": one.url}


def _month(one: MonthRecord) -> dict[str, Any]:
    return {
        "month": f"{one.month:%Y-%m}",
        "decisions": one.decided,
        "called_the_same": one.flagged,
        "right": one.right,
        "precision": one.precision,
    }


def _seconds(span: timedelta | None) -> float | None:
    return None if span is None else round(span.total_seconds(), 1)
