"""Clicks on the buttons of answers, digests, solved notices and bursts."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from slack_bolt import Ack, App

from bot.blocks.sent_ids import ROW_ID, is_row_id
from bot.blocks.thread_answer import MUTE_FORM, mute_view
from bot.jobs.from_events import Requester, requester_of
from bot.jobs.kinds import BotJob
from bot.jobs.request_kinds import (
    AnswerClick,
    BurstClick,
    DigestClick,
    ReportClick,
    ShareClick,
    SolvedNoticeClick,
)
from bot.listeners.context import ListenerContext
from bot.listeners.new_issue import open_issue_form
from bot.listeners.shortcuts import open_solved_form
from bot.listeners.ticket_forms import open_ticket_form, ticket_of_form
from services.text.slack.times import is_ts

_ANSWER_VALUE = re.compile(rf"({ROW_ID})(?::({ROW_ID}))?")


@dataclass(frozen=True)
class Buttons:
    """Buttons of one kind of message: their action ids, and the kind of job that a click makes.

    `job_of` takes who clicked, the job's key, the action and the button's value; it returns None
    for a value that is none of ours.
    """

    prefix: str
    actions: tuple[str, ...]
    kind: type[BotJob]
    job_of: Callable[[Requester, str, str, str], BotJob | None]


def _pair(value: str) -> tuple[int, int | None] | None:
    """Return the ids of the one or two items that a value names."""
    ids = _ANSWER_VALUE.fullmatch(value)
    return None if ids is None else (int(ids[1]), int(ids[2]) if ids[2] else None)


# What people press about a candidate, and about the whole card.
_ON_PAIRS = ("duplicate", "related", "distinct", "undo", "why", "use", "more")
_ON_CARDS = ("open", "fold", "hide", "mute", "unmute")


def _answer_click(requester: Requester, key: str, action: str, value: str) -> AnswerClick | None:
    if (pair := _pair(value)) is None or (pair[1] is None) is (action in _ON_PAIRS):
        return None
    return AnswerClick(key=key, action=action, item_id=pair[0], other_id=pair[1], **requester)


def _notice_click(
    requester: Requester, key: str, action: str, value: str
) -> SolvedNoticeClick | None:
    if (pair := _pair(value)) is None:
        return None
    return SolvedNoticeClick(key=key, action=action, item_id=pair[0], other_id=pair[1], **requester)


def _burst_click(requester: Requester, key: str, action: str, value: str) -> BurstClick | None:
    if (pair := _pair(value)) is None:
        return None
    return BurstClick(key=key, action=action, item_id=pair[0], **requester)


def _report_click(requester: Requester, key: str, action: str, value: str) -> ReportClick | None:
    return ReportClick(key=key, action=action, ts=value, **requester) if is_ts(value) else None


def _digest_click(requester: Requester, key: str, action: str, value: str) -> DigestClick | None:
    if not is_row_id(value):
        return None
    return DigestClick(key=key, action=action, question_id=int(value), **requester)


ANSWER = Buttons("deja_", (*_ON_PAIRS, *_ON_CARDS), AnswerClick, _answer_click)
DIGEST = Buttons(
    "deja_digest_",
    ("duplicate", "related", "distinct", "undo", "off", "on"),
    DigestClick,
    _digest_click,
)
# Its value names the first report and the one that was notified.
NOTICE = Buttons("deja_told_", ("works", "broken"), SolvedNoticeClick, _notice_click)
# Their value names a message.
BURST = Buttons("deja_", ("split", "join"), BurstClick, _burst_click)
REPORT = Buttons("deja_", ("uncount", "recount"), ReportClick, _report_click)


def register(app: App) -> None:
    """Listen to the buttons."""
    for buttons in (ANSWER, DIGEST, NOTICE, BURST, REPORT):
        _listen(app, buttons)
    _listen_to_menu(app)
    _listen_to_mute_form(app)
    _share(app)


def _open_mute_form(deps: ListenerContext, body: dict[str, Any], item: str) -> None:
    """Ask whether to mute the channel of a click; a menu can only ask before each choice."""
    open_ticket_form(deps, body, item, mute_view)


# The choices of menus that open a form.
_FORMS = {"solved": open_solved_form, "issue": open_issue_form, "mute": _open_mute_form}


def _listen_to_menu(app: App) -> None:
    """Listen to the menus of answers: most choices are what a button would do."""

    @app.action("deja_menu")
    def on_choice(
        ack: Ack, deps: ListenerContext, body: dict[str, Any], action: dict[str, Any]
    ) -> None:
        chosen = (action.get("selected_option") or {}).get("value") or ""
        name, _, value = chosen.partition(":")
        if name in _FORMS:
            ack()
            _FORMS[name](deps, body, value)
            return
        if name in ANSWER.actions:
            key = f"{AnswerClick.kind}:{body['trigger_id']}"
            job = _answer_click(requester_of(body, deps.me), key, name, value)
            if job is not None:
                deps.enqueue(job)
        ack()


def _listen_to_mute_form(app: App) -> None:
    @app.view(MUTE_FORM)
    def on_form(
        ack: Ack, deps: ListenerContext, body: dict[str, Any], view: dict[str, Any]
    ) -> None:
        if (about := ticket_of_form(deps, body, view)) is not None:
            requester, item_id = about
            key = f"{AnswerClick.kind}:{view['id']}"
            deps.enqueue(
                AnswerClick(key=key, action="mute", item_id=item_id, other_id=None, **requester)
            )
        ack()


def _share(app: App) -> None:
    @app.action("deja_share")
    def on_share(
        ack: Ack, deps: ListenerContext, body: dict[str, Any], action: dict[str, Any]
    ) -> None:
        key, text = f"share:{body['trigger_id']}", action.get("value") or ""
        deps.enqueue(ShareClick(key=key, text=text, **requester_of(body, deps.me)))
        ack()


def _listen(app: App, buttons: Buttons) -> None:
    @app.action(re.compile(f"{buttons.prefix}({'|'.join(buttons.actions)})"))
    def on_click(
        ack: Ack, deps: ListenerContext, body: dict[str, Any], action: dict[str, Any]
    ) -> None:
        key = f"{buttons.kind.kind}:{body['trigger_id']}"
        name = action["action_id"].removeprefix(buttons.prefix)
        job = buttons.job_of(requester_of(body, deps.me), key, name, action.get("value") or "")
        if job is not None:
            deps.enqueue(job)
        ack()
