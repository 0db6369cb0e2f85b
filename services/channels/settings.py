"""A channel's settings, the record of their changes, and finding a channel by its name."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from difflib import get_close_matches
from typing import Literal, cast, get_args

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models import Change, Channel
from models.workspaces import IGNORE_EMOJI, TICKET_EMOJI
from services.errors import NotAllowedError, NotFoundError
from services.phrases import phrase

# Off: nothing is stored. Request: tickets are stored, and only questions to the bot are answered.
# Quiet: tickets that were seen before are answered, too. Full: also tickets with similar ones.
Mode = Literal["off", "request", "quiet", "full"]
MODES: tuple[Mode, ...] = get_args(Mode)

# The language of posts in a channel. Replies that one person sees are in that person's language.
Language = Literal["en", "de", "es"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

# What people write in a channel: tickets, which are stored and compared, or questions about
# products, which are answered from the catalog.
Kind = Literal["tickets", "products"]
KINDS: tuple[Kind, ...] = get_args(Kind)

# The modes in which the bot posts unasked.
SPEAKING = frozenset({"quiet", "full"})

# Phrases that make a message no ticket. Nobody would read through a longer list.
MAX_PHRASES = 30
PHRASE_LENGTH = 80

# Channels of Slack that several people read: the ids of direct messages begin with a D.
IN_SLACK = Channel.slack_id.is_not(None) & Channel.slack_id.not_like("D%")

OTHERS_DECIDE = phrase(
    "Not saved: only certain people decide in this channel. /deja settings shows who can "
    "change that."
)


@dataclass(frozen=True)
class ChannelSettings:
    """The settings of a channel; see `Channel` for the meaning of each."""

    mode: Mode
    noise_budget: int
    digest: bool
    deciders: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    language: Language = "en"
    kind: Kind = "tickets"
    weekly_topics: bool = False
    topic_alerts: bool = False
    ticket_emoji: str = TICKET_EMOJI
    ignore_emoji: str = IGNORE_EMOJI
    reads_images: bool = True
    ticket_senders: tuple[str, ...] = ()
    ignored_senders: tuple[str, ...] = ()
    time_zone: str = ""
    quiet_hours: str = ""


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
        channel.ticket_emoji,
        channel.ignore_emoji,
        channel.reads_images,
        tuple(channel.ticket_senders),
        tuple(channel.ignored_senders),
        channel.time_zone,
        channel.quiet_hours,
    )


def save_settings(
    session: Session, channel: Channel, after: ChannelSettings, *, by: str, now: datetime
) -> bool:
    """Store a channel's settings, and who changed which; return whether any changed."""
    before = settings_of(channel)
    changed = False
    for name in (field.name for field in fields(after)):
        value = getattr(after, name)
        words = (_in_words(getattr(before, name)), _in_words(value))
        if record_change(session, channel, name.replace("_", " "), words, by=by, now=now):
            setattr(channel, name, list(value) if isinstance(value, tuple) else value)
            changed = True
    return changed


def may_decide(channel: Channel, user: str) -> bool:
    """Say whether somebody may decide in a channel."""
    return not channel.deciders or user in channel.deciders


def ensure_decider(channel: Channel, user: str) -> None:
    """Raise `NotAllowedError` if only others may decide in a channel."""
    if not may_decide(channel, user):
        raise NotAllowedError(OTHERS_DECIDE)


def _in_words(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def find_channel(session: Session, workspace_id: int, name: str) -> Channel:
    """Return the channel with that name (with or without `#`) or Slack id.

    Of several with the same name it is the one that Slack knows. Raises `NotFoundError`, which
    names the most similar channel, so it is for people who may know of every channel.
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
        raise NotFoundError(_no_channel(session, workspace_id, name))
    return found


def _no_channel(session: Session, workspace_id: int, name: str) -> str:
    known = session.scalars(
        select(Channel.name).where(Channel.workspace_id == workspace_id, Channel.name.is_not(None))
    )
    nearest = get_close_matches(name.removeprefix("#"), map(str, known), 1)
    hint = f" Do you mean #{nearest[0]}?" if nearest else ""
    return f"There is no channel {name}.{hint}"


def channel_of_slack(session: Session, workspace_id: int, slack_id: str) -> Channel | None:
    """Return the channel with that Slack id, or None if it is not stored."""
    wanted = (Channel.workspace_id == workspace_id) & (Channel.slack_id == slack_id)
    return session.scalar(select(Channel).where(wanted))


def shown_name(channel: Channel) -> str:
    """Return a channel's name as people write it, or its Slack id if the name is not known."""
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
    """Record that a setting changes from the first value to the second; return whether it does."""
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
