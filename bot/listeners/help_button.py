"""The button *More* of the help."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App

from bot.blocks.help import MORE, help_view
from bot.jobs.from_events import requester_of
from bot.jobs.request_kinds import HelpClick
from bot.listeners.context import ListenerContext
from bot.slack.identity import is_direct


def register(app: App) -> None:
    """Listen to the button, below a message and on the Home tab, where a view opens."""

    @app.action(f"deja_{MORE}")
    def on_more(ack: Ack, deps: ListenerContext, body: dict[str, Any]) -> None:
        ack()
        if "channel" not in body:
            say = deps.slack.texts(body["user"]["id"])
            deps.slack.open_view(body["trigger_id"], help_view(say))
            return
        is_private = bool((body.get("container") or {}).get("is_ephemeral"))
        deps.enqueue(
            HelpClick(
                key=f"help:{body['trigger_id']}",
                in_place=is_private or is_direct(body["channel"]["id"]),
                **requester_of(body, deps.me),
            )
        )
