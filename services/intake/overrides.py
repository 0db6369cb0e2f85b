"""Overrides: reactions by which people decide that a message is a ticket, or is not.

An override holds for every way in: live messages, edits, sweeps, backfills and exports. It ends
when the reaction is removed or the message is deleted. If there are several, the newest counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from models import Channel, MessageOverride, insert_new, is_among, many_texts
from models.queries import in_parts
from services.channels.emoji import (
    EmojiSettings,
    OverrideKind,
    emoji_name,
    override_kind,
)
from services.channels.settings import record_change
from services.intake.classify import ChannelRules
from services.intake.slack_messages import Message
from services.text.slack.times import is_ts

# The name of an override in the audit.
SETTING = "reaction"

_CURRENT = MessageOverride.undone_at.is_(None)

# Built once: every message asks several times, and hardly any has an override.
_OF_CHANNEL = (
    select(MessageOverride)
    .where(MessageOverride.channel_id == bindparam("channel"), _CURRENT)
    .execution_options(populate_existing=True)
)
_OF_MESSAGES = _OF_CHANNEL.where(is_among(MessageOverride.ts, many_texts("stamps")))


@dataclass(frozen=True)
class Reaction:
    """Somebody's reaction to a message; `emoji` is its name without a skin tone."""

    ts: str
    emoji: str
    user: str

    @classmethod
    def of(cls, ts: str, emoji: str, user: str) -> Reaction:
        """Return a reaction as Slack reports it."""
        return cls(ts, emoji_name(emoji) or emoji, user)


def overriding_reactions(
    emoji: EmojiSettings, message: Message, may_react: Callable[[str], bool]
) -> list[Reaction]:
    """Return the reactions in a message that override what it is.

    Only people whose user id passes `may_react` count.
    """
    return [
        reaction
        for reaction in _reactions(message)
        if override_kind(emoji, reaction.emoji) and may_react(reaction.user)
    ]


def _reactions(message: Mapping[str, Any]) -> Iterator[Reaction]:
    ts, reactions = message.get("ts"), message.get("reactions")
    if not is_ts(ts) or not isinstance(reactions, list):
        return
    for one in reactions:
        users = one.get("users") if isinstance(one, dict) else None
        if isinstance(users, list) and isinstance(one.get("name"), str):
            yield from (Reaction.of(ts, one["name"], str(user)) for user in users)


def add_override(
    session: Session, channel: Channel, reaction: Reaction, now: datetime, *, is_old: bool = False
) -> bool:
    """Store a reaction, with who reacted and when; return whether that changed anything.

    One that `is_old`, from an export, does not restore what was undone since.
    """
    kind = override_kind(channel, reaction.emoji)
    if kind is None:
        return False
    key = {
        "channel_id": channel.id,
        "ts": reaction.ts,
        "emoji": reaction.emoji,
        "set_by": reaction.user,
    }
    row = {**key, "kind": kind, "set_at": now}
    if not insert_new(session, MessageOverride, [row], unique=list(key)):
        stored = session.get_one(MessageOverride, tuple(key.values()))
        if stored.undone_at is None or is_old:
            return False
        stored.kind, stored.set_at, stored.undone_at = kind, now, None
        session.flush()
    _record(session, channel, reaction, (None, kind), now)
    return True


def remove_override(session: Session, channel: Channel, reaction: Reaction, now: datetime) -> bool:
    """Undo the override of a reaction that was removed; return whether there was one."""
    key = (channel.id, reaction.ts, reaction.emoji, reaction.user)
    found = session.get(MessageOverride, key)
    if found is None or found.undone_at is not None:
        return False
    found.undone_at = now
    session.flush()
    _record(session, channel, reaction, (found.kind, None), now)
    return True


def current_overrides(
    session: Session, channel_id: int, stamps: Iterable[str] | None = None
) -> dict[str, MessageOverride]:
    """Return the newest override of each of these messages of a channel, or of all, by `ts`."""
    known = {"channel": channel_id}
    if stamps is None:
        rows = list(session.scalars(_OF_CHANNEL, known))
    else:
        rows = [
            row
            for part in in_parts(sorted(set(stamps)))
            for row in session.scalars(_OF_MESSAGES, {**known, "stamps": part})
        ]
    return {row.ts: row for row in sorted(rows, key=_order)}


def kinds_of(overrides: Mapping[str, MessageOverride]) -> dict[str, OverrideKind]:
    """Return what each override turns its message into."""
    return {ts: cast(OverrideKind, override.kind) for ts, override in overrides.items()}


def known_overrides(session: Session, channel_id: int) -> dict[str, OverrideKind | None]:
    """Return what overrides turn the messages of a channel into, by `ts`; None if undone."""
    of_channel = select(MessageOverride.ts).where(MessageOverride.channel_id == channel_id)
    undone = dict.fromkeys(session.scalars(of_channel))
    return undone | kinds_of(current_overrides(session, channel_id))


def with_reactions(
    overrides: Mapping[str, OverrideKind | None],
    emoji: EmojiSettings,
    reactions: Iterable[Reaction],
) -> dict[str, OverrideKind | None]:
    """Return overrides, and those of reactions to messages that had none before."""
    return {**{one.ts: override_kind(emoji, one.emoji) for one in reactions}, **overrides}


def delete_overrides(session: Session, channel: Channel, ts: str) -> None:
    """Delete the overrides of a deleted message."""
    of_message = (MessageOverride.channel_id == channel.id) & (MessageOverride.ts == ts)
    session.execute(delete(MessageOverride).where(of_message))


def is_override(session: Session, channel: Channel | None, ts: str, emoji: str) -> bool:
    """Say whether adding or removing a reaction changes what a message is.

    Removing one does even if its channel uses another emoji by now. An unknown channel (None) has
    the default emoji.
    """
    if override_kind(channel or ChannelRules(), emoji) is not None:
        return True
    stored = select(MessageOverride.ts).where(
        MessageOverride.channel_id == (channel.id if channel else 0),
        MessageOverride.ts == ts,
        MessageOverride.emoji == (emoji_name(emoji) or emoji),
        _CURRENT,
    )
    return session.scalar(stored.limit(1)) is not None


def _order(row: MessageOverride) -> tuple[str, datetime, bool, str]:
    """Sort by what counts: the newest comes last, and at equal times the one that ignores."""
    return row.ts, row.set_at, row.kind == "ignored", row.set_by


def _record(
    session: Session,
    channel: Channel,
    reaction: Reaction,
    kinds: tuple[str | None, str | None],
    now: datetime,
) -> None:
    words = {None: "nothing said", "ticket": "a ticket", "ignored": "not a ticket"}
    before, after = (f"{reaction.ts}: {words[kind]}" for kind in kinds)
    record_change(session, channel, SETTING, (before, after), by=reaction.user, now=now)
