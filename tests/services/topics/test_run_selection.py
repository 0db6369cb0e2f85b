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
from tests.services.topics.backlog import SUBJECTS, curator, group, ids, on, said


def test_a_span_and_channels_narrow_a_run(
    services: Services, scope: Scope, workspace: Workspace
) -> None:
    """Only what is asked for is grouped; topics keep their ids, others are not called gone."""
    whole = group(services, scope)
    late = NOW - timedelta(days=1)
    remember(services, workspace, said(SUBJECTS[1], first=20, minutes=60 * 24 * 22))
    recent = group(services, scope, ClusterRequest(since=late))
    assert recent.tickets == 6
    assert ids(recent.topics) <= {on(whole, SUBJECTS[1]).topic_id} | ids(recent.topics)
    assert recent.gone == ()
    place = channel(services, workspace, "C1")
    remember(services, workspace, said("kiosk screen black", channel_id=place.id))
    there = group(services, scope, ClusterRequest(channels=(place.id,)))
    assert there.tickets == 6
    again = group(services, scope)
    assert ids(whole.topics) <= ids(again.topics)


def test_a_run_of_some_days_forgets_no_older_topic(
    services: Services, scope: Scope, workspace: Workspace
) -> None:
    """One whose only new ticket fits nowhere among these keeps its older ones, and its number."""
    late = NOW - timedelta(days=1)
    lonely = ticket("late", f"{SUBJECTS[0]} at night", minutes=60 * 24 * 22)
    remember(services, workspace, [lonely])
    before = group(services, scope)
    remember(services, workspace, said("parcel lost in transit", minutes=60 * 24 * 22))
    recent = group(services, scope, ClusterRequest(since=late))
    assert recent.tickets == 7
    assert recent.gone == ()
    after = group(services, scope)
    assert on(after, SUBJECTS[0]).topic_id == on(before, SUBJECTS[0]).topic_id


def test_a_number_of_topics_may_be_asked_for(services: Services, scope: Scope) -> None:
    """As many as there are different tickets, at most."""
    assert len(group(services, scope, ClusterRequest(k=2)).topics) == 2
    assert len(group(services, scope, ClusterRequest(k=500)).topics) == 18
    with pytest.raises(InputError):
        group(services, scope, ClusterRequest(k=0))


def test_a_number_that_was_asked_for_takes_no_name_away(services: Services, scope: Scope) -> None:
    """Whoever looks at the backlog in two topics leaves the team's topics as they were."""
    before = group(services, scope)
    named = on(before, SUBJECTS[1]).topic_id
    with services.database.write() as session:
        curator(session, scope).rename(named, "Remote work")
    for k in (1, 2):
        look = group(services, scope, ClusterRequest(k=k))
        assert "Remote work" not in {one.title for one in look.topics if one.size > 6}
        assert look.gone == ()
    after = group(services, scope)
    assert on(after, SUBJECTS[1]).title == "Remote work"
    assert ids(after.topics) == ids(before.topics)
