"""A run with a fixed number of topics is an exploration, which leaves the team's topics alone."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.wiring import Services
from models import Item, Topic, TopicItem, Workspace
from services.errors import NotFoundError
from services.memory.channel_facts import ChannelFacts, save_channel
from services.topics.curation import Curator
from services.topics.forgetting import forget_unreadable
from services.topics.members import tickets_of
from services.topics.runs import ClusterRequest
from services.topics.scopes import Scope, newest_run, scope_of_everybody, scopes_of
from services.topics.views import RunView, view_run, view_with
from tests.conftest import NOW
from tests.levels import variations
from tests.remembering import channel, remember
from tests.services.topics.backlog import (
    SUBJECTS,
    cluster_scope,
    curator,
    current_view,
    remember_merger,
    tickets_about,
    topic_about,
    topic_ids,
)


def team(services: Services, scope: Scope) -> RunView:
    """Return the team's own topics, regardless of later explorations."""
    with services.database.read() as session:
        view = view_run(session, scope, NOW, newest_run(session, scope))
    assert view is not None
    return view


def summary(view: RunView) -> list[tuple[object, ...]]:
    """Return what people see of the topics of a run, and their news."""
    return [
        (one.topic_id, one.title, one.terms, one.size, one.quality, view.news_of(one))
        for one in view.topics
    ]


def memberships(services: Services, scope: Scope) -> set[tuple[int, int, str | None]]:
    """Return each ticket of a scope with its topic and who moved it there."""
    rows = select(TopicItem.item_id, TopicItem.topic_id, TopicItem.moved_by)
    with services.database.read() as session:
        return {
            (item_id, topic_id, by)
            for item_id, topic_id, by in session.execute(rows.where(scope.memberships))
        }


def curate(session: Session, scope: Scope, view: RunView) -> None:
    """Rename a topic, hide another, and move a ticket into that."""
    first, second, _ = view.topics
    team = curator(session, scope)
    team.rename(first.topic_id, "Remote work")
    team.hide(second.topic_id)
    team.move(first.representatives[0].item_id, second.topic_id)


@pytest.mark.parametrize("k", variations([2, 18, 1, 3, 4], few=2))
def test_an_exploration_changes_no_topic_of_the_team(
    services: Services, scope: Scope, workspace: Workspace, k: int
) -> None:
    """Ids, names, hidden topics and moves stay; the next run reports the same as without it."""
    before = cluster_scope(services, scope)
    with services.database.write() as session:
        curate(session, scope, before)
    before, moved = cluster_scope(services, scope), memberships(services, scope)
    exploration = cluster_scope(services, scope, ClusterRequest(k=k))
    assert len(exploration.topics) == k
    assert not topic_ids(exploration.topics) & topic_ids(before.topics)
    assert exploration.gone == ()
    assert {exploration.news_of(one) for one in exploration.topics} == {""}
    assert memberships(services, scope) == moved
    assert summary(team(services, scope)) == summary(before)
    after = cluster_scope(services, scope)
    assert summary(after) == summary(before)
    assert after.gone == ()
    assert memberships(services, scope) == moved


def test_news_after_an_exploration_are_since_the_teams_last_run(
    services: Services, scope: Scope, workspace: Workspace
) -> None:
    """Topics are compared with the team's last run, not with the explorations in between."""
    before = cluster_scope(services, scope)
    cluster_scope(services, scope, ClusterRequest(k=2))
    remember(services, workspace, tickets_about(SUBJECTS[0], first=10))
    remember(services, workspace, tickets_about("parcel lost in transit"))
    cluster_scope(services, scope, ClusterRequest(k=3))
    with services.database.write() as session:
        for item in session.scalars(select(Item).where(Item.text.contains("invoice"))):
            item.deleted_at = NOW
    after = cluster_scope(services, scope)
    assert after.news_of(topic_about(after, SUBJECTS[0])) == "grown"
    assert after.news_of(topic_about(after, "parcel")) == "born"
    assert after.gone == (topic_about(before, SUBJECTS[2]).title,)


