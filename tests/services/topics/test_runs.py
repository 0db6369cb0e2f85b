"""A run clusters the tickets of a scope, names the topics and follows them from run to run."""

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
from services.topics.various import VARIOUS
from tests.conftest import NOW
from tests.remembering import START, remember, ticket
from tests.services.topics.backlog import (
    ONE_COMPLAINT_IN_30_LANGUAGES,
    SUBJECTS,
    cluster_scope,
    curator,
    current_view,
    tickets_about,
    tickets_of_topic,
    topic_about,
    topic_ids,
)


def test_tickets_are_clustered_by_subject(services: Services, scope: Scope) -> None:
    """Three subjects give three topics with titles, representative tickets and figures."""
    view = cluster_scope(services, scope)
    assert [topic.size for topic in view.topics] == [6, 6, 6]
    for subject in SUBJECTS:
        topic = topic_about(view, subject)
        assert all(
            subject.split()[0] in one.title for one in tickets_of_topic(services, view, topic)
        )
        assert set(topic.title.lower().split()) & set(subject.split())
        assert 1 <= len(topic.representatives) <= 4
        best = list(topic.representatives)
        assert best == tickets_of_topic(services, view, topic)[: len(best)]
        assert topic.change == "born"
        assert 0 <= topic.quality <= 1
        assert topic.purity == 1
    assert len({topic.title for topic in view.topics}) == 3
    assert view.tickets == 18


@pytest.mark.both_databases
def test_a_topic_keeps_its_id_and_name_from_run_to_run(
    services: Services, scope: Scope, workspace: Workspace
) -> None:
    """New tickets make a topic grow, a new subject adds one, and one without tickets goes."""
    before = cluster_scope(services, scope)
    remember(services, workspace, tickets_about(SUBJECTS[0], first=10))
    remember(services, workspace, tickets_about("parcel lost in transit"))
    with services.database.write() as session:
        wrong = session.scalars(select(Item).where(Item.text.contains("invoice"))).all()
        for item in wrong:
            item.deleted_at = NOW
    after = cluster_scope(services, scope)
    for subject in SUBJECTS[:2]:
        assert topic_about(after, subject).topic_id == topic_about(before, subject).topic_id
        assert topic_about(after, subject).title == topic_about(before, subject).title
    assert topic_about(after, SUBJECTS[0]).change == "grown"
    assert topic_about(after, "parcel").change == "born"
    assert topic_about(before, SUBJECTS[2]).topic_id not in topic_ids(after.topics)


def test_a_run_without_new_tickets_changes_nothing(
    services: Services, scope: Scope, workspace: Workspace
) -> None:
    """Topics keep their tickets, names and figures, and are reported as unchanged."""
    remember(services, workspace, [ticket("stray", "who has seen my umbrella")])
    first = cluster_scope(services, scope)
    topic = first.topics[0]
    with services.database.write() as session:
        curator(session, scope).rename(topic.topic_id, "Paper")
        curator(session, scope).hide(first.topics[1].topic_id)
    progress: list[tuple[int, int]] = []
    services.topics.run(
        scope, ClusterRequest(), by="U2", now=NOW, on_progress=lambda *done: progress.append(done)
    )
    again = current_view(services, scope)
    assert progress == [(100, 100)]
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
    "change", ["another ticket", "another span", "a moved ticket", "a strictness"]
)
def test_tickets_are_clustered_again_after_a_change(
    services: Services, scope: Scope, workspace: Workspace, change: str
) -> None:
    """New or moved tickets, another selection or another strictness are reasons to cluster."""
    first = cluster_scope(services, scope)
    request = ClusterRequest()
    if change == "another ticket":
        remember(services, workspace, tickets_about(SUBJECTS[0], first=20))
    elif change == "another span":
        remember(services, workspace, tickets_about(SUBJECTS[0], first=20, minutes=600))
        first = cluster_scope(services, scope)
        request = ClusterRequest(since=START + timedelta(minutes=500))
    elif change == "a strictness":
        request = ClusterRequest(strictness=0.1)
    else:
        with services.database.write() as session:
            moved = first.topics[0].representatives[0].item_id
            curator(session, scope).move(moved, first.topics[1].topic_id)
    progress: list[tuple[int, int]] = []
    services.topics.run(
        scope, request, by="U2", now=NOW, on_progress=lambda *done: progress.append(done)
    )
    assert len(progress) > 1


def test_a_ticket_that_was_moved_back_is_placed_by_the_next_run(
    services: Services, scope: Scope
) -> None:
    """The run clusters again, even without new tickets."""
    first = cluster_scope(services, scope)
    moved = first.topics[0].representatives[0].item_id
    with services.database.write() as session:
        curator(session, scope).move(moved, first.topics[1].topic_id)
    cluster_scope(services, scope)
    with services.database.write() as session:
        curator(session, scope).unmove(moved)
    again = cluster_scope(services, scope)
    with services.database.read() as session:
        [home] = [
            one.topic_id
            for one in again.topics
            if moved in {of.item_id for of in tickets_of(session, again.selection, one.topic_id)}
        ]
    assert home == first.topics[0].topic_id


def test_too_few_tickets_give_no_or_one_topic(services: Services, workspace: Workspace) -> None:
    """No ticket is an error, a single one is unclustered, and equal ones are one topic."""
    scope = scope_of_everybody(workspace.id)
    with pytest.raises(NotFoundError, match="no ticket"):
        cluster_scope(services, scope)
    remember(services, workspace, [ticket("1", SUBJECTS[0])])
    view = cluster_scope(services, scope)
    assert (view.topics, view.unclustered) == ((), 1)
    remember(services, workspace, [ticket(str(number), SUBJECTS[0]) for number in range(2, 9)])
    assert [topic.size for topic in cluster_scope(services, scope).topics] == [8]


def test_thirty_languages_at_once_are_separate_topics(
    services: Services, workspace: Workspace
) -> None:
    """Each topic has a title of its own, in words of its own tickets."""
    for text in ONE_COMPLAINT_IN_30_LANGUAGES:
        remember(services, workspace, tickets_about(text))
    view = cluster_scope(services, scope_of_everybody(workspace.id))
    assert view.tickets == 180
    assert len(view.topics) >= 15
    titles = [topic.title.casefold() for topic in view.topics]
    assert all(title.strip() for title in titles)
    assert len(set(titles)) == len(titles)
    for topic in view.topics:
        words = " ".join(one.title for one in tickets_of_topic(services, view, topic)).casefold()
        said = topic.title.removeprefix(f"{VARIOUS['en']}: ")
        assert said.split()[0].rstrip(":").casefold() in words
