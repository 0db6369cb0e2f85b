"""Messages of one person in a row, and the tickets that they become."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from models import Item
from tests.serving import Desk

PARTS = ("my printer prints", "blank pages after", "the firmware update")
PRINTER = " ".join(PARTS)
VPN_PARTS = ("vpn drops", "every hour on the hotel wifi", "in Oslo")
VPN = " ".join(VPN_PARTS[:2])
START = 1_795_350_000


def ts_at(second: int) -> str:
    """Return the `ts` that many seconds after the first."""
    return f"{START + second}.000100"


def say_at(desk: Desk, second: int, text: str, **more: Any) -> dict[str, Any]:
    """Post a message in Slack at a second, without an event to the bot."""
    return desk.slack.say("C1", text, ts=ts_at(second), **more)


def say_burst(desk: Desk, start: int = 0, user: str = "U1") -> list[str]:
    """Post the three parts, deliver each by itself, and return their `ts`."""
    for number, text in enumerate(PARTS):
        desk.deliver_message("C1", say_at(desk, start + number * 10, text, user=user))
        desk.drain()
    return [ts_at(start + number * 10) for number in range(len(PARTS))]


def stored_tickets(desk: Desk) -> list[tuple[str | None, str]]:
    """Return `ts` and text of every stored ticket."""
    with desk.services.database.read() as session:
        rows = session.execute(
            select(Item.ts, Item.text).where(Item.deleted_at.is_(None)).order_by(Item.ts)
        )
        return [(ts, text) for ts, text in rows]
