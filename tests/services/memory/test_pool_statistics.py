"""Statistics of a pool, and the density of items around each of them."""

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
    """Measure all neighbourhoods that are not stored."""
    while services.duplicates.measure_missing(limit=3):
        pass


def nearest(services: Services) -> dict[int, dict[str, float]]:
    """Return the stored neighbourhoods."""
    with services.database.read() as session:
        return {row.item_id: row.nearest for row in session.scalars(select(Neighbourhood))}


def test_a_profile_has_the_mean_vector_and_the_median_length(
    services: Services, workspace: Workspace
) -> None:
    """The centre is the mean of all vectors, and the length the median number of terms."""
    texts = ["one", "one two three", "one two three four five"]
    remember(services, workspace, [ticket(text, text) for text in texts])
    with services.database.read() as session:
        pools = readable_pools(session, whole_workspace(workspace.id), "ticket")
        statistics = statistics_of_pools(
            session, pools, services.embedder.fingerprint, services.embedder.dim
        )
        nothing = statistics_of_pools(session, pools, "another model", 3)
    expected = services.embedder.encode(texts).mean(axis=0)
    assert statistics.median_length == 3
    assert np.allclose(statistics.centre, expected, atol=1e-6)
    assert nothing.centre.tolist() == [0.0, 0.0, 0.0]


def test_a_profile_is_updated_after_a_tenth_more_documents(
    services: Services, workspace: Workspace
) -> None:
    """It is not computed again for each new document."""
    remember(services, workspace, [ticket(f"{n}", f"w{n}") for n in range(30)])
    computed_at = []
    for number in range(30, 36):
        remember(services, workspace, [ticket(f"{number}", f"w{number}")])
        with services.database.read() as session:
            computed_at.append(session.scalars(select(Profile.documents)).one())
    assert computed_at == [30, 30, 33, 33, 33, 33]


def test_a_new_item_updates_its_neighbours(services: Services, workspace: Workspace) -> None:
    """A new item is added to the neighbourhoods it is near, once, even if measured twice."""
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


def test_a_density_is_the_mean_of_the_ten_nearest(services: Services, workspace: Workspace) -> None:
    """Of any number of items, the ten highest cosines count."""
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


def test_an_edit_or_a_deletion_removes_the_neighbourhood(
    services: Services, workspace: Workspace
) -> None:
    """A changed item is measured again, and a deleted one has no neighbourhood."""
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


def test_cached_frequencies_are_nearly_current(services: Services, workspace: Workspace) -> None:
    """The cache is at most 2 % of the documents behind, and dropped when readers change."""
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
