"""A run over some days, some channels or a fixed number of topics."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.wiring import Services
from models import Workspace
from services.errors import InputError
from services.topics.runs import ClusterRequest
from services.topics.scopes import Scope
from tests.conftest import NOW
from tests.remembering import channel, remember, ticket
from tests.services.topics.backlog import (
    SUBJECTS,
    cluster_scope,
    curator,
    tickets_about,
    topic_about,
    topic_ids,
)


@pytest.mark.both_databases
def test_a_span_and_channels_narrow_a_run(
    services: Services, scope: Scope, workspace: Workspace
) -> None:
    """Only selected tickets are clustered; other topics keep their ids and are not gone."""
    whole = cluster_scope(services, scope)
    late = NOW - timedelta(days=1)
    remember(services, workspace, tickets_about(SUBJECTS[1], first=20, minutes=60 * 24 * 22))
    recent = cluster_scope(services, scope, ClusterRequest(since=late))
    assert recent.tickets == 6
    assert topic_ids(recent.topics) <= {topic_about(whole, SUBJECTS[1]).topic_id} | topic_ids(
        recent.topics
    )
    assert recent.gone == ()
    place = channel(services, workspace, "C1")
    remember(services, workspace, tickets_about("kiosk screen black", channel_id=place.id))
    there = cluster_scope(services, scope, ClusterRequest(channels=(place.id,)))
    assert there.tickets == 6
    again = cluster_scope(services, scope)
    assert topic_ids(whole.topics) <= topic_ids(again.topics)


def test_a_run_over_some_days_keeps_older_topics(
    services: Services, scope: Scope, workspace: Workspace
) -> None:
    """A topic whose only ticket of these days is unclustered keeps its older tickets and its id."""
    late = NOW - timedelta(days=1)
    lonely = ticket("late", f"{SUBJECTS[0]} at night", minutes=60 * 24 * 22)
    remember(services, workspace, [lonely])
    before = cluster_scope(services, scope)
    remember(services, workspace, tickets_about("parcel lost in transit", minutes=60 * 24 * 22))
    recent = cluster_scope(services, scope, ClusterRequest(since=late))
    assert recent.tickets == 7
    assert recent.gone == ()
    after = cluster_scope(services, scope)
    assert topic_about(after, SUBJECTS[0]).topic_id == topic_about(before, SUBJECTS[0]).topic_id


def test_a_number_of_topics_may_be_requested(services: Services, scope: Scope) -> None:
    """There are never more topics than different tickets, and never fewer than one."""
    assert len(cluster_scope(services, scope, ClusterRequest(k=2)).topics) == 2
    assert len(cluster_scope(services, scope, ClusterRequest(k=500)).topics) == 18
    with pytest.raises(InputError):
        cluster_scope(services, scope, ClusterRequest(k=0))


def test_a_requested_number_of_topics_leaves_names_alone(services: Services, scope: Scope) -> None:
    """An exploration with one or two topics changes nothing in the team's topics."""
    before = cluster_scope(services, scope)
    named = topic_about(before, SUBJECTS[1]).topic_id
    with services.database.write() as session:
        curator(session, scope).rename(named, "Remote work")
    for k in (1, 2):
        exploration = cluster_scope(services, scope, ClusterRequest(k=k))
        assert "Remote work" not in {one.title for one in exploration.topics if one.size > 6}
        assert exploration.gone == ()
    after = cluster_scope(services, scope)
    assert topic_about(after, SUBJECTS[1]).title == "Remote work"
    assert topic_ids(after.topics) == topic_ids(before.topics)