def test_an_exploration_may_come_first(services: Services, scope: Scope) -> None:
    """The team's first run after an exploration has no news, as any first run."""
    exploration = cluster_scope(services, scope, ClusterRequest(k=2))
    with services.database.read() as session:
        assert newest_run(session, scope) is None
    first = cluster_scope(services, scope)
    assert len(first.topics) == 3
    assert not topic_ids(first.topics) & topic_ids(exploration.topics)
    assert first.gone == ()
    assert {first.news_of(one) for one in first.topics} == {""}


def test_an_exploration_may_be_narrowed(
    services: Services, scope: Scope, workspace: Workspace
) -> None:
    """An exploration of one channel leaves the team's topics of all channels as they were."""
    kiosk_channel = channel(services, workspace, "C1")
    remember(services, workspace, tickets_about("kiosk screen black", channel_id=kiosk_channel.id))
    before = cluster_scope(services, scope)
    exploration = cluster_scope(services, scope, ClusterRequest(channels=(kiosk_channel.id,), k=1))
    assert [one.size for one in exploration.topics] == [6]
    assert [one.name for one in exploration.channels] == ["name-C1"]
    assert summary(cluster_scope(services, scope)) == summary(before)


def test_explorations_keep_what_people_changed_in_them(services: Services, scope: Scope) -> None:
    """Names, hidden and split topics and moves stay; topics nobody touched are replaced."""
    team_topics = cluster_scope(services, scope)
    exploration = cluster_scope(services, scope, ClusterRequest(k=2))
    large, small = exploration.topics
    with services.database.write() as session:
        own = curator(session, scope)
        own.rename(small.topic_id, "Three at once")
        own.hide(small.topic_id)
        part = own.split(large.topic_id).id
        moved = small.representatives[0].item_id
        own.move(moved, part)
    again = cluster_scope(services, scope, ClusterRequest(k=2))
    assert topic_ids(again.topics) == {large.topic_id, small.topic_id, part}
    named = again.find(small.topic_id)
    assert named is not None
    assert (named.title, named.is_hidden) == ("Three at once", True)
    with services.database.read() as session:
        assert moved in {one.item_id for one in tickets_of(session, again.selection, part)}
    with services.database.write() as session:
        own = curator(session, scope)
        own.unmove(moved)
        own.merge(large.topic_id, [part])
    assert len(cluster_scope(services, scope, ClusterRequest(k=2)).topics) == 2
    assert summary(cluster_scope(services, scope)) == summary(team_topics)


@pytest.mark.both_databases
def test_a_new_exploration_replaces_the_last_one(services: Services, scope: Scope) -> None:
    """Topics that nobody touched are deleted, and not reported as gone."""
    exploration = cluster_scope(services, scope, ClusterRequest(k=18))
    after = cluster_scope(services, scope, ClusterRequest(k=1))
    assert after.gone == ()
    with services.database.read() as session:
        known = set(session.scalars(select(Topic.id)))
    assert known == topic_ids(after.topics)
    assert len(known - topic_ids(exploration.topics)) <= 1


def test_topics_can_be_opened_after_any_run(services: Services, scope: Scope) -> None:
    """The team's topics open after an exploration, and an exploration's after the team's run."""
    own = cluster_scope(services, scope).topics[0]
    exploration = cluster_scope(services, scope, ClusterRequest(k=1)).topics[0]
    for _ in range(2):
        for topic in (own, exploration):
            with services.database.read() as session:
                view = view_with(session, scope, topic.topic_id, NOW)
            assert view is not None
            found = view.find(topic.topic_id)
            assert found is not None
            assert found.size == topic.size
        cluster_scope(services, scope)
    with services.database.read() as session:
        assert view_with(session, scope, 4_000, NOW) is None


def test_topics_of_both_kinds_are_not_merged(services: Services, scope: Scope) -> None:
    """A topic of an exploration cannot be merged with one of the team's."""
    own = cluster_scope(services, scope).topics[0].topic_id
    exploration = cluster_scope(services, scope, ClusterRequest(k=1)).topics[0].topic_id
    for topic, other in ((own, exploration), (exploration, own)):
        with (
            services.database.write() as session,
            pytest.raises(NotFoundError, match="no such topic"),
        ):
            curator(session, scope).merge(topic, [other])


