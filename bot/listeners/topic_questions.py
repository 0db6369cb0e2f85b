"""The buttons that say whether two topics are one, and *Undo* of a change of topics."""

from __future__ import annotations

import re
from typing import Any

from slack_bolt import Ack, App

from bot.blocks.sent_ids import ROW_ID
from bot.blocks.topic_forms import MAX_CHOSEN
from bot.jobs.from_events import requester_of
from bot.jobs.topic_kinds import TopicAnswer, TopicUndo
from bot.listeners.context import ListenerContext

_PAIR = re.compile(rf"({ROW_ID}):({ROW_ID})")
# Changes that were made together, the newest first: no form moves more tickets.
_EDITS = re.compile(rf"{ROW_ID}(,{ROW_ID}){{0,{MAX_CHOSEN - 1}}}")


def register(app: App) -> None:
    """Listen to the buttons."""

    @app.action(re.compile("deja_topic_(one|apart)"))
    def on_answer(
        ack: Ack, deps: ListenerContext, body: dict[str, Any], action: dict[str, Any]
    ) -> None:
        ids = _PAIR.fullmatch(action.get("value") or "")
        if ids is not None:
            deps.enqueue(
                TopicAnswer(
                    key=f"topic_answer:{body['trigger_id']}",
                    topic_id=int(ids[1]),
                    other_id=int(ids[2]),
                    said="one" if action["action_id"] == "deja_topic_one" else "apart",
                    message_ts=_message_ts(body),
                    **requester_of(body, deps.me),
                )
            )
        ack()

    @app.action("deja_topic_undo")
    def on_undo(
        ack: Ack, deps: ListenerContext, body: dict[str, Any], action: dict[str, Any]
    ) -> None:
        if _EDITS.fullmatch(action.get("value") or ""):
            newest, *earlier = map(int, action["value"].split(","))
            deps.enqueue(
                TopicUndo(
                    key=f"topic_undo:{body['trigger_id']}",
                    edit_id=newest,
                    earlier_ids=tuple(earlier),
                    message_ts=_message_ts(body),
                    in_place=bool((body.get("container") or {}).get("is_ephemeral")),
                    **requester_of(body, deps.me),
                )
            )
        ack()


def _message_ts(body: dict[str, Any]) -> str:
    return str((body.get("message") or {}).get("ts") or "")
