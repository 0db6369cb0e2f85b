"""Which job an event of Slack makes, if any.

Pure functions, used for live events and for the history that a sweep reads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypedDict

from bot.jobs.event_kinds import (
    BotInvited,
    ChannelChange,
    DeletedMessage,
    EditedReply,
    FollowUpReply,
    HomeOpened,
    MemberJoined,
    Mention,
    NewGuest,
    NewMessage,
    OverrideReaction,
    PaneOpened,
    SolvedMark,
)
from bot.jobs.kinds import BotJob
from bot.slack.identity import BotIdentity, is_direct
from services.channels.emoji import SOLVED_MARKS
from services.intake.classify import Classification, MessageKind, classify
from services.intake.senders import sender_of
from services.intake.slack_messages import SlackTicket, edit_of, is_reply, question_in
from services.text.slack.markup import clean_slack
from services.text.slack.message import message_text
from services.text.slack.times import is_ts
from services.text.small_talk.failure_reports import says_it_failed
from services.text.small_talk.follow_ups import FollowUpKind

Event = Mapping[str, Any]

REACTIONS = ("reaction_added", "reaction_removed")

# The bot no longer sees the channel; or its readers or its name may have changed.
CLOSING = ("channel_left", "channel_deleted", "group_left", "group_deleted")
CHANGING = ("channel_rename", "group_rename", "channel_shared", "channel_unshared")
# Of a message: Slack says no other way that a channel has become private or public.
CONVERTING = ("channel_convert_to_private", "channel_convert_to_public")


class MessageReaction(TypedDict):
    """Who reacted to which message where, or took that back (`undo`)."""

    team: str
    channel: str
    user: str
    ts: str
    undo: bool


class Requester(TypedDict):
    """Who clicked or used a shortcut, where, and the address that Slack takes a reply at."""

    team: str
    channel: str
    user: str
    response_url: str | None


def requester_of(body: Event, me: BotIdentity) -> Requester:
    """Return what a request of Slack says of whoever made it."""
    return {
        "team": me.team_id,
        "channel": body["channel"]["id"],
        "user": body["user"]["id"],
        "response_url": body.get("response_url"),
    }


def job_for_event(body: Event, me: BotIdentity) -> BotJob | None:
    """Return the job of an Events API body, or None if there is nothing to do."""
    event = body.get("event")
    key = body.get("event_id")
    if not isinstance(event, dict) or not isinstance(key, str):
        return None
    subtype = event.get("subtype")
    read = _READ.get(str(subtype if subtype in CONVERTING else event.get("type")))
    if read is not None:
        return read(event, me, key)
    shared = bool(body.get("is_ext_shared_channel"))
    return job_for_message(event, me, key=key, shared=shared)


def _joined(event: Event, me: BotIdentity, key: str) -> BotJob | None:
    """Return the job of somebody who joined a channel, or of the bot, which then asks."""
    channel, user = event.get("channel"), event.get("user")
    if not isinstance(channel, str) or not isinstance(user, str):
        return None
    if user != me.bot_user_id:
        return MemberJoined(key=key, team=me.team_id, channel=channel, user=user)
    inviter = event.get("inviter")
    return BotInvited(
        key=key,
        team=me.team_id,
        channel=channel,
        inviter=inviter if isinstance(inviter, str) else None,
    )


def _reaction(event: Event, me: BotIdentity, key: str) -> BotJob | None:
    """Return the job of a reaction that somebody added or removed.

    A ✅ says what solved a ticket. Any other may override what a message is: that depends on its
    channel.
    """
    item, user, emoji = event.get("item"), event.get("user"), event.get("reaction")
    if not isinstance(emoji, str) or not isinstance(user, str) or user == me.bot_user_id:
        return None
    if not isinstance(item, dict) or item.get("type") != "message" or not is_ts(item.get("ts")):
        return None
    channel, undo = item.get("channel"), event["type"] == "reaction_removed"
    if not isinstance(channel, str):
        return None
    about: MessageReaction = {
        "team": me.team_id, "channel": channel, "user": user, "ts": item["ts"], "undo": undo,
    }  # fmt: skip
    if emoji in SOLVED_MARKS:
        return SolvedMark(key=f"resolve:{key}", **about)
    if is_direct(channel):  # direct messages are not stored
        return None
    return OverrideReaction(key=f"override:{key}", emoji=emoji, **about)


def _person(event: Event, me: BotIdentity, key: str) -> BotJob | None:
    """Return the job of somebody who may have become a guest; other changes do not matter."""
    user = event.get("user")
    if not isinstance(user, dict) or not isinstance(user.get("id"), str):
        return None
    if not (user.get("is_restricted") or user.get("is_ultra_restricted")) or user.get("deleted"):
        return None
    return NewGuest(key=key, team=me.team_id, user=user["id"])


def _home(event: Event, me: BotIdentity, key: str) -> BotJob | None:
    """Return the job of an opened Home tab; the Messages tab needs none."""
    user = event.get("user")
    if event.get("tab") != "home" or not isinstance(user, str):
        return None
    return HomeOpened(key=key, team=me.team_id, user=user)


def _pane(event: Event, me: BotIdentity, key: str) -> BotJob | None:
    """Return the job of an opened assistant's pane."""
    thread = event.get("assistant_thread")
    if not isinstance(thread, dict) or not is_ts(thread.get("thread_ts")):
        return None
    user, channel = thread.get("user_id"), thread.get("channel_id")
    if not isinstance(user, str) or not isinstance(channel, str):
        return None
    return PaneOpened(
        key=key, team=me.team_id, channel=channel, user=user, thread_ts=thread["thread_ts"]
    )


