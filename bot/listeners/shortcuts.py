"""Shortcuts on a message: what solved the ticket, what is like it, what Déjà made of it."""

from __future__ import annotations

import re
from typing import Any

from slack_bolt import Ack, App

from bot.blocks.resolution import FORM, solved_view
from bot.jobs.from_events import about_click, resolve_job
from bot.listeners.context import ListenerContext
from services.queue import NewJob

# What of a message its job needs.
_KEPT = (
    "text", "user", "thread_ts", "blocks", "attachments", "subtype", "edited", "hidden",
    "bot_id", "app_id", "bot_profile", "workflow_id",
)  # fmt: skip

_ABOUT = re.compile(r"\d{1,18}")


def register(app: App) -> None:
    """Listen to the message shortcuts, and to the form that asks what solved a ticket."""

    @app.shortcut("deja_resolve")
    def on_resolve(ack: Ack, here: ListenerContext, shortcut: dict[str, Any]) -> None:
        here.enqueue(resolve_job(shortcut["trigger_id"], _about(here, shortcut)))
        ack()

    @app.shortcut(re.compile(r"deja_(inspect|similar)"))
    def on_question(ack: Ack, here: ListenerContext, shortcut: dict[str, Any]) -> None:
        kind = shortcut["callback_id"]
        here.enqueue(NewJob(kind, f"{kind}:{shortcut['trigger_id']}", _about(here, shortcut)))
        ack()

    @app.action("deja_solved")
    def on_solved(
        ack: Ack, here: ListenerContext, body: dict[str, Any], action: dict[str, Any]
    ) -> None:
        ack()
        if _ABOUT.fullmatch(action.get("value") or ""):
            about = (body["channel"]["id"], action["value"], body.get("response_url") or "")
            say = here.slack.texts(body["user"]["id"])
            here.slack.open_view(body["trigger_id"], solved_view(":".join(about), say))

    @app.view(FORM)
    def on_form(
        ack: Ack, here: ListenerContext, body: dict[str, Any], view: dict[str, Any]
    ) -> None:
        channel, item_id, *hook = view["private_metadata"].split(":", 2)
        payload = {
            "team": here.me.team_id,
            "channel": channel,
            "response_url": "".join(hook) or None,
            "user": body["user"]["id"],
            "item_id": int(item_id),
            "text": view["state"]["values"]["answer"]["answer"].get("value") or "",
        }
        here.enqueue(NewJob("solved", f"solved:{view['id']}:{view['hash']}", payload))
        ack()


def _about(here: ListenerContext, shortcut: dict[str, Any]) -> dict[str, Any]:
    message = shortcut["message"]
    kept = {name: message[name] for name in _KEPT if name in message}
    return {**about_click(shortcut, here.me), "ts": message["ts"], "message": kept}
