"""`deja status --worth`: what Déjà did, with every ticket that is counted."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from bot.cli.terminal import console, open_database, print_json, print_table
from bot.cli.upkeep.worth_figures import figures, seconds, worths
from services.answers.ticket_links import TicketLink, links_of
from services.answers.worth import TimedTicket, Worth
from services.answers.worth_text import (
    DECIDED_NOTE,
    HEADING,
    HELPED_NOTE,
    NOTHING_YET,
    WAIT_NOTE,
    helped_text,
    month_text,
    wait_text,
)

if TYPE_CHECKING:
    from bot.settings import Settings


def show_worth(settings: Settings, *, as_json: bool) -> None:
    """Write what Déjà was worth to each workspace, as tables or as a line of JSON each."""
    with open_database(settings) as database, database.read() as session:
        found = worths(session, settings)
        for name, worth in found.items():
            if as_json:
                print_json({"workspace": name, **figures(worth), **_lists(session, worth)})
            else:
                _print_worth(session, name, worth)
    if not found and not as_json:
        console.print(str(NOTHING_YET), markup=False)


def _lists(session: Session, worth: Worth) -> dict[str, Any]:
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


def _print_worth(session: Session, name: str, worth: Worth) -> None:
    """Write the figures with how they are counted, and what Déjà was wrong about."""
    rows = [
        ["answered", str(helped_text(worth))],
        ["until the answer, with Déjà's", str(wait_text(worth.helped))],
        ["until the answer, without", str(wait_text(worth.others))],
        *([f"{one.month:%B %Y}", str(month_text(one))] for one in worth.months),
    ]
    print_table(f"{HEADING} ({name})", ["what", "value"], rows)
    for note in (HELPED_NOTE, WAIT_NOTE, *([DECIDED_NOTE] if worth.months else [])):
        console.print(f"- {note}", markup=False)
    pairs = [(one.item_id, one.other_id, one.verdict) for one in worth.wrong]
    pairs += [(one.item_id, one.source_id, "answer failed") for one in worth.failed]
    if pairs:
        links = links_of(session, [id_ for pair in pairs for id_ in pair[:2]])
        rows = [[links[one].title, links[other].title, said] for one, other, said in pairs]
        print_table("What Déjà was wrong about", ["ticket", "shown with it", "people said"], rows)
    console.print("deja status --worth --json lists every ticket that is counted.", markup=False)


def _timed(one: TimedTicket, links: Mapping[int, TicketLink]) -> dict[str, Any]:
    return {"ticket": _ticket(links[one.item_id]), "seconds": seconds(one.waited)}


def _ticket(one: TicketLink) -> dict[str, Any]:
    return {"id": one.item_id, "title": one.title, "url": one.url}
