"""What was read in the pictures of messages: stored once for each picture and channel."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models import Channel, ImageText, ImageVector


def may_read(channel: Channel) -> bool:
    """Say whether the pictures of a channel are read."""
    return channel.reads_images and channel.mode != "off"


def image_texts(
    session: Session, channel: Channel, file_ids: Collection[str] | None = None
) -> dict[str, str]:
    """Return what was read in these pictures of a channel, or in all, by file id.

    Those still to be read are left out, and all where reading them is not allowed (any more).
    """
    if not may_read(channel) or (file_ids is not None and not file_ids):
        return {}
    read = select(ImageText.file_id, ImageText.text).where(ImageText.channel_id == channel.id)
    if file_ids is not None:
        read = read.where(ImageText.file_id.in_(file_ids))
    return {file_id: text for file_id, text in session.execute(read)}


def delete_image_texts(session: Session, channel_id: int, ts: str) -> None:
    """Delete what was read in the pictures of a message, and their vectors."""
    for table in (ImageText, ImageVector):
        session.execute(delete(table).where(table.channel_id == channel_id, table.ts == ts))
