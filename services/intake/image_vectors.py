"""What a model for images makes of the pictures of tickets, stored by picture and channel."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Channel, ImageVector, upsert
from services.intake.slack_messages import find_ticket


def embedded_images(
    session: Session, channel: Channel, file_ids: Collection[str], fingerprint: str
) -> set[str]:
    """Return which of these pictures of a channel have a vector of a model."""
    own = select(ImageVector.file_id).where(
        ImageVector.channel_id == channel.id,
        ImageVector.file_id.in_(file_ids),
        ImageVector.fingerprint == fingerprint,
    )
    return set(session.scalars(own))


def save_image_vectors(
    session: Session,
    channel: Channel,
    ts: str,
    vectors: Mapping[str, NDArray[np.float32]],
    fingerprint: str,
) -> None:
    """Store the vectors of a message's pictures, by file id, in place of another model's.

    Nothing is stored where the message is no ticket, or was deleted meanwhile.
    """
    if not vectors or find_ticket(session, channel, ts) is None:
        return
    rows = [
        {
            "channel_id": channel.id,
            "file_id": file_id,
            "ts": ts,
            "fingerprint": fingerprint,
            "vector": vector,
        }
        for file_id, vector in sorted(vectors.items())
    ]
    upsert(session, ImageVector, rows)
