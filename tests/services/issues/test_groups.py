"""Groups follow from verdicts: one root each, no chains, loops or contradictions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from threading import Thread
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

import migrations
from bot.settings import Settings
from bot.wiring import Services, build
from models import Database, Verdict, Workspace
from services.errors import ConflictError
from services.issues.groups import (
    ConnectedComponents,
    Group,
    all_groups,
    connected,
    ever_connected,
    groups_of,
)
from services.issues.verdicts import (
    DECISIONS,
    NamedVerdict,
    decide,
    decide_named,
    undo,
    verdicts_by_pair,
)
from tests.hashing import HashingEmbedder
from tests.levels import rounds
from tests.remembering import START, remember, ticket

NAMES = "abcdef"


@pytest.fixture
def ids(services: Services, workspace: Workspace) -> dict[str, int]:
    """Store six tickets: `f` was written first, `e` a minute later, `a` last."""
    return stored(services, workspace)


def stored(services: Services, workspace: Workspace) -> dict[str, int]:
    """Store six tickets whose ids run against the order in which they were written."""
    items = [ticket(name, f"ticket {name}", minutes=9 - n) for n, name in enumerate(NAMES)]
    saved = remember(services, workspace, items)
    return {name: one.item_id for name, one in zip(NAMES, saved, strict=True)}


def decide_all(
    services: Services, workspace: Workspace, ids: dict[str, int], *verdicts: str
) -> None:
    """Decide on pairs, written `a=b` (duplicate), `a~b` (related) or `a!b` (distinct)."""
    words = {"=": DECISIONS[0], "~": DECISIONS[1], "!": DECISIONS[2]}
    with services.database.write() as session:
        for one in verdicts:
            pair = (ids[one[0]], ids[one[2]])
            decide(session, workspace.id, pair, words[one[1]], by="U1", now=START)


def group_names(services: Services, workspace: Workspace, ids: dict[str, int]) -> list[str]:
    """Return each group as a word of its members' names."""
    names = {item_id: name for name, item_id in ids.items()}
    with services.database.read() as session:
        groups = all_groups(session, workspace.id)
        for group in groups:
            assert set(groups_of(session, group.members).values()) == {group}
            assert connected(session, group.members[:1]) >= set(group.members)
    return ["".join(names[item_id] for item_id in group.members) for group in groups]


def test_a_group_is_what_verdicts_connect(
    services: Services, workspace: Workspace, ids: dict[str, int]
) -> None:
    """A chain of verdicts is one group, with the earliest ticket as root; groups merge."""
    decide_all(services, workspace, ids, "a=b", "c=d")
    assert group_names(services, workspace, ids) == ["dc", "ba"]
    decide_all(services, workspace, ids, "b=c", "d=a", "a=c")
    assert group_names(services, workspace, ids) == ["dcba"]
    with services.database.read() as session:
        found = groups_of(session, ids.values())
        assert found[ids["a"]].root_id == ids["d"]
        assert ids["f"] not in found
        assert groups_of(session, [ids["f"]]) == {}


def test_other_verdicts_connect_nothing(
    services: Services, workspace: Workspace, ids: dict[str, int]
) -> None:
    """Related and distinct tickets and undone verdicts form no group."""
    decide_all(services, workspace, ids, "a~b", "c!d", "e=f")
    with services.database.write() as session:
        assert undo(session, (ids["f"], ids["e"]), by="U2", now=START)
    assert group_names(services, workspace, ids) == []


def test_undoing_a_verdict_splits_its_group(
    services: Services, workspace: Workspace, ids: dict[str, int]
) -> None:
    """Two groups that one verdict merged are two again, each with its own root."""
    decide_all(services, workspace, ids, "a=b", "c=d", "b=c")
    with services.database.write() as session:
        undo(session, (ids["b"], ids["c"]), by="U2", now=START)
    assert group_names(services, workspace, ids) == ["dc", "ba"]


def test_former_groups_are_known(
    services: Services, workspace: Workspace, ids: dict[str, int]
) -> None:
    """Undone verdicts count; verdicts that never connected anything do not."""
    decide_all(services, workspace, ids, "a=b", "c=d", "b=c", "e~f")
    with services.database.write() as session:
        undo(session, (ids["b"], ids["c"]), by="U2", now=START)
        assert ever_connected(session, [ids["a"]]) == [{ids[name] for name in "abcd"}]
        assert connected(session, [ids["a"]]) == {ids["a"], ids["b"]}
        assert ever_connected(session, [ids["e"]]) == []


