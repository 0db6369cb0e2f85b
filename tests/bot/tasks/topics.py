"""Topics in Slack: tickets about several subjects, summaries, and forms of topics."""

from __future__ import annotations

import json

from sqlalchemy import select

from models import Topic
from tests.serving import Desk, buttons
from tests.slack_server import Json
from tests.worlds import begin

DETAILS = ("after update", "since monday", "third floor", "again today", "for everybody", "at home")
SUBJECTS = ("printer prints blank pages", "vpn drops every hour", "invoice total looks wrong")


def post_tickets(desk: Desk, channel: str = "C1", subjects: tuple[str, ...] = SUBJECTS) -> None:
    """Post six tickets about each subject."""

    def post() -> None:
        for subject in subjects:
            for number, detail in enumerate(DETAILS):
                desk.ticket(channel, f"{subject} {detail} {number}", user=f"U1{number}")
        desk.drain()

    begin(desk, f"tickets in {channel} about {subjects}", post)


def post_summary(desk: Desk) -> Json:
    """Post six tickets about each subject, type `/deja cluster`, and return the summary."""

    def post() -> None:
        post_tickets(desk)
        cluster(desk)

    begin(desk, "a summary", post)
    [summary] = summaries(desk)
    return summary


def cluster(desk: Desk, text: str = "", channel: str = "C1", user: str = "U2") -> list[Json]:
    """Type `/deja cluster …` and return the summaries that are posted then."""
    desk.command(channel, f"cluster {text}".strip(), user=user)
    desk.drain()
    return summaries(desk)


def summaries(desk: Desk) -> list[Json]:
    """Return the summaries that are posted."""
    return [one for one in desk.slack.posted() if "card_index" in json.dumps(one["blocks"])]


def topics(desk: Desk) -> list[Topic]:
    """Return the stored topics."""
    with desk.services.database.read() as session:
        return list(session.scalars(select(Topic).order_by(Topic.id)))


def open_topic(desk: Desk, summary: Json, user: str = "U2") -> tuple[str, Json]:
    """Choose the first topic from the menu, and return the form's id and the form."""
    chosen = {"value": buttons(summary)["topic"]}
    payload = {
        "type": "block_actions",
        "team": {"id": "T1"},
        "user": {"id": user},
        "channel": {"id": "C1"},
        "trigger_id": f"open-{len(desk.slack.views)}-{user}",
        "actions": [
            {"type": "static_select", "action_id": "deja_topic", "selected_option": chosen}
        ],
    }
    assert desk.form({"payload": json.dumps(payload)}).status == 200
    [view_id] = list(desk.slack.views)[-1:]
    desk.drain()
    return view_id, desk.slack.views[view_id]


def press(desk: Desk, view_id: str, action: str, user: str = "U2") -> None:
    """Press a button of a form."""
    [value] = [
        element["value"]
        for block in desk.slack.views[view_id]["blocks"]
        for element in block.get("elements", [])
        if element.get("action_id") == f"deja_{action}"
    ]
    payload = {
        "type": "block_actions",
        "team": {"id": "T1"},
        "user": {"id": user},
        "trigger_id": f"press-{view_id}-{action}",
        "view": {**desk.slack.views[view_id], "id": view_id},
        "actions": [{"type": "button", "action_id": f"deja_{action}", "value": value}],
    }
    assert desk.form({"payload": json.dumps(payload)}).status == 200
    desk.drain()


def choose_step(desk: Desk, summary: Json, step: str, user: str = "U2") -> tuple[str, Json]:
    """Open the first topic, choose from its menu, and return the form's id and the form."""
    view_id, _ = open_topic(desk, summary, user)
    desk.press_menu(view_id, "topic_change", f"{step}:C1:{buttons(summary)['topic']}", user)
    desk.drain()
    return view_id, desk.slack.views[view_id]


def options(view: Json, name: str) -> list[Json]:
    """Return the options of the fields of a form whose names begin so."""
    return [
        option
        for block in view["blocks"]
        if block.get("block_id", "").startswith(name)
        for option in block["element"]["options"]
    ]
