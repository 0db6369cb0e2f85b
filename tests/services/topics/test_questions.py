"""People say which topics are one: the most alike first, and later runs keep what they said."""

from __future__ import annotations

import pytest

from bot.wiring import Services
from models import Workspace
from services.errors import InputError
from services.topics.apart import Pair, pair_of, read_apart
from services.topics.posts import record_questions
from services.topics.questions import (
    MAX_DIFFERENT,
    Answer,
    answer,
    find_more_questions,
    find_questions,
    questions_of,
    read_series,
)
from services.topics.runs import ClusterRequest
from services.topics.scopes import Scope, scope_of_everybody
from services.topics.undo import Undo
from tests.conftest import NOW
from tests.levels import variations
from tests.remembering import remember
from tests.services.topics.backlog import (
    SUBJECTS,
    cluster_scope,
    curator,
    current_view,
    tickets_about,
    topic_about,
    topic_ids,
)

# With words of the printer's tickets in common, more or less.
ALIKE = ("printer prints blank labels", "printer prints black stripes", "printer needs paper")


def _questions(services: Services, scope: Scope, limit: int = 20) -> list[Pair]:
    with services.database.read() as session:
        return [one.ids for one in find_questions(session, current_view(services, scope), limit)]


def _more(services: Services, scope: Scope) -> list[Pair]:
    with services.database.read() as session:
        view = current_view(services, scope)
        return [one.ids for one in find_more_questions(session, view, 20)]


def _answer(services: Services, scope: Scope, ids: Pair, said: Answer) -> int:
    with services.database.write() as session:
        return answer(curator(session, scope), ids, said).id


def _undo(services: Services, scope: Scope, edit_id: int | None = None) -> None:
    with services.database.write() as session:
        Undo(curator(session, scope)).undo(edit_id)


@pytest.fixture
def printers(services: Services, workspace: Workspace, scope: Scope) -> Scope:
    """Add tickets about printers to the others, which makes several topics that are alike."""
    for subject in ALIKE:
        remember(services, workspace, tickets_about(subject))
    return scope


def test_the_most_alike_topics_come_first(services: Services, printers: Scope) -> None:
    """Topics about printers are asked about before any other pair, whatever their sizes."""
    view = cluster_scope(services, printers)
    about = {topic.topic_id for topic in view.topics if "printer" in topic.representatives[0].title}
    assert len(about) > 1
    first, *_ = _questions(services, printers)
    assert set(first) <= about


@pytest.mark.both_databases
def test_topics_that_are_one_stay_one(
    services: Services, workspace: Workspace, printers: Scope
) -> None:
    """The larger one takes the other's tickets; later runs keep that; undone, it is asked again."""
    before = cluster_scope(services, printers)
    ids = _questions(services, printers)[0]
    edit_id = _answer(services, printers, ids, "one")
    after = current_view(services, printers)
    assert len(after.topics) == len(before.topics) - 1
    remember(services, workspace, tickets_about(ALIKE[0], first=40))
    assert topic_ids(cluster_scope(services, printers).topics) == topic_ids(after.topics)
    assert all(ids != one for one in _more(services, printers))
    _undo(services, printers, edit_id)
    assert ids in _more(services, printers)


def test_topics_that_are_different_stay_apart(services: Services, workspace: Workspace) -> None:
    """They are not asked about again, and a run that would group them as one leaves both."""
    scope = scope_of_everybody(workspace.id)
    for subject in SUBJECTS[:2]:
        remember(services, workspace, tickets_about(subject))
    one, two = (topic.topic_id for topic in cluster_scope(services, scope).topics)
    ids = pair_of(one, two)
    _answer(services, scope, ids, "apart")
    assert _more(services, scope) == []
    with pytest.raises(InputError):
        _answer(services, scope, ids, "apart")
    kept = cluster_scope(services, scope, ClusterRequest(k=1, keeps_k=True))
    assert topic_ids(kept.topics) == set(ids)
    _undo(services, scope)
    assert len(cluster_scope(services, scope).topics) == 1


