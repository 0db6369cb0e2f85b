"""Who may see what: the one place that decides which items may be named where.

An item may be shown in a place only if everybody who reads the place may read the item's channel:
the same channel; or a public channel of the same workspace, where the place has no outside members.
What is not known counts as private.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, or_, select

from models import Channel, Item


def readable_in(channel: Channel) -> ColumnElement[bool]:
    """Return the condition over `Item` for what every reader of `channel` may read."""
    same_channel = Item.channel_id == channel.id
    public = select(Channel.id).where(Channel.is_private.is_(False))
    if channel.is_shared:
        return and_(Item.workspace_id == channel.workspace_id, same_channel)
    return and_(
        Item.workspace_id == channel.workspace_id,
        or_(same_channel, Item.channel_id.is_(None), Item.channel_id.in_(public)),
    )


def readable_by_administrator(workspace_id: int) -> ColumnElement[bool]:
    """Return the condition for the command line: whoever has the database file has it all."""
    return Item.workspace_id == workspace_id
