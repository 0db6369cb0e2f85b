"""A run with a fixed number of topics is an exploration, which leaves the team's topics alone."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.wiring import Services
from models import Item, Topic, TopicItem, Workspace
from services.errors import NotFoundError
from services.memory.workspaces import ChannelFacts, save_channel
from services.topics.curation import Curator
from services.topics.forgetting import forget_unreadable
from services.topics.members import tickets_of
from services.topics.runs import ClusterRequest
from services.topics.scopes import Scope, newest_run, scope_of_everybody, scopes_of
from services.topics.views import RunView, view_run, view_with
from tests.conftest import NOW
from tests.remembering import channel, remember
from tests.services.topics.backlog import SUBJECTS, curator, group, ids, on, said, seen


def team(services: Services, scope: Scope) -> RunView:
    """Return the team's own topics, whoever explored since."""
    with services.database.read() as session:
        view = view_run(session, scope, NOW, newest_run(session, scope))
    assert view is not None
    return view


def told(view: RunView) -> list[tuple[object, ...]]:
    """Return all that is told of the topics of a run."""
    return [
        (one.topic_id, one.title, one.terms, one.size, one.quality, view.news_of(one))
        for one in view.topics
    ]


def placings(services: Services, scope: Scope) -> set[tuple[int, int, str | None]]:
    """Return where the tickets of a scope are."""
    rows = select(TopicItem.item_id, TopicItem.topic_id, TopicItem.moved_by)
    with services.database.read() as session:
        return {
            (item_id, topic_id, by)
            for item_id, topic_id, by in session.execute(rows.where(scope.memberships))
        }


def made(session: Session, scope: Scope, view: RunView) -> None:
    """Name a topic, hide another, and move a ticket there."""
    first, second, _ = view.topics
    team = curator(session, scope)
    team.rename(first.topic_id, "Remote work")
    team.hide(second.topic_id)
    team.move(first.representatives[0].item_id, second.topic_id)


@pytest.mark.parametrize("k", [1, 2, 3, 4, 18])
def test_an_exploration_disturbs_nothing(
    services: Services, scope: Scope, workspace: Workspace, k: int
) -> None:
    """Numbers, names, hidden ones and placings stay; the next run tells what it would have told."""
    before = group(services, scope)
    with services.database.write() as session:
        made(session, scope, before)
    before, placed = group(services, scope), placings(services, scope)
    exploration = group(services, scope, ClusterRequest(k=k))
    assert len(exploration.topics) == k
    assert not ids(exploration.topics) & ids(before.topics)
    assert exploration.gone == ()
    assert {exploration.news_of(one) for one in exploration.topics} == {""}
    assert placings(services, scope) == placed
    assert told(team(services, scope)) == told(before)
    after = group(services, scope)
    assert told(after) == told(before)
    assert after.gone == ()
    assert placings(services, scope) == placed


def test_news_after_an_exploration_are_those_since_the_last_run(
    services: Services, scope: Scope, workspace: Workspace
) -> None:
    """What grew meanwhile has grown, what came is new, and what went is gone."""
    before = group(services, scope)
    group(services, scope, ClusterRequest(k=2))
    remember(services, workspace, said(SUBJECTS[0], first=10))
    remember(services, workspace, said("parcel lost in transit"))
    group(services, scope, ClusterRequest(k=3))
    with services.database.write() as session:
        for item in session.scalars(select(Item).where(Item.text.contains("invoice"))):
            item.deleted_at = NOW
    after = group(services, scope)
    assert after.news_of(on(after, SUBJECTS[0])) == "grown"
    assert after.news_of(on(after, "parcel")) == "born"
    assert after.gone == (on(before, SUBJECTS[2]).title,)


def test_an_exploration_may_come_first(services: Services, scope: Scope) -> None:
    """The first run of the team's own is the first all the same."""
    exploration = group(services, scope, ClusterRequest(k=2))
    with services.database.read() as session:
        assert newest_run(session, scope) is None
    first = group(services, scope)
    assert len(first.topics) == 3
    assert not ids(first.topics) & ids(exploration.topics)
    assert first.gone == ()
    assert {first.news_of(one) for one in first.topics} == {""}


def test_an_exploration_may_be_narrowed(
    services: Services, scope: Scope, workspace: Workspace
) -> None:
    """To a channel; the team's topics are those of all channels as before."""
    place = channel(services, workspace, "C1")
    remember(services, workspace, said("kiosk screen black", channel_id=place.id))
    before = group(services, scope)
    exploration = group(services, scope, ClusterRequest(channels=(place.id,), k=1))
    assert [one.size for one in exploration.topics] == [6]
    assert [one.name for one in exploration.channels] == ["name-C1"]
    assert told(group(services, scope)) == told(before)


def test_explorations_keep_what_people_made_of_explorations(
    services: Services, scope: Scope
) -> None:
    """Names, hidden and split topics, moves; topics that nobody touched go with the next one."""
    team_topics = group(services, scope)
    exploration = group(services, scope, ClusterRequest(k=2))
    large, small = exploration.topics
    with services.database.write() as session:
        own = curator(session, scope)
        own.rename(small.topic_id, "Three at once")
        own.hide(small.topic_id)
        part = own.split(large.topic_id).id
        moved = small.representatives[0].item_id
        own.move(moved, part)
    again = group(services, scope, ClusterRequest(k=2))
    assert ids(again.topics) == {large.topic_id, small.topic_id, part}
    named = again.find(small.topic_id)
    assert named is not None
    assert (named.title, named.is_hidden) == ("Three at once", True)
    with services.database.read() as session:
        assert moved in {one.item_id for one in tickets_of(session, again.selection, part)}
    with services.database.write() as session:
        own = curator(session, scope)
        own.unmove(moved)
        own.merge(large.topic_id, [part])
    assert len(group(services, scope, ClusterRequest(k=2)).topics) == 2
    assert told(group(services, scope)) == told(team_topics)