def test_what_was_said_outlives_a_run_without_the_topics(
    services: Services, printers: Scope
) -> None:
    """Topics that a run does not find again stay known, and are apart when they come back."""
    cluster_scope(services, printers)
    ids = _questions(services, printers)[0]
    _answer(services, printers, ids, "apart")
    cluster_scope(services, printers, ClusterRequest(k=1, keeps_k=True))
    cluster_scope(services, printers, ClusterRequest(keeps_k=True))
    with services.database.read() as session:
        assert read_apart(session, printers) == [ids]


def test_a_topic_that_was_merged_stays_different(services: Services, printers: Scope) -> None:
    """What was said of it holds for the topic that has its tickets now, and undoes on its own."""
    cluster_scope(services, printers)
    one, two, three = (
        topic_about(current_view(services, printers), subject).topic_id for subject in SUBJECTS
    )
    apart = _answer(services, printers, pair_of(one, two), "apart")
    with services.database.write() as session:
        curator(session, printers).merge(three, [one])
    assert pair_of(two, three) not in _more(services, printers)
    _undo(services, printers, apart)
    kept = cluster_scope(services, printers)
    assert three in topic_ids(kept.topics)


def test_three_different_pairs_in_a_row_are_enough(
    services: Services, workspace: Workspace, printers: Scope
) -> None:
    """Then nothing is asked until there is a new topic; somebody who wants more is asked on."""
    cluster_scope(services, printers)
    for _ in range(MAX_DIFFERENT):
        _answer(services, printers, _questions(services, printers, 1)[0], "apart")
    assert _questions(services, printers) == []
    assert _more(services, printers) != []
    with services.database.read() as session:
        assert read_series(session, printers).ended_at == NOW


def test_the_name_that_people_gave_wins(services: Services, printers: Scope) -> None:
    """Of two topics that are one, the named one keeps number and name, even if it is smaller."""
    view = cluster_scope(services, printers)
    ids = _questions(services, printers)[0]
    smaller = min((one for one in view.topics if one.topic_id in ids), key=lambda one: one.size)
    with services.database.write() as session:
        curator(session, printers).rename(smaller.topic_id, "Printing")
    _answer(services, printers, ids, "one")
    shown = {one.topic_id: one.title for one in current_view(services, printers).topics}
    assert shown[smaller.topic_id] == "Printing"
    assert not (set(ids) - {smaller.topic_id}) & shown.keys()


def test_a_summary_keeps_its_questions_and_shows_the_answers(
    services: Services, printers: Scope
) -> None:
    """Each is open, answered by a change that can be undone, or left out with its topic."""
    view = cluster_scope(services, printers)
    asked = _questions(services, printers, 3)
    with services.database.write() as session:
        record_questions(session, view.run_id, asked)
    edits = [
        _answer(services, printers, asked[0], "one"),
        _answer(services, printers, asked[2], "apart"),
    ]
    with services.database.read() as session:
        shown = questions_of(session, current_view(services, printers))
    assert [one.edit_id for one in shown] in ([edits[0], None, edits[1]], [edits[0], edits[1]])
    assert shown[0].other is None


def test_fits_follow_a_merge(services: Services, printers: Scope) -> None:
    """A merged topic is compared by the tickets that it has now."""
    cluster_scope(services, printers)

    def alike() -> list[Pair]:
        return _more(services, printers)

    before = alike()
    _answer(services, printers, before[0], "one")
    after = alike()
    cluster_scope(services, printers)
    assert after == alike()


@pytest.mark.parametrize("k", variations([5, 2], few=1))
def test_a_told_number_is_kept(services: Services, scope: Scope, k: int) -> None:
    """The team's topics are so many, in later runs as well, until it is found again."""
    cluster_scope(services, scope, ClusterRequest(k=k, keeps_k=True))
    assert len(cluster_scope(services, scope).topics) == k
    preview = cluster_scope(services, scope, ClusterRequest(k=4))
    assert preview.is_exploration
    assert len(preview.topics) == 4
    assert len(cluster_scope(services, scope).topics) == k
    assert len(cluster_scope(services, scope, ClusterRequest(keeps_k=True)).topics) == 3
    assert len(cluster_scope(services, scope).topics) == 3
