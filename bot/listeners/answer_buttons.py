"""Clicks on the buttons of answers and digests."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from slack_bolt import Ack, App

from bot.jobs.from_events import about_click
from bot.listeners.context import ListenerContext
from services.queue import NewJob

_ANSWER_VALUE = re.compile(r"(\d{1,18})(?::(\d{1,18}))?")
_DIGEST_VALUE = re.compile(r"\d{1,18}")


@dataclass(frozen=True)
class Buttons:
    """Buttons of one kind of message: their action ids, the job of a click, and what it is about.

    `read` returns what a button's value says for the job, None where it is none of ours.
    """

    prefix: str
    actions: tuple[str, ...]
    job: str
    read: Callable[[str], dict[str, int | None] | None]


def _read_answer(value: str) -> dict[str, int | None] | None:
    ids = _ANSWER_VALUE.fullmatch(value)
    if ids is None:
        return None
    return {"item_id": int(ids[1]), "other_id": int(ids[2]) if ids[2] else None}


def _read_digest(value: str) -> dict[str, int | None] | None:
    return {"question_id": int(value)} if _DIGEST_VALUE.fullmatch(value) else None


ANSWER = Buttons(
    "deja_",
    ("duplicate", "related", "distinct", "undo", "mute", "unmute", "why", "use", "more"),
    "click",
    _read_answer,
)
DIGEST = Buttons(
    "deja_digest_",
    ("duplicate", "related", "distinct", "undo", "off", "on"),
    "digest_click",
    _read_digest,
)
# Its value names the first report and the one that was told.
TOLD = Buttons("deja_told_", ("works", "broken"), "told_click", _read_answer)
# Their value names a message.
BURST = Buttons("deja_", ("split", "join"), "split", _read_answer)


def register(app: App) -> None:
    """Listen to every `deja_…` button."""
    for buttons in (ANSWER, DIGEST, TOLD, BURST):
        _listen(app, buttons)
    _share(app)


def _share(app: App) -> None:
    @app.action("deja_share")
    def on_share(
        ack: Ack, here: ListenerContext, body: dict[str, Any], action: dict[str, Any]
    ) -> None:
        payload = {**about_click(body, here.me), "text": action.get("value") or ""}
        here.enqueue(NewJob("share", f"share:{body['trigger_id']}", payload))
        ack()


def _listen(app: App, buttons: Buttons) -> None:
    @app.action(re.compile(f"{buttons.prefix}({'|'.join(buttons.actions)})"))
    def on_click(
        ack: Ack, here: ListenerContext, body: dict[str, Any], action: dict[str, Any]
    ) -> None:
        about = buttons.read(action.get("value") or "")
        if about is not None:
            here.enqueue(
                NewJob(
                    buttons.job,
                    f"{buttons.job}:{body['trigger_id']}",
                    {
                        **about_click(body, here.me),
                        "action": action["action_id"].removeprefix(buttons.prefix),
                        **about,
                    },
                )
            )
        ack()
