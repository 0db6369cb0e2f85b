"""One contract for every VectorIndex, with brute-force NumPy as the oracle."""

from __future__ import annotations

from threading import Thread

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import delete, update

from models import Database, Embedding, Item
from services.search.indexes.contract import Candidate
from services.search.indexes.recall_check import check_index
from tests.remembering import START
from tests.services.search.index_makers import MakeIndex
from tests.services.search.vectors import (
    FINGERPRINT,
    WORKSPACE,
    add_items,
    brute_force,
    random_vectors,
)


def test_finds_what_brute_force_finds(make_index: tuple[Database, MakeIndex]) -> None:
    """An index finds the same items, order and similarities as a comparison with every row."""
    database, make = make_index
    rows = random_vectors(600)
    ids = add_items(database, rows)
    found = make().search(rows[:20], workspace_id=WORKSPACE, limit=5)
    for query, candidates in zip(rows[:20], found, strict=True):
        expected = brute_force(rows, ids, query, 5)
        assert [candidate.item_id for candidate in candidates] == list(expected)
        for candidate in candidates:
            assert candidate.similarity == pytest.approx(expected[candidate.item_id], abs=1e-5)


def test_nothing_is_found_in_an_empty_index(make_index: tuple[Database, MakeIndex]) -> None:
    """An empty database, no queries and a limit of zero give empty results, not errors."""
    _, make = make_index
    index = make()
    assert index.search(random_vectors(2), workspace_id=WORKSPACE, limit=3) == [[], []]
    assert index.search(random_vectors(2)[:0], workspace_id=WORKSPACE, limit=3) == []
    assert index.search(random_vectors(1), workspace_id=WORKSPACE, limit=0) == [[]]


def test_a_limit_above_the_number_of_items_returns_all(
    make_index: tuple[Database, MakeIndex],
) -> None:
    """Every item is found where the limit is larger than their number."""
    database, make = make_index
    ids = add_items(database, random_vectors(3))
    found = make().search(random_vectors(1, seed=5), workspace_id=WORKSPACE, limit=10)[0]
    assert {candidate.item_id for candidate in found} == set(ids)


def test_new_rows_are_found_at_once(make_index: tuple[Database, MakeIndex]) -> None:
    """A committed row is in the next search."""
    database, make = make_index
    index = make()
    rows = random_vectors(40)
    for number in range(0, 40, 10):
        ids = add_items(database, rows[number : number + 10])
        assert (
            index.search(rows[number : number + 1], workspace_id=WORKSPACE, limit=1)[0][0].item_id
            == ids[0]
        )


def test_deleted_rows_and_items_are_not_found(make_index: tuple[Database, MakeIndex]) -> None:
    """A deleted row, and a row whose item is deleted, are not found any more."""
    database, make = make_index
    rows = random_vectors(60)
    ids = add_items(database, rows)
    index = make()
    index.search(rows[:1], workspace_id=WORKSPACE, limit=1)
    with database.write() as session:
        session.execute(delete(Embedding).where(Embedding.item_id == ids[0]))
        session.get_one(Item, ids[1]).deleted_at = START
    found = index.search(rows[:2], workspace_id=WORKSPACE, limit=60)
    for candidates in found:
        assert {candidate.item_id for candidate in candidates} == set(ids[2:])


def test_filters_of_any_size_are_exact(make_index: tuple[Database, MakeIndex]) -> None:
    """A condition that keeps half, few, one or none of the items finds just those."""
    database, make = make_index
    rows = random_vectors(500)
    ids = add_items(database, rows)
    index = make()
    half = index.search(rows[:5], workspace_id=WORKSPACE, limit=10, where=Item.kind == "ticket")
    assert all(len(candidates) == 10 for candidates in half)
    assert {c.item_id for candidates in half for c in candidates} <= set(ids[1::2])
    few = index.search(rows[:1], workspace_id=WORKSPACE, limit=10, where=Item.id.in_(ids[100:104]))[
        0
    ]
    assert {candidate.item_id for candidate in few} == set(ids[100:104])
    assert [
        c.item_id
        for c in index.search(rows[:1], workspace_id=WORKSPACE, limit=3, where=Item.id == ids[7])[0]
    ] == [ids[7]]
    assert index.search(rows[:1], workspace_id=WORKSPACE, limit=3, where=Item.id == -1) == [[]]


