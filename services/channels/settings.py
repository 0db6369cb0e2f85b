"""Channels: found by the names that people know them by, and how Déjà behaves in them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Literal, cast, get_args

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models import Change, Channel
from services.errors import NotAllowedError, NotFoundError
from services.phrases import phrase

# From silence to everything. Off: nothing that is said is remembered. Request: it is, and only who
# asks is answered. Quiet: a ticket that was seen before is answered. Full: what is alike too.
Mode = Literal["off", "request", "quiet", "full"]
MODES: tuple[Mode, ...] = get_args(Mode)

# In which the bot speaks to a channel; one person alone is spoken to in their own.
Language = Literal["en", "de", "es"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

# What is asked in a channel: tickets are remembered and compared, questions about products answered
# from the catalog.
Kind = Literal["tickets", "products"]
KINDS: tuple[Kind, ...] = get_args(Kind)

# In these the bot speaks unasked.
SPEAKING = frozenset({"quiet", "full"})

OTHERS_DECIDE = phrase(
    "Not stored: in this channel others decide. /deja settings says who may change that."
)


@dataclass(frozen=True)
class ChannelSettings:
    """What a channel's administrators decide; see `Channel` for the meaning of each."""

    mode: Mode
    noise_budget: int
    digest: bool
    deciders: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    language: Language = "en"
    kind: Kind = "tickets"
    weekly_topics: bool = False
    topic_alerts: bool = False


def settings_of(channel: Channel) -> ChannelSettings:
    """Return a channel's settings."""
    return ChannelSettings(
        cast(Mode, channel.mode),
        channel.noise_budget,
        channel.digest,
        tuple(channel.deciders),
        tuple(channel.ignored),
        cast(Language, channel.language),
        cast(Kind, channel.kind),
        channel.weekly_topics,
        channel.topic_alerts,
    )


def save_settings(
    session: Session, channel: Channel, after: ChannelSettings, *, by: str, now: datetime
) -> bool:
    """Store a channel's settings, and on record who changed which; return whether any changed."""
    before = settings_of(channel)
    changed = False
    for name in (field.name for field in fields(after)):
        value = getattr(after, name)
        words = (_in_words(getattr(before, name)), _in_words(value))
        if record_change(session, channel, name.replace("_", " "), words, by=by, now=now):
            setattr(channel, name, list(value) if isinstance(value, tuple) else value)
            changed = True
    return changed


def ensure_decider(channel: Channel, user: str) -> None:
    """Raise `NotAllowedError` where others decide in a channel."""
    if channel.deciders and user not in channel.deciders:
        raise NotAllowedError(OTHERS_DECIDE)


def _in_words(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def find_channel(session: Session, workspace_id: int, name: str) -> Channel:
    """Return the channel of that name (with or without `#`) or Slack id.

    Where several have one name it is the one that Slack knows. Raises `NotFoundError`.
    """
    found = session.scalar(
        select(Channel)
        .where(
            Channel.workspace_id == workspace_id,
            or_(Channel.slack_id == name, Channel.name == name.removeprefix("#")),
        )
        .order_by((Channel.slack_id == name).is_not(True), Channel.slack_id.is_(None), Channel.id)
        .limit(1)
    )
    if found is None:
        raise NotFoundError(f"There is no channel {name}.")
    return found


def shown_name(channel: Channel) -> str:
    """Return a channel's name as people write it, its Slack id where the name is not known."""
    return f"#{channel.name or channel.slack_id}"


def record_change(
    session: Session,
    channel: Channel,
    setting: str,
    values: tuple[str, str],
    *,
    by: str,
    now: datetime,
) -> bool:
    """Keep on record that a channel's setting goes from the first value to the second.

    Return whether it does: what stays as it was is no change.
    """
    before, after = values
    if before == after:
        return False
    session.add(
        Change(
            workspace_id=channel.workspace_id,
            channel_id=channel.id,
            setting=setting,
            before=before,
            after=after,
            changed_by=by,
            changed_at=now,
        )
    )
    return True
