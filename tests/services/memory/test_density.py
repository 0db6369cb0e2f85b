"""The density around items, which depends on nothing that their readers may not read."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from sqlalchemy import select, text

from bot.wiring import Services
from models import Item, Neighbourhood, Workspace
from services.memory.channel_facts import ChannelFacts, save_channel
from services.memory.density import density, save_density, unmeasured
from services.memory.items import bury
from services.search.indexes.contract import Candidate
from tests.hashing import HashingEmbedder
from tests.remembering import START, channel, remember, ticket

FINGERPRINT = HashingEmbedder.fingerprint

PATIENCE = 20.0

PRINTER = "the printer prints blank pages"


def measure(services: Services) -> None:
    """Measure all neighbourhoods that are not stored."""
    while services.duplicates.measure_missing(limit=3):
        pass


def nearest(services: Services) -> dict[int, dict[str, float]]:
    """Return the stored neighbourhoods."""
    with services.database.read() as session:
        return {row.item_id: row.nearest for row in session.scalars(select(Neighbourhood))}


@pytest.mark.both_databases
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
        session.delete(session.get_one(Neighbourhood, (third.item_id, FINGERPRINT)))
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
        found = session.get_one(Neighbourhood, (saved[14].item_id, FINGERPRINT)).density
    assert found == pytest.approx(cosines.mean(), abs=1e-4)
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


@pytest.mark.both_databases
def test_no_density_counts_what_its_readers_may_not_read(
    services: Services, workspace: Workspace
) -> None:
    """A private ticket is no neighbour of a public one, though the public one is of it."""
    private = channel(services, workspace, "G1", private=True)
    (public,) = remember(services, workspace, [ticket("a", PRINTER)])
    measure(services)
    hidden, _ = remember(services, workspace, [
        ticket("b", PRINTER, channel_id=private.id), ticket("c", PRINTER, channel_id=private.id),
    ])  # fmt: skip
    measure(services)
    assert nearest(services)[public.item_id] == {}
    assert str(public.item_id) in nearest(services)[hidden.item_id]


def test_other_densities_stay_when_a_private_channel_changes(
    services: Services, workspace: Workspace
) -> None:
    """Neither a new private channel nor new readers of one delete what was measured elsewhere."""
    private = channel(services, workspace, "G1", private=True)
    public = remember(services, workspace, [ticket("a", PRINTER), ticket("b", PRINTER)])
    (hidden,) = remember(services, workspace, [ticket("c", PRINTER, channel_id=private.id)])
    measure(services)
    before = nearest(services)
    channel(services, workspace, "G2", private=True, shared=True)
    assert nearest(services) == before
    with services.database.write() as session:
        save_channel(session, workspace.id, ChannelFacts("G1", is_shared=True))
    assert set(nearest(services)) == {item.item_id for item in public}
    measure(services)
    assert nearest(services) == before | {hidden.item_id: {}}


def test_a_channel_that_turns_private_is_in_no_density_outside(
    services: Services, workspace: Workspace
) -> None:
    """Densities that its tickets are part of are measured again, and no others."""
    open_channel = channel(services, workspace, "C1")
    near, far = remember(services, workspace, [
        ticket("near", PRINTER), ticket("far", PRINTER, kind="product"),
    ])  # fmt: skip
    (inside,) = remember(services, workspace, [ticket("in", PRINTER, channel_id=open_channel.id)])
    measure(services)
    assert str(inside.item_id) in nearest(services)[near.item_id]
    with services.database.write() as session:
        save_channel(session, workspace.id, ChannelFacts("C1", is_private=True))
    assert set(nearest(services)) == {far.item_id}
    measure(services)
    assert nearest(services)[near.item_id] == {}
    assert str(near.item_id) in nearest(services)[inside.item_id]


@pytest.mark.both_databases
def test_nothing_is_measured_of_what_is_erased_meanwhile(
    services: Services, workspace: Workspace
) -> None:
    """The worker that measures waits for the erasure, and has nothing that this needs."""
    (first,) = remember(services, workspace, [ticket("a", PRINTER)])
    measure(services)
    (second,) = remember(services, workspace, [ticket("b", PRINTER)])
    found = {second.item_id: [Candidate(first.item_id, 0.9)]}
    with ThreadPoolExecutor(1) as worker:
        with services.database.write() as session:
            rows = session.scalars(select(Item).order_by(Item.id).with_for_update()).all()
            measured = worker.submit(_save, services, found)
            if not services.database.is_sqlite:  # where nobody writes meanwhile
                _wait_for_a_waiting_one(services)
            bury(session, rows, START)
        measured.result()
    assert nearest(services) == {}


def _save(services: Services, found: dict[int, list[Candidate]]) -> None:
    with services.database.write() as session:
        save_density(session, FINGERPRINT, found)


def _wait_for_a_waiting_one(services: Services) -> None:
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with services.database.read() as session:
            if session.scalar(waiting):
                return
        time.sleep(0.01)
    raise TimeoutError("nobody waits")
