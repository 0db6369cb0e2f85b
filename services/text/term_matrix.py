"""Several documents compared by their terms at once: TF-IDF, BM25, and the rare terms they share.

Formulas are those of `services.text.terms`, for all pairs of a few dozen documents together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count

import numpy as np
from numpy.typing import NDArray

from services.text.terms import Lexicon

Floats = NDArray[np.float32]

# Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009).
K1, B = 1.2, 0.75

# How many documents have a term that is rare and yet shared.
MIN_RARE, MAX_RARE = 2, 5
# So many of the rarest terms possible are as good as can be.
RARE_ENOUGH = 3


@dataclass(frozen=True)
class TermMatrix:
    """The terms of documents: `counts` has shape `(n, terms)`, `frequencies` `(terms,)`.

    `frequencies` are how many documents of the corpus, `documents` in all of `mean_length` terms
    each, have a term.
    """

    counts: Floats
    frequencies: Floats
    documents: int
    mean_length: float

    @classmethod
    def of(cls, texts: Sequence[Sequence[str]], lexicon: Lexicon) -> TermMatrix:
        """Return the matrix of documents, each given as its terms."""
        column: defaultdict[str, int] = defaultdict(count().__next__)
        columns = np.array([column[term] for text in texts for term in text], np.int64)
        rows = np.repeat(np.arange(len(texts)), [len(text) for text in texts])
        width = max(len(column), 1)
        counts = np.bincount(rows * width + columns, minlength=len(texts) * width)
        known = [min(lexicon.frequencies.get(term, 0), lexicon.documents) for term in column]
        return cls(
            counts.reshape(len(texts), width).astype(np.float32),
            np.array(known or [0], dtype=np.float32),
            lexicon.documents,
            lexicon.mean_length,
        )

    @cached_property
    def idfs(self) -> Floats:
        """The terms' inverse document frequencies as in BM25, shape `(terms,)`."""
        rest = self.documents - self.frequencies + 0.5
        return np.asarray(np.log1p(rest / (self.frequencies + 0.5)), dtype=np.float32)

    def cosines(self) -> Floats:
        """Return the cosines between the TF-IDF vectors of the documents, shape `(n, n)`."""
        weights = np.log((1 + self.documents) / (1 + self.frequencies)) + 1
        table = np.zeros_like(self.counts)
        np.log(self.counts, out=table, where=self.counts > 0)
        table = (table + (self.counts > 0)) * weights
        lengths = np.linalg.norm(table, axis=1, keepdims=True)
        table /= np.where(lengths > 0, lengths, 1)
        return np.asarray(table @ table.T, dtype=np.float32)

    def bm25(self) -> Floats:
        """Return the BM25 score of each document (column) for each as a query (row), `(n, n)`."""
        lengths = self.counts.sum(axis=1, keepdims=True)
        norm = K1 * (1 - B + B * lengths / (self.mean_length or 1.0))
        saturated = self.counts * (K1 + 1) / (self.counts + norm)
        present = (self.counts > 0) * self.idfs
        return np.asarray(present @ saturated.T, dtype=np.float32)

    def mutual_bm25(self) -> Floats:
        """Return BM25 both ways, shape `(n, n)`: the geometric mean of both, each over its own.

        A document's own score is that for itself as a query, the greatest there is for its length.
        """
        found = self.bm25()
        own = np.diag(found)
        share = found / np.where(own > 0, own, 1)[:, None]
        return np.asarray(np.sqrt(np.clip(share * share.T, 0, None)), dtype=np.float32)

    def rare_overlap(self) -> Floats:
        """Return how rare the terms are that documents share with the first one, shape `(n,)`.

        The sum of the IDFs of shared terms that `MIN_RARE` to `MAX_RARE` documents have, over
        `RARE_ENOUGH` times the greatest IDF possible; at most 1.
        """
        greatest = np.log1p((self.documents + 0.5) / 0.5)
        rare = (self.frequencies >= MIN_RARE) & (self.frequencies <= MAX_RARE)
        rare &= self.counts[0] > 0
        shared = (self.counts[:, rare] > 0) @ self.idfs[rare]
        return np.asarray(np.minimum(shared / (RARE_ENOUGH * greatest or 1), 1), dtype=np.float32)
