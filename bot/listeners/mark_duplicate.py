"""The shortcut *Mark as duplicate of …*: opens the form, searches in it, takes it."""

from __future__ import annotations

import json
import logging
from typing import Any

from slack_bolt import Ack, App
from slack_sdk.errors import SlackApiError
from sqlalchemy.exc import SQLAlchemyError

from bot.blocks.mark_duplicate import FORM, SEARCH, mark_view, option
from bot.blocks.sent_ids import is_row_id
from bot.jobs.request_kinds import DuplicateForm
from bot.listeners.context import ListenerContext
from services.errors import RetryLaterError
from services.text.slack.times import is_ts

logger = logging.getLogger(__name__)


def register(app: App) -> None:
    """Listen to the shortcut, its search and its form."""
    _listen_to_form(app)

    @app.shortcut(FORM)
    def on_shortcut(ack: Ack, deps: ListenerContext, shortcut: dict[str, Any]) -> None:
        ack()
        about = {
            "channel": shortcut["channel"]["id"],
            "ts": shortcut["message"]["ts"],
            "response_url": shortcut.get("response_url"),
        }
        say = deps.slack.texts(shortcut["user"]["id"])
        deps.slack.open_view(shortcut["trigger_id"], mark_view(json.dumps(about), say))

    @app.options(SEARCH)
    def on_search(
        ack: Ack, deps: ListenerContext, body: dict[str, Any], payload: dict[str, Any]
    ) -> None:
        # Answered here: whoever types waits for it, and a job would come too late.
        about = json.loads(body["view"]["private_metadata"])
        try:
            found = deps.find(about["channel"], about["ts"], body["user"]["id"], payload["value"])
        except (SlackApiError, RetryLaterError, SQLAlchemyError) as error:
            logger.warning("a search failed: %s", type(error).__name__)
            found = []
        ack(options=[option(one.item_id, one.title) for one in found])


def _listen_to_form(app: App) -> None:
    @app.view(FORM)
    def on_form(
        ack: Ack, deps: ListenerContext, body: dict[str, Any], view: dict[str, Any]
    ) -> None:
        about = json.loads(view["private_metadata"])
        chosen = view["state"]["values"]["other"][SEARCH]["selected_option"]["value"]
        if is_row_id(chosen) and is_ts(about["ts"]):  # else it is none of ours
            deps.enqueue(
                DuplicateForm(
                    key=f"mark:{view['id']}:{view['hash']}",
                    team=deps.me.team_id,
                    channel=about["channel"],
                    user=body["user"]["id"],
                    response_url=about["response_url"],
                    ts=about["ts"],
                    other_id=int(chosen),
                )
            )
        ack()
