"""The nightly proof: for each check a world in which it passes and one in which it fails."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import delete, func, select, update

from bot.wiring import Services
from models import Document, Embedding, Item, Part, Proof, Workspace
from services.evaluation.nightly_proof import KEEP, NightlyProof, failed_checks, newest_proof
from services.evaluation.proof_checks import ProofCheck
from services.evaluation.stored_rows import GRACE
from services.search.indexes.contract import Candidate, VectorIndex, Wanted
from tests.remembering import START, remember, ticket

NOW = START + timedelta(days=60)

TEXTS = [
    f"{thing} {fault} in room {room}"
    for thing in ("printer", "scanner", "projector", "phone")
    for fault in ("stays dark", "makes noise", "smells burnt")
    for room in range(100, 104)
]


def proof(services: Services, index: VectorIndex | None = None) -> NightlyProof:
    """Return the proof of a database, with its own index or another one."""
    return NightlyProof(services.database, index or services.index, services.embedder.fingerprint)


def check(
    services: Services, name: str, index: VectorIndex | None = None, now: datetime = NOW
) -> ProofCheck:
    """Make one check."""
    return proof(services, index).check(name, now)


@pytest.fixture
def ids(services: Services, workspace: Workspace) -> list[int]:
    """Store a few dozen tickets of the first day."""
    tickets = [ticket(str(number), text) for number, text in enumerate(TEXTS)]
    return [one.item_id for one in remember(services, workspace, tickets)]


@dataclass
class OtherIndex(VectorIndex):
    """An index that changes what the real one finds; `searches` counts how often it was asked."""

    index: VectorIndex
    change: Callable[[list[Candidate], int], list[Candidate]]
    searches: int = 0

    def _find(self, vectors: NDArray[np.float32], wanted: Wanted) -> list[list[Candidate]]:
        """See `VectorIndex.search`."""
        self.searches += 1
        found = self.index.search(vectors, **vars(wanted))
        return [self.change(row, self.searches) for row in found]


@pytest.mark.both_databases
def test_a_healthy_database_passes(services: Services, ids: list[int]) -> None:
    """Every check that can say anything passes, and the result is stored."""
    states = {one.name: one.state for one in proof(services).run(NOW)}
    assert states == {
        "recall": "ok",
        "ghosts": "ok",
        "vectors": "ok",
        "orphans": "ok",
        "drift": "unknown",
        "calibration": "unknown",
    }
    with services.database.read() as session:
        made_at, checks = newest_proof(session) or (None, [])
        assert made_at == NOW
        assert {one.name: one.state for one in checks} == states
        assert failed_checks(session) == []


def test_an_empty_database_passes(services: Services) -> None:
    """With nothing stored nothing is wrong, and nothing was searched for."""
    checks = proof(services).run(NOW)
    assert {one.state for one in checks} == {"ok", "unknown"}
    assert all(str(one.text) for one in checks)


def test_an_index_that_misses_tickets_fails(services: Services, ids: list[int]) -> None:
    """One of ten nearest that is never found is told."""
    forgetful = OtherIndex(services.index, lambda row, _: row[1:])
    found = check(services, "recall", forgetful)
    assert (found.state, found.values["recall"]) == ("failed", 0.9)
    assert str(found.text) == "the index finds 90% of the nearest"


@pytest.mark.both_databases
def test_traces_of_deleted_tickets_fail(services: Services, workspace: Workspace) -> None:
    """A deletion leaves none; one that was done by half leaves vectors and terms."""
    first, second = remember(services, workspace, [ticket("1", TEXTS[0]), ticket("2", TEXTS[9])])
    with services.database.write() as session:
        services.items.remove(session, workspace.id, ("import", "1"), NOW)
    assert check(services, "ghosts").state == "ok"
    with services.database.write() as session:
        session.execute(update(Item).where(Item.id == second.item_id).values(deleted_at=NOW))
        rows = session.scalar(select(func.count()).select_from(Document))
    found = check(services, "ghosts")
    assert (found.state, found.values["count"]) == ("failed", 1 + (rows or 0))
    with services.database.write() as session:
        session.execute(delete(Embedding))
        session.execute(delete(Document))
        session.add(Part(item_id=first.item_id, head_id=second.item_id, text=TEXTS[0]))
        session.execute(update(Item).where(Item.id == first.item_id).values(text=TEXTS[0]))
    assert check(services, "ghosts").values["count"] == 2


def test_a_deleted_ticket_that_is_found_fails(
    services: Services, workspace: Workspace, ids: list[int]
) -> None:
    """It is a ghost if it is found after its deletion; one that went during the search is none."""
    gone = ids[3]
    with services.database.write() as session:
        services.items.remove(session, workspace.id, ("import", "3"), NOW)
    haunted = OtherIndex(services.index, lambda row, _: [*row, Candidate(gone, 0.9)])
    assert check(services, "ghosts", haunted).values["count"] == 1
    late = OtherIndex(
        services.index, lambda row, n: [*row, Candidate(gone, 0.9)] if n == 1 else row
    )
    assert check(services, "ghosts", late).state == "ok"
    assert late.searches == 2


def test_tickets_without_vectors_fail(services: Services, ids: list[int]) -> None:
    """They are counted, unless they were changed so recently that the vectors are being made."""
    with services.database.write() as session:
        session.execute(delete(Embedding).where(Embedding.item_id.in_(ids[:2])))
    found = check(services, "vectors")
    assert (found.state, str(found.text)) == ("failed", "2 tickets have no vectors")
    with services.database.write() as session:
        session.execute(update(Item).values(updated_at=NOW - GRACE / 2))
    assert check(services, "vectors").state == "ok"


def test_vectors_of_another_model_do_not_count(services: Services, ids: list[int]) -> None:
    """After a change of the model every ticket lacks its vectors."""
    other = NightlyProof(services.database, services.index, "another@1/64/clean2")
    assert other.check("vectors", NOW).values["count"] == len(ids)


@pytest.mark.both_databases
def test_rows_without_an_owner_fail(services: Services, ids: list[int]) -> None:
    """Rows that refer to a row that does not exist, as a repair by hand may leave them."""
    turn_off = (
        "PRAGMA foreign_keys=OFF"
        if services.database.is_sqlite
        else "SET session_replication_role = replica"
    )
    connection = services.database.engine.raw_connection()
    cursor = connection.cursor()
    cursor.execute(turn_off)
    cursor.execute("INSERT INTO documents (item_id, pool_id, terms, length) VALUES (99, 99, '', 0)")
    connection.commit()
    connection.invalidate()
    found = check(services, "orphans")
    assert (found.state, found.values["count"]) == ("failed", 2)  # no item and no pool


def _months(services: Services, workspace: Workspace, last: Sequence[str]) -> None:
    """Store tickets like those of the first day in the month before the last, and `last` in it."""
    day = 24 * 60
    before = [
        ticket(f"b{n}", f"{text} again", minutes=10 * day + n) for n, text in enumerate(TEXTS)
    ]
    after = [ticket(f"a{n}", text, minutes=45 * day + n) for n, text in enumerate(last)]
    remember(services, workspace, [*before, *after])


def test_tickets_like_those_before_are_no_drift(
    services: Services, workspace: Workspace, ids: list[int]
) -> None:
    """The same in other words every month."""
    _months(services, workspace, [f"{text} today" for text in TEXTS])
    assert check(services, "drift").state == "ok"


def test_tickets_of_a_new_kind_are_drift(
    services: Services, workspace: Workspace, ids: list[int]
) -> None:
    """A month in which nothing resembles what was there before."""
    _months(services, workspace, [f"invoice{n} total{n} tax{n} due{n}" for n in range(40)])
    found = check(services, "drift")
    assert found.state == "failed"
    assert found.values["before"] - found.values["now"] > 0.3


def test_too_few_tickets_of_a_month_say_nothing(
    services: Services, workspace: Workspace, ids: list[int]
) -> None:
    """Neither do undated ones, which all came with the import."""
    new = [f"invoice{n} total{n} tax{n}" for n in range(29)]
    _months(services, workspace, new)
    found = check(services, "drift")
    assert (found.state, str(found.text)) == ("unknown", "too few tickets to compare months")


def test_the_newest_proof_counts_and_old_ones_go(services: Services, ids: list[int]) -> None:
    """What is mended passes the next night; after some months results are deleted."""
    with services.database.write() as session:
        session.execute(delete(Embedding).where(Embedding.item_id == ids[0]))
    proof(services).run(NOW)
    with services.database.read() as session:
        [failed] = failed_checks(session)
        assert failed.name == "vectors"
    services.vectors.embed_missing(limit=10)
    proof(services).run(NOW + timedelta(days=1))
    with services.database.read() as session:
        assert failed_checks(session) == []
    proof(services).run(NOW + KEEP + timedelta(hours=1))
    with services.database.read() as session:
        assert session.scalar(select(func.count(Proof.id))) == 2


def test_checks_of_another_version_are_left_out(services: Services) -> None:
    """A database that was used by another version has results that this one has no words for."""
    unknown: dict[str, Any] = {"name": "luck", "state": "failed", "values": {"count": 1}}
    with services.database.write() as session:
        session.add(Proof(made_at=NOW, fingerprint="x", checks={"luck": unknown}))
    with services.database.read() as session:
        assert newest_proof(session) == (NOW, [])
