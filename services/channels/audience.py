"""Who may see what: the one module that decides which items may be shown to whom.

An audience is everybody who reads a result: the members of a channel, or one person. An item may be
shown only if everybody in the audience may read the item's channel: it is the same channel; or a
public channel of the same workspace, and the audience has no outside members and no guests; or the
audience is one person, who is a member of that channel. What is not known counts as private.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import lru_cache

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from models import MAX_STATEMENTS, Channel, Item, Pool, is_among, many_ids

# `Pool.scope` of what every full member of a workspace may read.
PUBLIC = 0

# Built once, on the plain table: every message asks.
_channels = Channel.__table__
_RESTRICTED = select(_channels.c.id).where(
    is_among(_channels.c.id, many_ids("ids")),
    _channels.c.is_private | _channels.c.is_shared | _channels.c.has_guests,
)


@dataclass(frozen=True)
class Audience:
    """The readers of a result, as conditions for what all of them may read.

    `items` is a condition over `Item`; `pools` one over `Pool`, for the statistics behind scores;
    `channels` one over `Channel`, for the channels that may be named to them.
    """

    workspace_id: int
    items: ColumnElement[bool]
    pools: ColumnElement[bool]
    channels: ColumnElement[bool]
    _readable: ColumnElement[bool] | None = None

    @property
    def readable(self) -> ColumnElement[bool]:
        """A condition over `Item`: what they may read, whatever they are to be shown of it."""
        return self.items if self._readable is None else self._readable

    def among(self, condition: ColumnElement[bool]) -> Audience:
        """Return an audience that is shown only items that pass `condition`, too."""
        return replace(self, items=self.items & condition, _readable=self.readable)

    def of_kind(self, kind: str) -> Audience:
        """Return an audience that is shown only items of a kind."""
        return replace(self, items=_of_kind(self.items, kind), _readable=self.readable)


@lru_cache(MAX_STATEMENTS)
def _of_kind(items: ColumnElement[bool], kind: str) -> ColumnElement[bool]:
    """Return a condition that is the same object each time: statements are kept with it."""
    return items & (Item.kind == kind)


def audience_of_channel(channel: Channel) -> Audience:
    """Return the readers of a channel."""
    is_open = channel.is_shared or channel.has_guests
    return _readers_of_channel(channel.workspace_id, channel.id, is_open=bool(is_open))


@lru_cache(MAX_STATEMENTS)
def _readers_of_channel(workspace_id: int, channel_id: int, *, is_open: bool) -> Audience:
    own_items = and_(Item.workspace_id == workspace_id, Item.channel_id == channel_id)
    own_pools = and_(Pool.workspace_id == workspace_id, Pool.scope == channel_id)
    own = Audience(workspace_id, own_items, own_pools, Channel.id == channel_id)
    return own if is_open else _either(own, audience_of_members(workspace_id))


@lru_cache(MAX_STATEMENTS)
def audience_of_members(workspace_id: int) -> Audience:
    """Return the full members of a workspace.

    All of them may read the public channels, and items that were imported without a channel.
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
        and_(Channel.workspace_id == workspace_id, Channel.is_private.is_(False)),
    )


def _either(one: Audience, other: Audience) -> Audience:
    """Return an audience that may read what either of two may."""
    return Audience(
        one.workspace_id,
        or_(one.items, other.items),
        or_(one.pools, other.pools),
        or_(one.channels, other.channels),
    )


def scope_of(channel: Channel) -> int:
    """Return the scope (`Pool.scope`) that a channel belongs to.

    All public channels without outside readers share one; every other channel has its own.
    """
    is_public = not (channel.is_private or channel.is_shared or channel.has_guests)
    return PUBLIC if is_public else channel.id


def scopes_of(session: Session, channel_ids: Collection[int | None]) -> dict[int | None, int]:
    """Return the scope of each channel; what has no channel is public.

    Two items may each be shown where the other is if their scopes are the same.
    """
    ids = [one for one in channel_ids if one is not None]
    restricted = set(session.connection().scalars(_RESTRICTED, {"ids": ids})) if ids else set()
    return {one: one if one is not None and one in restricted else PUBLIC for one in channel_ids}


@dataclass(frozen=True)
class PersonAccess:
    """What one person may read: every public channel or not, and the channels they are in.

    Guests and people of other organisations may not read every public channel. What is not known
    counts as not allowed.
    """

    reads_public: bool
    channel_ids: frozenset[int]


def audience_of_person(workspace_id: int, access: PersonAccess) -> Audience:
    """Return the audience of a reply that only one person sees."""
    own_items = and_(Item.workspace_id == workspace_id, Item.channel_id.in_(access.channel_ids))
    own_pools = and_(Pool.workspace_id == workspace_id, Pool.scope.in_(access.channel_ids))
    own_channels = and_(Channel.workspace_id == workspace_id, Channel.id.in_(access.channel_ids))
    own = Audience(workspace_id, own_items, own_pools, own_channels)
    return _either(own, audience_of_members(workspace_id)) if access.reads_public else own


def whole_workspace(workspace_id: int) -> Audience:
    """Return the audience of the command line: whoever has the database file may read all of it."""
    return Audience(
        workspace_id,
        Item.workspace_id == workspace_id,
        Pool.workspace_id == workspace_id,
        Channel.workspace_id == workspace_id,
    )


def readable_in(channel: Channel) -> ColumnElement[bool]:
    """Return a condition over `Item`: what every reader of a channel may read."""
    return audience_of_channel(channel).items
