"""`ranking`: how high the right earlier ticket, or the same product, ranks without verdicts.

For each item with others in its group: mean average precision (MAP) over all others, by plain
cosine and as `deja similar --each --limit 200` lists them from a database that holds the set. Items
that are not listed are not found. For each product of catalog A, those of catalog B are ranked, and
also for two to four random words of its name, as somebody types them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks import corpus
from benchmarks.bands import groups_by_pairs, similarities
from benchmarks.measurement import Figure
from benchmarks.stored_set import StoredSet, stored_set
from models import Item
from services.search.embedders.embedding import Embedder, SentenceTransformerEmbedder
from services.text.cleaning.compared_text import readable_text
from tests.hashing import HashingEmbedder

TICKETS = ("gitbugs_seamonkey", "english_se", "covidq")
PRODUCTS = {"abt_buy": 0.975, "amazon_google": 0.895}
# Between what letters and meaning alone found (0.639, 0.615) and what was measured with words.
TYPED = {"abt_buy": 0.65, "amazon_google": 0.65}
MIN_TYPED, MAX_TYPED = 2, 4
LIMIT = 200
BATCH_SIZE = 256
MIN_MAP = 0.667

Matrix = NDArray[np.float32]
Order = NDArray[np.int64]


def run(quick: bool) -> list[Figure]:
    """Measure each set; quick, or without the public sets, the sample workspace alone."""
    embedder: Embedder = HashingEmbedder() if quick else SentenceTransformerEmbedder()
    rows = [{"text": text} for text in corpus.sample_texts()]
    figures, _, _ = ranked_tickets(embedder, "sample workspace", rows, corpus.sample_groups())
    if quick or not corpus.has_data():
        return figures
    plain, ranked = [], []
    for name in TICKETS:
        rows = corpus.read(name)
        group = groups_by_pairs(name, rows) if name == "english_se" else [r["group"] for r in rows]
        of_set, by_cosine, by_ranking = ranked_tickets(embedder, name, rows, group)
        figures += of_set
        plain.append(by_cosine)
        ranked.append(by_ranking)
    figures += [
        Figure("mean MAP by cosine, without the sample", float(np.mean(plain))),
        Figure("mean MAP, without the sample", float(np.mean(ranked)), "", MIN_MAP, "at least"),
    ]
    return [*figures, *(one for name in PRODUCTS for one in products(embedder, name))]


def ranked_tickets(
    embedder: Embedder, name: str, rows: list[corpus.Json], groups: list[str]
) -> tuple[list[Figure], float, float]:
    """Return the figures of a set of tickets, and MAP by cosine and by ranking."""
    dense = similarities(corpus.encoded_rows(embedder, rows), len(rows))
    relevant = group_mates(groups)
    plain = mean_precision(_by_cosine(dense, relevant), relevant)
    with stored_set(embedder, rows, "ticket") as stored:
        ranked = mean_precision(listed(stored, list(relevant)), relevant)
    figures = [
        Figure(f"{name}: MAP by cosine", plain),
        Figure(f"{name}: MAP", ranked, "", plain, "at least"),
    ]
    return figures, plain, ranked


def products(embedder: Embedder, name: str) -> list[Figure]:
    """Return the figures of two catalogs: from item to item, and from typed words to items."""
    rows, relevant = catalog(name)
    typed = _typed_words(rows, list(relevant))
    with stored_set(embedder, rows, "product", sorted(set(typed.values()))) as stored:
        found = listed(stored, list(relevant), source="B")
        by_words = _listed_for_texts(stored, typed, source="B")
    ranked, by_typed = mean_precision(found, relevant), mean_precision(by_words, relevant)
    return [
        Figure(f"{name}, A to B: MAP", ranked, "", PRODUCTS[name], "at least"),
        Figure(f"{name}, typed words to B: MAP", by_typed, "", TYPED[name], "at least"),
    ]


def catalog(name: str) -> tuple[list[corpus.Json], dict[int, set[int]]]:
    """Return the products of two catalogs, and those of B that are the same as one of A."""
    rows = corpus.read(name)
    index = {row["id"]: number for number, row in enumerate(rows)}
    relevant: dict[int, set[int]] = {}
    for pair in corpus.read(name, "pairs"):
        if pair["label"]:
            relevant.setdefault(index[pair["a"]], set()).add(index[pair["b"]])
    return rows, relevant


def _typed_words(rows: Sequence[corpus.Json], queries: Sequence[int]) -> dict[int, str]:
    """Return two to four random words, in order, of the name of each query."""
    random = np.random.default_rng(1)
    typed = {}
    for query in queries:
        words = rows[query]["title"].split()
        number = min(int(random.integers(MIN_TYPED, MAX_TYPED + 1)), len(words))
        chosen = sorted(random.choice(len(words), number, replace=False).tolist())
        typed[query] = " ".join(words[one] for one in chosen)
    return {query: text for query, text in typed.items() if readable_text(None, text) == text}


def _listed_for_texts(stored: StoredSet, typed: Mapping[int, str], source: str) -> dict[int, Order]:
    """Return the rows that `deja similar` lists for each typed text, of one source."""
    audience = stored.audience.among(Item.source == source)
    index = {item_id: number for number, item_id in enumerate(stored.ids)}
    listed: dict[int, Order] = {}
    for query, text in typed.items():
        found = stored.services.similar.to_text(
            text, kind="product", audience=audience, limit=LIMIT
        )
        listed[query] = np.array([index[match.item_id] for match in found], dtype=np.int64)
    return listed


def listed(
    stored: StoredSet, queries: Sequence[int], source: str | None = None
) -> dict[int, Order]:
    """Return the rows that `deja similar` lists for each query, of one source if it is given."""
    audience = stored.audience
    if source is not None:
        audience = audience.among(Item.source == source)
    index = {item_id: number for number, item_id in enumerate(stored.ids)}
    listed: dict[int, Order] = {}
    for start in range(0, len(queries), BATCH_SIZE):
        ids = [stored.ids[query] for query in queries[start : start + BATCH_SIZE]]
        found = stored.services.similar.to_items(ids, audience=audience, limit=LIMIT)
        for item_id, matches in found.items():
            order = [index[match.item_id] for match in matches]
            listed[index[item_id]] = np.array(order, dtype=np.int64)
    return listed


def group_mates(groups: Sequence[str]) -> dict[int, set[int]]:
    """Return the other items of each item's group, for the items that have any."""
    members: dict[str, set[int]] = {}
    for index, group in enumerate(groups):
        members.setdefault(group, set()).add(index)
    return {
        index: members[group] - {index}
        for index, group in enumerate(groups)
        if len(members[group]) > 1
    }


def _by_cosine(dense: Matrix, queries: Iterable[int]) -> dict[int, Order]:
    orders = {}
    for query in queries:
        others = np.delete(np.arange(len(dense)), query)
        orders[query] = others[np.argsort(-dense[query, others], kind="stable")]
    return orders


def mean_precision(orders: Mapping[int, Order], relevant: Mapping[int, set[int]]) -> float:
    """Return mean average precision; a relevant item that is not listed counts 0."""
    precisions = []
    for query, order in orders.items():
        ranks = np.flatnonzero(np.isin(order, list(relevant[query]))) + 1
        precision = np.arange(1, len(ranks) + 1) / ranks
        precisions.append(precision.sum() / len(relevant[query]))
    return float(np.mean(precisions))
