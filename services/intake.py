"""Intake: which messages of a channel are remembered, and why the others are not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models import Channel
from services.chitchat import why_chitchat
from services.phrases import Phrase, phrase
from services.slack_messages import Ticket, read_ticket, unsaid
from services.slack_text import clean_slack

OFF = phrase("I am off in this channel")
PRODUCTS = phrase("in this channel products are asked for")


def read_kept(
    message: Mapping[str, Any],
    channel: Channel,
    bot_user_id: str | None,
    ticket_bots: frozenset[str],
) -> Ticket | Phrase:
    """Return the ticket that a message of a channel is, or why it is none."""
    said_by = unsaid(message, bot_user_id, ticket_bots)
    ticket = said_by or read_ticket(message)
    if isinstance(ticket, Phrase):
        return phrase("I leave out {what}", what=ticket)
    return why_not_kept(channel, clean_slack(ticket.text)) or ticket


def why_not_kept(channel: Channel, text: str) -> Phrase | None:
    """Return why a message of a channel is not remembered, or None where it is."""
    if channel.mode == "off":
        return OFF
    if channel.kind == "products":
        return PRODUCTS
    return why_chitchat(text, channel.ignored)
