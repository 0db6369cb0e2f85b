"""`cold`: what is called a duplicate without verdicts, with each labelled set as a new team.

It is measured in two ways:
- *tickets*: each item in order against its most similar earlier ones. Every pair that is called a
  duplicate counts, and is right if both are in one group. An item is found if one of its pairs is
  right, out of the items that have an earlier one in their group. In the sets of intents
  (banking77, hwu64, dstc11, askubuntu) a group is wider than an issue, so the share found means
  little there.
- *pairs*: the labelled pairs, right if labelled a duplicate. This is the only way for products.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks import corpus
from benchmarks.bands import GROUPED, PAIRED, groups_by_pairs, similarities
from benchmarks.measurement import Figure
from benchmarks.ranking import Matrix
from services.judgement.near_exact import MIN_SIMILARITY, ItemKind, is_near_exact
from services.search.embedding import Embedder, SentenceTransformerEmbedder
from tests.hashing import HashingEmbedder

# As many as an answer looks at.
MAX_CANDIDATES = 10
MIN_PRECISION = 0.9
PRODUCTS = ("wdc_products", "abt_buy", "amazon_google")
# Its labelled pairs give groups, too. Those of semeval_cqa do not: it repeats a question word for
# word each time it was retrieved for another one, and only labels what was retrieved together.
BOTH_WAYS = ("english_se",)


@dataclass(frozen=True)
class Outcome:
    """How many pairs were called duplicates and how many rightly; how many duplicates were found.

    `duplicates` are all that could have been found.
    """

    called: int
    right: int
    found: int
    duplicates: int

    def figures(self, name: str) -> list[Figure]:
        """Return the figures of a set; without calls there is no precision."""
        share = self.found / max(self.duplicates, 1)
        figures = [Figure(f"{name}: called duplicate", self.called)]
        if self.called:
            precision = self.right / self.called
            figures.append(Figure(f"{name}: precision", precision, "", MIN_PRECISION, "at least"))
        return [*figures, Figure(f"{name}: found of {self.duplicates:,} duplicates", share)]


def run(quick: bool) -> list[Figure]:
    """Measure the rule on each set; quick, or without the public sets, on the sample alone."""
    embedder: Embedder = HashingEmbedder() if quick else SentenceTransformerEmbedder()
    texts = corpus.sample_texts()
    cosine = similarities(corpus.encoded(embedder, texts), len(texts))
    figures = _earlier(texts, cosine, corpus.sample_groups()).figures("sample workspace")
    if quick or not corpus.has_data():
        return figures
    for name in dict.fromkeys([*GROUPED, *PAIRED]):
        figures += _of_set(embedder, name)
    return figures


def _of_set(embedder: Embedder, name: str) -> Iterable[Figure]:
    rows = corpus.read(name)
    texts = [corpus.text_of(row) for row in rows]
    cosine = similarities(corpus.encoded_rows(embedder, rows), len(rows))
    if name in GROUPED:
        yield from _earlier(texts, cosine, [row[GROUPED[name]] for row in rows]).figures(name)
    if name in BOTH_WAYS:
        groups = groups_by_pairs(name, rows)
        yield from _earlier(texts, cosine, groups).figures(f"{name}, tickets")
    if name in PAIRED:
        index = {row["id"]: number for number, row in enumerate(rows)}
        pairs = [
            (index[pair["a"]], index[pair["b"]], pair["label"] == 1)
            for pair in corpus.read(name, "pairs")
        ]
        kind: ItemKind = "product" if name in PRODUCTS else "ticket"
        yield from _labelled(texts, cosine, pairs, kind).figures(f"{name}, pairs")


def _earlier(texts: Sequence[str], cosine: Matrix, groups: Sequence[str]) -> Outcome:
    called = right = found = duplicates = 0
    seen: set[str] = set()
    for index, group in enumerate(groups):
        earlier = np.argsort(-cosine[index, :index], kind="stable")[:MAX_CANDIDATES]
        calls = [
            groups[other] == group
            for other in earlier.tolist()
            if cosine[index, other] >= MIN_SIMILARITY
            and is_near_exact(texts[index], texts[other], float(cosine[index, other]))
        ]
        called, right = called + len(calls), right + sum(calls)
        found += any(calls)
        duplicates += group in seen
        seen.add(group)
    return Outcome(called, right, found, duplicates)


def _labelled(
    texts: Sequence[str],
    cosine: Matrix,
    pairs: Sequence[tuple[int, int, bool]],
    kind: ItemKind,
) -> Outcome:
    calls = [
        label
        for one, other, label in pairs
        if is_near_exact(texts[one], texts[other], float(cosine[one, other]), kind)
    ]
    return Outcome(len(calls), sum(calls), sum(calls), sum(label for _, _, label in pairs))
