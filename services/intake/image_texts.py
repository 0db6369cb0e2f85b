"""What was read in the pictures of messages: stored once for each picture and channel."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models import Channel, ImageText, insert_new
from models.types import safe_text


def image_texts(session: Session, channel_id: int, file_ids: Collection[str]) -> dict[str, str]:
    """Return what was read in pictures of a channel, by file id; not those still to be read."""
    if not file_ids:
        return {}
    rows = session.execute(
        select(ImageText.file_id, ImageText.text).where(
            ImageText.channel_id == channel_id, ImageText.file_id.in_(file_ids)
        )
    )
    return {file_id: text for file_id, text in rows}


def save_image_texts(
    session: Session, channel: Channel, ts: str, texts: Mapping[str, str], now: datetime
) -> None:
    """Store what was read in the pictures of a message, by file id; the first reading stays."""
    rows = [
        {
            "channel_id": channel.id,
            "file_id": file_id,
            "ts": ts,
            "text": safe_text(text),
            "read_at": now,
        }
        for file_id, text in texts.items()
    ]
    insert_new(session, ImageText, rows, unique=["channel_id", "file_id"])


def delete_image_texts(session: Session, channel_id: int, ts: str) -> None:
    """Delete what was read in the pictures of a message."""
    session.execute(delete(ImageText).where(ImageText.channel_id == channel_id, ImageText.ts == ts))
