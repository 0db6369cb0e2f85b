"""The figures of a topic: tickets a week, times to a solution, the longest unanswered first."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from bot.wiring import Services
from models import Item, Resolution, Workspace
from services.issues.resolutions import ensure_resolution
from services.topics.members import DAY, memberships_of
from services.topics.scopes import Scope
from services.topics.unanswered import unanswered
from tests.conftest import NOW
from tests.remembering import START, remember, ticket
from tests.services.topics.backlog import DETAILS, SUBJECTS, curator, group, on, said, seen, tickets


def test_what_nobody_answers_is_told_first(services: Services, scope: Scope) -> None:
    """By how many times how long; what is solved waits no more."""
    view = group(services, scope)
    solved = on(view, SUBJECTS[0])
    with services.database.write() as session:
        for one in tickets(services, view, solved):
            session.get_one(Item, one.item_id).status = "resolved"
    view = seen(services, scope)
    with services.database.read() as session:
        radar = unanswered(session, view, NOW)
    assert [one.topic.topic_id for one in radar] != []
    assert solved.topic_id not in {one.topic.topic_id for one in radar}
    assert radar[0].open_count == 6
    assert on(view, SUBJECTS[0]).solved == 1


def test_figures_are_those_of_the_tickets(
    services: Services, scope: Scope, workspace: Workspace
) -> None:
    """How many came in which week, how long solving took, and how long the others wait."""
    hours = 60
    for number, days in enumerate((1, 2, 8, 30, 200)):
        minutes = int((NOW - START) / timedelta(minutes=1)) - days * 24 * hours
        one = ticket(f"kiosk-{number}", f"kiosk screen black {number}", minutes=minutes, author="U")
        remember(services, workspace, [one])
    with services.database.write() as session:
        kiosks = select(Item).where(Item.text.contains("kiosk")).order_by(Item.external_id)
        for item, took in zip(session.scalars(kiosks), (1, 2, 6, 9), strict=False):
            session.add(
                Resolution(
                    item_id=item.id,
                    text="restart it",
                    marked_by="U1",
                    marked_at=item.created_at + timedelta(hours=took),
                )
            )
            item.resolution = "restart it" if took < 9 else None
    topic = on(group(services, scope), "kiosk")
    assert (topic.size, topic.solved_count, topic.open_count) == (5, 3, 2)
    assert topic.weeks == (0, 0, 0, 1, 0, 0, 1, 2)
    assert [sum(topic.days[start : start + 7]) for start in range(0, 56, 7)] == list(topic.weeks)
    assert sum(topic.days[-7:]) == topic.trend.count
    assert (topic.trend.count, topic.trend.reporters) == (2, 1)
    assert topic.median == timedelta(hours=4)
    view = seen(services, scope)
    with services.database.read() as session:
        radar = {one.topic.topic_id: one for one in unanswered(session, view, NOW)}
    assert radar[topic.topic_id].median_wait == timedelta(days=115)


def test_what_is_remembered_after_a_run_was_not_grouped(
    services: Services, scope: Scope, workspace: Workspace
) -> None:
    """Old tickets that are imported later do not fit nowhere: nobody has looked where they fit."""
    before = group(services, scope)
    remember(services, workspace, said("kiosk screen black", minutes=-10_000))
    after = seen(services, scope)
    assert (after.tickets, after.unclustered) == (before.tickets, before.unclustered)
    late = after.topics[0]
    with services.database.write() as session:
        newest = session.scalars(select(Item).order_by(Item.id.desc())).first()
        assert newest is not None
        curator(session, scope).move(newest.id, late.topic_id)
        newest_id = newest.id
    moved = seen(services, scope).find(late.topic_id)
    assert moved is not None
    assert moved.size == late.size + 1
    assert newest_id in {one.item_id for one in tickets(services, seen(services, scope), moved)}
    assert group(services, scope).tickets == before.tickets + len(DETAILS)


def test_tickets_with_a_date_to_come_count_without_a_trend(
    services: Services, scope: Scope, workspace: Workspace
) -> None:
    """A file may say any date: a topic has all of its tickets, and nothing is asked tomorrow."""
    year = int((NOW - START + timedelta(days=400)) / timedelta(minutes=1))
    remember(services, workspace, said("kiosk screen black", minutes=year))
    view = group(services, scope)
    topic = on(view, "kiosk")
    assert topic.size == len(tickets(services, view, topic)) == len(DETAILS)
    assert view.tickets == (len(SUBJECTS) + 1) * len(DETAILS)
    assert (sum(topic.weeks), sum(topic.days), topic.trend.count) == (0, 0, 0)
    assert not any(one.trend.is_rise for one in view.topics)
    with services.database.read() as session:
        radar = {one.topic.topic_id: one for one in unanswered(session, view, NOW)}
        days = {one.day for one in memberships_of(session, view.selection)}
    assert radar[topic.topic_id].median_wait == timedelta()
    assert max(days) == int(NOW.timestamp()) // DAY


def test_what_was_imported_as_solved_has_taken_its_time(
    services: Services, scope: Scope, workspace: Workspace
) -> None:
    """With an answer or without; not what is open, nor the time at which a file was imported."""
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
    assert on(group(services, scope), "kiosk").median == timedelta(hours=3)
    with services.database.read() as session:
        marked = session.scalars(select(Resolution).where(Resolution.text == "restart it")).one()
        assert marked.marked_at == START + timedelta(hours=4)


def test_a_topic_without_its_best_tickets_shows_another(services: Services, scope: Scope) -> None:
    """Where all that showed it are gone, what fits best stands for it."""
    topic = group(services, scope).topics[0]
    with services.database.write() as session:
        for one in topic.representatives:
            session.get_one(Item, one.item_id).deleted_at = NOW
    view = seen(services, scope)
    left = next(one for one in view.topics if one.topic_id == topic.topic_id)
    assert list(left.representatives) == tickets(services, view, left)[:1]
