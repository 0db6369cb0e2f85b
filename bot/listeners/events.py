"""Events: messages, mentions, reactions, and people and channels that change."""

from __future__ import annotations

from typing import Any

from slack_bolt import App

from bot.jobs.event_kinds import OverrideReaction
from bot.jobs.from_events import CHANGING, CLOSING, job_for_event
from bot.listeners.context import ListenerContext

KINDS = (
    "message",
    "app_mention",
    "member_joined_channel",
    "app_home_opened",
    "user_change",
    "assistant_thread_started",
    "reaction_added",
    "reaction_removed",
    *CLOSING,
    *CHANGING,
)


def register(app: App) -> None:
    """Listen to messages of every subtype and to the other events."""

    def on_event(deps: ListenerContext, body: dict[str, Any]) -> None:
        job = job_for_event(body, deps.me)
        if job is None:
            return
        # Most reactions say nothing to the bot, and there are many: they are not even stored.
        if isinstance(job, OverrideReaction) and not deps.is_override(
            job.channel, job.ts, job.emoji
        ):
            return
        deps.enqueue(job)

    @app.event("assistant_thread_context_changed")
    def on_context() -> None:
        """Do nothing: what somebody is looking at is not the bot's business."""

    for kind in KINDS:
        app.event(kind)(on_event)
