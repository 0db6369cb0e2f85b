"""A ticket, a reply that solves it, and the same ticket again."""

from __future__ import annotations

from typing import Any

from tests.serving import Desk

PRINTER = "printer prints blank pages after the firmware update"
ANSWER = "Set the tray to plain paper and restart it"


def report_again(desk: Desk, channel: str = "C1") -> dict[str, object]:
    """Post the ticket once more and return the bot's answer to it."""
    ts = desk.ticket(channel, PRINTER)
    [answer] = desk.answers(channel, ts)
    return answer


def edit_reply(desk: Desk, ts: str, reply: str, text: str, revision: int, **more: Any) -> None:
    """Deliver an edit of a reply."""
    message: dict[str, Any] = {"ts": reply, "thread_ts": ts, "user": "U5", "text": text}
    message |= {"edited": {"user": "U5", "ts": f"{revision}.000000"}, **more}
    desk.deliver_message(
        "C1", {"type": "message", "subtype": "message_changed", "message": message}
    )
    desk.drain()
