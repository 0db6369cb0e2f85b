"""Storing what was read in pictures, and which of them are the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Channel, ImageText, insert_new
from models.types import safe_text
from services.intake.picture_hashes import MAX_DISTANCE, distances, is_same_picture

# Pictures with a hash like that of a new one whose words are compared with it, nearest first.
MAX_COMPARED = 50


@dataclass(frozen=True)
class ImageReading:
    """What a picture says, "" where it cannot be read, and its hash, if that is evidence."""

    text: str = ""
    picture_hash: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was found out about the picture."""
        return not self.text and self.picture_hash is None


def save_readings(
    session: Session, channel: Channel, ts: str, readings: Mapping[str, ImageReading], now: datetime
) -> None:
    """Store what was read in the pictures of a message, by file id; the first reading stays."""
    for file_id, reading in readings.items():
        same = _find_same(session, channel.workspace_id, reading)
        row = {
            "channel_id": channel.id,
            "file_id": file_id,
            "ts": ts,
            "text": safe_text(reading.text),
            "read_at": now,
            "picture_hash": reading.picture_hash,
            "same_as": same or (file_id if reading.picture_hash else None),
        }
        insert_new(session, ImageText, [row], unique=["channel_id", "file_id"])


def _find_same(session: Session, workspace_id: int, reading: ImageReading) -> str | None:
    """Return the id of the first file of a workspace with the same picture, if there is one."""
    if reading.picture_hash is None:
        return None
    channels = select(Channel.id).where(Channel.workspace_id == workspace_id)
    of_workspace = ImageText.channel_id.in_(channels)
    hashed = select(ImageText.channel_id, ImageText.file_id, ImageText.picture_hash)
    rows = session.execute(
        hashed.where(of_workspace, ImageText.picture_hash.is_not(None)).order_by(ImageText.read_at)
    ).all()
    if not rows:
        return None
    apart = distances(reading.picture_hash, [row.picture_hash for row in rows])
    for n in apart.argsort(kind="stable")[:MAX_COMPARED].tolist():
        if apart[n] > MAX_DISTANCE:
            return None
        near = session.get_one(ImageText, (rows[n].channel_id, rows[n].file_id))
        if is_same_picture(int(apart[n]), reading.text, near.text):
            return near.same_as
    return None
