"""Messages that follow a ticket: what is said in C1, and what the bot makes of it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from models import FollowUp, Item
from services.intake.followed_tickets import AGREEMENT_WINDOW, OWN_WINDOW
from tests.serving import Desk

PRINTER = "printer prints blank pages after the firmware update"
VPN = "vpn drops every hour on the hotel wifi"
START = 1_795_350_000
OWN, AGREEMENT = int(OWN_WINDOW.total_seconds()), int(AGREEMENT_WINDOW.total_seconds())


def at(second: int) -> str:
    """Return a `ts`, so many seconds after the first."""
    return f"{START + second}.000100"


def heard(desk: Desk, second: int, text: str, **more: Any) -> str:
    """Say something in C1 at a second, let the bot hear of it, and return its `ts`."""
    ts = desk.ticket("C1", text, ts=at(second), **more)
    desk.drain()
    return ts


def followed(desk: Desk) -> dict[str, tuple[str, str | None]]:
    """Return by `ts` what each follow-up says, and the `ts` of its ticket."""
    with desk.services.database.read() as session:
        rows = session.execute(
            select(FollowUp.ts, FollowUp.kind, Item.ts).outerjoin(Item, Item.id == FollowUp.item_id)
        )
        return {ts: (kind, ticket) for ts, kind, ticket in rows}


def tickets(desk: Desk) -> list[str]:
    """Return the texts of all tickets, in the order of their messages."""
    own = (Item.workspace_id == desk.workspace_id) & Item.deleted_at.is_(None)
    with desk.services.database.read() as session:
        return list(session.scalars(select(Item.text).where(own).order_by(Item.ts)))


def inspected(desk: Desk, ts: str, text: str, **more: Any) -> Any:
    """Inspect a message of C1 and return the reply."""
    desk.shortcut("deja_inspect", "C1", {"type": "message", "ts": ts, "text": text, **more})
    desk.drain()
    return desk.slack.private_replies[-1]
