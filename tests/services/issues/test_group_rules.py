"""No sequence of decisions leads to a contradiction, made one by one or from a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.wiring import Services
from models import Verdict, Workspace
from services.errors import ConflictError
from services.issues.verdicts import NamedVerdict, decide, decide_named, undo, verdicts_by_pair
from tests.fresh_services import fresh_services
from tests.levels import rounds
from tests.remembering import START
from tests.services.issues.six_tickets import NAMES, check_groups, store_six_tickets


@dataclass(frozen=True)
class SixTickets:
    """A workspace with six tickets; examples share it, and each is rolled back."""

    services: Services
    workspace: Workspace
    ids: dict[str, int]


_shared_by_examples: dict[str, SixTickets] = {}


def _six_tickets(factory: pytest.TempPathFactory) -> SixTickets:
    if "one" not in _shared_by_examples:
        services, workspace = fresh_services(factory.mktemp("groups"))
        _shared_by_examples["one"] = SixTickets(
            services, workspace, store_six_tickets(services, workspace)
        )
    return _shared_by_examples["one"]


PAIRS = list(combinations(NAMES, 2))
STEPS = st.lists(
    st.tuples(
        st.sampled_from(("duplicate", "duplicate", "related", "distinct", "undo")),
        st.sampled_from(PAIRS),
    ),
    max_size=25,
)


@rounds(25, 80)
def test_no_sequence_of_decisions_leads_to_a_contradiction(
    tmp_path_factory: pytest.TempPathFactory, examples: int
) -> None:
    """Each decision is stored or refused as a whole, and groups agree with the verdicts."""
    shared = _six_tickets(tmp_path_factory)

    @settings(max_examples=examples)
    @given(steps=STEPS)
    def holds(steps: Sequence[tuple[Any, tuple[str, str]]]) -> None:
        with shared.services.database.read() as session:
            for number, (action, (a, b)) in enumerate(steps):
                pair = (shared.ids[a], shared.ids[b])
                before, rows = verdicts_by_pair(session), _rows(session)
                by = f"U{number}"
                if action == "undo":
                    assert undo(session, pair[::-1], by=by, now=START) == (pair in before)
                    assert verdicts_by_pair(session) == {
                        one: verdict for one, verdict in before.items() if one != pair
                    }
                else:
                    _decide(session, shared, (pair, action), by, (before, rows))
                check_groups(session, shared.workspace, shared.ids)

    holds()


def _rows(session: Session) -> int:
    return session.scalar(select(func.count(Verdict.id))) or 0


def _decide(
    session: Session,
    shared: SixTickets,
    decided: tuple[tuple[int, int], Any],
    by: str,
    state: tuple[dict[tuple[int, int], str], int],
) -> None:
    """Decide, and compare the verdicts after it with those before."""
    pair, decision = decided
    before, rows = state
    try:
        changed = decide(session, shared.workspace.id, pair, decision, by=by, now=START)
    except ConflictError as error:
        refused: ConflictError | None = error
    else:
        refused = None
    if refused is not None:
        assert (decision, before[refused.pair]) == ("duplicate", "distinct")
        assert (verdicts_by_pair(session), _rows(session)) == (before, rows)
        return
    after = verdicts_by_pair(session)
    assert changed == (before.get(pair) != decision)
    assert after[pair] == decision
    assert _rows(session) == rows + changed  # undone verdicts stay recorded
    undone_pairs = {one for one in before if one not in after}
    assert decision == "distinct" or not undone_pairs
    assert {before[one] for one in undone_pairs} <= {"duplicate"}
    undone = session.scalars(select(Verdict).where(Verdict.undone_by == by)).all()
    assert len(undone) == len(undone_pairs) + (changed and pair in before)


@rounds(15, 40)
def test_a_file_of_decisions_has_the_same_effect_as_single_ones(
    tmp_path_factory: pytest.TempPathFactory, examples: int
) -> None:
    """A file leaves the same verdicts as single decisions, and the same are refused."""
    shared = _six_tickets(tmp_path_factory)

    @settings(max_examples=examples)
    @given(steps=STEPS)
    def holds(steps: Sequence[tuple[Any, tuple[str, str]]]) -> None:
        verdicts = [
            NamedVerdict(a, b, decision, f"U{number}")
            for number, (decision, (a, b)) in enumerate(steps)
            if decision != "undo"
        ]
        with shared.services.database.read() as session:
            one_by_one: list[object] = []
            for one in verdicts:
                pair = (shared.ids[one.a], shared.ids[one.b])
                try:
                    one_by_one.append(
                        decide(
                            session, shared.workspace.id, pair, one.decision, by=one.by, now=START
                        )
                    )
                except ConflictError as error:
                    one_by_one.append(str(error))
            expected = verdicts_by_pair(session), _history(session)
        with shared.services.database.read() as session:
            half = len(verdicts) // 2
            outcomes = [
                outcome
                for part in (verdicts[:half], verdicts[half:])
                for outcome in decide_named(session, shared.workspace.id, part, START)
            ]
            assert [one if isinstance(one, bool) else str(one) for one in outcomes] == one_by_one
            assert (verdicts_by_pair(session), _history(session)) == expected
            swapped = [replace(one, a=one.b, b=one.a) for one in verdicts[-1:]]
            assert decide_named(session, shared.workspace.id, swapped, START)[:1] != [True]

    holds()


def _history(session: Session) -> list[tuple[Any, ...]]:
    rows = session.scalars(select(Verdict).order_by(Verdict.id))
    return [
        (row.item_a_id, row.item_b_id, row.verdict, row.decided_by, row.undone_by) for row in rows
    ]
