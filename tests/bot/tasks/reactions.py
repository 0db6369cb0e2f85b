"""Reactions that override what a message is, and what they leave, for tests."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from models import Item
from tests.serving import Desk

PRINTER = "printer prints blank pages after the firmware update"
START = 1_795_350_000

PIN, BELL = "pushpin", "no_bell"


def at(second: int) -> str:
    """Return a `ts`, so many seconds after the first."""
    return f"{START + second}.000100"


def react(desk: Desk, ts: str, emoji: str, user: str = "U2") -> None:
    """React to a message of C1, and let the bot do what follows."""
    assert desk.react("C1", ts, user, emoji).status == 200
    desk.drain()


def unreact(desk: Desk, ts: str, emoji: str, user: str = "U2") -> None:
    """Remove a reaction from a message of C1, and let the bot do what follows."""
    assert desk.react("C1", ts, user, emoji, type="reaction_removed").status == 200
    desk.drain()


def tickets(desk: Desk) -> list[str]:
    """Return the texts of all tickets, in the order of their messages."""
    own = (Item.workspace_id == desk.workspace_id) & Item.deleted_at.is_(None)
    with desk.services.database.read() as session:
        return list(session.scalars(select(Item.text).where(own).order_by(Item.ts)))


def heard(desk: Desk, text: str, **more: Any) -> str:
    """Say something in C1, let the bot hear of it, and return its `ts`."""
    ts = desk.ticket("C1", text, **more)
    desk.drain()
    return ts
