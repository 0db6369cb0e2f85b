"""`bands`: how often a cosine alone is right, on every labelled set and on the sample workspace.

It is measured in two ways:
- *tickets*: each item in order with its most similar earlier one, which an answer would show first.
  It is flagged if their similarity reaches the threshold, and right if both are in one group. In
  the sets of intents (banking77, hwu64, dstc11, askubuntu) a group is wider than an issue.
- *pairs*: the labelled pairs that reach the threshold, and how many of them are duplicates. That
  depends on how many negatives a set has, and how hard they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks import corpus
from benchmarks.measurement import Figure
from bot.tryout import sample
from services.judgement.shown_similarity import SIMILAR_SIMILARITY
from services.search.embedders.embedding import Embedder, SentenceTransformerEmbedder
from tests.hashing import HashingEmbedder

HIGHEST = 0.95
THRESHOLDS = sorted({0.65, 0.7, SIMILAR_SIMILARITY, 0.75, 0.8, 0.85, 0.9, HIGHEST})

GROUPED = {
    "gitbugs_seamonkey": "group", "covidq": "group", "banking77": "label", "hwu64": "label",
    "dstc11_banking": "label", "askubuntu_webapps_intents": "label",
}  # fmt: skip
PAIRED = ("english_se", "semeval_cqa", "wdc_products", "abt_buy", "amazon_google")


@dataclass(frozen=True)
class ScoredPairs:
    """Pairs that could be flagged, `(n,)`: their similarities, and whether a flag is right."""

    similarities: NDArray[np.float32]
    right: NDArray[np.bool_]

    def cell(self, threshold: float) -> str:
        """Return "share flagged / share of those that is right" at a threshold, in percent."""
        flagged = self.similarities >= threshold
        precision = f"{100 * self.right[flagged].mean():5.1f}" if flagged.any() else "    –"
        return f"{100 * flagged.mean():5.1f} /{precision}"


def run(quick: bool) -> list[Figure]:
    """Print a table for each way. There are no targets: thresholds are chosen by these tables."""
    embedder: Embedder = HashingEmbedder() if quick else SentenceTransformerEmbedder()
    tickets = {"sample workspace": _sample(embedder)}
    pairs: dict[str, ScoredPairs] = {}
    if corpus.has_data() and not quick:
        for name, column in GROUPED.items():
            rows = corpus.read(name)
            groups = [row[column] for row in rows]
            tickets[name] = _earlier(corpus.encoded_rows(embedder, rows), groups)
        tickets["english_se"] = _grouped_by_pairs(embedder, "english_se")
        pairs = {name: _pairs(embedder, name) for name in PAIRED}
    _print("tickets: flagged % / right %", tickets)
    if pairs:
        _print("pairs: flagged % / right %", pairs)
    return _near_misses(embedder)


def _print(title: str, sets: dict[str, ScoredPairs]) -> None:
    print(f"  {title:<34}" + "".join(f"{threshold:>15.2f}" for threshold in THRESHOLDS))
    for name, scored in sets.items():
        number = len(scored.similarities)
        cells = "".join(f"{scored.cell(threshold):>15}" for threshold in THRESHOLDS)
        print(f"  {name:<27}{number:>6,} {cells}")


def _sample(embedder: Embedder) -> ScoredPairs:
    return _earlier(corpus.encoded(embedder, corpus.sample_texts()), corpus.sample_groups())


def _near_misses(embedder: Embedder) -> list[Figure]:
    """Count the near misses in the sample that reach a threshold, although they are no repeats."""
    tickets = sample.tickets()
    cosine = similarities(corpus.encoded(embedder, corpus.sample_texts()), len(tickets))
    nearest = [
        max(
            cosine[index, other]
            for other, ticket in enumerate(tickets)
            if ticket.group == miss.near_miss_of
        )
        for index, miss in enumerate(tickets)
        if miss.near_miss_of
    ]
    return [
        Figure(
            f"near misses of {len(nearest)} at {threshold:.2f} or more",
            sum(one >= threshold for one in nearest),
        )
        for threshold in (SIMILAR_SIMILARITY, HIGHEST)
    ]


def _earlier(vectors: corpus.Vectors, groups: Sequence[str]) -> ScoredPairs:
    """Return each item, but the first, with its most similar earlier one."""
    cosine = np.tril(similarities(vectors, len(groups)), -1)
    best = cosine[1:].argmax(axis=1)
    right = np.array([groups[index] == groups[other] for index, other in enumerate(best, 1)])
    return ScoredPairs(cosine[np.arange(1, len(groups)), best], right)


def _grouped_by_pairs(embedder: Embedder, name: str) -> ScoredPairs:
    rows = corpus.read(name)
    return _earlier(corpus.encoded_rows(embedder, rows), groups_by_pairs(name, rows))


def groups_by_pairs(name: str, rows: Sequence[corpus.Json]) -> list[str]:
    """Return the group of each row: rows that labelled duplicates connect are in one."""
    group = {row["id"]: row["id"] for row in rows}
    for pair in corpus.read(name, "pairs"):
        if pair["label"]:
            old, new = group[pair["b"]], group[pair["a"]]
            group = {one: new if of == old else of for one, of in group.items()}
    return [group[row["id"]] for row in rows]


def _pairs(embedder: Embedder, name: str) -> ScoredPairs:
    rows = corpus.read(name)
    index = {row["id"]: number for number, row in enumerate(rows)}
    cosine = similarities(corpus.encoded_rows(embedder, rows), len(rows))
    pairs = corpus.read(name, "pairs")
    found = np.array([cosine[index[pair["a"]], index[pair["b"]]] for pair in pairs])
    return ScoredPairs(found, np.array([pair["label"] == 1 for pair in pairs]))


def similarities(vectors: corpus.Vectors, number: int) -> NDArray[np.float32]:
    """Return the cosine of the best pair of chunks of each two texts, `(number, number)`.

    Texts without chunks have -1.
    """
    chunks = vectors.rows @ vectors.rows.T
    starts = np.unique(vectors.owners, return_index=True)[1]
    best = np.maximum.reduceat(np.maximum.reduceat(chunks, starts, axis=0), starts, axis=1)
    whole = np.full((number, number), -1.0, dtype=np.float32)
    owners = np.unique(vectors.owners)
    whole[np.ix_(owners, owners)] = best
    return whole
