"""Figures of topics: tickets a week, trend, time to a solution, and unanswered tickets."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.wiring import Services
from models import Item, Resolution, Workspace
from services.issues.resolutions import ensure_resolution
from services.topics.members import DAY, memberships_of
from services.topics.scopes import Scope
from services.topics.unanswered import unanswered
from tests.conftest import NOW
from tests.remembering import START, remember, ticket
from tests.services.topics.backlog import (
    DETAILS,
    SUBJECTS,
    cluster_scope,
    curator,
    current_view,
    tickets_about,
    tickets_of_topic,
    topic_about,
)


def test_the_most_unanswered_topic_comes_first(services: Services, scope: Scope) -> None:
    """Topics are ranked by how many tickets wait and how long; solved ones do not wait."""
    view = cluster_scope(services, scope)
    solved = topic_about(view, SUBJECTS[0])
    with services.database.write() as session:
        for one in tickets_of_topic(services, view, solved):
            session.get_one(Item, one.item_id).status = "resolved"
    view = current_view(services, scope)
    with services.database.read() as session:
        waiting = unanswered(session, view, NOW)
    assert [one.topic.topic_id for one in waiting] != []
    assert solved.topic_id not in {one.topic.topic_id for one in waiting}
    assert waiting[0].open_count == 6
    assert topic_about(view, SUBJECTS[0]).solved == 1


@pytest.mark.both_databases
def test_figures_count_the_tickets_of_a_topic(
    services: Services, scope: Scope, workspace: Workspace
) -> None:
    """Tickets by week and day, the median time to a solution, and the median wait of open ones."""
    hours = 60
    for number, days in enumerate((1, 2, 8, 30, 200)):
        minutes = int((NOW - START) / timedelta(minutes=1)) - days * 24 * hours
        one = ticket(f"kiosk-{number}", f"kiosk screen black {number}", minutes=minutes, author="U")
        remember(services, workspace, [one])
    with services.database.write() as session:
        kiosks = select(Item).where(Item.text.contains("kiosk")).order_by(Item.external_id)
        for item, hours_to_solution in zip(session.scalars(kiosks), (1, 2, 6, 9), strict=False):
            session.add(
                Resolution(
                    item_id=item.id,
                    text="restart it",
                    marked_by="U1",
                    marked_at=item.created_at + timedelta(hours=hours_to_solution),
                )
            )
            item.resolution = "restart it" if hours_to_solution < 9 else None
    topic = topic_about(cluster_scope(services, scope), "kiosk")
    assert (topic.size, topic.solved_count, topic.open_count) == (5, 3, 2)
    assert topic.weeks == (0, 0, 0, 1, 0, 0, 1, 2)
    assert [sum(topic.days[start : start + 7]) for start in range(0, 56, 7)] == list(topic.weeks)
    assert sum(topic.days[-7:]) == topic.trend.count
    assert (topic.trend.count, topic.trend.reporters) == (2, 1)
    assert topic.median == timedelta(hours=4)
    view = current_view(services, scope)
    with services.database.read() as session:
        waiting = {one.topic.topic_id: one for one in unanswered(session, view, NOW)}
    assert waiting[topic.topic_id].median_wait == timedelta(days=115)


def test_tickets_stored_after_a_run_are_not_unclustered(
    services: Services, scope: Scope, workspace: Workspace
) -> None:
    """Tickets imported after a run count in it only once somebody moves them into a topic."""
    before = cluster_scope(services, scope)
    remember(services, workspace, tickets_about("kiosk screen black", minutes=-10_000))
    after = current_view(services, scope)
    assert (after.tickets, after.unclustered) == (before.tickets, before.unclustered)
    late = after.topics[0]
    with services.database.write() as session:
        newest = session.scalars(select(Item).order_by(Item.id.desc())).first()
        assert newest is not None
        curator(session, scope).move(newest.id, late.topic_id)
        newest_id = newest.id
    moved = current_view(services, scope).find(late.topic_id)
    assert moved is not None
    assert moved.size == late.size + 1
    assert newest_id in {
        one.item_id for one in tickets_of_topic(services, current_view(services, scope), moved)
    }
    assert cluster_scope(services, scope).tickets == before.tickets + len(DETAILS)


def test_tickets_dated_in_the_future_have_no_trend(
    services: Services, scope: Scope, workspace: Workspace
) -> None:
    """Tickets with future dates, as files may have, count in a topic but in no week or trend."""
    year = int((NOW - START + timedelta(days=400)) / timedelta(minutes=1))
    remember(services, workspace, tickets_about("kiosk screen black", minutes=year))
    view = cluster_scope(services, scope)
    topic = topic_about(view, "kiosk")
    assert topic.size == len(tickets_of_topic(services, view, topic)) == len(DETAILS)
    assert view.tickets == (len(SUBJECTS) + 1) * len(DETAILS)
    assert (sum(topic.weeks), sum(topic.days), topic.trend.count) == (0, 0, 0)
    assert not any(one.trend.is_rise for one in view.topics)
    with services.database.read() as session:
        waiting = {one.topic.topic_id: one for one in unanswered(session, view, NOW)}
        days = {one.day or 0 for one in memberships_of(session, view.selection)}
    assert waiting[topic.topic_id].median_wait == timedelta()
    assert max(days) == int(NOW.timestamp()) // DAY


def test_tickets_imported_as_solved_have_a_time_to_solution(
    services: Services, scope: Scope, workspace: Workspace
) -> None:
    """The file's times count, with or without an answer; open tickets have none."""
    for number, (status, answer, hours) in enumerate(
        (("closed", None, 2), ("open", "restart it", 4), ("open", None, 90), ("closed", "so", None))
    ):
        text = f"kiosk screen black {number}"
        one = ticket(f"kiosk-{number}", text, status=status, resolution=answer)
        at = None if hours is None else one.created_at + timedelta(hours=hours)
        remember(services, workspace, [replace(one, resolved_at=at)])
    with services.database.write() as session:
        for item in session.scalars(select(Item).where(Item.resolution.is_not(None))):
            ensure_resolution(session, item)
    assert topic_about(cluster_scope(services, scope), "kiosk").median == timedelta(hours=3)
    with services.database.read() as session:
        marked = session.scalars(select(Resolution).where(Resolution.text == "restart it")).one()
        assert marked.marked_at == START + timedelta(hours=4)


def test_a_topic_without_its_representatives_shows_another(
    services: Services, scope: Scope
) -> None:
    """When all representatives are deleted, the ticket that fits best takes their place."""
    topic = cluster_scope(services, scope).topics[0]
    with services.database.write() as session:
        for one in topic.representatives:
            session.get_one(Item, one.item_id).deleted_at = NOW
    view = current_view(services, scope)
    left = next(one for one in view.topics if one.topic_id == topic.topic_id)
    assert list(left.representatives) == tickets_of_topic(services, view, left)[:1]


def test_days_follow_the_workspaces_zone(
    services: Services, workspace: Workspace, scope: Scope
) -> None:
    """A ticket of five in the morning UTC is of the evening before in Los Angeles."""
    early = int((NOW.replace(hour=5) - START) / timedelta(minutes=1))
    remember(services, workspace, tickets_about("badge reader is broken", minutes=early))
    cluster_scope(services, scope)
    counts = []
    for zone in ("UTC", "America/Los_Angeles"):
        with services.database.write() as session:
            session.get_one(Workspace, workspace.id).time_zone = zone
        topic = topic_about(current_view(services, scope), "badge")
        counts.append(topic.days[-2:])
    assert counts == [(0, 6), (6, 0)]
