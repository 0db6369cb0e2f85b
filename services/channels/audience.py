"""Who may see what: the one place that decides which items may be named where.

An item may be shown in a place only if everybody who reads the place may read the item's channel:
the same channel; or a public channel of the same workspace, where the place has no outside members
and no guests; or, where the place is one person, a channel that they are a member of. What is not
known counts as private.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, or_, select

from models import Channel, Item, Pool

# The pool of what everybody in a workspace may read.
PUBLIC = 0


@dataclass(frozen=True)
class Audience:
    """Where a result goes, as two conditions for what all of its readers may read.

    `items` is over `Item`; `pools` over `Pool`, for the figures that scores are made of.
    """

    workspace_id: int
    items: ColumnElement[bool]
    pools: ColumnElement[bool]

    def among(self, condition: ColumnElement[bool]) -> Audience:
        """Return the place that names no other items than those that pass `condition`, too."""
        return Audience(self.workspace_id, self.items & condition, self.pools)


def place_of(channel: Channel) -> Audience:
    """Return a channel as a place."""
    same_channel, own = Item.channel_id == channel.id, Pool.scope == channel.id
    in_workspace, of_workspace = (
        Item.workspace_id == channel.workspace_id,
        Pool.workspace_id == channel.workspace_id,
    )
    if channel.is_shared or channel.has_guests:
        return Audience(
            channel.workspace_id, and_(in_workspace, same_channel), and_(of_workspace, own)
        )
    every = place_of_members(channel.workspace_id)
    return Audience(
        channel.workspace_id,
        or_(and_(in_workspace, same_channel), every.items),
        or_(and_(of_workspace, own), every.pools),
    )


def place_of_members(workspace_id: int) -> Audience:
    """Return what every full member of a workspace reads as a place.

    That is what stands in its public channels, and what was imported without one.
    """
    public = select(Channel.id).where(Channel.is_private.is_(False))
    return Audience(
        workspace_id,
        and_(
            Item.workspace_id == workspace_id,
            or_(Item.channel_id.is_(None), Item.channel_id.in_(public)),
        ),
        and_(
            Pool.workspace_id == workspace_id,
            or_(Pool.scope == PUBLIC, Pool.scope.in_(public)),
        ),
    )


def scope_of(channel: Channel) -> int:
    """Return what is kept together for a channel's readers, as `Pool.scope` counts it.

    One scope is all public channels without outside readers; any other channel is one of its own.
    """
    is_public = not (channel.is_private or channel.is_shared or channel.has_guests)
    return PUBLIC if is_public else channel.id


def place_of_everybody(workspace_id: int) -> Audience:
    """Return the place of the scope `PUBLIC`: what every full member of a workspace may read."""
    return place_of_person(workspace_id, Reader(reads_public=True, channel_ids=frozenset()))


@dataclass(frozen=True)
class Reader:
    """One person: whether they may read every public channel, and the channels they are in.

    Guests and people of other organisations may not. What is not known counts as not.
    """

    reads_public: bool
    channel_ids: frozenset[int]


def place_of_person(workspace_id: int, reader: Reader) -> Audience:
    """Return what one person alone reads as a place: a reply that only they see."""
    own_items = and_(Item.workspace_id == workspace_id, Item.channel_id.in_(reader.channel_ids))
    own_pools = and_(Pool.workspace_id == workspace_id, Pool.scope.in_(reader.channel_ids))
    if not reader.reads_public:
        return Audience(workspace_id, own_items, own_pools)
    every = place_of_members(workspace_id)
    return Audience(workspace_id, or_(own_items, every.items), or_(own_pools, every.pools))


def whole(workspace_id: int) -> Audience:
    """Return the place of the command line: whoever has the database file has it all."""
    return Audience(
        workspace_id, Item.workspace_id == workspace_id, Pool.workspace_id == workspace_id
    )


def readable_in(channel: Channel) -> ColumnElement[bool]:
    """Return the condition over `Item` for what every reader of `channel` may read."""
    return place_of(channel).items
