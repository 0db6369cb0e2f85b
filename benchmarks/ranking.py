"""`ranking`: how high the right earlier ticket, or the same product, stands; no labels are used.

For each item that has others of its group: mean average precision (MAP) over all others, by plain
cosine and as `deja similar --each --limit 200` lists them, from a database that remembers the set.
What is not listed is not found. Products: for each of catalog A those of catalog B.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks import corpus
from benchmarks.bands import groups_by_pairs, similarities
from benchmarks.measuring import Figure
from benchmarks.remembered import Remembered, remembered
from models import Item
from services.search.embedding import Embedder, SentenceTransformerEmbedder
from tests.hashing import HashingEmbedder

TICKETS = ("gitbugs_seamonkey", "english_se", "covidq")
PRODUCTS = {"abt_buy": 0.92, "amazon_google": 0.86}
LISTED = 200
AT_ONCE = 256
MEAN_MAP = 0.665

Matrix = NDArray[np.float32]
Order = NDArray[np.int64]


def run(quick: bool) -> list[Figure]:
    """Measure each set; quick, or without the public sets, the sample workspace alone."""
    embedder: Embedder = HashingEmbedder() if quick else SentenceTransformerEmbedder()
    rows = [{"text": text} for text in corpus.sample_texts()]
    figures, _, _ = _tickets(embedder, "sample workspace", rows, corpus.sample_groups())
    if quick or not corpus.has_data():
        return figures
    plain, ranked = [], []
    for name in TICKETS:
        rows = corpus.read(name)
        group = groups_by_pairs(name, rows) if name == "english_se" else [r["group"] for r in rows]
        of_set, by_cosine, by_ranking = _tickets(embedder, name, rows, group)
        figures += of_set
        plain.append(by_cosine)
        ranked.append(by_ranking)
    figures += [
        Figure("mean MAP by cosine, without the sample", float(np.mean(plain))),
        Figure("mean MAP, without the sample", float(np.mean(ranked)), "", MEAN_MAP, "at least"),
    ]
    return [*figures, *(_products(embedder, name, goal) for name, goal in PRODUCTS.items())]


def _tickets(
    embedder: Embedder, name: str, rows: list[corpus.Json], groups: list[str]
) -> tuple[list[Figure], float, float]:
    """Return the figures of a set of tickets, and MAP by cosine and by ranking."""
    dense = similarities(corpus.encoded_rows(embedder, rows), len(rows))
    relevant = _of_one_group(groups)
    plain = _mean_precision(_by_cosine(dense, relevant), relevant)
    with remembered(embedder, rows, "ticket") as memory:
        ranked = _mean_precision(_listed(memory, list(relevant)), relevant)
    figures = [
        Figure(f"{name}: MAP by cosine", plain),
        Figure(f"{name}: MAP", ranked, "", plain, "at least"),
    ]
    return figures, plain, ranked


def _products(embedder: Embedder, name: str, goal: float) -> Figure:
    rows = corpus.read(name)
    place = {row["id"]: number for number, row in enumerate(rows)}
    relevant: dict[int, set[int]] = {}
    for pair in corpus.read(name, "pairs"):
        if pair["label"]:
            relevant.setdefault(place[pair["a"]], set()).add(place[pair["b"]])
    with remembered(embedder, rows, "product") as memory:
        found = _listed(memory, list(relevant), source="B")
    return Figure(f"{name}, A to B: MAP", _mean_precision(found, relevant), "", goal, "at least")


def _listed(
    memory: Remembered, places: Sequence[int], source: str | None = None
) -> dict[int, Order]:
    """Return what `deja similar` lists for rows, of one source where it is named."""
    where = memory.audience if source is None else memory.audience.among(Item.source == source)
    row = {item_id: number for number, item_id in enumerate(memory.ids)}
    listed: dict[int, Order] = {}
    for start in range(0, len(places), AT_ONCE):
        ids = [memory.ids[number] for number in places[start : start + AT_ONCE]]
        found = memory.services.similar.to_items(ids, audience=where, limit=LISTED)
        for item_id, matches in found.items():
            order = [row[match.item_id] for match in matches]
            listed[row[item_id]] = np.array(order, dtype=np.int64)
    return listed


def _of_one_group(groups: Sequence[str]) -> dict[int, set[int]]:
    members: dict[str, set[int]] = {}
    for place, group in enumerate(groups):
        members.setdefault(group, set()).add(place)
    return {
        place: members[group] - {place}
        for place, group in enumerate(groups)
        if len(members[group]) > 1
    }


def _by_cosine(dense: Matrix, places: Mapping[int, set[int]]) -> dict[int, Order]:
    orders = {}
    for place in places:
        others = np.delete(np.arange(len(dense)), place)
        orders[place] = others[np.argsort(-dense[place, others], kind="stable")]
    return orders


def _mean_precision(orders: Mapping[int, Order], relevant: Mapping[int, set[int]]) -> float:
    """Return MAP; a relevant item that is not in the list counts 0."""
    precisions = []
    for place, order in orders.items():
        right = np.flatnonzero(np.isin(order, list(relevant[place]))) + 1
        found = np.arange(1, len(right) + 1) / right
        precisions.append(found.sum() / len(relevant[place]))
    return float(np.mean(precisions))
