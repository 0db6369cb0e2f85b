"""SQLite, which has no statistics, finds what a message's way needs by its ids."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from bot.wiring import Services
from models import Channel, Database, ImageText, Item, Question, Workspace
from models.queries import live_items
from services.answers.answer_plan import plan_answers
from services.answers.digest_questions import view_digest
from services.answers.overview import most_reported_issues
from services.answers.thread_answers import answers_about, view_answer
from services.answers.track_record import helpful_answers
from services.channels.audience import audience_of_channel
from services.intake.follow_ups import NewFollowUp, save_follow_ups
from services.issues.groups import groups_of
from services.issues.outcomes import record_outcome
from services.issues.resolutions import Solution, resolve
from services.issues.verdicts import current_verdicts, decide, ruled_out
from services.judgement.bands import Match
from services.judgement.duplicates import JudgedItem
from services.judgement.same_pictures import find_same_pictures
from services.text.small_talk.follow_ups import FollowUpKind
from services.topics.members import RunSelection, tickets_by_id
from services.topics.scopes import scope_of_channel
from tests.conftest import NOW
from tests.remembering import channel, remember, ticket
from tests.services.search.snapshots import hnsw
from tests.services.search.vectors import WORKSPACE, add_items, random_vectors

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

# Steps that read all items of a workspace, all follow-ups of a channel, or all answers.
WHOLE = re.compile(
    r"SCAN (items|follow_ups|answers|matches)\b"
    r"|SEARCH items .*\((workspace_id|channel_id)=\?\)$"
    r"|SEARCH follow_ups .*\(channel_id=\?\)$"
)
# Steps that read all vectors of a workspace; their index alone tells of new ones.
VECTORS_OF_ALL = re.compile(
    r"SCAN embeddings|USING INDEX .*\(workspace_id=\? AND fingerprint=\?\)$"
)
# Candidates that an answer may come to show: the more, the likelier SQLite reads all items.
CANDIDATES = 12


@contextmanager
def steps_of(database: Database) -> Iterator[list[str]]:
    """Give the steps of what is read meanwhile, each with its statement."""
    steps: list[str] = []

    def explain(
        _connection: Any, cursor: Any, statement: str, values: Any, _context: Any, many: bool
    ) -> None:
        if statement.startswith("SELECT") and not many:
            plan = cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)
            steps.extend(row[3] for row in plan)

    event.listen(database.engine, "before_cursor_execute", explain)
    try:
        yield steps
    finally:
        event.remove(database.engine, "before_cursor_execute", explain)


def tickets(services: Services, workspace: Workspace, home: Channel) -> list[int]:
    """Store tickets of a channel; return their ids."""
    items = [
        ticket(
            f"{n}", f"printer {n} is broken", minutes=n, channel_id=home.id, ts=f"{1000 + n}.000100"
        )
        for n in range(CANDIDATES + 1)
    ]
    return [one.item_id for one in remember(services, workspace, items)]


def test_an_answer_reads_no_more_of_a_large_memory(
    services: Services, workspace: Workspace
) -> None:
    """What it shows, their reports and the record of their answers are found by their ids."""
    *others, newest = tickets(services, workspace, channel(services, workspace, "C1"))
    matches = [Match(other, 0.9, 1.0, None, "duplicate") for other in others]
    with services.database.write() as session:
        assert plan_answers(session, [JudgedItem(newest, matches, [], [])], NOW)
    with services.database.read() as session, steps_of(services.database) as steps:
        view = view_answer(session, newest)
        assert answers_about(session, others[:2]) == [newest]
    assert view is not None
    assert len(view.shown) == CANDIDATES
    assert [step for step in steps if WHOLE.search(step)] == []


def test_tickets_with_a_picture_are_found_by_their_ids(
    services: Services, workspace: Workspace
) -> None:
    """So are those among them that the audience may read."""
    home = channel(services, workspace, "C1")
    ids = tickets(services, workspace, home)
    with services.database.write() as session:
        session.add_all(
            ImageText(
                channel_id=home.id, ts=f"{1000 + n}.000100", file_id=f"F{n}", same_as="one",
                text="", read_at=NOW,
            )
            for n in range(len(ids))
        )  # fmt: skip
    with services.database.read() as session, steps_of(services.database) as steps:
        find_same_pictures(session, ids[:1], audience_of_channel(home))
    assert steps
    assert [step for step in steps if WHOLE.search(step)] == []


def test_follow_ups_are_found_by_their_thread_and_their_time(
    services: Services, workspace: Workspace
) -> None:
    """A message does not read all of its channel's."""
    home = channel(services, workspace, "C1")
    follow_up = ticket("C1/1000.000100", "any news?", channel_id=home.id, ts="1000.000100")
    with services.database.write() as session, steps_of(services.database) as steps:
        fresh = [NewFollowUp(follow_up, FollowUpKind.NEWS)]
        save_follow_ups(session, fresh, [], [(home.id, "990.000100")])
    assert any("follow_ups" in step for step in steps)
    assert [step for step in steps if WHOLE.search(step)] == []


