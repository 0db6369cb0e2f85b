"""Topics show nobody what they may not read, nor what was deleted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.wiring import Services
from models import Item, Topic, TopicRun, Workspace
from services.channels.audience import audience_of_channel
from services.errors import NotFoundError
from services.memory.channel_facts import ChannelFacts, save_channel
from services.topics.runs import ClusterRequest
from services.topics.scopes import Scope, scope_of_channel, scope_of_everybody
from services.topics.views import view_run
from tests.conftest import NOW
from tests.remembering import START, channel, remember
from tests.services.topics.backlog import (
    SUBJECTS,
    cluster_scope,
    curator,
    current_view,
    remember_merger,
    tickets_about,
    tickets_of_topic,
    topic_about,
)


@pytest.mark.both_databases
def test_a_private_ticket_is_in_no_topic_of_everybody(
    services: Services, workspace: Workspace
) -> None:
    """A private ticket neither counts nor lends words; only its own channel's topics have it."""
    private_channel = remember_merger(services, workspace, "G1", private=True)
    everybody = cluster_scope(services, scope_of_everybody(workspace.id))
    assert everybody.tickets == 6
    assert "merger" not in repr(everybody).casefold()
    own = cluster_scope(services, scope_of_channel(private_channel))
    assert own.tickets == 12
    assert "merger" in repr(own).casefold()
    assert "merger" not in repr(current_view(services, scope_of_everybody(workspace.id))).casefold()


def test_topics_are_stale_when_a_channel_turns_private(
    services: Services, workspace: Workspace
) -> None:
    """No topics until the next run, whose titles reveal nothing of the private channel."""
    remember_merger(services, workspace, "C1")
    scope = scope_of_everybody(workspace.id)
    topic = topic_about(cluster_scope(services, scope), "merger")
    with services.database.write() as session:
        save_channel(session, workspace.id, ChannelFacts("C1", is_private=True))
    with services.database.read() as session:
        assert view_run(session, scope, NOW) is None
        with pytest.raises(NotFoundError):
            curator(session, scope).find(topic.topic_id)
    assert "merger" not in repr(cluster_scope(services, scope)).casefold()


def test_a_shared_channel_sees_only_its_own_tickets(
    services: Services, workspace: Workspace
) -> None:
    """People of other companies see topics of the shared channel's tickets and of no others."""
    shared = channel(services, workspace, "C9", shared=True)
    remember(services, workspace, tickets_about(SUBJECTS[0]))
    remember(services, workspace, tickets_about(SUBJECTS[1], channel_id=shared.id))
    view = cluster_scope(services, scope_of_channel(shared))
    assert view.tickets == 6
    assert scope_of_channel(shared).audience.items.compare(audience_of_channel(shared).items)


def test_a_deleted_ticket_is_gone_from_its_topic(services: Services, scope: Scope) -> None:
    """A deleted ticket leaves its topic at once, not only at the next run."""
    before = cluster_scope(services, scope)
    gone = before.topics[0].representatives[0].item_id
    with services.database.write() as session:
        session.get_one(Item, gone).deleted_at = NOW
    view = current_view(services, scope)
    assert view.tickets == 17
    assert gone not in {
        one.item_id for topic in view.topics for one in tickets_of_topic(services, view, topic)
    }


def test_a_title_from_before_a_channel_turned_private_never_returns(
    services: Services, workspace: Workspace
) -> None:
    """A title with private words is replaced, even if a run over a few days came in between."""
    public_channel, private_channel = (
        channel(services, workspace, name, private=False) for name in ("C1", "C2")
    )
    remember(
        services,
        workspace,
        tickets_about("printer prints blank pages", channel_id=public_channel.id),
    )
    remember(
        services, workspace, tickets_about("merger printer plan", channel_id=private_channel.id)
    )
    remember(
        services, workspace, tickets_about("vpn drops every hour", channel_id=public_channel.id)
    )
    scope = scope_of_everybody(workspace.id)
    cluster_scope(services, scope)
    with services.database.write() as session:
        save_channel(session, workspace.id, ChannelFacts("C2", is_private=True))
    remember(services, workspace, tickets_about("staff printer plan", channel_id=public_channel.id))
    remember(
        services,
        workspace,
        tickets_about("badge opens no door", channel_id=public_channel.id, minutes=6),
    )
    cluster_scope(services, scope, ClusterRequest(since=START + timedelta(minutes=5)))
    view = cluster_scope(services, scope)
    assert "merger" not in str(view).casefold()
    with services.database.read() as session:
        assert not any(
            "merger" in topic.title.casefold() for topic in session.scalars(select(Topic))
        )


@pytest.mark.both_databases
def test_words_of_deleted_tickets_leave_titles(services: Services, scope: Scope) -> None:
    """A word that no ticket has any more is hidden at once and removed by the next run."""
    services.topics.run(scope, ClusterRequest(), by="U1", now=NOW)
    with services.database.write() as session:
        for topic in session.scalars(select(Topic)):
            topic.title, topic.terms = f"{topic.title} zebra", [*topic.terms, "zebra"]
        run = session.scalars(select(TopicRun)).one()
        run.gone_topics = {0: "zebra crossing"}
    view = current_view(services, scope)
    assert "zebra" not in str(view)
    shown = topic_about(view, SUBJECTS[0])
    assert shown.title == shown.representatives[0].title
    with services.database.write() as session:
        session.get_one(Item, shown.representatives[0].item_id).deleted_at = NOW
    cluster_scope(services, scope)
    with services.database.read() as session:
        assert not any("zebra" in topic.title for topic in session.scalars(select(Topic)))
