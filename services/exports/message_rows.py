"""What is exported of tickets that were written in Slack: messages, follow-ups and reactions."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from models import Channel, Database, FollowUp, Item, MessageOverride, Part
from services.exports.rows import Selection, channel_fields, fields_of, stream
from services.exports.tables import FOLLOW_UPS, MESSAGES, REACTIONS, Values


def message_rows(database: Database, chosen: Selection) -> Iterator[Values]:
    """Yield the messages of tickets: tickets in the order of their own table, messages by time."""
    head, message = aliased(Item), aliased(Item)
    statement = (
        select(Part, message, head.source, head.external_id)
        .join(message, message.id == Part.item_id)
        .join(head, head.id == Part.head_id)
        .where(Part.head_id.in_(chosen.item_ids))
        .order_by(Part.head_id, message.ts, message.external_id)
    )
    for part, row, source, id_ in stream(database, statement):
        yield fields_of(MESSAGES.columns, row) | {
            "source": source,
            "id": id_,
            "message": row.external_id,
            "text": part.text,
            "split_by": part.split_by,
        }


def follow_up_rows(database: Database, chosen: Selection) -> Iterator[Values]:
    """Yield the messages that follow tickets; their texts are not stored."""
    statement = (
        select(FollowUp, Item.source, Item.external_id)
        .join(Item, Item.id == FollowUp.item_id)
        .where(FollowUp.item_id.in_(chosen.item_ids))
        .order_by(FollowUp.channel_id, FollowUp.ts)
    )
    for row, source, id_ in stream(database, statement):
        yield fields_of(FOLLOW_UPS.columns, row) | {"source": source, "id": id_}


def reaction_rows(database: Database, chosen: Selection) -> Iterator[Values]:
    """Yield the reactions that make messages tickets or none, those to messages of tickets."""
    parts = select(Part.item_id).where(Part.head_id.in_(chosen.item_ids))
    is_of_ticket = or_(Item.id.in_(chosen.item_ids), Item.id.in_(parts))
    statement = (
        select(MessageOverride, Channel)
        .join(Channel, Channel.id == MessageOverride.channel_id)
        .where(
            select(Item.id)
            .where(
                Item.channel_id == MessageOverride.channel_id,
                Item.ts == MessageOverride.ts,
                is_of_ticket,
            )
            .exists()
        )
        .order_by(MessageOverride.channel_id, MessageOverride.ts, MessageOverride.set_at)
    )
    for row, channel in stream(database, statement):
        yield fields_of(REACTIONS.columns, row) | channel_fields(channel)
