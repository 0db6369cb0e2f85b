"""The choice *Create issue…* and its form."""

from __future__ import annotations

import re
from typing import Any

from slack_bolt import Ack, App

from bot.blocks.channel_setup import loading_view
from bot.blocks.new_issue import FORM, IssueFields, read_issue
from bot.blocks.sent_ids import is_row_id
from bot.jobs.request_kinds import IssueForm, IssueOpened
from bot.listeners.context import ListenerContext

# Part of what an issue is found by.
_VIEW = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


def open_issue_form(deps: ListenerContext, body: dict[str, Any], item: str) -> None:
    """Open the form that creates an issue of the ticket that a click is about, if it names one."""
    channel = (body.get("channel") or {}).get("id")
    if not channel or not is_row_id(item):
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
            deps.enqueue(_form_job(deps.me.team_id, body["user"]["id"], view["id"], found))
        ack()


def _form_job(team: str, user: str, form: str, issue: IssueFields) -> IssueForm:
    return IssueForm(
        key=f"issue:{form}",
        team=team,
        channel=issue.channel,
        user=user,
        form=form,
        item_id=issue.item_id,
        source_id=issue.source_id,
        project=issue.project,
        title=issue.title,
        text=issue.text,
    )
