"""From Slack's events to jobs: which messages are tickets, and what of them is kept.

Pure functions: the same for live events and for history that a sweep reads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from typing import Any

from bot.slack.identity import BotIdentity, is_direct
from services.intake.classify import MessageKind, classify
from services.intake.slack_messages import SlackTicket, edit_of, is_reply, is_ts
from services.queue import NewJob
from services.text.slack_markup import message_text

Event = Mapping[str, Any]

# ✅ and ✔️ on a reply: this solved it.
SOLVED_MARKS = ("white_check_mark", "heavy_check_mark")
REACTIONS = ("reaction_added", "reaction_removed")

# The bot sees a channel no more; and: who reads it, or what it is called, may have changed.
CLOSING = ("channel_left", "channel_deleted", "group_left", "group_deleted")
CHANGING = ("channel_rename", "group_rename", "channel_shared", "channel_unshared")


def about_click(body: Event, me: BotIdentity) -> dict[str, Any]:
    """Return what the job of a click or a shortcut knows of it: who, where, how to answer them."""
    return {
        "team": me.team_id,
        "channel": body["channel"]["id"],
        "user": body["user"]["id"],
        "response_url": body.get("response_url"),
    }


def job_for_event(body: Event, me: BotIdentity) -> NewJob | None:
    """Return the job that an Events API body asks for, or None where there is nothing to do."""
    event = body.get("event")
    key = body.get("event_id")
    if not isinstance(event, dict) or not isinstance(key, str):
        return None
    read = _READ.get(str(event.get("type")))
    if read is not None:
        return read(event, me, key)
    shared = bool(body.get("is_ext_shared_channel"))
    return job_for_message(event, me, key=key, shared=shared)


def _joined(event: Event, me: BotIdentity, key: str) -> NewJob | None:
    """Return the job that follows who has joined a channel: the bot asks what to do there."""
    channel, user = event.get("channel"), event.get("user")
    if not isinstance(channel, str) or not isinstance(user, str):
        return None
    if user != me.bot_user_id:
        return NewJob("joined", key, {"team": me.team_id, "channel": channel, "user": user})
    payload = {"team": me.team_id, "channel": event["channel"], "inviter": event.get("inviter")}
    return NewJob("setup_ask", key, payload)


def _reaction(event: Event, me: BotIdentity, key: str) -> NewJob | None:
    """Return the job of a ✅ that marks what solved a ticket, or of taking that back."""
    item, user = event.get("item"), event.get("user")
    if event.get("reaction") not in SOLVED_MARKS or not isinstance(item, dict):
        return None
    if item.get("type") != "message" or not is_ts(item.get("ts")):
        return None
    if not isinstance(item.get("channel"), str) or not isinstance(user, str):
        return None
    if user == me.bot_user_id:
        return None
    return resolve_job(
        key,
        {"team": me.team_id, "channel": item["channel"], "ts": item["ts"], "user": user},
        undo=event["type"] == "reaction_removed",
    )


def _person(event: Event, me: BotIdentity, key: str) -> NewJob | None:
    """Return the job of somebody who may have become a guest: others change nothing here."""
    user = event.get("user")
    if not isinstance(user, dict) or not isinstance(user.get("id"), str):
        return None
    if not (user.get("is_restricted") or user.get("is_ultra_restricted")) or user.get("deleted"):
        return None
    return NewJob("guest", key, {"team": me.team_id, "user": user["id"]})


def _home(event: Event, me: BotIdentity, key: str) -> NewJob | None:
    """Return the job that shows somebody their Home tab; the tab of messages needs none."""
    user = event.get("user")
    if event.get("tab") != "home" or not isinstance(user, str):
        return None
    return NewJob("home", key, {"team": me.team_id, "user": user})


def _pane(event: Event, me: BotIdentity, key: str) -> NewJob | None:
    """Return the job that greets somebody in the assistant's pane."""
    thread = event.get("assistant_thread")
    if not isinstance(thread, dict) or not is_ts(thread.get("thread_ts")):
        return None
    user, channel = thread.get("user_id"), thread.get("channel_id")
    if not isinstance(user, str) or not isinstance(channel, str):
        return None
    about = {"user": user, "channel": channel, "thread_ts": thread["thread_ts"]}
    return NewJob("greet", key, {"team": me.team_id, **about})


def _channel_change(event: Event, me: BotIdentity, key: str) -> NewJob | None:
    """Return the job that follows what became of a channel."""
    channel = event.get("channel")
    slack_id = channel.get("id") if isinstance(channel, dict) else channel
    if not isinstance(slack_id, str):
        return None
    closes = event.get("type") in CLOSING
    return NewJob("channel", key, {"team": me.team_id, "channel": slack_id, "closes": closes})