def test_a_deleted_ticket_leaves_its_group(
    services: Services, workspace: Workspace, ids: dict[str, int]
) -> None:
    """The next ticket becomes the root, and what the deleted one connected stays connected."""
    decide_all(services, workspace, ids, "a=f", "f=c", "b=d")
    with services.database.write() as session:
        for name in ("f", "d"):
            services.items.remove(session, workspace.id, ("import", name), START)
    assert group_names(services, workspace, ids) == ["ca"]
    with services.database.read() as session:
        assert groups_of(session, [ids["f"], ids["b"]]) == {}


def test_a_verdict_on_a_deleted_ticket_rules_out_nothing(
    services: Services, workspace: Workspace, ids: dict[str, int]
) -> None:
    """Nobody can see any more what such a verdict was about."""
    decide_all(services, workspace, ids, "a=b", "b!c")
    with services.database.write() as session:
        services.items.remove(session, workspace.id, ("import", "b"), START)
    decide_all(services, workspace, ids, "a=c")
    assert group_names(services, workspace, ids) == ["ca"]
    decide_all(services, workspace, ids, "a!c")
    assert group_names(services, workspace, ids) == []


def test_workspaces_never_meet(
    services: Services, workspace: Workspace, ids: dict[str, int]
) -> None:
    """A workspace has only its own groups."""
    decide_all(services, workspace, ids, "a=b")
    with services.database.read() as session:
        assert all_groups(session, workspace.id + 1) == []


def test_concurrent_decisions_cannot_contradict_each_other(
    services: Services, workspace: Workspace, ids: dict[str, int]
) -> None:
    """The second of two people waits for the first, and the rules see the first verdict."""
    decide_all(services, workspace, ids, "b=c")
    second = Thread(target=decide_all, args=(services, workspace, ids, "a!c"))
    with services.database.write() as session:
        decide(session, workspace.id, (ids["a"], ids["b"]), "duplicate", by="U2", now=START)
        second.start()
        second.join(timeout=0.3)
        assert second.is_alive()
    second.join()
    with services.database.read() as session:
        check(session, workspace, ids)
    assert group_names(services, workspace, ids) == ["cb"]


def test_a_long_chain_is_one_group(services: Services, workspace: Workspace) -> None:
    """However long a chain of verdicts is, all of its tickets are one group."""
    saved = remember(services, workspace, [ticket(f"{n}", f"{n}", minutes=n) for n in range(60)])
    chain = [NamedVerdict(f"{n}", f"{n + 1}", "duplicate", "U1") for n in range(59) if n != 40]
    with services.database.write() as session:
        assert decide_named(session, workspace.id, chain, START) == [True] * 58
        found = groups_of(session, [saved[0].item_id, saved[50].item_id])
    assert [(group.root_id, len(group.members)) for group in found.values()] == [
        (saved[0].item_id, 41), (saved[41].item_id, 19),
    ]  # fmt: skip


def test_the_shortest_path_is_deterministic() -> None:
    """Ties go to the lower ids; nodes of two components have no path."""
    graph = ConnectedComponents()
    for edge in ((1, 2), (2, 4), (1, 3), (3, 4), (4, 5), (7, 8)):
        graph.add_edge(edge)
    assert graph.shortest_path(1, 5) == [(4, 5), (2, 4), (1, 2)]
    assert graph.shortest_path(1, 7) == graph.shortest_path(1, 9) == graph.shortest_path(1, 1) == []
    graph.remove_edge((4, 5))
    assert sorted(map(sorted, graph.components())) == [[1, 2, 3, 4], [5], [7, 8]]


# Properties. All examples share a database; each is rolled back.


@dataclass(frozen=True)
class Desk:
    """A Déjà with six tickets."""

    services: Services
    workspace: Workspace
    ids: dict[str, int]


_KEPT: dict[str, Desk] = {}


def _shared(factory: pytest.TempPathFactory) -> Desk:
    if "one" not in _KEPT:
        settings = Settings.from_mapping({"DEJA_DATA_DIR": str(factory.mktemp("groups"))})
        database = Database.connect(settings.database_url.get_secret_value())
        migrations.upgrade(database.engine)
        database.close()
        services = build(settings, HashingEmbedder())
        with services.database.write() as session:
            workspace = Workspace(team_id="T1", created_at=START)
            session.add(workspace)
        _KEPT["one"] = Desk(services, workspace, stored(services, workspace))
    return _KEPT["one"]


