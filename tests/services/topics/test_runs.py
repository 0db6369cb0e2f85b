"""Topics of a scope: found, named, followed from run to run, kept as people made them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.wiring import Services
from models import Item, Workspace
from services.errors import NotFoundError
from services.topics.members import tickets_of
from services.topics.runs import ClusterRequest
from services.topics.scopes import Scope, scope_of_everybody
from tests.conftest import NOW
from tests.remembering import START, remember, ticket
from tests.services.topics.backlog import (
    LANGUAGES,
    SUBJECTS,
    curator,
    group,
    ids,
    on,
    said,
    seen,
    tickets,
)


def test_tickets_are_grouped_by_what_they_are_about(services: Services, scope: Scope) -> None:
    """Three subjects, three topics with titles of their own, an exemplar each, and figures."""
    view = group(services, scope)
    assert [topic.size for topic in view.topics] == [6, 6, 6]
    for subject in SUBJECTS:
        topic = on(view, subject)
        assert all(subject.split()[0] in one.title for one in tickets(services, view, topic))
        assert set(topic.title.lower().split()) & set(subject.split())
        assert 1 <= len(topic.representatives) <= 4
        best = list(topic.representatives)
        assert best == tickets(services, view, topic)[: len(best)]
        assert topic.change == "born"
        assert 0 <= topic.quality <= 1
        assert topic.purity == 1
    assert len({topic.title for topic in view.topics}) == 3
    assert view.tickets == 18


def test_a_topic_keeps_its_id_and_name_from_run_to_run(
    services: Services, scope: Scope, workspace: Workspace
) -> None:
    """More tickets make it grow; a new subject is born, one whose tickets are gone is gone."""
    before = group(services, scope)
    remember(services, workspace, said(SUBJECTS[0], first=10))
    remember(services, workspace, said("parcel lost in transit"))
    with services.database.write() as session:
        wrong = session.scalars(select(Item).where(Item.text.contains("invoice"))).all()
        for item in wrong:
            item.deleted_at = NOW
    after = group(services, scope)
    for subject in SUBJECTS[:2]:
        assert on(after, subject).topic_id == on(before, subject).topic_id
        assert on(after, subject).title == on(before, subject).title
    assert on(after, SUBJECTS[0]).change == "grown"
    assert on(after, "parcel").change == "born"
    assert on(before, SUBJECTS[2]).topic_id not in ids(after.topics)


def test_tickets_that_are_grouped_again_stay_where_they_are(
    services: Services, scope: Scope, workspace: Workspace
) -> None:
    """All of a topic is as it was while no ticket is new, and nothing is news."""
    remember(services, workspace, [ticket("stray", "who has seen my umbrella")])
    first = group(services, scope)
    topic = first.topics[0]
    with services.database.write() as session:
        curator(session, scope).rename(topic.topic_id, "Paper")
        curator(session, scope).hide(first.topics[1].topic_id)
    heard: list[tuple[int, int]] = []
    services.topics.run(
        scope, ClusterRequest(), by="U2", now=NOW, on_progress=lambda *far: heard.append(far)
    )
    again = seen(services, scope)
    assert heard == [(100, 100)]
    assert again.run_id != first.run_id
    assert again.unclustered == first.unclustered == 1
    assert {one.change for one in again.topics} == {"same"}
    assert again.topics == tuple(
        replace(
            one,
            change="same",
            title="Paper" if one is topic else one.title,
            is_hidden=one is first.topics[1],
        )
        for one in first.topics
    )


@pytest.mark.parametrize(
    "what", ["another ticket", "another span", "a moved ticket", "a strictness"]
)
def test_tickets_are_grouped_anew_once_something_is_new(
    services: Services, scope: Scope, workspace: Workspace, what: str
) -> None:
    """New tickets, other ones, and what people placed elsewhere are looked at."""
    first = group(services, scope)
    wanted = ClusterRequest()
    if what == "another ticket":
        remember(services, workspace, said(SUBJECTS[0], first=20))
    elif what == "another span":
        remember(services, workspace, said(SUBJECTS[0], first=20, minutes=600))
        first = group(services, scope)
        wanted = ClusterRequest(since=START + timedelta(minutes=500))
    elif what == "a strictness":
        wanted = ClusterRequest(strictness=0.1)
    else:
        with services.database.write() as session:
            moved = first.topics[0].representatives[0].item_id
            curator(session, scope).move(moved, first.topics[1].topic_id)
    heard: list[tuple[int, int]] = []
    services.topics.run(scope, wanted, by="U2", now=NOW, on_progress=lambda *far: heard.append(far))
    assert len(heard) > 1


def test_a_ticket_that_was_moved_back_is_placed_by_the_next_run(
    services: Services, scope: Scope
) -> None:
    """Though no ticket is new."""
    first = group(services, scope)
    moved = first.topics[0].representatives[0].item_id
    with services.database.write() as session:
        curator(session, scope).move(moved, first.topics[1].topic_id)
    group(services, scope)
    with services.database.write() as session:
        curator(session, scope).unmove(moved)
    again = group(services, scope)
    with services.database.read() as session:
        [home] = [
            one.topic_id
            for one in again.topics
            if moved in {of.item_id for of in tickets_of(session, again.selection, one.topic_id)}
        ]
    assert home == first.topics[0].topic_id


def test_nothing_to_group_is_told(services: Services, workspace: Workspace) -> None:
    """No ticket, one, and all the same."""
    scope = scope_of_everybody(workspace.id)
    with pytest.raises(NotFoundError, match="no ticket"):
        group(services, scope)
    remember(services, workspace, [ticket("1", SUBJECTS[0])])
    view = group(services, scope)
    assert (view.topics, view.unclustered) == ((), 1)
    remember(services, workspace, [ticket(str(number), SUBJECTS[0]) for number in range(2, 9)])
    assert [topic.size for topic in group(services, scope).topics] == [8]


def test_thirty_languages_at_once_are_told_apart(services: Services, workspace: Workspace) -> None:
    """Each topic has a title, in words of its own tickets, and no two have the same."""
    for text in LANGUAGES:
        remember(services, workspace, said(text))
    view = group(services, scope_of_everybody(workspace.id))
    assert view.tickets == 180
    assert len(view.topics) >= 15
    titles = [topic.title.casefold() for topic in view.topics]
    assert all(title.strip() for title in titles)
    assert len(set(titles)) == len(titles)
    for topic in view.topics:
        said_there = " ".join(one.title for one in tickets(services, view, topic)).casefold()
        assert topic.title.split()[0].casefold() in said_there
