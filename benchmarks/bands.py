"""`bands`: how often a cosine alone is right, on every labelled set and on the sample workspace.

Two ways to look at it:
- *tickets*: for each item in order the most alike earlier one, as an answer would show it first;
  flagged where their similarity reaches the cut, right where both are of one group. In the sets of
  intents (banking77, hwu64, dstc11, askubuntu) a group is an intent, which is wider than an issue.
- *pairs*: of the labelled pairs those whose similarity reaches the cut, and how many of them are
  positive. It depends on how many negatives a set has, and how hard they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks import corpus
from benchmarks.measuring import Figure
from bot.tryout import sample
from services.judgement.bands import SIMILAR_SIMILARITY
from services.search.embedding import Embedder, SentenceTransformerEmbedder
from tests.hashing import HashingEmbedder

HIGHEST = 0.95
CUTS = sorted({0.65, 0.7, SIMILAR_SIMILARITY, 0.75, 0.8, 0.85, 0.9, HIGHEST})

GROUPED = {
    "gitbugs_seamonkey": "group", "covidq": "group", "banking77": "label", "hwu64": "label",
    "dstc11_banking": "label", "askubuntu_webapps_intents": "label",
}  # fmt: skip
PAIRED = ("english_se", "semeval_cqa", "wdc_products", "abt_buy", "amazon_google")


@dataclass(frozen=True)
class Judgements:
    """Similarities that could be flagged, whether each flag would be right, and out of how many."""

    similarities: NDArray[np.float32]
    right: NDArray[np.bool_]

    def cell(self, cut: float) -> str:
        """Return "share flagged / share of those that is right" at a cut, in percent."""
        flagged = self.similarities >= cut
        precision = f"{100 * self.right[flagged].mean():5.1f}" if flagged.any() else "    –"
        return f"{100 * flagged.mean():5.1f} /{precision}"


def run(quick: bool) -> list[Figure]:
    """Print a table a way; there is no target, the cuts are decided on what it shows."""
    embedder: Embedder = HashingEmbedder() if quick else SentenceTransformerEmbedder()
    tickets = {"sample workspace": _sample(embedder)}
    pairs: dict[str, Judgements] = {}
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


def _print(title: str, sets: dict[str, Judgements]) -> None:
    print(f"  {title:<34}" + "".join(f"{cut:>15.2f}" for cut in CUTS))
    for name, judgements in sets.items():
        number = len(judgements.similarities)
        cells = "".join(f"{judgements.cell(cut):>15}" for cut in CUTS)
        print(f"  {name:<27}{number:>6,} {cells}")


def _sample(embedder: Embedder) -> Judgements:
    return _earlier(corpus.encoded(embedder, corpus.sample_texts()), corpus.sample_groups())


def _near_misses(embedder: Embedder) -> list[Figure]:
    """Count the near misses that would be shown as what they are not."""
    rows = sample.tickets()
    alike = similarities(corpus.encoded(embedder, corpus.sample_texts()), len(rows))
    nearest = [
        max(alike[place, other] for other, row in enumerate(rows) if row.group == miss.near_miss_of)
        for place, miss in enumerate(rows)
        if miss.near_miss_of
    ]
    return [
        Figure(
            f"near misses of {len(nearest)} at {cut:.2f} or more", sum(n >= cut for n in nearest)
        )
        for cut in (SIMILAR_SIMILARITY, HIGHEST)
    ]


def _earlier(vectors: corpus.Vectors, groups: Sequence[str]) -> Judgements:
    alike = np.tril(similarities(vectors, len(groups)), -1)
    best = alike[1:].argmax(axis=1)
    right = np.array([groups[place] == groups[other] for place, other in enumerate(best, 1)])
    return Judgements(alike[np.arange(1, len(groups)), best], right)


def _grouped_by_pairs(embedder: Embedder, name: str) -> Judgements:
    rows = corpus.read(name)
    return _earlier(corpus.encoded_rows(embedder, rows), groups_by_pairs(name, rows))


def groups_by_pairs(name: str, rows: Sequence[corpus.Json]) -> list[str]:
    """Return the rows' groups: what labelled duplicates connect is one."""
    group = {row["id"]: row["id"] for row in rows}
    for pair in corpus.read(name, "pairs"):
        if pair["label"]:
            old, new = group[pair["b"]], group[pair["a"]]
            group = {one: new if of == old else of for one, of in group.items()}
    return [group[row["id"]] for row in rows]


def _pairs(embedder: Embedder, name: str) -> Judgements:
    rows = corpus.read(name)
    place = {row["id"]: number for number, row in enumerate(rows)}
    alike = similarities(corpus.encoded_rows(embedder, rows), len(rows))
    pairs = corpus.read(name, "pairs")
    found = np.array([alike[place[pair["a"]], place[pair["b"]]] for pair in pairs])
    return Judgements(found, np.array([pair["label"] == 1 for pair in pairs]))


def similarities(vectors: corpus.Vectors, number: int) -> NDArray[np.float32]:
    """Return how alike each of `number` texts is to each: the cosine of the best chunk pair."""
    chunks = vectors.rows @ vectors.rows.T
    starts = np.unique(vectors.owners, return_index=True)[1]
    best = np.maximum.reduceat(np.maximum.reduceat(chunks, starts, axis=0), starts, axis=1)
    whole = np.full((number, number), -1.0, dtype=np.float32)
    owners = np.unique(vectors.owners)
    whole[np.ix_(owners, owners)] = best
    return whole
