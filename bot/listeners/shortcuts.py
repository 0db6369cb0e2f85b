"""Shortcuts on a message: mark as solved, find similar, inspect."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App

from bot.blocks.resolution import FORM, solved_view
from bot.jobs.event_kinds import SolvedMark
from bot.jobs.from_events import requester_of
from bot.jobs.kinds import BotJob
from bot.jobs.request_kinds import InspectShortcut, SimilarShortcut, SolvedForm
from bot.listeners.context import ListenerContext
from bot.listeners.ticket_forms import open_ticket_form, ticket_of_form

# The parts of a message that its job needs.
_KEPT = (
    "text", "user", "thread_ts", "blocks", "attachments", "files", "subtype", "edited", "hidden",
    "bot_id", "app_id", "bot_profile", "workflow_id",
)  # fmt: skip


def register(app: App) -> None:
    """Listen to the message shortcuts, and to the form that asks what solved a ticket."""
    _listen_to_form(app)

    @app.shortcut("deja_resolve")
    def on_resolve(ack: Ack, deps: ListenerContext, shortcut: dict[str, Any]) -> None:
        deps.enqueue(_job(SolvedMark, deps, shortcut))
        ack()

    @app.shortcut("deja_inspect")
    def on_inspect(ack: Ack, deps: ListenerContext, shortcut: dict[str, Any]) -> None:
        deps.enqueue(_job(InspectShortcut, deps, shortcut))
        ack()

    @app.shortcut("deja_similar")
    def on_similar(ack: Ack, deps: ListenerContext, shortcut: dict[str, Any]) -> None:
        deps.enqueue(_job(SimilarShortcut, deps, shortcut))
        ack()


def open_solved_form(deps: ListenerContext, body: dict[str, Any], item: str) -> None:
    """Open the form that asks what solved the ticket that a click is about, if it names one."""
    open_ticket_form(deps, body, item, solved_view)


def _listen_to_form(app: App) -> None:
    @app.action("deja_solved")
    def on_solved(
        ack: Ack, deps: ListenerContext, body: dict[str, Any], action: dict[str, Any]
    ) -> None:
        ack()
        open_solved_form(deps, body, action.get("value") or "")

    @app.view(FORM)
    def on_form(
        ack: Ack, deps: ListenerContext, body: dict[str, Any], view: dict[str, Any]
    ) -> None:
        if (about := ticket_of_form(deps, body, view)) is not None:
            requester, item_id = about
            key = f"solved:{view['id']}:{view['hash']}"
            text = view["state"]["values"]["answer"]["answer"].get("value") or ""
            deps.enqueue(SolvedForm(key=key, item_id=item_id, text=text, **requester))
        ack()


def _job(
    kind: type[SolvedMark | InspectShortcut | SimilarShortcut],
    deps: ListenerContext,
    shortcut: dict[str, Any],
) -> BotJob:
    """Return the job of a shortcut, with what it needs to know of its message."""
    message = shortcut["message"]
    return kind(
        key=f"{kind.kind}:{shortcut['trigger_id']}",
        ts=message["ts"],
        message={name: message[name] for name in _KEPT if name in message},
        **requester_of(shortcut, deps.me),
    )
