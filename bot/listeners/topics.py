"""The buttons of topics, and the form that shows one."""

from __future__ import annotations

import re
from typing import Any

from slack_bolt import Ack, App

from bot.blocks.channel_setup import loading_view
from bot.blocks.topics import FORM
from bot.listeners.context import ListenerContext
from bot.slack.identity import is_direct
from services.queue import NewJob

_TOPIC = re.compile(r"\d{1,18}")
_ABOUT = re.compile(r"([CGD][A-Z0-9]{0,62}):(\d{1,18})")


def register(app: App) -> None:
    """Listen to the buttons of a summary, and to those of a topic's form."""

    @app.action("deja_topic")
    def on_open(
        ack: Ack, here: ListenerContext, body: dict[str, Any], action: dict[str, Any]
    ) -> None:
        ack()
        if not _TOPIC.fullmatch(action.get("value") or ""):
            return
        view_id = here.slack.open_view(body["trigger_id"], loading_view())
        if view_id is not None:
            about = _about(here, body, body["channel"]["id"], action["value"], view_id)
            here.enqueue(NewJob("topic_open", f"topic_open:{view_id}", about))

    @app.action(re.compile(r"deja_topic_(hide|unhide|share)"))
    def on_button(
        ack: Ack, here: ListenerContext, body: dict[str, Any], action: dict[str, Any]
    ) -> None:
        about = _ABOUT.fullmatch(action.get("value") or "")
        kind = action["action_id"].removeprefix("deja_")
        # What a value says may be forged: a topic would be shared with whoever the bot talks to.
        if about is not None and not (kind == "topic_share" and is_direct(about[1])):
            payload = _about(here, body, about[1], about[2], body["view"]["id"])
            here.enqueue(NewJob(kind, f"{kind}:{body['trigger_id']}", payload))
        ack()

    @app.view(FORM)
    def on_form(
        ack: Ack, here: ListenerContext, body: dict[str, Any], view: dict[str, Any]
    ) -> None:
        about = _ABOUT.fullmatch(view["private_metadata"])
        title = view["state"]["values"].get("title", {}).get("title", {}).get("value") or ""
        if about is not None and title.strip():
            payload = _about(here, body, about[1], about[2], view["id"])
            job = NewJob(
                "topic_rename",
                f"topic_rename:{view['id']}:{view['hash']}",
                {**payload, "title": title},
            )
            here.enqueue(job)
        ack()


def _about(
    here: ListenerContext, body: dict[str, Any], channel: str, topic_id: str, view_id: str
) -> dict[str, Any]:
    return {
        "team": here.me.team_id,
        "channel": channel,
        "user": body["user"]["id"],
        "topic_id": int(topic_id),
        "view_id": view_id,
    }
