"""The shortcut *Mark as duplicate of …*: opens the form, searches while one types, takes it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, App
from slack_sdk.errors import SlackApiError
from sqlalchemy.exc import SQLAlchemyError

from bot.blocks.marking import FORM, SEARCH, mark_view, option
from bot.events import Self
from bot.marking import Option
from bot.slack import Slack
from services.errors import RetryLaterError
from services.queue import NewJob

# Takes the channel, the message's `ts`, who asks, and what they typed.
Find = Callable[[str, str, str, str], list[Option]]

logger = logging.getLogger(__name__)


def register(
    app: App, me: Self, slack: Slack, enqueue: Callable[[NewJob], None], find: Find
) -> None:
    """Listen to the shortcut, its search and its form."""

    @app.shortcut(FORM)
    def on_shortcut(ack: Ack, shortcut: dict[str, Any]) -> None:
        ack()
        about = {
            "channel": shortcut["channel"]["id"],
            "ts": shortcut["message"]["ts"],
            "response_url": shortcut.get("response_url"),
        }
        say = slack.texts(shortcut["user"]["id"])
        slack.open_view(shortcut["trigger_id"], mark_view(json.dumps(about), say))

    @app.options(SEARCH)
    def on_search(ack: Ack, body: dict[str, Any], payload: dict[str, Any]) -> None:
        # Answered here: what is typed wants an answer now, and a job would come too late.
        about = json.loads(body["view"]["private_metadata"])
        try:
            found = find(about["channel"], about["ts"], body["user"]["id"], payload["value"])
        except (SlackApiError, RetryLaterError, OSError, SQLAlchemyError) as error:
            logger.warning("a search failed: %s", type(error).__name__)
            found = []
        ack(options=[option(one.item_id, one.title) for one in found])

    @app.view(FORM)
    def on_form(ack: Ack, body: dict[str, Any], view: dict[str, Any]) -> None:
        about = json.loads(view["private_metadata"])
        chosen = view["state"]["values"]["other"][SEARCH]["selected_option"]["value"]
        payload = {
            "team": me.team_id,
            "channel": about["channel"],
            "ts": about["ts"],
            "response_url": about["response_url"],
            "user": body["user"]["id"],
            "other_id": int(chosen),
        }
        enqueue(NewJob("mark", f"mark:{view['id']}:{view['hash']}", payload))
        ack()
