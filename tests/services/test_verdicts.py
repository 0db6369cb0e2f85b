"""Verdicts: one stands, all are on record."""

from __future__ import annotations

from threading import Thread

import pytest
from sqlalchemy import select

from bot.wiring import Deja
from models import Verdict, Workspace
from services.errors import InputError
from services.verdicts import decide, export_verdicts, ruled_out, standing_pairs, undo
from tests.remembering import START, remember, ticket


@pytest.fixture
def pair(deja: Deja, workspace: Workspace) -> tuple[int, int]:
    """Store two tickets."""
    a, b = remember(deja, workspace, [ticket("a", "one"), ticket("b", "two")])
    return a.item_id, b.item_id


def test_a_decision_replaces_the_last(
    deja: Deja, workspace: Workspace, pair: tuple[int, int]
) -> None:
    """The newest stands, in whichever order the pair is named; the older one stays on record."""
    with deja.database.write() as session:
        assert decide(session, workspace.id, pair, "related", by="U1", now=START)
        assert decide(session, workspace.id, pair[::-1], "distinct", by="U2", now=START)
        assert not decide(session, workspace.id, pair, "distinct", by="U3", now=START)
        assert standing_pairs(session) == {pair: "distinct"}
        assert ruled_out(session, [pair[0]]) == {pair, pair[::-1]}
        rows = session.scalars(select(Verdict).order_by(Verdict.id)).all()
        assert [(row.decided_by, row.undone_by) for row in rows] == [("U1", "U2"), ("U2", None)]


def test_undo(deja: Deja, workspace: Workspace, pair: tuple[int, int]) -> None:
    """An undone verdict does not count, and undoing twice is no error."""
    with deja.database.write() as session:
        decide(session, workspace.id, pair, "distinct", by="U1", now=START)
        assert undo(session, pair[::-1], by="U2", now=START)
        assert not undo(session, pair, by="U2", now=START)
        assert not ruled_out(session, pair)
        assert decide(session, workspace.id, pair, "distinct", by="U1", now=START)


def test_an_item_is_not_its_own_duplicate(
    deja: Deja, workspace: Workspace, pair: tuple[int, int]
) -> None:
    """A pair needs two items."""
    with deja.database.write() as session, pytest.raises(InputError, match="itself"):
        decide(session, workspace.id, (pair[0], pair[0]), "related", by="U1", now=START)


def test_people_who_decide_at_once_take_turns(
    deja: Deja, workspace: Workspace, pair: tuple[int, int]
) -> None:
    """However many click at the same time, one verdict stands."""

    def click(number: int) -> None:
        with deja.database.write() as session:
            verdict = ("duplicate", "related", "distinct")[number % 3]
            decide(session, workspace.id, pair, verdict, by=f"U{number}", now=START)  # type: ignore[arg-type]

    threads = [Thread(target=click, args=(number,)) for number in range(9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with deja.database.read() as session:
        assert len(standing_pairs(session)) == 1


def test_export_names_items_by_their_own_ids(
    deja: Deja, workspace: Workspace, pair: tuple[int, int]
) -> None:
    """What is written can be read back by an import."""
    with deja.database.write() as session:
        decide(session, workspace.id, pair, "duplicate", by="U1", now=START)
        (line,) = export_verdicts(session, workspace.id)
    assert line == {
        "a": "a", "b": "b", "verdict": "duplicate", "by": "U1", "at": START.isoformat(),
    }  # fmt: skip
