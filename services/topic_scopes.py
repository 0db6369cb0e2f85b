"""Scopes: which tickets are grouped together, for whom, and until when that may be shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from models import Channel, Pool, Topic, TopicRun
from services.audience import PUBLIC, Place, place_of, place_of_everybody, scope_of


@dataclass(frozen=True)
class Scope:
    """What is grouped together: the tickets that everybody who sees the topics may read."""

    number: int
    place: Place

    @property
    def workspace_id(self) -> int:
        """The workspace it is in."""
        return self.place.workspace_id

    @property
    def topics(self) -> ColumnElement[bool]:
        """The condition over `Topic` for its topics."""
        return and_(Topic.workspace_id == self.workspace_id, Topic.scope == self.number)

    @property
    def runs(self) -> ColumnElement[bool]:
        """The condition over `TopicRun` for its runs."""
        return and_(TopicRun.workspace_id == self.workspace_id, TopicRun.scope == self.number)


def scope_of_channel(channel: Channel) -> Scope:
    """Return the scope of a channel's readers."""
    if scope_of(channel) == PUBLIC:
        return scope_of_everybody(channel.workspace_id)
    return Scope(channel.id, place_of(channel))


def scope_of_everybody(workspace_id: int) -> Scope:
    """Return the scope of what every full member of a workspace may read."""
    return Scope(PUBLIC, place_of_everybody(workspace_id))


def pools_of(session: Session, place: Place) -> dict[str, int]:
    """Return the epochs of the pools of words that a place reads, by id."""
    rows = session.execute(select(Pool.id, Pool.epoch).where(place.pools))
    return {str(pool_id): epoch for pool_id, epoch in rows}


def is_void(session: Session, run: TopicRun) -> bool:
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
    run = session.scalar(select(TopicRun).where(scope.runs).order_by(TopicRun.id.desc()).limit(1))
    return None if run is None or is_void(session, run) else run


def scopes_of(session: Session, workspace_id: int) -> list[Scope]:
    """Return the scopes of a workspace of which there were runs, by number."""
    ran = select(TopicRun.scope).where(TopicRun.workspace_id == workspace_id).distinct()
    numbers = sorted(session.scalars(ran))
    channels = session.scalars(select(Channel).where(Channel.id.in_(numbers)).order_by(Channel.id))
    of_everybody = [scope_of_everybody(workspace_id)] if PUBLIC in numbers else []
    # Also of a channel that everybody reads by now: what was made before is its own.
    return [*of_everybody, *(Scope(one.id, place_of(one)) for one in channels)]
