"""`ranking`: how high the right earlier ticket, or the same product, stands; no labels are used.

For each item that has others of its group: mean average precision (MAP) over all others, by plain
cosine ("dense") and by `services.ranking`. Products: for each of catalog A those of catalog B.
Candidates are the most alike by meaning and by words; what is in neither list is not found.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array  # type: ignore[import-untyped]

from benchmarks import corpus
from benchmarks.bands import groups_by_pairs, similarities
from benchmarks.measuring import Figure
from services import ranking
from services.embedding import Embedder, SentenceTransformerEmbedder
from services.lexical import Lexicon, grams, terms, tfidf
from tests.hashing import HashingEmbedder

TICKETS = ("gitbugs_seamonkey", "english_se", "covidq")
PRODUCTS = {"abt_buy": 0.92, "amazon_google": 0.86}
CANDIDATES = 100
NEAREST = 10
MEAN_MAP = 0.665

Matrix = NDArray[np.float32]


@dataclass(frozen=True)
class Set:
    """A labelled set: cosines `dense`, the same `centred`, cosines of words, densities."""

    dense: Matrix
    centred: Matrix
    lexical: Matrix
    density: NDArray[np.float32]
    weight: float

    def order(self, place: int, among: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the candidates among `among` of the item at `place`, best first."""
        by_meaning = among[np.argsort(-self.dense[place, among], kind="stable")[:CANDIDATES]]
        by_words = among[np.argsort(-self.lexical[place, among], kind="stable")[:CANDIDATES]]
        found = np.union1d(by_meaning, by_words)
        rows = np.concatenate([[place], found])
        square = np.ix_(rows, rows)
        scores = ranking.score(
            self.centred[square], self.lexical[square], self.density[rows], self.weight
        )
        return np.asarray(found[np.argsort(-scores, kind="stable")])


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
    labelled = measure(embedder, rows, "ticket")
    relevant = _of_one_group(groups)
    others = {place: np.delete(np.arange(len(rows)), place) for place in relevant}
    plain = _mean_precision(_by_cosine(labelled, others), relevant)
    ranked = _mean_precision({p: labelled.order(p, others[p]) for p in relevant}, relevant)
    figures = [
        Figure(f"{name}: MAP by cosine", plain),
        Figure(f"{name}: MAP", ranked, "", plain, "at least"),
    ]
    return figures, plain, ranked


def _products(embedder: Embedder, name: str, goal: float) -> Figure:
    rows = corpus.read(name)
    labelled = measure(embedder, rows, "product")
    place = {row["id"]: number for number, row in enumerate(rows)}
    other_side = np.array([number for number, row in enumerate(rows) if row["side"] == "B"])
    relevant: dict[int, set[int]] = {}
    for pair in corpus.read(name, "pairs"):
        if pair["label"]:
            relevant.setdefault(place[pair["a"]], set()).add(place[pair["b"]])
    orders = {one: labelled.order(one, other_side) for one in relevant}
    return Figure(f"{name}, A to B: MAP", _mean_precision(orders, relevant), "", goal, "at least")


def measure(embedder: Embedder, rows: Sequence[corpus.Json], kind: str) -> Set:
    """Return how alike the rows of a set are, by meaning and by words."""
    texts = [corpus.text_of(row) for row in rows]
    words = [terms(text) for text in texts]
    vectors = corpus.encoded_rows(embedder, rows)
    centre = vectors.rows.mean(axis=0)
    dense = similarities(vectors, len(texts))
    moved = corpus.Vectors(ranking.centred(vectors.rows, centre), vectors.owners)
    first = np.searchsorted(vectors.owners, np.arange(len(texts)))
    nearest = np.sort(dense - 2 * np.eye(len(texts), dtype=np.float32), axis=1)[:, -NEAREST:]
    return Set(
        dense,
        similarities(moved, len(texts)),
        _lexical([grams(one) for one in words] if kind == "product" else words),
        ranking.centred_density(nearest.mean(axis=1), vectors.rows[first] @ centre, centre),
        ranking.lexical_weight(kind, float(np.median([len(one) for one in words]))),
    )


def _lexical(documents: Sequence[list[str]]) -> Matrix:
    """Return the cosines of the documents' TF-IDF vectors, shape `(n, n)`."""
    counts = [Counter(document) for document in documents]
    frequencies = Counter(term for document in counts for term in document)
    lengths = [len(document) for document in documents]
    lexicon = Lexicon(len(documents), float(np.mean(lengths)), frequencies)
    column = {term: number for number, term in enumerate(frequencies)}
    vectors = [tfidf(document, lexicon) for document in counts]
    places = [(row, column[term]) for row, vector in enumerate(vectors) for term in vector]
    values = [value for vector in vectors for value in vector.values()]
    table = csr_array(
        (np.array(values, dtype=np.float32), np.array(places).T),
        shape=(len(documents), len(column)),
    )
    return np.asarray((table @ table.T).toarray(), dtype=np.float32)


def _of_one_group(groups: Sequence[str]) -> dict[int, set[int]]:
    members: dict[str, set[int]] = {}
    for place, group in enumerate(groups):
        members.setdefault(group, set()).add(place)
    return {
        place: members[group] - {place}
        for place, group in enumerate(groups)
        if len(members[group]) > 1
    }


def _by_cosine(labelled: Set, among: dict[int, NDArray[np.int64]]) -> dict[int, NDArray[np.int64]]:
    return {
        place: others[np.argsort(-labelled.dense[place, others], kind="stable")]
        for place, others in among.items()
    }


def _mean_precision(orders: dict[int, NDArray[np.int64]], relevant: dict[int, set[int]]) -> float:
    """Return MAP; a relevant item that is not in the list counts 0."""
    precisions = []
    for place, order in orders.items():
        right = np.flatnonzero(np.isin(order, list(relevant[place]))) + 1
        found = np.arange(1, len(right) + 1) / right
        precisions.append(found.sum() / len(relevant[place]))
    return float(np.mean(precisions))
