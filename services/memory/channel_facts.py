"""Channels as Slack describes them; where the readers change, the words go to another pool."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Channel, insert_new
from services.channels.settings import Mode, channel_of_slack
from services.memory import term_index


@dataclass(frozen=True)
class ChannelFacts:
    """What Slack says about a channel; None where it does not say, and the stored value stays."""

    slack_id: str
    name: str | None = None
    is_private: bool | None = None
    is_shared: bool | None = None
    has_guests: bool | None = None
    creator: str | None = None


def save_channel(
    session: Session, workspace_id: int, facts: ChannelFacts, *, mode: Mode = "off"
) -> Channel:
    """Store what Slack says about a channel; one imported under its name becomes that channel.

    `mode` is that of a channel whose Slack id is new.
    """
    of_workspace = select(Channel).where(Channel.workspace_id == workspace_id)
    channel = channel_of_slack(session, workspace_id, facts.slack_id)
    if channel is None and facts.name is not None:
        channel = session.scalar(
            of_workspace.where(Channel.slack_id.is_(None), Channel.name == facts.name)
        )
    if channel is None:
        # Two workers may hear of a channel at the same time.
        row = {"workspace_id": workspace_id, "slack_id": facts.slack_id, "mode": mode}
        insert_new(session, Channel, [row], unique=["workspace_id", "slack_id"])
        channel = session.scalars(of_workspace.where(Channel.slack_id == facts.slack_id)).one()
    if channel.slack_id is None:
        channel.slack_id, channel.mode = facts.slack_id, mode
    readers = readers_of(channel)
    for name in ("name", "is_private", "is_shared", "has_guests", "creator"):
        if getattr(facts, name) is not None:
            setattr(channel, name, getattr(facts, name))
    session.flush()
    if readers != readers_of(channel):
        term_index.reindex_channel(session, channel)
    return channel


def readers_of(channel: Channel) -> tuple[bool, bool, bool]:
    """Return what decides who reads a channel: whether it is private, shared, and has guests."""
    return channel.is_private, channel.is_shared, channel.has_guests


def ensure_named_channel(session: Session, workspace_id: int, name: str) -> Channel:
    """Return the channel of that name (with or without `#`); a new one is added as public."""
    name = name.removeprefix("#")
    channel = session.scalar(
        select(Channel)
        .where(Channel.workspace_id == workspace_id, Channel.name == name)
        .order_by(Channel.id)
    )
    if channel is None:
        channel = Channel(workspace_id=workspace_id, name=name, is_private=False)
        session.add(channel)
        session.flush()
    return channel
