"""Messages of one person in a row, and the tickets that they become."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from models import Item
from tests.serving import Desk

SAID = ("my printer prints", "blank pages after", "the firmware update")
PRINTER = " ".join(SAID)
VPN = "vpn drops every hour on the hotel wifi"
START = 1_795_350_000


def at(second: int) -> str:
    """Return a `ts`, so many seconds after the first."""
    return f"{START + second}.000100"


def say(desk: Desk, second: int, text: str, **more: Any) -> dict[str, Any]:
    """Say something at a second, unheard by the bot."""
    return desk.slack.say("C1", text, ts=at(second), **more)


def burst(desk: Desk, start: int = 0, user: str = "U1") -> list[str]:
    """Say the three messages, deliver each by itself, and return their `ts`."""
    for number, text in enumerate(SAID):
        desk.hear("C1", say(desk, start + number * 10, text, user=user))
        desk.drain()
    return [at(start + number * 10) for number in range(len(SAID))]


def tickets(desk: Desk) -> list[tuple[str | None, str]]:
    """Return what is remembered: the `ts` and the text of every ticket."""
    with desk.services.database.read() as session:
        rows = session.execute(
            select(Item.ts, Item.text).where(Item.deleted_at.is_(None)).order_by(Item.ts)
        )
        return [(ts, text) for ts, text in rows]
