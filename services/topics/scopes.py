"""Scopes: whose topics they are, which tickets they group, and until when they may be shown.

A team has one lasting set of topics for each audience. A run with a fixed number of topics is an
exploration: its topics are apart from the team's, and neither kind affects the other. What people
see is the newest run of either kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from models import Channel, Pool, Topic, TopicItem, TopicKind, TopicRun
from services.channels.audience import (
    PUBLIC,
    Audience,
    audience_of_channel,
    audience_of_members,
    scope_of,
)


@dataclass(frozen=True)
class Scope:
    """The topics of one kind over the tickets that one audience may read.

    `audience_id` and `kind` are as in `Topic`.
    """

    audience_id: int
    audience: Audience
    kind: TopicKind = "team"

    @property
    def workspace_id(self) -> int:
        """The workspace of the audience."""
        return self.audience.workspace_id

    @property
    def is_exploration(self) -> bool:
        """Whether the topics are those of explorations, not the team's."""
        return self.kind == "exploration"

    @property
    def exploration(self) -> Scope:
        """The explorations of the same audience."""
        return replace(self, kind="exploration")

    def of(self, row: Topic | TopicRun) -> Scope:
        """Return the scope of a topic or run of the same audience."""
        return replace(self, kind=row.kind)

    @property
    def topics(self) -> ColumnElement[bool]:
        """The condition over `Topic` for the topics of this kind."""
        return self.topics_of_both_kinds & (Topic.kind == self.kind)

    @property
    def topics_of_both_kinds(self) -> ColumnElement[bool]:
        """The condition over `Topic` for the team's topics and those of explorations."""
        return self.with_merged_topics & Topic.merged_into.is_(None)

    @property
    def with_merged_topics(self) -> ColumnElement[bool]:
        """The same with the topics that were merged into others, which only an undo shows again."""
        return and_(Topic.workspace_id == self.workspace_id, Topic.audience_id == self.audience_id)

    @property
    def runs(self) -> ColumnElement[bool]:
        """The condition over `TopicRun` for the runs of this kind."""
        return self.runs_of_both_kinds & (TopicRun.kind == self.kind)

    @property
    def runs_of_both_kinds(self) -> ColumnElement[bool]:
        """The condition over `TopicRun` for the team's runs and explorations."""
        return and_(
            TopicRun.workspace_id == self.workspace_id, TopicRun.audience_id == self.audience_id
        )

    @property
    def memberships(self) -> ColumnElement[bool]:
        """The condition over `TopicItem` for the tickets of the topics of this kind."""
        return and_(TopicItem.audience_id == self.audience_id, TopicItem.kind == self.kind)


def scope_of_channel(channel: Channel) -> Scope:
    """Return the scope of a channel's readers."""
    if scope_of(channel) == PUBLIC:
        return scope_of_everybody(channel.workspace_id)
    return Scope(channel.id, audience_of_channel(channel))


def scope_of_everybody(workspace_id: int) -> Scope:
    """Return the scope of what every full member of a workspace may read."""
    return Scope(PUBLIC, audience_of_members(workspace_id))


def pool_epochs(session: Session, audience: Audience) -> dict[str, int]:
    """Return the epochs of the pools of words that an audience reads, by id as text."""
    rows = session.execute(select(Pool.id, Pool.epoch).where(audience.pools))
    return {str(pool_id): epoch for pool_id, epoch in rows}


def epochs_of(session: Session, workspace_id: int) -> dict[str, int]:
    """Return the epochs of a workspace's pools of words, by id as text."""
    rows = session.execute(select(Pool.id, Pool.epoch).where(Pool.workspace_id == workspace_id))
    return {str(pool_id): epoch for pool_id, epoch in rows}


def is_stale(session: Session, run: TopicRun) -> bool:
    """Say whether readers have changed since a run, so that it must not be shown."""
    return is_older(run, epochs_of(session, run.workspace_id))


def is_older(run: TopicRun, epochs: Mapping[str, int]) -> bool:
    """Say whether a run read pools of other epochs than these."""
    return any(epochs.get(pool_id) != epoch for pool_id, epoch in run.pool_epochs.items())


def newest_run(session: Session, scope: Scope) -> TopicRun | None:
    """Return the newest run of a scope; None without one, or where it must not be shown."""
    return _unless_stale(session, last_run(session, scope))


def newest_shown(session: Session, scope: Scope) -> TopicRun | None:
    """Return the newest run of either kind; None without one, or where it must not be shown."""
    return _unless_stale(session, _last(session, scope.runs_of_both_kinds))


def newest_of_team(session: Session, scope: Scope) -> TopicRun | None:
    """Return the newest run of the team's topics, or without one the newest preview."""
    return newest_run(session, scope) or newest_shown(session, scope)


def last_run(session: Session, scope: Scope) -> TopicRun | None:
    """Return the newest run of a scope, even one that must not be shown."""
    return _last(session, scope.runs)


def is_newest(session: Session, scope: Scope, run: TopicRun) -> bool:
    """Say whether a run is the newest of its kind and may be shown."""
    newest = newest_run(session, scope.of(run))
    return newest is not None and newest.id == run.id


def _last(session: Session, where: ColumnElement[bool]) -> TopicRun | None:
    run: TopicRun | None = session.scalar(
        select(TopicRun).where(where).order_by(TopicRun.id.desc()).limit(1)
    )
    return run


def _unless_stale(session: Session, run: TopicRun | None) -> TopicRun | None:
    return None if run is None or is_stale(session, run) else run


def scopes_of(session: Session, workspace_id: int) -> list[Scope]:
    """Return the scopes of a workspace that have runs."""
    rows = session.execute(
        select(TopicRun.audience_id, TopicRun.kind)
        .where(TopicRun.workspace_id == workspace_id)
        .distinct()
    )
    have_runs = {(audience_id, kind) for audience_id, kind in rows}
    of_channel = Channel.id.in_({audience_id for audience_id, _ in have_runs})
    channels = session.scalars(select(Channel).where(of_channel).order_by(Channel.id))
    # Not `scope_of_channel`: a channel that is public by now keeps the topics from before.
    teams = [
        scope_of_everybody(workspace_id),
        *(Scope(one.id, audience_of_channel(one)) for one in channels),
    ]
    return [
        scope
        for team in teams
        for scope in (team, team.exploration)
        if (scope.audience_id, scope.kind) in have_runs
    ]
