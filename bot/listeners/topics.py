"""The buttons of topics, and the form that shows one."""

from __future__ import annotations

import re
from typing import Any, TypedDict

from slack_bolt import Ack, App

from bot.blocks.channel_setup import loading_view
from bot.blocks.sent_ids import is_row_id, row_in_channel
from bot.blocks.topics import FORM
from bot.jobs.topic_kinds import TopicHide, TopicOpened, TopicRename, TopicShare, TopicUnhide
from bot.listeners.context import ListenerContext
from bot.slack.identity import is_direct

# By the action ids of the buttons in a topic's form.
_BUTTONS: dict[str, type[TopicHide | TopicUnhide | TopicShare]] = {
    "deja_topic_hide": TopicHide,
    "deja_topic_unhide": TopicUnhide,
    "deja_topic_share": TopicShare,
}


class _About(TypedDict):
    """Which topic a job is about, in whose form, in which channel."""

    team: str
    channel: str
    user: str
    topic_id: int
    view_id: str


def register(app: App) -> None:
    """Listen to the buttons of a summary, and to those of a topic's form."""

    @app.action("deja_topic")
    def on_open(
        ack: Ack, deps: ListenerContext, body: dict[str, Any], action: dict[str, Any]
    ) -> None:
        ack()
        topic_id = _pressed(action)
        if not is_row_id(topic_id):
            return
        view_id = deps.slack.open_view(body["trigger_id"], loading_view())
        if view_id is not None:
            about = _about(deps, body, body["channel"]["id"], int(topic_id), view_id)
            deps.enqueue(TopicOpened(key=f"topic_open:{view_id}", **about))

    @app.action(re.compile("|".join(_BUTTONS)))
    def on_button(
        ack: Ack, deps: ListenerContext, body: dict[str, Any], action: dict[str, Any]
    ) -> None:
        about = row_in_channel(action.get("value") or "")
        kind = _BUTTONS[action["action_id"]]
        # What a value says may be forged: a topic would be shared with whoever the bot talks to.
        if about is not None and not (kind is TopicShare and is_direct(about[0])):
            topic = _about(deps, body, *about, body["view"]["id"])
            deps.enqueue(kind(key=f"{kind.kind}:{body['trigger_id']}", **topic))
        ack()

    @app.view(FORM)
    def on_form(
        ack: Ack, deps: ListenerContext, body: dict[str, Any], view: dict[str, Any]
    ) -> None:
        about = row_in_channel(view["private_metadata"])
        title = view["state"]["values"].get("title", {}).get("title", {}).get("value") or ""
        if about is not None and title.strip():
            topic = _about(deps, body, *about, view["id"])
            key = f"topic_rename:{view['id']}:{view['hash']}"
            deps.enqueue(TopicRename(key=key, title=title, **topic))
        ack()


def _pressed(action: dict[str, Any]) -> str:
    """Return the topic that a button names, or that was chosen from a menu."""
    chosen = action.get("selected_option") or {}
    return str(action.get("value") or chosen.get("value") or "")


def _about(
    deps: ListenerContext, body: dict[str, Any], channel: str, topic_id: int, view_id: str
) -> _About:
    return {
        "team": deps.me.team_id,
        "channel": channel,
        "user": body["user"]["id"],
        "topic_id": topic_id,
        "view_id": view_id,
    }
