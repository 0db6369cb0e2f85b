"""Intake: which messages of a channel are remembered, and why the others are not."""

from __future__ import annotations

from models import Channel
from services.chitchat import why_chitchat

OFF = "I am off in this channel"


def why_not_kept(channel: Channel, text: str) -> str | None:
    """Return why a message of a channel is not remembered, or None where it is."""
    return OFF if channel.mode == "off" else why_chitchat(text, channel.ignored)
