"""Clicks on the buttons of a digest."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, App

from bot.events import Self
from services.queue import NewJob

_VALUE = re.compile(r"\d{1,18}")


def register(app: App, me: Self, enqueue: Callable[[NewJob], None]) -> None:
    """Listen to every `deja_digest_…` button."""

    @app.action(re.compile(r"deja_digest_(duplicate|related|distinct|undo|off|on)"))
    def on_click(ack: Ack, body: dict[str, Any], action: dict[str, Any]) -> None:
        value = _VALUE.fullmatch(action.get("value") or "")
        if value is not None:
            enqueue(
                NewJob(
                    "digest_click",
                    f"digest_click:{body['trigger_id']}",
                    {
                        "team": me.team_id,
                        "channel": body["channel"]["id"],
                        "user": body["user"]["id"],
                        "response_url": body.get("response_url"),
                        "action": action["action_id"].removeprefix("deja_digest_"),
                        "question_id": int(value[0]),
                    },
                )
            )
        ack()
