"""Profiles and neighbourhoods: what is usual in a pool, and how crowded it is around an item."""

from __future__ import annotations

import numpy as np
import pytest
from sqlalchemy import select

from bot.wiring import Services
from models import Neighbourhood, Pool, Profile, Workspace
from services.channels.audience import whole_workspace
from services.memory.density import densities, density, unmeasured
from services.memory.idf_cache import IdfCache
from services.memory.pool_statistics import statistics_of_pools
from services.memory.term_index import readable_pools
from tests.remembering import START, remember, ticket

PRINTER = "the printer prints blank pages"


def measure(services: Services) -> None:
    """Measure every neighbourhood that is not known."""
    while services.duplicates.measure_missing(limit=3):
        pass


def nearest(services: Services) -> dict[int, dict[str, float]]:
    """Return the stored neighbourhoods."""
    with services.database.read() as session:
        return {row.item_id: row.nearest for row in session.scalars(select(Neighbourhood))}


def test_a_profile_is_the_mean_of_what_is_stored(services: Services, workspace: Workspace) -> None:
    """The centre is the mean of all vectors, the length the median in terms."""
    texts = ["one", "one two three", "one two three four five"]
    remember(services, workspace, [ticket(text, text) for text in texts])
    with services.database.read() as session:
        pools = readable_pools(session, whole_workspace(workspace.id), "ticket")
        usual = statistics_of_pools(
            session, pools, services.embedder.fingerprint, services.embedder.dim
        )
        nothing = statistics_of_pools(session, pools, "another model", 3)
    expected = services.embedder.encode(texts).mean(axis=0)
    assert usual.median_length == 3
    assert np.allclose(usual.centre, expected, atol=1e-6)
    assert nothing.centre.tolist() == [0.0, 0.0, 0.0]


def test_a_profile_follows_growth(services: Services, workspace: Workspace) -> None:
    """It is taken anew after a tenth more documents, not for each one."""
    remember(services, workspace, [ticket(f"{n}", f"w{n}") for n in range(30)])
    taken = []
    for number in range(30, 36):
        remember(services, workspace, [ticket(f"{number}", f"w{number}")])
        with services.database.read() as session:
            taken.append(session.scalars(select(Profile.documents)).one())
    assert taken == [30, 30, 33, 33, 33, 33]


def test_neighbours_are_told_of_a_new_one(services: Services, workspace: Workspace) -> None:
    """A new item counts for those it is near to, and judging it twice counts it once."""
    first, second = remember(
        services, workspace, [ticket("a", PRINTER), ticket("b", f"{PRINTER} b")]
    )
    measure(services)
    (third,) = remember(services, workspace, [ticket("c", f"{PRINTER} c")])
    measure(services)
    before = nearest(services)
    assert set(before[first.item_id]) == {str(second.item_id), str(third.item_id)}
    with services.database.write() as session:
        session.delete(session.get_one(Neighbourhood, third.item_id))
    measure(services)
    assert nearest(services) == before


def test_a_density_is_of_the_ten_nearest(services: Services, workspace: Workspace) -> None:
    """However many there are: the ten highest cosines count."""
    saved = remember(services, workspace, [ticket(f"{n}", f"{PRINTER} {n}") for n in range(15)])
    measure(services)
    stored = nearest(services)
    assert {len(of_item) for of_item in stored.values()} == {10}
    vectors = services.embedder.encode([f"{PRINTER} {n}" for n in range(15)])
    cosines = np.sort(vectors[14] @ vectors[:14].T)[-10:]
    with services.database.read() as session:
        found = densities(session, [saved[14].item_id], services.embedder.fingerprint)
    assert found[saved[14].item_id] == pytest.approx(cosines.mean(), abs=1e-4)
    assert density([0.1] * 10 + [0.9] * 10) == pytest.approx(0.9)


def test_an_edit_and_a_deletion_void_what_was_measured(
    services: Services, workspace: Workspace
) -> None:
    """A changed text is measured anew, and nothing stays of a deleted one."""
    first, second = remember(services, workspace, [ticket("a", PRINTER), ticket("b", PRINTER)])
    measure(services)
    remember(services, workspace, [ticket("a", "how do I book a holiday")])
    with services.database.read() as session:
        assert unmeasured(session, services.embedder.fingerprint, limit=9) == [first.item_id]
    measure(services)
    with services.database.write() as session:
        services.items.remove(session, workspace.id, ("import", "b"), START)
    assert set(nearest(services)) == {first.item_id}
    assert second.item_id not in nearest(services)


def test_frequencies_in_memory_stay_near_the_truth(
    services: Services, workspace: Workspace
) -> None:
    """What is kept is as old as two documents in a hundred, and void when readers change."""
    cache = IdfCache()

    def frequency() -> tuple[int, int]:
        with services.database.read() as session:
            pools = readable_pools(session, whole_workspace(workspace.id), "ticket")
            lexicon = cache.lexicon(session, pools, ["printer", "unheard"])
        return lexicon.documents, lexicon.frequencies["printer"]

    remember(services, workspace, [ticket(f"{n}", "printer") for n in range(100)])
    assert frequency() == (100, 100)
    remember(services, workspace, [ticket("100", "printer"), ticket("101", "printer")])
    assert frequency() == (102, 100)
    remember(services, workspace, [ticket("102", "printer")])
    assert frequency() == (103, 103)
    remember(services, workspace, [ticket("103", "printer")])
    with services.database.write() as session:
        session.scalars(select(Pool)).one().epoch += 1
    assert frequency() == (104, 104)
