"""Channels by the names that people know them by."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models import Channel
from services.errors import NotFoundError


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
