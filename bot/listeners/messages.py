"""Messages, mentions, and the bot's own joining of channels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slack_bolt import App

from bot.events import Self, job_for_event
from services.queue import NewJob


def register(app: App, me: Self, enqueue: Callable[[NewJob], None]) -> None:
    """Listen to messages of every subtype, to mentions and to who joins."""

    def on_event(body: dict[str, Any]) -> None:
        job = job_for_event(body, me)
        if job is not None:
            enqueue(job)

    for kind in ("message", "app_mention", "member_joined_channel"):
        app.event(kind)(on_event)