def check(session: Session, workspace: Workspace, ids: dict[str, int]) -> list[Group]:
    """Compare the groups with those that a simple merge of the current verdicts gives."""
    current = verdicts_by_pair(session)
    group_of = {item_id: {item_id} for item_id in ids.values()}
    for (a, b), verdict in current.items():
        if verdict == "duplicate" and group_of[a] is not group_of[b]:
            group_of[a] |= group_of[b]
            for member in group_of[b]:
                group_of[member] = group_of[a]
    groups = all_groups(session, workspace.id)
    plain = {frozenset(group) for group in group_of.values() if len(group) > 1}
    assert {frozenset(group.members) for group in groups} == plain
    assert sum(len(group.members) for group in groups) == sum(map(len, plain))
    arrival = [ids[name] for name in reversed(NAMES)]
    for group in groups:
        assert group.members == tuple(one for one in arrival if one in group.members)
        assert group.root_id == group.members[0]
    for (a, b), verdict in current.items():
        assert verdict != "distinct" or group_of[a] is not group_of[b]
    assert groups_of(session, ids.values()) == {
        member: group for group in groups for member in group.members
    }
    return groups


PAIRS = list(combinations(NAMES, 2))
STEPS = st.lists(
    st.tuples(
        st.sampled_from(("duplicate", "duplicate", "related", "distinct", "undo")),
        st.sampled_from(PAIRS),
    ),
    max_size=25,
)


@rounds(25, 80)
def test_no_sequence_of_decisions_makes_a_contradiction(
    tmp_path_factory: pytest.TempPathFactory, examples: int
) -> None:
    """Each decision is stored or refused as a whole, and the groups follow from the verdicts."""
    desk = _shared(tmp_path_factory)

    @settings(max_examples=examples)
    @given(steps=STEPS)
    def holds(steps: Sequence[tuple[Any, tuple[str, str]]]) -> None:
        with desk.services.database.read() as session:
            for number, (action, (a, b)) in enumerate(steps):
                pair = (desk.ids[a], desk.ids[b])
                before, rows = verdicts_by_pair(session), _rows(session)
                by = f"U{number}"
                if action == "undo":
                    assert undo(session, pair[::-1], by=by, now=START) == (pair in before)
                    assert verdicts_by_pair(session) == {
                        one: verdict for one, verdict in before.items() if one != pair
                    }
                else:
                    _decide(session, desk, (pair, action), by, (before, rows))
                check(session, desk.workspace, desk.ids)

    holds()


def _rows(session: Session) -> int:
    return session.scalar(select(func.count(Verdict.id))) or 0


def _decide(
    session: Session,
    desk: Desk,
    decided: tuple[tuple[int, int], Any],
    by: str,
    state: tuple[dict[tuple[int, int], str], int],
) -> None:
    """Decide, and compare the verdicts after it with those before."""
    pair, decision = decided
    before, rows = state
    try:
        changed = decide(session, desk.workspace.id, pair, decision, by=by, now=START)
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
    assert _rows(session) == rows + changed  # what was undone is on record
    gone = {one for one in before if one not in after}
    assert decision == "distinct" or not gone
    assert {before[one] for one in gone} <= {"duplicate"}
    undone = session.scalars(select(Verdict).where(Verdict.undone_by == by)).all()
    assert len(undone) == len(gone) + (changed and pair in before)


@rounds(15, 40)
def test_a_file_of_decisions_does_what_single_decisions_do(
    tmp_path_factory: pytest.TempPathFactory, examples: int
) -> None:
    """It leaves the same verdicts as the same clicks, and refuses what they refuse."""
    desk = _shared(tmp_path_factory)

    @settings(max_examples=examples)
    @given(steps=STEPS)
    def holds(steps: Sequence[tuple[Any, tuple[str, str]]]) -> None:
        verdicts = [
            NamedVerdict(a, b, decision, f"U{number}")
            for number, (decision, (a, b)) in enumerate(steps)
            if decision != "undo"
        ]
        with desk.services.database.read() as session:
            one_by_one: list[object] = []
            for one in verdicts:
                pair = (desk.ids[one.a], desk.ids[one.b])
                try:
                    one_by_one.append(
                        decide(session, desk.workspace.id, pair, one.decision, by=one.by, now=START)
                    )
                except ConflictError as error:
                    one_by_one.append(str(error))
            expected = verdicts_by_pair(session), _record(session)
        with desk.services.database.read() as session:
            half = len(verdicts) // 2
            outcomes = [
                outcome
                for part in (verdicts[:half], verdicts[half:])
                for outcome in decide_named(session, desk.workspace.id, part, START)
            ]
            assert [one if isinstance(one, bool) else str(one) for one in outcomes] == one_by_one
            assert (verdicts_by_pair(session), _record(session)) == expected
            turned = [replace(one, a=one.b, b=one.a) for one in verdicts[-1:]]
            assert decide_named(session, desk.workspace.id, turned, START)[:1] != [True]

    holds()


def _record(session: Session) -> list[tuple[Any, ...]]:
    rows = session.scalars(select(Verdict).order_by(Verdict.id))
    return [
        (row.item_a_id, row.item_b_id, row.verdict, row.decided_by, row.undone_by) for row in rows
    ]
