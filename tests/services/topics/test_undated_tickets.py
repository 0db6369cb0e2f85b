"""Tickets whose date is not known: they are found and counted, and take part in no trend."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.wiring import Services
from models import Workspace
from services.answers.search_query import newest_items, parse_query
from services.channels.audience import whole_workspace
from services.errors import NotFoundError
from services.evaluation.replay import tickets_to_replay
from services.topics.members import memberships_of
from services.topics.runs import ClusterRequest
from services.topics.scopes import Scope
from services.topics.unanswered import unanswered
from tests.conftest import NOW
from tests.remembering import START, remember
from tests.services.topics.backlog import (
    DETAILS,
    cluster_scope,
    tickets_about,
    tickets_of_topic,
    topic_about,
)

TODAY = int((NOW - START) / timedelta(minutes=1))


@pytest.mark.both_databases
def test_undated_tickets_have_no_trend(
    services: Services, scope: Scope, workspace: Workspace
) -> None:
    """They are in their topic, but on no day, in no week, no rise and no time of waiting."""
    remember(services, workspace, tickets_about("kiosk black", minutes=TODAY, is_dated=False))
    view = cluster_scope(services, scope)
    topic = topic_about(view, "kiosk")
    assert topic.size == len(DETAILS)
    assert (sum(topic.weeks), sum(topic.days), topic.trend.count) == (0, 0, 0)
    assert not topic.trend.is_rise
    assert {one.created_at for one in tickets_of_topic(services, view, topic)} == {None}
    with services.database.read() as session:
        assert None in {one.day for one in memberships_of(session, view.selection)}
        waiting = {one.topic.topic_id: one for one in unanswered(session, view, NOW)}
    assert topic.topic_id not in waiting


def test_undated_tickets_are_in_no_span(
    services: Services, scope: Scope, workspace: Workspace
) -> None:
    """Topics of the last days leave them out, and no topic of theirs is new in these days."""
    remember(services, workspace, tickets_about("kiosk black", minutes=TODAY, is_dated=False))
    recent = NOW - timedelta(days=1)
    with pytest.raises(NotFoundError):
        cluster_scope(services, scope, ClusterRequest(since=recent))


def test_a_topic_of_undated_tickets_is_not_new(
    services: Services, scope: Scope, workspace: Workspace
) -> None:
    """A topic that came with a file without dates is no news."""
    cluster_scope(services, scope)
    remember(services, workspace, tickets_about("kiosk black", minutes=TODAY, is_dated=False))
    view = cluster_scope(services, scope)
    assert view.news_of(topic_about(view, "kiosk")) == ""


def test_undated_tickets_are_neither_newest_nor_before_others(
    services: Services, workspace: Workspace
) -> None:
    """A search lists them last and no date finds them; a replay leaves them out."""
    dated, *_ = remember(services, workspace, tickets_about("vpn drops"))
    kept = tickets_about("kiosk black", minutes=TODAY, is_dated=False)
    undated = {one.item_id for one in remember(services, workspace, kept)}
    audience = whole_workspace(workspace.id)
    with services.database.read() as session:
        found = {
            typed: newest_items(session, audience, parse_query(typed), 20)
            for typed in ("is:open", "after:2020-01-01", "before:2030-01-01")
        }
    assert set(found["is:open"][-len(undated) :]) == undated
    assert not undated & {*found["after:2020-01-01"], *found["before:2030-01-01"]}
    assert dated.item_id in found["after:2020-01-01"]
    assert not undated & set(tickets_to_replay(services.database, workspace.id))
