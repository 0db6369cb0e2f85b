"""Messages and mentions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slack_bolt import App

from bot.events import Self, job_for_event
from services.queue import NewJob


def register(app: App, me: Self, enqueue: Callable[[NewJob], None]) -> None:
    """Listen to messages of every subtype, and to mentions."""

    def on_message(body: dict[str, Any]) -> None:
        job = job_for_event(body, me)
        if job is not None:
            enqueue(job)

    app.event("message")(on_message)
    app.event("app_mention")(on_message)
