"""The choice *Create issue…* and its form."""

from __future__ import annotations

import re
from typing import Any

from slack_bolt import Ack, App

from bot.blocks.channel_setup import loading_view
from bot.blocks.new_issue import FORM, read_issue
from bot.jobs.request_kinds import IssueForm, IssueOpened
from bot.listeners.context import ListenerContext

_ITEM = re.compile(r"\d{1,18}", re.ASCII)
# Part of what an issue is found by.
_VIEW = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


def open_issue_form(deps: ListenerContext, body: dict[str, Any], item: str) -> None:
    """Open the form that creates an issue of the ticket that a click is about, if it names one."""
    channel = (body.get("channel") or {}).get("id")
    if not channel or not _ITEM.fullmatch(item):
        return
    # At once, because a trigger lasts three seconds; a job fills it.
    view_id = deps.slack.open_view(body["trigger_id"], loading_view())
    if view_id is not None:
        deps.enqueue(
            IssueOpened(
                key=f"issue_open:{view_id}",
                team=deps.me.team_id,
                channel=channel,
                user=body["user"]["id"],
                view_id=view_id,
                item_id=int(item),
            )
        )


def register(app: App) -> None:
    """Listen to the form."""

    @app.view(FORM)
    def on_form(
        ack: Ack, deps: ListenerContext, body: dict[str, Any], view: dict[str, Any]
    ) -> None:
        found = read_issue(view)
        if isinstance(found, dict):
            say = deps.slack.texts(body["user"]["id"])
            ack(response_action="errors", errors={name: say(one) for name, one in found.items()})
            return
        if _VIEW.fullmatch(view["id"]):
            deps.enqueue(
                IssueForm(
                    key=f"issue:{view['id']}",
                    team=deps.me.team_id,
                    channel=found.channel,
                    user=body["user"]["id"],
                    form=view["id"],
                    item_id=found.item_id,
                    source_id=found.source_id,
                    project=found.project,
                    title=found.title,
                    text=found.text,
                )
            )
        ack()