def test_other_explorations_replace_an_exploration(services: Services, scope: Scope) -> None:
    """Its topics that nobody touched are no more, and nobody hears of them."""
    exploration = group(services, scope, ClusterRequest(k=18))
    after = group(services, scope, ClusterRequest(k=1))
    assert after.gone == ()
    with services.database.read() as session:
        known = set(session.scalars(select(Topic.id)))
    assert known == ids(after.topics)
    assert len(known - ids(exploration.topics)) <= 1


def test_topics_are_opened_whatever_was_grouped_last(services: Services, scope: Scope) -> None:
    """The team's own after an exploration, and an exploration's after the team's next run."""
    own = group(services, scope).topics[0]
    exploration = group(services, scope, ClusterRequest(k=1)).topics[0]
    for _ in range(2):
        for topic in (own, exploration):
            with services.database.read() as session:
                view = view_with(session, scope, topic.topic_id, NOW)
            assert view is not None
            found = view.find(topic.topic_id)
            assert found is not None
            assert found.size == topic.size
        group(services, scope)
    with services.database.read() as session:
        assert view_with(session, scope, 4_000, NOW) is None


def test_topics_of_both_kinds_are_not_joined(services: Services, scope: Scope) -> None:
    """A ticket is in one of each; there is nothing to join."""
    own = group(services, scope).topics[0].topic_id
    exploration = group(services, scope, ClusterRequest(k=1)).topics[0].topic_id
    for topic, other in ((own, exploration), (exploration, own)):
        with (
            services.database.write() as session,
            pytest.raises(NotFoundError, match="no such topic"),
        ):
            curator(session, scope).merge(topic, [other])


def test_the_same_name_may_be_in_an_exploration(services: Services, scope: Scope) -> None:
    """Names are told apart within one list; a move is undone where it was made."""
    own = group(services, scope)
    with services.database.write() as session:
        curator(session, scope).rename(own.topics[0].topic_id, "Remote work")
        moved = own.topics[0].representatives[0].item_id
        curator(session, scope).move(moved, own.topics[1].topic_id)
    exploration = group(services, scope, ClusterRequest(k=3))
    with services.database.write() as session:
        curator(session, scope).rename(exploration.topics[0].topic_id, "Remote work")
        curator(session, scope).unmove(moved)
    after = group(services, scope)
    assert after.topics[0].title == "Remote work"
    assert [one.size for one in after.topics] == [6, 6, 6]


def test_a_private_channels_curator_stays_there(services: Services, workspace: Workspace) -> None:
    """Nobody finds an exploration of other readers' tickets by its number."""
    secret = channel(services, workspace, "G1", private=True)
    remember(services, workspace, said("merger secret plan", channel_id=secret.id))
    remember(services, workspace, said(SUBJECTS[0]))
    own = Scope(secret.id, scope_of_everybody(workspace.id).audience)
    exploration = group(services, own, ClusterRequest(k=1)).topics[0].topic_id
    group(services, scope_of_everybody(workspace.id))
    with services.database.write() as session, pytest.raises(NotFoundError):
        Curator(session, scope_of_everybody(workspace.id), "U1", NOW).find(exploration)


def test_words_are_forgotten_in_explorations_too(services: Services, scope: Scope) -> None:
    """What no ticket says any more leaves the titles and terms of explorations."""
    group(services, scope, ClusterRequest(k=3))
    with services.database.write() as session:
        for topic in session.scalars(select(Topic)):
            topic.title, topic.terms = f"{topic.title} zebra", [*topic.terms, "zebra"]
    with services.database.read() as session:
        scopes = scopes_of(session, scope.workspace_id)
    assert [(one.audience_id, one.kind) for one in scopes] == [(0, "exploration")]
    for one in scopes:
        assert forget_unreadable(services.database, one)
    assert "zebra" not in str(seen(services, scope))
    with services.database.read() as session:
        assert not any("zebra" in str(one.terms) for one in session.scalars(select(Topic)))


def test_explorations_are_void_when_a_channel_turns_private(
    services: Services, workspace: Workspace
) -> None:
    """As the team's topics are; the next exploration starts from nothing."""
    place = channel(services, workspace, "C1")
    remember(services, workspace, said("merger secret plan", channel_id=place.id))
    remember(services, workspace, said(SUBJECTS[0]))
    scope = scope_of_everybody(workspace.id)
    group(services, scope)
    topic = group(services, scope, ClusterRequest(k=2)).topics[0]
    with services.database.write() as session:
        save_channel(session, workspace.id, ChannelFacts("C1", is_private=True))
    with services.database.read() as session:
        assert view_run(session, scope, NOW) is None
        assert view_with(session, scope, topic.topic_id, NOW) is None
        with pytest.raises(NotFoundError):
            curator(session, scope).find(topic.topic_id)
    assert "merger" not in repr(group(services, scope, ClusterRequest(k=1)))


def test_the_tickets_of_an_exploration_are_deleted_with_it(
    services: Services, scope: Scope
) -> None:
    """A ticket that is gone is in no exploration; a workspace that is forgotten has none."""
    group(services, scope)
    exploration = group(services, scope, ClusterRequest(k=1))
    gone = exploration.topics[0].representatives[0].item_id
    with services.database.write() as session:
        session.delete(session.get_one(Item, gone))
    assert [one.size for one in seen(services, scope).topics] == [17]
    with services.database.write() as session:
        session.delete(session.get_one(Workspace, scope.workspace_id))
    with services.database.read() as session:
        assert session.scalars(select(Topic)).all() == []
        assert session.scalars(select(TopicItem)).all() == []
