"""Scopes: which tickets are grouped together, for whom, and until when that may be shown.

A run with a told number of topics is a look at the tickets. Its topics are apart from the team's
own, in a scope beside theirs: neither kind knows of the other, so that nobody who looks disturbs
anything. The newest run of both is what is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from models import Channel, Pool, Topic, TopicRun
from services.channels.audience import (
    PUBLIC,
    Audience,
    audience_of_channel,
    audience_of_members,
    scope_of,
)


@dataclass(frozen=True)
class Scope:
    """What is grouped together: the tickets that everybody who sees the topics may read.

    `number` is as in `Topic.scope`.
    """

    number: int
    place: Audience

    @property
    def workspace_id(self) -> int:
        """The workspace it is in."""
        return self.place.workspace_id

    @property
    def is_look(self) -> bool:
        """Whether its topics are those of looks, not the team's own."""
        return self.number < 0

    @property
    def look(self) -> Scope:
        """The scope of looks at the same tickets."""
        return replace(self, number=~readers_number(self.number))

    @property
    def both(self) -> tuple[int, int]:
        """The numbers of the team's own scope and that of looks."""
        return readers_number(self.number), self.look.number

    def of(self, made: Topic | TopicRun) -> Scope:
        """Return this scope, or that of looks at it: the one that something was made in."""
        return self.look if made.scope < 0 else self

    @property
    def topics(self) -> ColumnElement[bool]:
        """The condition over `Topic` for its topics."""
        return and_(Topic.workspace_id == self.workspace_id, Topic.scope == self.number)

    @property
    def runs(self) -> ColumnElement[bool]:
        """The condition over `TopicRun` for its runs."""
        return and_(TopicRun.workspace_id == self.workspace_id, TopicRun.scope == self.number)


def readers_number(number: int) -> int:
    """Return the number of the scope whose readers a scope has: of looks the team's own."""
    return ~number if number < 0 else number


def scope_of_channel(channel: Channel) -> Scope:
    """Return the scope of a channel's readers."""
    if scope_of(channel) == PUBLIC:
        return scope_of_everybody(channel.workspace_id)
    return Scope(channel.id, audience_of_channel(channel))


def scope_of_everybody(workspace_id: int) -> Scope:
    """Return the scope of what every full member of a workspace may read."""
    return Scope(PUBLIC, audience_of_members(workspace_id))


def pools_of(session: Session, place: Audience) -> dict[str, int]:
    """Return the epochs of the pools of words that a place reads, by id."""
    rows = session.execute(select(Pool.id, Pool.epoch).where(place.pools))
    return {str(pool_id): epoch for pool_id, epoch in rows}


def is_stale(session: Session, run: TopicRun) -> bool:
    """Say whether who reads what has changed since a run: it may be shown no more."""
    return is_older(run, epochs_of(session, run.workspace_id))


def epochs_of(session: Session, workspace_id: int) -> dict[str, int]:
    """Return the epochs of a workspace's pools of words, by id."""
    rows = session.execute(select(Pool.id, Pool.epoch).where(Pool.workspace_id == workspace_id))
    return {str(pool_id): epoch for pool_id, epoch in rows}


def is_older(run: TopicRun, epochs: Mapping[str, int]) -> bool:
    """Say whether a run read pools of other epochs than these."""
    return any(epochs.get(pool_id) != epoch for pool_id, epoch in run.pools.items())


def newest_run(session: Session, scope: Scope) -> TopicRun | None:
    """Return the newest run of a scope; None where there is none, or none that may be shown."""
    return _unless_void(session, last_run(session, scope))


def newest_shown(session: Session, scope: Scope) -> TopicRun | None:
    """Return the newest run or look; None where there is none, or none that may be shown."""
    here = TopicRun.workspace_id == scope.workspace_id
    return _unless_void(session, _last(session, here & TopicRun.scope.in_(scope.both)))


def last_run(session: Session, scope: Scope) -> TopicRun | None:
    """Return the newest run of a scope, also one that may be shown no more."""
    return _last(session, scope.runs)


def is_newest(session: Session, scope: Scope, run: TopicRun) -> bool:
    """Say whether no other run came after one, or no other look after a look, and it is shown."""
    newest = newest_run(session, scope.of(run))
    return newest is not None and newest.id == run.id


def _last(session: Session, where: ColumnElement[bool]) -> TopicRun | None:
    run: TopicRun | None = session.scalar(
        select(TopicRun).where(where).order_by(TopicRun.id.desc()).limit(1)
    )
    return run


def _unless_void(session: Session, run: TopicRun | None) -> TopicRun | None:
    return None if run is None or is_stale(session, run) else run


def scopes_of(session: Session, workspace_id: int) -> list[Scope]:
    """Return the scopes of a workspace of which there were runs or looks."""
    ran = select(TopicRun.scope).where(TopicRun.workspace_id == workspace_id).distinct()
    numbers = set(session.scalars(ran))
    of_channel = Channel.id.in_({readers_number(one) for one in numbers})
    channels = session.scalars(select(Channel).where(of_channel).order_by(Channel.id))
    # Also of a channel that everybody reads by now: what was made before is its own.
    own = [
        scope_of_everybody(workspace_id),
        *(Scope(one.id, audience_of_channel(one)) for one in channels),
    ]
    return [one for scope in own for one in (scope, scope.look) if one.number in numbers]
