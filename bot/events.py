"""From Slack's events to jobs: which messages are tickets, and what of them is kept.

Pure functions: the same for live events and for history that a sweep reads.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.queue import NewJob
from services.slack_text import message_text

# What people say, as opposed to what Slack notes ("X joined the channel").
SAID = {None, "file_share", "thread_broadcast", "me_message", "bot_message"}

Event = Mapping[str, Any]

_TS = re.compile(r"\d{1,12}\.\d{1,9}")


@dataclass(frozen=True)
class Self:
    """Who the bot is, and which other bots' messages count as tickets (bot, app or user ids)."""

    team_id: str
    bot_user_id: str | None
    ticket_bots: frozenset[str] = frozenset()


def job_for_event(body: Event, me: Self) -> NewJob | None:
    """Return the job that an Events API body asks for, or None where there is nothing to do."""
    event = body.get("event")
    key = body.get("event_id")
    if not isinstance(event, dict) or not isinstance(key, str):
        return None
    shared = bool(body.get("is_ext_shared_channel"))
    return job_for_message(event, me, key=key, shared=shared)


def job_for_message(event: Event, me: Self, *, key: str, shared: bool = False) -> NewJob | None:
    """Return the job for a `message` or `app_mention` event."""
    subtype = event.get("subtype")
    if not isinstance(event.get("channel"), str):
        return None
    if subtype == "message_deleted":
        return _deletion(event, event.get("deleted_ts"), me, key)
    if subtype == "message_changed":
        return _change(event, me, key, shared)
    if not _is_said(event, me):
        return None
    if _is_for_the_bot(event, me):
        return _mention(event, me)
    return _ticket(event, event, me, key=key, shared=shared)


def _change(event: Event, me: Self, key: str, shared: bool) -> NewJob | None:
    message = event.get("message")
    if not isinstance(message, dict):
        return None
    if message.get("subtype") == "tombstone":  # the parent of a thread was deleted
        return _deletion(event, message.get("ts"), me, key)
    if not _is_said(message, me) or _is_for_the_bot(message, me):
        return None
    if event.get("channel_type") == "im":
        return None
    return _ticket(message, event, me, key=key, shared=shared)


def _ticket(message: Event, event: Event, me: Self, *, key: str, shared: bool) -> NewJob | None:
    ts, thread_ts = message.get("ts"), message.get("thread_ts")
    if not _is_ts(ts):
        return None
    is_reply = _is_ts(thread_ts) and thread_ts != ts
    if is_reply and message.get("subtype") != "thread_broadcast":
        return None
    text = message_text(message)
    edited = message.get("edited")
    channel_type = event.get("channel_type")
    revision = edited.get("ts") if isinstance(edited, dict) else None
    if not text and not _is_ts(revision):
        return None
    return NewJob(
        "message",
        key,
        {
            "team": me.team_id,
            "channel": event["channel"],
            "private": None if channel_type is None else channel_type != "channel",
            "shared": shared,
            "ts": ts,
            "thread_ts": thread_ts if is_reply else None,
            "user": message.get("user") or message.get("username") or message.get("bot_id"),
            "text": text,
            "revision": revision if _is_ts(revision) else "",
        },
    )


def _deletion(event: Event, ts: object, me: Self, key: str) -> NewJob | None:
    if not _is_ts(ts):
        return None
    return NewJob("deletion", key, {"team": me.team_id, "channel": event["channel"], "ts": ts})


def _mention(event: Event, me: Self) -> NewJob | None:
    ts = event.get("ts")
    if not _is_ts(ts) or not event.get("user"):
        return None
    text = message_text(event)
    if me.bot_user_id:
        text = text.replace(f"<@{me.bot_user_id}>", " ")
    return NewJob(
        "mention",
        # A mention comes as a `message` and as an `app_mention`, with two event ids: one answer.
        f"mention:{event['channel']}:{ts}",
        {
            "team": me.team_id,
            "channel": event["channel"],
            "user": event["user"],
            "ts": ts,
            "thread_ts": event["thread_ts"] if _is_ts(event.get("thread_ts")) else None,
            "text": text.strip(),
        },
    )


def _is_said(message: Event, me: Self) -> bool:
    if message.get("subtype") not in SAID or message.get("hidden") is True:
        return False
    if me.bot_user_id and message.get("user") == me.bot_user_id:
        return False
    if message.get("bot_id") is None and message.get("subtype") != "bot_message":
        return True
    return _is_form(message) or bool(
        me.ticket_bots & {message.get("bot_id"), message.get("app_id"), message.get("user")}
    )


def _is_form(message: Event) -> bool:
    """Say whether a workflow posted this: a form that a person filled in."""
    profile = message.get("bot_profile")
    return bool(message.get("workflow_id")) or (
        isinstance(profile, dict) and profile.get("is_workflow_bot") is True
    )


def _is_for_the_bot(message: Event, me: Self) -> bool:
    if message.get("type") == "app_mention" or message.get("channel_type") == "im":
        return True
    return me.bot_user_id is not None and f"<@{me.bot_user_id}>" in message_text(message)


def _is_ts(value: object) -> bool:
    return isinstance(value, str) and _TS.fullmatch(value) is not None