def test_a_digest_reads_no_more_of_a_large_memory(services: Services, workspace: Workspace) -> None:
    """The tickets of its questions are found by their ids."""
    home = channel(services, workspace, "C1")
    ids = tickets(services, workspace, home)
    with services.database.write() as session:
        session.add_all(
            Question(
                channel_id=home.id, item_id=first, other_id=second, similarity=0.7,
                digest="2026-W48", asked_at=NOW,
            )
            for first, second in zip(ids[::2], ids[1::2], strict=False)
        )  # fmt: skip
    with services.database.read() as session, steps_of(services.database) as steps:
        digest = view_digest(session, home.id, "2026-W48")
    assert digest is not None
    assert len(digest.pairs) == CANDIDATES // 2
    assert [step for step in steps if WHOLE.search(step)] == []


def test_lists_of_issues_and_of_answers_read_no_more_of_a_large_memory(
    services: Services, workspace: Workspace
) -> None:
    """What people said of is found by its ids, and of that what the audience may read."""
    home = channel(services, workspace, "C1")
    first, *others = tickets(services, workspace, home)
    with services.database.write() as session:
        for one in others:
            decide(session, workspace.id, (first, one), "duplicate", by="U1", now=NOW)
            solved = session.get_one(Item, one)
            resolve(session, solved, Solution("Restart it."), by="U1", now=NOW)
            assert record_outcome(session, solved, first, True, by="U1", now=NOW)
    audience = audience_of_channel(home)
    with services.database.read() as session, steps_of(services.database) as steps:
        issues = most_reported_issues(session, audience, 5)
        answers = helpful_answers(session, audience, 5)
        readable = live_items(session, others, audience.items)
    assert [one.reports for one in issues] == [len(others) + 1]
    assert len(answers) == 5
    assert sorted(readable) == others
    # Which tickets were reported again is asked of all, in an index: their rows are not read.
    assert [step for step in steps if WHOLE.search(step) and "COVERING" not in step] == []


def test_listed_tickets_of_topics_are_found_by_their_ids(
    services: Services, workspace: Workspace
) -> None:
    """A run's other tickets are not read for them."""
    home = channel(services, workspace, "C1")
    *listed, newest = tickets(services, workspace, home)
    selection = RunSelection(scope_of_channel(home), None, NOW, newest)
    with services.database.read() as session, steps_of(services.database) as steps:
        assert sorted(tickets_by_id(session, selection, listed)) == listed
    assert [step for step in steps if WHOLE.search(step)] == []


def test_current_verdicts_are_found_by_their_items(
    services: Services, workspace: Workspace
) -> None:
    """Other verdicts are not read: what is ruled out, whole groups, and what a new one changes."""
    first, second, third, *_ = tickets(services, workspace, channel(services, workspace, "C1"))
    with services.database.write() as session, steps_of(services.database) as steps:
        assert decide(session, workspace.id, (first, second), "duplicate", by="U1", now=NOW)
        assert decide(session, workspace.id, (third, second), "distinct", by="U1", now=NOW)
        assert (second, third) in ruled_out(session, [second])
        assert groups_of(session, [second])[second].members == (first, second)
        assert set(current_verdicts(session, second)) == {first, third}
    assert any("verdicts" in step for step in steps)
    assert [step for step in steps if step.startswith("SCAN verdicts")] == []


def test_a_narrow_search_reads_the_vectors_of_what_passes(
    database: Database, tmp_path: Path
) -> None:
    """Where a channel has few of a workspace's tickets, the vectors of the others are not read."""
    rows = random_vectors(300)
    add_items(database, rows)
    index = hnsw(database, tmp_path)
    index.load()
    with steps_of(database) as steps:
        few = Item.channel_id == 7
        assert index.search(rows[:1], workspace_id=WORKSPACE, limit=5, where=few) == [[]]
    assert [step for step in steps if VECTORS_OF_ALL.search(step)] == []