def test_only_what_is_similar_enough(make_index: tuple[Database, MakeIndex]) -> None:
    """With a least similarity less similar items are left out, and a filter still holds."""
    database, make = make_index
    rows = random_vectors(300)
    # From the query to something else: cosines of 1 down to about 0.
    mixed = np.linspace(0, 1, 40)[:, None] * (rows[1] - rows[0]) + rows[0]
    rows[:40] = mixed / np.linalg.norm(mixed, axis=1, keepdims=True)
    ids = add_items(database, rows)
    index, query = make(), rows[:1]
    nearest = brute_force(rows, ids, rows[0], 40)
    expected = [item_id for item_id, similarity in nearest.items() if similarity >= 0.65]
    assert 10 < len(expected) < 39
    found = index.search(query, workspace_id=WORKSPACE, limit=100, min_similarity=0.65)[0]
    assert [one.item_id for one in found] == expected
    assert len(index.search(query, workspace_id=WORKSPACE, limit=5, min_similarity=0.65)[0]) == 5
    only = Item.id.in_([ids[9], ids[39]])
    found = index.search(query, workspace_id=WORKSPACE, limit=5, where=only, min_similarity=0.65)[0]
    assert [one.item_id for one in found] == [ids[9]]


def test_a_search_and_a_narrower_one(make_index: tuple[Database, MakeIndex]) -> None:
    """Both at once find what each finds alone, also where few pass the first condition."""
    database, make = make_index
    rows = random_vectors(300)
    ids = add_items(database, rows)
    answered = [one for number, one in enumerate(ids) if number % 7 == 0]
    with database.write() as session:
        session.execute(update(Item).where(Item.id.in_(answered)).values(resolution="Restarted."))
    index, is_answered = make(), Item.resolution.is_not(None)
    tickets, few = Item.kind == "ticket", Item.id.in_(ids[10:30])
    for where in (tickets, few):
        found, narrow = index.search_and_narrow(
            rows[:9],
            workspace_id=WORKSPACE,
            limit=25,
            where=where,
            narrower=is_answered,
            min_similarity=-0.2,
        )
        alone = index.search(rows[:9], workspace_id=WORKSPACE, limit=25, where=where)
        assert _rounded(found) == _rounded(alone)
        both, places = where & is_answered, [7, 2]
        expected = index.search(
            rows[places], workspace_id=WORKSPACE, limit=2, where=both, min_similarity=-0.2
        )
        assert any(expected)
        assert _rounded(narrow(places, 2)) == _rounded(expected)


def _rounded(found: list[list[Candidate]]) -> list[list[tuple[int, float]]]:
    return [[(one.item_id, round(one.similarity, 5)) for one in own] for own in found]


def test_an_item_counts_once_with_its_best_chunk(make_index: tuple[Database, MakeIndex]) -> None:
    """Chunks of one item are one candidate, with the similarity of the best chunk."""
    database, make = make_index
    rows = random_vectors(120)
    ids = add_items(database, rows, chunks=6)
    repeated = [item_id for item_id in ids for _ in range(6)]
    found = make().search(rows[3:4], workspace_id=WORKSPACE, limit=4)[0]
    expected = brute_force(rows, repeated, rows[3], 4)
    assert {c.item_id for c in found} == set(expected)
    assert found[0].item_id == ids[0]
    assert found[0].similarity == pytest.approx(1, abs=1e-5)


def test_only_vectors_of_the_own_model_are_found(make_index: tuple[Database, MakeIndex]) -> None:
    """Vectors of another model, of the same or another dimension, are not found."""
    database, make = make_index
    rows = random_vectors(10)
    add_items(database, rows, fingerprint="other@1/384/clean2")
    add_items(database, random_vectors(10)[:, :100], fingerprint="small@1/100/clean2")
    mine = add_items(database, rows[:2])
    found = make().search(rows[:1], workspace_id=WORKSPACE, limit=30)[0]
    assert {candidate.item_id for candidate in found} == set(mine)


