"""A pair has at most one current verdict, and all verdicts stay recorded."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from threading import Thread

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.wiring import Services
from models import Verdict, Workspace
from services.errors import ConflictError, InputError
from services.issues.verdicts import (
    NamedVerdict,
    decide,
    decide_named,
    export_verdicts,
    ruled_out,
    undo,
    verdicts_by_pair,
)
from tests.remembering import START, remember, ticket


@pytest.fixture
def pair(services: Services, workspace: Workspace) -> tuple[int, int]:
    """Store two tickets."""
    a, b = remember(services, workspace, [ticket("a", "one"), ticket("b", "two")])
    return a.item_id, b.item_id


@pytest.mark.both_databases
def test_a_decision_replaces_the_last(
    services: Services, workspace: Workspace, pair: tuple[int, int]
) -> None:
    """The newest verdict is current, for either order of the pair; older ones stay recorded."""
    with services.database.write() as session:
        assert decide(session, workspace.id, pair, "related", by="U1", now=START)
        assert decide(session, workspace.id, pair[::-1], "distinct", by="U2", now=START)
        assert not decide(session, workspace.id, pair, "distinct", by="U3", now=START)
        assert verdicts_by_pair(session) == {pair: "distinct"}
        assert ruled_out(session, [pair[0]]) == {pair, pair[::-1]}
        rows = session.scalars(select(Verdict).order_by(Verdict.id)).all()
        assert [(row.decided_by, row.undone_by) for row in rows] == [("U1", "U2"), ("U2", None)]


def test_undo(services: Services, workspace: Workspace, pair: tuple[int, int]) -> None:
    """An undone verdict does not count, and undoing it twice is no error."""
    with services.database.write() as session:
        decide(session, workspace.id, pair, "distinct", by="U1", now=START)
        assert undo(session, pair[::-1], by="U2", now=START)
        assert not undo(session, pair, by="U2", now=START)
        assert not ruled_out(session, pair)
        assert decide(session, workspace.id, pair, "distinct", by="U1", now=START)


def test_an_item_is_not_its_own_duplicate(
    services: Services, workspace: Workspace, pair: tuple[int, int]
) -> None:
    """A pair must have two different items."""
    with services.database.write() as session, pytest.raises(InputError, match="itself"):
        decide(session, workspace.id, (pair[0], pair[0]), "related", by="U1", now=START)


@pytest.mark.both_databases
def test_concurrent_decisions_leave_one_verdict(
    services: Services, workspace: Workspace, pair: tuple[int, int]
) -> None:
    """Many people who click at the same time leave one current verdict."""

    def click(number: int) -> None:
        with services.database.write() as session:
            verdict = ("duplicate", "related", "distinct")[number % 3]
            decide(session, workspace.id, pair, verdict, by=f"U{number}", now=START)  # type: ignore[arg-type]

    threads = [Thread(target=click, args=(number,)) for number in range(9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with services.database.read() as session:
        assert len(verdicts_by_pair(session)) == 1


@pytest.mark.both_databases
def test_exported_verdicts_have_the_items_own_ids(
    services: Services, workspace: Workspace, pair: tuple[int, int]
) -> None:
    """The exported lines can be imported again."""
    with services.database.write() as session:
        decide(session, workspace.id, pair, "duplicate", by="U1", now=START)
        (line,) = export_verdicts(session, workspace.id)
    assert line == {
        "a": "a", "b": "b", "verdict": "duplicate", "by": "U1", "at": START.isoformat(),
    }  # fmt: skip


@pytest.fixture
def ids(services: Services, workspace: Workspace) -> list[int]:
    """Store five tickets, a to e."""
    return [
        one.item_id
        for one in remember(services, workspace, [ticket(name, name) for name in "abcde"])
    ]


def current(session: Session, ids: list[int]) -> set[str]:
    """Return the current verdicts, in words like `a duplicate b`."""
    names = dict(zip(ids, "abcde", strict=True))
    return {
        f"{names[a]} {verdict} {names[b]}" for (a, b), verdict in verdicts_by_pair(session).items()
    }


def test_a_contradiction_is_refused(
    services: Services, workspace: Workspace, ids: list[int]
) -> None:
    """A ruled-out pair cannot get into one group, and the error says what to undo."""
    a, b, c, d, _ = ids
    with services.database.write() as session:
        decide(session, workspace.id, (a, b), "duplicate", by="U1", now=START)
        decide(session, workspace.id, (c, d), "duplicate", by="U1", now=START)
        decide(session, workspace.id, (d, a), "distinct", by="Ann, who has left", now=START)
        decide(session, workspace.id, (b, c), "related", by="U1", now=START)
        before = current(session, ids)
        with pytest.raises(ConflictError) as caught:
            decide(session, workspace.id, (c, b), "duplicate", by="U2", now=START)
        assert current(session, ids) == before
    assert str(caught.value) == (
        "b and c can't be the same issue: a and d would be too, and Ann, who has left ruled that "
        "out on Nov 1, 2026. Undo that first: deja verdicts undo a d"
    )
    assert (caught.value.pair, caught.value.decided_by) == ((a, d), "Ann, who has left")
    with services.database.write() as session:
        undo(session, (a, d), by="U2", now=START)
        assert decide(session, workspace.id, (c, b), "duplicate", by="U2", now=START)


def test_a_pair_may_be_decided_again(
    services: Services, workspace: Workspace, ids: list[int]
) -> None:
    """A pair that was ruled out may become a duplicate after all."""
    with services.database.write() as session:
        decide(session, workspace.id, (ids[0], ids[1]), "distinct", by="U1", now=START)
        assert decide(session, workspace.id, (ids[0], ids[1]), "duplicate", by="U1", now=START)
        assert current(session, ids) == {"a duplicate b"}


def test_a_distinct_verdict_splits_a_group(
    services: Services, workspace: Workspace, ids: list[int]
) -> None:
    """The newest verdict between the two is undone, the others stay."""
    a, b, c, d, e = ids
    with services.database.write() as session:
        for number, pair in enumerate([(a, b), (d, e), (c, d), (b, c)]):
            now = START + timedelta(minutes=number)
            decide(session, workspace.id, pair, "duplicate", by="U1", now=now)
        assert decide(session, workspace.id, (a, e), "distinct", by="U2", now=START)
        assert current(session, ids) == {
            "a duplicate b", "c duplicate d", "d duplicate e", "a distinct e",
        }  # fmt: skip
        [undone] = session.scalars(select(Verdict).where(Verdict.undone_at.is_not(None)))
        assert (undone.item_a_id, undone.item_b_id, undone.undone_by) == (b, c, "U2")
        undo(session, (a, e), by="U2", now=START)
        assert current(session, ids) == {"a duplicate b", "c duplicate d", "d duplicate e"}


def test_a_related_verdict_changes_only_its_own_pair(
    services: Services, workspace: Workspace, ids: list[int]
) -> None:
    """A related pair may be in one group; it replaces a duplicate on the same pair."""
    a, b, c, *_ = ids
    with services.database.write() as session:
        for pair in ((a, b), (b, c)):
            decide(session, workspace.id, pair, "duplicate", by="U1", now=START)
        decide(session, workspace.id, (a, c), "related", by="U1", now=START)
        assert current(session, ids) == {"a duplicate b", "b duplicate c", "a related c"}
        decide(session, workspace.id, (b, c), "related", by="U1", now=START)
        assert current(session, ids) == {"a duplicate b", "b related c", "a related c"}


def test_ids_used_by_several_sources_are_distinguished(
    services: Services, workspace: Workspace
) -> None:
    """Exports and errors name such items with their source, as one can type them."""
    one = ticket("a", "one")
    remember(services, workspace, [one, replace(one, source="other"), ticket("b", "two")])
    verdicts = [
        NamedVerdict("other:a", "import:a", "duplicate", "U1"),
        NamedVerdict("a", "b", "duplicate", "U1"),
        NamedVerdict("other:a", "b", "distinct", "U1"),
        NamedVerdict("import:a", "b", "duplicate", "U1"),
        NamedVerdict("x:a", "b", "duplicate", "U1"),
        NamedVerdict("b", "import:b", "duplicate", "U1"),
    ]
    with services.database.write() as session:
        outcomes = decide_named(session, workspace.id, verdicts, START)
        exported = list(export_verdicts(session, workspace.id))
    assert [one if isinstance(one, bool) else str(one) for one in outcomes] == [
        True,
        "Several sources have an item a: write SOURCE:a.",
        True,
        "import:a and b can't be the same issue: other:a and b would be too, and U1 ruled that "
        "out on Nov 1, 2026. Undo that first: deja verdicts undo other:a b",
        "There is no item x:a.",
        "An item can't be compared with itself.",
    ]
    assert [(line["a"], line["b"]) for line in exported] == [
        ("import:a", "other:a"), ("other:a", "b"),
    ]  # fmt: skip
