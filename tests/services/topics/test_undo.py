"""Whoever merged, split or moved by mistake has the topics as they were, in later runs as well."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select

from bot.wiring import Services
from models import Channel, MergedItem, Topic, TopicAlert, Workspace
from services.erasure.titles import clean_record, unname_topics
from services.errors import InputError, NotFoundError
from services.topics.curation import Curator
from services.topics.edits import newest_edits
from services.topics.forgetting import forget_unreadable
from services.topics.runs import ClusterRequest
from services.topics.scopes import Scope
from services.topics.undo import Undo
from services.topics.views import RunView
from tests.conftest import NOW
from tests.remembering import remember
from tests.services.topics.backlog import (
    SUBJECTS,
    cluster_scope,
    curator,
    current_view,
    tickets_about,
    tickets_of_topic,
    topic_about,
)

Shown = dict[int, tuple[str, frozenset[int]]]


def _shown(services: Services, view: RunView) -> Shown:
    return {
        one.topic_id: (
            one.title,
            frozenset(ticket.item_id for ticket in tickets_of_topic(services, view, one)),
        )
        for one in view.topics
    }


def _change(services: Services, scope: Scope, work: Callable[[Curator], object]) -> None:
    with services.database.write() as session:
        work(curator(session, scope))


def _undo(services: Services, scope: Scope, edit_id: int | None = None) -> None:
    _change(services, scope, lambda one: Undo(one).undo(edit_id))


def _rewrite(services: Services, workspace: Workspace, subject: str, other: str) -> None:
    """Edit the tickets about a subject, so that they are about another one."""
    names = [one.external_id for one in tickets_about(subject)]
    edited = zip(names, tickets_about(other), strict=True)
    remember(services, workspace, [replace(new, external_id=name) for name, new in edited])


@pytest.mark.both_databases
def test_a_merge_of_merges_is_undone(services: Services, scope: Scope) -> None:
    """Merged topics have their numbers, names and tickets again, at once and in the next run."""
    view = cluster_scope(services, scope)
    before = _shown(services, view)
    one, two, three = (topic_about(view, subject).topic_id for subject in SUBJECTS)
    _change(services, scope, lambda it: it.rename(two, "Hotel wifi"))
    _change(services, scope, lambda it: it.merge(one, [two]))
    _change(services, scope, lambda it: it.merge(three, [one]))
    assert len(current_view(services, scope).topics) == 1
    with pytest.raises(NotFoundError):
        _change(services, scope, lambda it: it.find(two))
    for _ in range(2):
        _undo(services, scope)
    named = before | {two: ("Hotel wifi", before[two][1])}
    assert _shown(services, current_view(services, scope)) == named
    assert _shown(services, cluster_scope(services, scope)) == named
    with services.database.read() as session:
        assert not any(session.scalars(select(Topic.is_merged)))
        assert session.scalars(select(MergedItem)).all() == []


def test_tickets_that_came_after_a_merge_find_their_topic(
    services: Services, scope: Scope, workspace: Workspace
) -> None:
    """A run in between changes nothing: what came later is placed by the next run."""
    view = cluster_scope(services, scope)
    one, two = (topic_about(view, subject).topic_id for subject in SUBJECTS[:2])
    _change(services, scope, lambda it: it.merge(one, [two]))
    remember(services, workspace, tickets_about(SUBJECTS[1], first=30))
    cluster_scope(services, scope)
    _undo(services, scope)
    sizes = {topic.topic_id: topic.size for topic in cluster_scope(services, scope).topics}
    assert (sizes[one], sizes[two]) == (6, 12)


def test_a_split_is_undone(services: Services, scope: Scope) -> None:
    """Both parts are one topic again, also in the next run."""
    view = cluster_scope(services, scope, ClusterRequest(k=2))
    [mixed] = [topic for topic in view.topics if topic.size == 12]
    before = _shown(services, view)
    _change(services, scope, lambda it: it.split(mixed.topic_id))
    assert len(current_view(services, scope).topics) == 3
    _undo(services, scope)
    assert _shown(services, current_view(services, scope)) == before
    assert len(cluster_scope(services, scope, ClusterRequest(k=2)).topics) == 2


@pytest.mark.both_databases
def test_a_move_is_undone_to_where_the_ticket_was_put_before(
    services: Services, scope: Scope
) -> None:
    """The first move holds again; without it, the ticket is where the run had put it."""
    view = cluster_scope(services, scope)
    before = _shown(services, view)
    one, two, three = (topic_about(view, subject).topic_id for subject in SUBJECTS)
    ticket = min(before[one][1])
    _change(services, scope, lambda it: it.move(ticket, two))
    _change(services, scope, lambda it: it.move(ticket, three))
    _change(services, scope, lambda it: it.unmove(ticket))
    _undo(services, scope)
    _undo(services, scope)
    assert ticket in _shown(services, cluster_scope(services, scope))[two][1]
    _undo(services, scope)
    assert _shown(services, cluster_scope(services, scope)) == before


def test_hidden_shown_and_renamed(services: Services, scope: Scope) -> None:
    """Each of them is undone, also by number and while other topics were changed since."""
    view = cluster_scope(services, scope)
    before = _shown(services, view)
    one, two, _ = view.topics
    _change(services, scope, lambda it: it.rename(one.topic_id, "Paper"))
    _change(services, scope, lambda it: it.hide(two.topic_id))
    with services.database.read() as session:
        hidden, renamed = (edit.id for edit in newest_edits(session, scope, 9))
    _undo(services, scope, renamed)
    _undo(services, scope, hidden)
    view = current_view(services, scope)
    assert _shown(services, view) == before
    assert not any(topic.is_hidden for topic in view.topics)
    _change(services, scope, lambda it: it.hide(two.topic_id))
    _change(services, scope, lambda it: it.unhide(two.topic_id))
    _undo(services, scope)
    assert any(topic.is_hidden for topic in current_view(services, scope).topics)


def test_alerts_go_back_to_their_topic(
    services: Services, scope: Scope, workspace: Workspace
) -> None:
    """An incident of a merged topic is that of the topic again after the undo."""
    view = cluster_scope(services, scope)
    one, two = (topic_about(view, subject).topic_id for subject in SUBJECTS[:2])
    with services.database.write() as session:
        place = Channel(workspace_id=workspace.id, slack_id="C1", name="help")
        session.add(place)
        session.flush()
        alert = TopicAlert(
            topic_id=two, channel_id=place.id, run_id=view.run_id, opened_at=NOW, last_seen_at=NOW
        )
        session.add(alert)
    for work, expected in (
        (lambda it: it.merge(one, [two]), one),
        (lambda it: Undo(it).undo(), two),
    ):
        _change(services, scope, work)
        with services.database.read() as session:
            assert session.scalars(select(TopicAlert.topic_id)).one() == expected


def test_words_that_are_gone_do_not_come_back_by_an_undo(
    services: Services, scope: Scope, workspace: Workspace
) -> None:
    """The name of a merged topic is forgotten with its tickets, and made again from those left."""
    view = cluster_scope(services, scope)
    one, two = (topic_about(view, subject) for subject in SUBJECTS[:2])
    _change(services, scope, lambda it: it.merge(one.topic_id, [two.topic_id]))
    _rewrite(services, workspace, SUBJECTS[1], "router reboots at night")
    forget_unreadable(services.database, scope)
    with services.database.read() as session:
        assert session.get_one(Topic, two.topic_id).title == f"#{two.topic_id}"
    _undo(services, scope)
    assert "router" in topic_about(current_view(services, scope), "router reboots").title.lower()


def test_a_name_of_words_that_are_gone_is_made_again(
    services: Services, scope: Scope, workspace: Workspace
) -> None:
    """The former name of a renamed topic is forgotten with its tickets, too."""
    renamed = topic_about(cluster_scope(services, scope), SUBJECTS[1])
    _change(services, scope, lambda it: it.rename(renamed.topic_id, "Paper"))
    _rewrite(services, workspace, SUBJECTS[1], "router reboots at night")
    forget_unreadable(services.database, scope)
    with services.database.read() as session:
        [edit] = newest_edits(session, scope, 1)
        assert edit.title == f"#{renamed.topic_id}"
    _undo(services, scope)
    title = topic_about(current_view(services, scope), "router reboots").title
    assert title != renamed.title
    assert "router" in title.lower()


def test_an_erased_name_is_not_given_back(
    services: Services, scope: Scope, workspace: Workspace
) -> None:
    """The old name of a renamed topic goes with the person that it names, and the undo says so."""
    topic = cluster_scope(services, scope).topics[0].topic_id
    _change(services, scope, lambda it: it.rename(topic, "Questions of Jane Doe"))
    _change(services, scope, lambda it: it.rename(topic, "Paper"))
    with services.database.write() as session:
        unname_topics(session, workspace.id, "Jane Doe")
        assert clean_record(session, workspace.id, (), "Jane Doe") > 0
    with pytest.raises(InputError, match="is gone"):
        _undo(services, scope)


class _Counting(Curator):
    """A curator that counts how often topics are measured."""

    measured = 0

    def measure(self, topic: Topic) -> None:
        """Count, and measure."""
        self.measured += 1
        super().measure(topic)


def test_moves_that_are_undone_together_measure_each_topic_once(
    services: Services, scope: Scope
) -> None:
    """However many tickets were moved at a time."""
    view = cluster_scope(services, scope)
    before = _shown(services, view)
    one, two, *_ = (topic_about(view, subject).topic_id for subject in SUBJECTS)
    moved = sorted(before[one][1])[:4]
    with services.database.write() as session:
        mover = curator(session, scope)
        for item_id in moved:
            mover.move(item_id, two)
        edits = [edit.id for edit in reversed(mover.made)]
    with services.database.write() as session:
        counting = _Counting(session, scope, "U2", NOW)
        Undo(counting).undo_together(edits)
    assert counting.measured == 2
    assert _shown(services, current_view(services, scope)) == before