def _channel_change(event: Event, me: BotIdentity, key: str) -> BotJob | None:
    """Return the job of a channel that changed."""
    channel = event.get("channel")
    slack_id = channel.get("id") if isinstance(channel, dict) else channel
    if not isinstance(slack_id, str):
        return None
    closes = event.get("type") in CLOSING
    return ChannelChange(key=key, team=me.team_id, channel=slack_id, closes=closes)


def job_for_message(
    event: Event, me: BotIdentity, *, key: str, shared: bool = False
) -> BotJob | None:
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
    if found.follow_up is not None:
        return _follow_up(event, found.follow_up, me, key)
    if found.kind is MessageKind.BOT:
        found = replace(found, content=_bots_content(event, me))
    return _ticket(found, event, me, key=key, shared=shared)


def _change(event: Event, me: BotIdentity, key: str, shared: bool) -> BotJob | None:
    message = event.get("message")
    if not isinstance(message, dict):
        return None
    if message.get("subtype") == "tombstone":  # the parent of a thread was deleted
        return _deletion(event, message.get("ts"), me, key)
    if is_reply(message):  # by anybody: somebody may have marked it as the answer
        return _correction(message, event, me, key)
    found = classify({"channel_type": event.get("channel_type"), **message}, me.bots)
    if found.kind is MessageKind.BOT:
        found = replace(found, content=_bots_content(message, me))
    if found.content is None and found.kind in (MessageKind.BOT, MessageKind.QUESTION):
        return _correction(message, event, me, key)  # somebody may have made it a ticket
    return _ticket(found, event, me, key=key, shared=shared)


def _correction(message: Event, event: Event, me: BotIdentity, key: str) -> BotJob | None:
    """Return the job of an edit of what may have solved a ticket, or been made one."""
    revision = edit_of(message)
    if message.get("user") == me.bot_user_id or not revision:
        return None
    is_persons_reply = is_reply(message) and SlackTicket.of(message).by_person
    return EditedReply(
        key=f"correct:{key}",
        team=me.team_id,
        channel=event["channel"],
        ts=message["ts"],
        text=message_text(message),
        revision=revision,
        thread_ts=message["thread_ts"] if is_persons_reply else None,
        user=message["user"] if is_persons_reply else None,
    )


def _ticket(
    found: Classification, event: Event, me: BotIdentity, *, key: str, shared: bool
) -> NewMessage | None:
    if found.content is None:
        return None
    channel_type = event.get("channel_type")
    return NewMessage(
        key=key,
        team=me.team_id,
        channel=event["channel"],
        private=None if channel_type is None else channel_type != "channel",
        shared=shared,
        by_bot=found.kind is MessageKind.BOT,
        **vars(found.content),
    )


def _bots_content(message: Event, me: BotIdentity) -> SlackTicket | None:
    """Return what a bot says outside threads, which its channel may want as a ticket."""
    if message.get("user") == me.bot_user_id or is_reply(message) or sender_of(message) is None:
        return None
    return SlackTicket.of(message)


def _follow_up(message: Event, follow_up: FollowUpKind, me: BotIdentity, key: str) -> FollowUpReply:
    """Return the job of a reply that follows its thread's ticket."""
    return FollowUpReply(
        key=f"failed:{key}",
        team=me.team_id,
        channel=message["channel"],
        ts=message["ts"],
        thread_ts=message["thread_ts"],
        user=message["user"],
        follow_up=follow_up.value,
        failed=says_it_failed(clean_slack(message_text(message))),
    )


def _deletion(event: Event, ts: object, me: BotIdentity, key: str) -> BotJob | None:
    if not is_ts(ts) or is_direct(event["channel"]):  # direct messages are not stored
        return None
    return DeletedMessage(key=key, team=me.team_id, channel=event["channel"], ts=ts)


def _mention(event: Event, me: BotIdentity) -> BotJob | None:
    ts = event.get("ts")
    if not is_ts(ts) or not event.get("user"):
        return None
    return Mention(
        # A mention arrives twice, as `message` and as `app_mention`, with different event ids.
        key=f"mention:{event['channel']}:{ts}",
        team=me.team_id,
        channel=event["channel"],
        user=event["user"],
        ts=ts,
        thread_ts=event["thread_ts"] if is_ts(event.get("thread_ts")) else None,
        text=question_in(event, me.bot_user_id),
    )


# Readers of the events that are not messages.
_READ: dict[str, Callable[[Event, BotIdentity, str], BotJob | None]] = {
    "member_joined_channel": _joined,
    "app_home_opened": _home,
    "user_change": _person,
    "assistant_thread_started": _pane,
    **dict.fromkeys((*CLOSING, *CHANGING, *CONVERTING), _channel_change),
    **dict.fromkeys(REACTIONS, _reaction),
}
