"""Statistics of a pool, and the density of items around each of them."""

from __future__ import annotations

import numpy as np
import pytest
from sqlalchemy import select

from bot.wiring import Services
from models import Pool, Profile, Workspace
from services.channels.audience import audience_of_channel, whole_workspace
from services.memory.idf_cache import IdfCache
from services.memory.pool_statistics import statistics_of_pools
from services.memory.term_index import readable_pools
from tests.remembering import channel, remember, ticket

PRINTER = "the printer prints blank pages"


def test_a_profile_has_the_mean_vector_and_the_median_length(
    services: Services, workspace: Workspace
) -> None:
    """The centre is the mean of all vectors, and the length the median number of terms."""
    texts = ["printer", "printer two three", "printer two three four five"]
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


@pytest.mark.both_databases
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


def test_the_sum_over_pools_is_as_current_as_each(services: Services, workspace: Workspace) -> None:
    """It is added again where what was cached of one of them is dropped."""
    private = channel(services, workspace, "C1", private=True)
    cache = IdfCache()

    def frequency() -> int:
        with services.database.read() as session:
            pools = readable_pools(session, audience_of_channel(private), "ticket")
            return cache.lexicon(session, pools, ["printer"]).frequencies["printer"]

    remember(services, workspace, [ticket("a", "printer")])
    remember(services, workspace, [ticket("b", "printer", channel_id=private.id)])
    assert frequency() == 2
    remember(services, workspace, [ticket("c", "printer", channel_id=private.id)])
    assert frequency() == 3
    remember(services, workspace, [ticket("d", "printer")])
    assert frequency() == 4
