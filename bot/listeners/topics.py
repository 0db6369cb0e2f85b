"""The buttons of topics, the form that shows one, and those that change it."""

from __future__ import annotations

import re
from typing import Any, TypedDict

from slack_bolt import Ack, App

from bot.blocks.channel_setup import loading_view
from bot.blocks.sent_ids import is_row_id, row_in_channel
from bot.blocks.topic_forms import (
    CHOOSE_TICKETS,
    CHOOSE_TOPIC,
    FORMS,
    MENU,
    read_other,
    read_tickets,
    read_title,
)
from bot.blocks.topic_steps import STEPS
from bot.jobs.topic_kinds import (
    TicketsMove,
    TopicHide,
    TopicJob,
    TopicMerge,
    TopicOpened,
    TopicRename,
    TopicShare,
    TopicSplit,
    TopicStep,
    TopicUnhide,
)
from bot.listeners.context import ListenerContext
from bot.slack.identity import is_direct
from services.phrases import Phrase
from services.topics.curation import NO_TITLE

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
    """Listen to the buttons of a summary, and to a topic's form and those behind its menu."""

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

    _listen_to_menu(app)
    _listen_to_forms(app)


def _listen_to_menu(app: App) -> None:
    @app.action(MENU)
    def on_step(
        ack: Ack, deps: ListenerContext, body: dict[str, Any], action: dict[str, Any]
    ) -> None:
        name, _, value = _pressed(action).partition(":")
        about = row_in_channel(value)
        for step in STEPS:
            if step == name and about is not None:
                topic = _about(deps, body, *about, body["view"]["id"])
                key = f"topic_step:{body['trigger_id']}"
                deps.enqueue(TopicStep(key=key, step=step, **topic))
        ack()


def _listen_to_forms(app: App) -> None:
    @app.view(re.compile("|".join(FORMS.values())))
    def on_form(
        ack: Ack, deps: ListenerContext, body: dict[str, Any], view: dict[str, Any]
    ) -> None:
        about = row_in_channel(view["private_metadata"])
        if about is None:  # it is none of ours
            ack()
            return
        found = _change_of(view, _about(deps, body, *about, view["id"]))
        if isinstance(found, TopicJob):
            deps.enqueue(found)
            ack()
        else:
            say = deps.slack.texts(body["user"]["id"])
            ack(response_action="errors", errors={name: say(one) for name, one in found.items()})


def _change_of(view: dict[str, Any], topic: _About) -> TopicJob | dict[str, Phrase]:
    """Return the job of a form that was sent, or what is wrong with which field."""
    sent_as, callback = f"{view['id']}:{view['hash']}", view["callback_id"]
    if callback == FORMS["split"]:
        return TopicSplit(key=f"topic_split:{sent_as}", **topic)
    if callback == FORMS["rename"]:
        if title := read_title(view):
            return TopicRename(key=f"topic_rename:{sent_as}", title=title, **topic)
        return {"title": NO_TITLE}
    return _change_with_another(view, topic)


def _change_with_another(
    view: dict[str, Any], topic: _About
) -> TopicMerge | TicketsMove | dict[str, Phrase]:
    """Return the job of a form that asks for another topic, or what is wrong with which field."""
    sent_as, other_id = f"{view['id']}:{view['hash']}", read_other(view)
    if other_id is None:
        return {"other": CHOOSE_TOPIC}
    if view["callback_id"] == FORMS["merge"]:
        return TopicMerge(key=f"topic_merge:{sent_as}", other_id=other_id, **topic)
    if item_ids := read_tickets(view):
        key = f"topic_move:{sent_as}"
        return TicketsMove(key=key, item_ids=item_ids, other_id=other_id, **topic)
    return {"tickets-0": CHOOSE_TICKETS}


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
