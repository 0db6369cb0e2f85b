"""`cold`: what is called a duplicate before there are verdicts, each labelled set as a new team.

Two ways to look at it:
- *tickets*: each item in order against its most alike earlier ones; every pair called duplicate
  counts, and is right where both are of one group. Found are the items that have an earlier one of
  their group and are told of one. In the sets of intents (banking77, hwu64, dstc11, askubuntu) a
  group is an intent, which is wider than an issue, so that the share found means little there.
- *pairs*: the labelled pairs; right where labelled a duplicate. Products are compared so alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks import corpus
from benchmarks.bands import GROUPED, PAIRED, groups_by_pairs, similarities
from benchmarks.measuring import Figure
from benchmarks.ranking import Matrix
from services.judgement.near_exact import MIN_SIMILARITY, ItemKind, is_near_exact
from services.search.embedding import Embedder, SentenceTransformerEmbedder
from tests.hashing import HashingEmbedder

# An answer looks no further.
MAX_ALIKE = 10
MIN_PRECISION = 0.9
PRODUCTS = ("wdc_products", "abt_buy", "amazon_google")
# Its labelled pairs also tell groups. Not so those of semeval_cqa: one question stands in it word
# for word as often as it was found for another, and only what was found together is labelled.
BOTH_WAYS = ("english_se",)


@dataclass(frozen=True)
class Called:
    """How many pairs were called duplicate and right, and of how many duplicates how many found."""

    called: int
    right: int
    found: int
    duplicates: int

    def figures(self, name: str) -> list[Figure]:
        """Return the figures of a set; nothing has a precision where nothing is called."""
        share = self.found / max(self.duplicates, 1)
        told = [Figure(f"{name}: called duplicate", self.called)]
        if self.called:
            precision = self.right / self.called
            told.append(Figure(f"{name}: precision", precision, "", MIN_PRECISION, "at least"))
        return [*told, Figure(f"{name}: found of {self.duplicates:,} duplicates", share)]


def run(quick: bool) -> list[Figure]:
    """Measure the rule on each set; quick, or without the public sets, on the sample alone."""
    embedder: Embedder = HashingEmbedder() if quick else SentenceTransformerEmbedder()
    texts = corpus.sample_texts()
    alike = similarities(corpus.encoded(embedder, texts), len(texts))
    figures = _earlier(texts, alike, corpus.sample_groups()).figures("sample workspace")
    if quick or not corpus.has_data():
        return figures
    for name in dict.fromkeys([*GROUPED, *PAIRED]):
        figures += _of_set(embedder, name)
    return figures


def _of_set(embedder: Embedder, name: str) -> Iterable[Figure]:
    rows = corpus.read(name)
    texts = [corpus.text_of(row) for row in rows]
    alike = similarities(corpus.encoded_rows(embedder, rows), len(rows))
    if name in GROUPED:
        yield from _earlier(texts, alike, [row[GROUPED[name]] for row in rows]).figures(name)
    if name in BOTH_WAYS:
        groups = groups_by_pairs(name, rows)
        yield from _earlier(texts, alike, groups).figures(f"{name}, tickets")
    if name in PAIRED:
        place = {row["id"]: number for number, row in enumerate(rows)}
        pairs = [
            (place[pair["a"]], place[pair["b"]], pair["label"] == 1)
            for pair in corpus.read(name, "pairs")
        ]
        kind: ItemKind = "product" if name in PRODUCTS else "ticket"
        yield from _labelled(texts, alike, pairs, kind).figures(f"{name}, pairs")


def _earlier(texts: Sequence[str], alike: Matrix, groups: Sequence[str]) -> Called:
    called = right = found = duplicates = 0
    seen: set[str] = set()
    for place, group in enumerate(groups):
        earlier = np.argsort(-alike[place, :place], kind="stable")[:MAX_ALIKE]
        same = [
            groups[other] == group
            for other in earlier.tolist()
            if alike[place, other] >= MIN_SIMILARITY
            and is_near_exact(texts[place], texts[other], float(alike[place, other]))
        ]
        called, right = called + len(same), right + sum(same)
        found += any(same)
        duplicates += group in seen
        seen.add(group)
    return Called(called, right, found, duplicates)


def _labelled(
    texts: Sequence[str],
    alike: Matrix,
    pairs: Sequence[tuple[int, int, bool]],
    kind: ItemKind,
) -> Called:
    same = [
        label
        for one, other, label in pairs
        if is_near_exact(texts[one], texts[other], float(alike[one, other]), kind)
    ]
    return Called(len(same), sum(same), sum(same), sum(label for _, _, label in pairs))
