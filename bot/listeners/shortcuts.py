"""Shortcuts on a message: what solved the ticket, what is like it, what Déjà made of it."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, App
from slack_sdk.errors import SlackApiError

from bot.blocks.resolution import FORM, solved_view
from bot.events import Self, resolve_job
from bot.slack import GoneError, Slack
from services.queue import NewJob

logger = logging.getLogger(__name__)

# What of a message its job needs.
_KEPT = ("text", "user", "thread_ts", "blocks", "attachments", "bot_id", "subtype", "edited")


_ABOUT = re.compile(r"\d{1,18}")


def register(app: App, me: Self, slack: Slack, enqueue: Callable[[NewJob], None]) -> None:
    """Listen to the message shortcuts, and to the form that asks what solved a ticket."""

    @app.shortcut("deja_resolve")
    def on_resolve(ack: Ack, shortcut: dict[str, Any]) -> None:
        enqueue(resolve_job(shortcut["trigger_id"], _about(me, shortcut)))
        ack()

    @app.shortcut(re.compile(r"deja_(inspect|similar)"))
    def on_question(ack: Ack, shortcut: dict[str, Any]) -> None:
        kind = shortcut["callback_id"]
        enqueue(NewJob(kind, f"{kind}:{shortcut['trigger_id']}", _about(me, shortcut)))
        ack()

    @app.action("deja_solved")
    def on_solved(ack: Ack, body: dict[str, Any], action: dict[str, Any]) -> None:
        ack()
        if _ABOUT.fullmatch(action.get("value") or ""):
            about = f"{body['channel']['id']}:{action['value']}"
            try:
                slack.open_view(body["trigger_id"], solved_view(about))
            except (SlackApiError, GoneError, OSError) as error:
                logger.warning("a form could not be opened: %s", type(error).__name__)

    @app.view(FORM)
    def on_form(ack: Ack, body: dict[str, Any], view: dict[str, Any]) -> None:
        channel, _, item_id = view["private_metadata"].partition(":")
        payload = {
            "team": me.team_id,
            "channel": channel,
            "user": body["user"]["id"],
            "item_id": int(item_id),
            "text": view["state"]["values"]["answer"]["answer"].get("value") or "",
        }
        enqueue(NewJob("solved", f"solved:{view['id']}:{view['hash']}", payload))
        ack()


def _about(me: Self, shortcut: dict[str, Any]) -> dict[str, Any]:
    message = shortcut["message"]
    return {
        "team": me.team_id,
        "channel": shortcut["channel"]["id"],
        "user": shortcut["user"]["id"],
        "ts": message["ts"],
        "message": {name: message[name] for name in _KEPT if name in message},
        "response_url": shortcut.get("response_url"),
    }
