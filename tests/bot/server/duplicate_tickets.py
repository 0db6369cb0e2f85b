"""A ticket that repeats another one, and its jobs."""

from __future__ import annotations

from sqlalchemy import select

from models import Job
from tests.serving import Desk

PRINTER = "printer prints blank pages after the firmware update"
VPN = "vpn drops every hour on the hotel wifi"


def post_duplicate(desk: Desk) -> str:
    """Post the same ticket twice and return the `ts` of the second; no job has run yet."""
    desk.ticket("C1", PRINTER)
    return desk.ticket("C1", PRINTER)


def job_of_kind(desk: Desk, kind: str) -> Job:
    """Return the only job of a kind."""
    with desk.services.database.read() as session:
        return session.scalars(select(Job).where(Job.kind == kind)).one()
