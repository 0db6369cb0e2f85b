"""Margins: products of two catalogs, of which one may have what another item fits better."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bot.wiring import Services
from models import Item, Workspace
from services.channels.audience import Audience, audience_of_members, whole_workspace
from services.memory.new_items import NewItem
from tests.remembering import START, channel, remember

# B says of its LX350 what A does not, and of its LX360 what A says of both.
OURS = {"a-350": "turntable lx350 black belt drive", "a-360": "turntable lx360 black belt drive"}
THEIRS = {
    "b-360": "turntable lx360 black belt drive",
    "b-350": "lx350 black turntable, boxed as new",
}


def _products(source: str, names: dict[str, str], channel_id: int | None = None) -> list[NewItem]:
    return [
        NewItem(
            source=source, external_id=name, kind="product", text=text, created_at=START,
            channel_id=channel_id,
        )
        for name, text in names.items()
    ]  # fmt: skip


def _similar(
    services: Services, ids: Sequence[int], audience: Audience, source: str | None = "B"
) -> list[list[tuple[str, float]]]:
    """Return what is found for each item: external ids and scores, the best first."""
    among = audience if source is None else audience.among(Item.source == source)
    found = services.similar.to_items(ids, audience=among, limit=20)
    with services.database.read() as session:
        return [
            [(session.get_one(Item, one.item_id).external_id, one.score) for one in found[item_id]]
            for item_id in ids
        ]


@pytest.fixture
def catalogs(services: Services, workspace: Workspace) -> list[int]:
    """Remember both catalogs; give the ids of the first."""
    saved = remember(services, workspace, _products("A", OURS))
    remember(services, workspace, _products("B", THEIRS))
    return [one.item_id for one in saved]


@pytest.mark.both_databases
def test_a_candidate_that_another_item_fits_better_comes_second(
    services: Services, workspace: Workspace, catalogs: list[int]
) -> None:
    """B's LX360 has more words in common with A's LX350 than B's LX350 has, but is A's LX360."""
    first, second = _similar(services, catalogs, whole_workspace(workspace.id))
    assert [name for name, _ in first] == ["b-350", "b-360"]
    assert [name for name, _ in second] == ["b-360", "b-350"]


def test_without_the_rest_of_its_source_nothing_is_known(
    services: Services, workspace: Workspace
) -> None:
    """A catalog of one product is ranked by similarity alone."""
    [saved] = remember(services, workspace, _products("A", {"a-350": OURS["a-350"]}))
    remember(services, workspace, _products("B", THEIRS))
    [found] = _similar(services, [saved.item_id], whole_workspace(workspace.id))
    assert [name for name, _ in found] == ["b-360", "b-350"]


def test_items_are_ranked_alike_alone_and_together(
    services: Services, workspace: Workspace, catalogs: list[int]
) -> None:
    """What else is asked for in the same call changes no score."""
    audience = whole_workspace(workspace.id)
    together = _similar(services, catalogs, audience)
    alone = [_similar(services, [one], audience)[0] for one in catalogs]
    for one, other in zip(together, alone, strict=True):
        assert dict(one) == pytest.approx(dict(other), abs=1e-5)


def test_what_may_not_be_read_changes_no_score(
    services: Services, workspace: Workspace, catalogs: list[int]
) -> None:
    """A private product that fits a candidate better is not let on by the candidate's place."""
    private = channel(services, workspace, "G1", private=True)
    readers = audience_of_members(workspace.id)
    before = _similar(services, catalogs, readers)
    remember(services, workspace, _products(
        "A", {f"secret {n}": THEIRS["b-350"] for n in range(5)}, private.id
    ))  # fmt: skip
    assert _similar(services, catalogs, readers) == before


def test_both_sources_can_be_listed_together(
    services: Services, workspace: Workspace, catalogs: list[int]
) -> None:
    """The same product of another catalog comes before its neighbour in the same one."""
    found = _similar(services, catalogs, whole_workspace(workspace.id), source=None)
    assert found[1][0][0] == "b-360"
    assert {name for name, _ in found[1]} == {"a-350", "b-350", "b-360"}


def test_a_ticket_looks_for_products_like_a_typed_text(
    services: Services, workspace: Workspace, catalogs: list[int]
) -> None:
    """Tickets are no catalog: their source is not a rival of the products'."""
    text = "is the lx350 turntable in stock"
    [ticket] = remember(services, workspace, [
        NewItem(source="A", external_id="t", text=text, created_at=START)
    ])  # fmt: skip
    audience = whole_workspace(workspace.id)
    asked = services.similar.to_items([ticket.item_id], audience=audience, limit=9, kind="product")
    typed = services.similar.to_text(text, kind="product", audience=audience, limit=9)
    assert [one.item_id for one in asked[ticket.item_id]] == [one.item_id for one in typed]
    assert [one.score for one in asked[ticket.item_id]] == pytest.approx(
        [one.score for one in typed], abs=1e-5
    )