def test_searches_and_additions_at_the_same_time(make_index: tuple[Database, MakeIndex]) -> None:
    """Threads that search while rows are added get right answers and no errors."""
    database, make = make_index
    rows = random_vectors(300)
    ids = add_items(database, rows[:100])
    index = make()
    wrong: list[object] = []

    def search() -> None:
        for number in range(30):
            best = index.search(rows[number : number + 1], workspace_id=WORKSPACE, limit=1)[0][0]
            if best.item_id != ids[number]:
                wrong.append(best)

    threads = [Thread(target=search) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(100, 300, 20):
        add_items(database, rows[number : number + 20])
    for thread in threads:
        thread.join()
    assert not wrong


def test_the_recall_check_recognises_a_bad_index(
    make_index: tuple[Database, MakeIndex],
) -> None:
    """Recall is 1 for a sound index, and low for one that finds the wrong items."""
    database, make = make_index
    rows = random_vectors(400)
    add_items(database, rows)
    good = check_index(database, make(), fingerprint=FINGERPRINT, queries=50, seed=1)
    assert good.queries == 50
    assert good.recall == pytest.approx(1, abs=0.02)

    class WrongIndex:
        def search(self, queries: NDArray[np.float32], **more: object) -> object:
            return make().search(-queries, workspace_id=WORKSPACE, limit=10)

    bad = check_index(database, WrongIndex(), fingerprint=FINGERPRINT, queries=50, seed=1)  # type: ignore[arg-type]
    assert bad.recall < 0.3


def test_no_item_of_another_workspace_is_found(make_index: tuple[Database, MakeIndex]) -> None:
    """Neither by the very vector of another's item, nor by its id, nor where nothing else is."""
    database, make = make_index
    rows = random_vectors(140)
    theirs = add_items(database, rows[:120], team_id="T1")
    mine = add_items(database, rows[120:], team_id="T2")
    index = make()
    others, own, nobody = WORKSPACE, WORKSPACE + 1, WORKSPACE + 2
    for near in (None, 0.0, 0.99):
        found = index.search(rows[:20], workspace_id=own, limit=50, min_similarity=near)
        assert {one.item_id for candidates in found for one in candidates} <= set(mine)
    named = Item.id.in_(theirs) | (Item.workspace_id == others)
    assert index.search(rows[:1], workspace_id=own, limit=50, where=named) == [[]]
    assert index.search(rows[:1], workspace_id=nobody, limit=50) == [[]]
    assert len(index.search(rows[:1], workspace_id=others, limit=200)[0]) == len(theirs)


def test_many_near_items_of_another_workspace_push_none_out(
    make_index: tuple[Database, MakeIndex],
) -> None:
    """Whoever floods a workspace with copies of another's tickets changes no search of its own."""
    database, make = make_index
    rows = random_vectors(60)
    mine = add_items(database, rows, team_id="T1")
    index = make()
    queries = rows[:10]

    def search() -> list[list[list[Candidate]]]:
        near = index.search(queries, workspace_id=WORKSPACE, limit=5, min_similarity=0.3)
        return [index.search(queries, workspace_id=WORKSPACE, limit=5), near]

    before = search()
    for query in queries:  # nearer to each query than anything but the ticket itself
        noise = 0.01 * random_vectors(80, seed=9)
        copies = query + noise
        add_items(database, copies / np.linalg.norm(copies, axis=1, keepdims=True), team_id="T2")
    assert search() == before
    for query, candidates in zip(queries, before[0], strict=True):
        assert [one.item_id for one in candidates] == list(brute_force(rows, mine, query, 5))
    again = make()
    assert again.search(queries, workspace_id=WORKSPACE, limit=5) == before[0]


def test_a_small_workspace_beside_99_others_finds_all_of_its_own(
    make_index: tuple[Database, MakeIndex],
) -> None:
    """Its recall is 1, whether it has a graph or not, and whoever was searched for before."""
    database, make = make_index
    rows = random_vectors(40)
    ids = add_items(database, rows, team_id="T1")
    for number in range(99):
        add_items(database, random_vectors(12, seed=number % 7), team_id=f"T{number + 2}")
    index = make()
    for other in (WORKSPACE + 50, WORKSPACE + 99):
        index.search(rows[:1], workspace_id=other, limit=3)
    found = index.search(rows, workspace_id=WORKSPACE, limit=10)
    for query, candidates in zip(rows, found, strict=True):
        assert {one.item_id for one in candidates} == set(brute_force(rows, ids, query, 10))
