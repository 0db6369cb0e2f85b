"""Nobody learns from topics what they may not read, or what was deleted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.wiring import Services
from models import Item, Topic, TopicRun, Workspace
from services.channels.audience import audience_of_channel
from services.errors import NotFoundError
from services.memory.workspaces import ChannelFacts, save_channel
from services.topics.runs import ClusterRequest
from services.topics.scopes import Scope, scope_of_channel, scope_of_everybody
from services.topics.views import view_run
from tests.conftest import NOW
from tests.remembering import START, channel, remember
from tests.services.topics.backlog import SUBJECTS, curator, group, on, said, seen, tickets


def test_no_private_ticket_names_a_topic_of_everybody(
    services: Services, workspace: Workspace
) -> None:
    """Nor is it counted; its own channel's readers see it in theirs."""
    secret = channel(services, workspace, "G1", private=True)
    remember(services, workspace, said("merger secret plan", channel_id=secret.id))
    remember(services, workspace, said(SUBJECTS[0]))
    everybody = group(services, scope_of_everybody(workspace.id))
    assert everybody.tickets == 6
    assert "merger" not in repr(everybody)
    own = group(services, scope_of_channel(secret))
    assert own.tickets == 12
    assert "merger" in repr(own)
    assert "merger" not in repr(seen(services, scope_of_everybody(workspace.id)))


def test_topics_are_void_when_a_channel_turns_private(
    services: Services, workspace: Workspace
) -> None:
    """Nothing of them is shown until they are grouped anew, under names that tell nothing."""
    place = channel(services, workspace, "C1")
    remember(services, workspace, said("merger secret plan", channel_id=place.id))
    remember(services, workspace, said(SUBJECTS[0]))
    scope = scope_of_everybody(workspace.id)
    topic = on(group(services, scope), "merger")
    with services.database.write() as session:
        save_channel(session, workspace.id, ChannelFacts("C1", is_private=True))
    with services.database.read() as session:
        assert view_run(session, scope, NOW) is None
        with pytest.raises(NotFoundError):
            curator(session, scope).find(topic.topic_id)
    assert "merger" not in repr(group(services, scope))


def test_a_shared_channel_sees_its_own_tickets_alone(
    services: Services, workspace: Workspace
) -> None:
    """Outside members read nothing else."""
    shared = channel(services, workspace, "C9", shared=True)
    remember(services, workspace, said(SUBJECTS[0]))
    remember(services, workspace, said(SUBJECTS[1], channel_id=shared.id))
    view = group(services, scope_of_channel(shared))
    assert view.tickets == 6
    assert scope_of_channel(shared).audience.items.compare(audience_of_channel(shared).items)


def test_a_deleted_ticket_is_gone_from_its_topic(services: Services, scope: Scope) -> None:
    """At once, not at the next run."""
    before = group(services, scope)
    gone = before.topics[0].representatives[0].item_id
    with services.database.write() as session:
        session.get_one(Item, gone).deleted_at = NOW
    view = seen(services, scope)
    assert view.tickets == 17
    assert gone not in {
        one.item_id for topic in view.topics for one in tickets(services, view, topic)
    }


def test_a_title_from_before_a_channel_turned_private_never_returns(
    services: Services, workspace: Workspace
) -> None:
    """Not even by a narrower run in between, which leaves the topics of other tickets alone."""
    here, there = (channel(services, workspace, name, private=False) for name in ("C1", "C2"))
    remember(services, workspace, said("printer prints blank pages", channel_id=here.id))
    remember(services, workspace, said("merger printer plan", channel_id=there.id))
    remember(services, workspace, said("vpn drops every hour", channel_id=here.id))
    scope = scope_of_everybody(workspace.id)
    group(services, scope)
    with services.database.write() as session:
        save_channel(session, workspace.id, ChannelFacts("C2", is_private=True))
    remember(services, workspace, said("staff printer plan", channel_id=here.id))
    remember(services, workspace, said("badge opens no door", channel_id=here.id, minutes=6))
    group(services, scope, ClusterRequest(since=START + timedelta(minutes=5)))
    view = group(services, scope)
    assert "merger" not in str(view)
    with services.database.read() as session:
        assert not any("merger" in topic.title for topic in session.scalars(select(Topic)))


def test_a_deleted_ticket_takes_its_words_out_of_titles(services: Services, scope: Scope) -> None:
    """Where no other ticket says them: at once, and for good with the next run."""
    services.topics.run(scope, ClusterRequest(), by="U1", now=NOW)
    with services.database.write() as session:
        for topic in session.scalars(select(Topic)):
            topic.title, topic.terms = f"{topic.title} zebra", [*topic.terms, "zebra"]
        run = session.scalars(select(TopicRun)).one()
        run.gone_topics = {0: "zebra crossing"}
    view = seen(services, scope)
    assert "zebra" not in str(view)
    shown = on(view, SUBJECTS[0])
    assert shown.title == shown.representatives[0].title
    with services.database.write() as session:
        session.get_one(Item, shown.representatives[0].item_id).deleted_at = NOW
    group(services, scope)
    with services.database.read() as session:
        assert not any("zebra" in topic.title for topic in session.scalars(select(Topic)))