def test_the_same_name_may_be_in_an_exploration(services: Services, scope: Scope) -> None:
    """Names are unique within one list of topics, and a move is undone where it was made."""
    own = cluster_scope(services, scope)
    with services.database.write() as session:
        curator(session, scope).rename(own.topics[0].topic_id, "Remote work")
        moved = own.topics[0].representatives[0].item_id
        curator(session, scope).move(moved, own.topics[1].topic_id)
    exploration = cluster_scope(services, scope, ClusterRequest(k=3))
    with services.database.write() as session:
        curator(session, scope).rename(exploration.topics[0].topic_id, "Remote work")
        curator(session, scope).unmove(moved)
    after = cluster_scope(services, scope)
    assert after.topics[0].title == "Remote work"
    assert [one.size for one in after.topics] == [6, 6, 6]


@pytest.mark.both_databases
def test_an_exploration_of_a_private_channel_is_not_found_by_others(
    services: Services, workspace: Workspace
) -> None:
    """Who may not read its tickets does not find an exploration by its topic's id."""
    private_channel = remember_merger(services, workspace, "G1", private=True)
    own = Scope(private_channel.id, scope_of_everybody(workspace.id).audience)
    exploration = cluster_scope(services, own, ClusterRequest(k=1)).topics[0].topic_id
    cluster_scope(services, scope_of_everybody(workspace.id))
    with services.database.write() as session, pytest.raises(NotFoundError):
        Curator(session, scope_of_everybody(workspace.id), "U1", NOW).find(exploration)


def test_words_of_deleted_tickets_leave_explorations(services: Services, scope: Scope) -> None:
    """A word that no ticket has any more leaves the titles and terms of explorations."""
    cluster_scope(services, scope, ClusterRequest(k=3))
    with services.database.write() as session:
        for topic in session.scalars(select(Topic)):
            topic.title, topic.terms = f"{topic.title} zebra", [*topic.terms, "zebra"]
    with services.database.read() as session:
        scopes = scopes_of(session, scope.workspace_id)
    assert [(one.audience_id, one.kind) for one in scopes] == [(0, "exploration")]
    for one in scopes:
        assert forget_unreadable(services.database, one)
    assert "zebra" not in str(current_view(services, scope))
    with services.database.read() as session:
        assert not any("zebra" in str(one.terms) for one in session.scalars(select(Topic)))


def test_explorations_are_stale_when_a_channel_turns_private(
    services: Services, workspace: Workspace
) -> None:
    """They are not shown any more, as the team's topics; the next exploration starts afresh."""
    kiosk_channel = channel(services, workspace, "C1")
    remember(services, workspace, tickets_about("merger secret plan", channel_id=kiosk_channel.id))
    remember(services, workspace, tickets_about(SUBJECTS[0]))
    scope = scope_of_everybody(workspace.id)
    cluster_scope(services, scope)
    topic = cluster_scope(services, scope, ClusterRequest(k=2)).topics[0]
    with services.database.write() as session:
        save_channel(session, workspace.id, ChannelFacts("C1", is_private=True))
    with services.database.read() as session:
        assert view_run(session, scope, NOW) is None
        assert view_with(session, scope, topic.topic_id, NOW) is None
        with pytest.raises(NotFoundError):
            curator(session, scope).find(topic.topic_id)
    assert "merger" not in repr(cluster_scope(services, scope, ClusterRequest(k=1))).casefold()


def test_the_tickets_of_an_exploration_are_deleted_with_it(
    services: Services, scope: Scope
) -> None:
    """A deleted ticket is in no exploration, and a deleted workspace has none."""
    cluster_scope(services, scope)
    exploration = cluster_scope(services, scope, ClusterRequest(k=1))
    gone = exploration.topics[0].representatives[0].item_id
    with services.database.write() as session:
        session.delete(session.get_one(Item, gone))
    assert [one.size for one in current_view(services, scope).topics] == [17]
    with services.database.write() as session:
        session.delete(session.get_one(Workspace, scope.workspace_id))
    with services.database.read() as session:
        assert session.scalars(select(Topic)).all() == []
        assert session.scalars(select(TopicItem)).all() == []