def resolve_job(key: str, about: dict[str, Any], **more: Any) -> NewJob:
    """Return the job that marks a message as what solved its thread's ticket."""
    return NewJob(
        "resolve",
        f"resolve:{key}",
        {"message": None, "undo": False, "response_url": None, **about, **more},
    )


def job_for_message(
    event: Event, me: BotIdentity, *, key: str, shared: bool = False
) -> NewJob | None:
    """Return the job for a `message` or `app_mention` event."""
    subtype = event.get("subtype")
    if not isinstance(event.get("channel"), str):
        return None
    if subtype == "message_deleted":
        return _deletion(event, event.get("deleted_ts"), me, key)
    if subtype == "message_changed":
        return _change(event, me, key, shared)
    found = classify(event, me.bots)
    if found.kind is MessageKind.QUESTION:
        return _mention(event, me)
    if found.kind is MessageKind.FOLLOW_UP:
        return _failure(event, me, key)
    return _ticket(found.content, event, me, key=key, shared=shared)


def _change(event: Event, me: BotIdentity, key: str, shared: bool) -> NewJob | None:
    message = event.get("message")
    if not isinstance(message, dict):
        return None
    if message.get("subtype") == "tombstone":  # the parent of a thread was deleted
        return _deletion(event, message.get("ts"), me, key)
    if is_reply(message):  # whoever wrote it: somebody may have marked it as the answer
        return _correction(message, event, me, key)
    found = classify({"channel_type": event.get("channel_type"), **message}, me.bots)
    return _ticket(found.content, event, me, key=key, shared=shared)


def _correction(message: Event, event: Event, me: BotIdentity, key: str) -> NewJob | None:
    """Return the job of an edited reply: it may have solved something."""
    revision = edit_of(message)
    if message.get("user") == me.bot_user_id or not revision:
        return None
    about = {"team": me.team_id, "channel": event["channel"], "ts": message["ts"]}
    return correction_job(key, {**about, "text": message_text(message), "revision": revision})


def correction_job(key: str, payload: dict[str, Any]) -> NewJob:
    """Return the job that follows the edit of a message that may have solved something."""
    kept = ("team", "channel", "ts", "text", "revision")
    return NewJob("correct", f"correct:{key}", {name: payload[name] for name in kept})


def _ticket(
    ticket: SlackTicket | None, event: Event, me: BotIdentity, *, key: str, shared: bool
) -> NewJob | None:
    if ticket is None:
        return None
    channel_type = event.get("channel_type")
    return NewJob(
        "message",
        key,
        {
            "team": me.team_id,
            "channel": event["channel"],
            "private": None if channel_type is None else channel_type != "channel",
            "shared": shared,
            **asdict(ticket),
        },
    )


def _failure(message: Event, me: BotIdentity, key: str) -> NewJob:
    """Return the job of a reply which says that an answer did not help."""
    kept = {name: message[name] for name in ("channel", "ts", "thread_ts", "user")}
    return NewJob("failed", f"failed:{key}", {"team": me.team_id, **kept})


def ticket_of(payload: Mapping[str, Any]) -> SlackTicket:
    """Return what a job knows of a message; one of an older version knows less."""
    known = {field.name for field in fields(SlackTicket)} & payload.keys()
    return SlackTicket(**{name: payload[name] for name in known})


def _deletion(event: Event, ts: object, me: BotIdentity, key: str) -> NewJob | None:
    if not is_ts(ts) or is_direct(event["channel"]):  # what is said to the bot is not kept
        return None
    return NewJob("deletion", key, {"team": me.team_id, "channel": event["channel"], "ts": ts})


def _mention(event: Event, me: BotIdentity) -> NewJob | None:
    ts = event.get("ts")
    if not is_ts(ts) or not event.get("user"):
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
            "thread_ts": event["thread_ts"] if is_ts(event.get("thread_ts")) else None,
            "text": text.strip(),
        },
    )


# How the events that are no messages are read.
_READ: dict[str, Callable[[Event, BotIdentity, str], NewJob | None]] = {
    "member_joined_channel": _joined,
    "app_home_opened": _home,
    "user_change": _person,
    "assistant_thread_started": _pane,
    **dict.fromkeys((*CLOSING, *CHANGING), _channel_change),
    **dict.fromkeys(REACTIONS, _reaction),
}
