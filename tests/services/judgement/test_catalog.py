"""What people type, and a catalog of 56 products in three languages, with the real model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.wiring import Services
from models import Item, Workspace
from services.channels.audience import whole_workspace
from services.memory.new_items import NewItem
from services.search.embedders.embedding import SentenceTransformerEmbedder
from tests.remembering import START, remember

FOLDER = Path(__file__).parent / "catalog"
# 102 of 105; another desk lamp is found by its English words, and "14" in "E14".
MIN_FIRST = 0.95
MUST = {"steam shower", "14 watt", "led 150 w", "30256", "30573", "5 GB", "50 GB stick"}


def _rows(name: str) -> list[dict[str, Any]]:
    with (FOLDER / f"{name}.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@pytest.fixture
def embedder(model: SentenceTransformerEmbedder) -> SentenceTransformerEmbedder:
    """Judge by the real model."""
    return model


@pytest.fixture
def shop(services: Services, workspace: Workspace) -> Services:
    """Remember the catalog."""
    remember(services, workspace, [
        NewItem(
            source="catalog", external_id=row["id"], kind="product", title=row["title"],
            text=row["text"], created_at=START,
        )
        for row in _rows("products")
    ])  # fmt: skip
    return services


def _found(shop: Services, text: str) -> list[str]:
    """Return the ids of the products found for a typed text, the best first."""
    with shop.database.read() as session:
        audience = whole_workspace(session.query(Workspace).one().id)
    matches = shop.similar.to_text(text, kind="product", audience=audience, limit=5)
    with shop.database.read() as session:
        return [session.get_one(Item, match.item_id).external_id for match in matches]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("step", [5, pytest.param(1, marks=pytest.mark.thorough)])
def test_what_is_typed_finds_its_product(shop: Services, step: int) -> None:
    """Units, codes with other spaces, compounds, inflections, slips of the hand: mostly first."""
    rows = _rows("queries")
    asked = [row for n, row in enumerate(rows) if n % step == 0 or row["query"] in MUST]
    missed = [
        (row["query"], found[0])
        for row in asked
        if (found := _found(shop, row["query"]))[0] not in row["wanted"]
    ]
    assert len(missed) <= (1 - MIN_FIRST) * len(asked), missed
    assert not MUST & dict(missed).keys()
