"""Several documents compared by their terms at once: TF-IDF, BM25, and the rare terms they share.

Formulas are those of `services.text.comparing.terms`. A few dozen documents have thousands of
distinct terms, nearly all of them in one document only: so what is kept is sparse, and what is
computed are only the rows that are asked for.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, count, repeat

import numpy as np
from numpy.typing import NDArray

from services.text.comparing.terms import Lexicon, trigrams

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

# Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009).
K1, B = 1.2, 0.75

# How many documents have a term that is rare and yet shared.
MIN_RARE, MAX_RARE = 2, 5
# So many of the rarest terms possible are as good as can be.
RARE_ENOUGH = 3


@dataclass(frozen=True)
class TermMatrix:
    """The distinct terms of `size` documents, one entry for each term of each document.

    `rows`, `columns` and `counts`, shape `(entries,)`, say which document has which term how often,
    document by document; `starts`, shape `(size + 1,)`, where the entries of each begin and end.
    `frequencies`, shape `(terms,)`, are how many documents of the corpus, `documents` in all of
    `mean_length` terms each, have a term.
    """

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    counts: Doubles
    starts: NDArray[np.int64]
    frequencies: Doubles
    documents: int
    mean_length: float

    @classmethod
    def of(cls, texts: Sequence[Mapping[str, int]], lexicon: Lexicon) -> TermMatrix:
        """Return the matrix of documents, each given as how often it has which term."""
        column: defaultdict[str, int] = defaultdict(count().__next__)
        sizes = np.array([len(text) for text in texts], np.int64)
        # Without a loop in Python: a ticket and its candidates have thousands of terms.
        numbers = map(column.__getitem__, chain.from_iterable(texts))
        columns = np.fromiter(numbers, np.int64, int(sizes.sum()))
        counts = chain.from_iterable(text.values() for text in texts)
        known = map(lexicon.frequencies.get, column, repeat(0))
        return cls(
            np.repeat(np.arange(len(texts)), sizes),
            columns,
            np.fromiter(counts, np.float64, len(columns)),
            np.concatenate([[0], np.cumsum(sizes)]),
            np.minimum(np.fromiter(known, np.float64, len(column)), lexicon.documents),
            lexicon.documents,
            lexicon.mean_length,
        )

    @classmethod
    def of_trigrams(cls, texts: Sequence[Sequence[str]], lexicon: Lexicon) -> TermMatrix:
        """Return the matrix of documents, each given as its terms, by their character trigrams.

        A corpus does not know how many trigrams its documents have: `mean_length` is that of these.
        """
        # Each distinct term is cut once: the descriptions of a catalog repeat their words.
        pieces = {term: trigrams([term]) for text in texts for term in text}
        counts = [Counter(chain.from_iterable(map(pieces.__getitem__, text))) for text in texts]
        found = cls.of(counts, lexicon)
        return replace(found, mean_length=float(found.counts.sum()) / max(found.size, 1))

    @property
    def size(self) -> int:
        """The number of documents."""
        return len(self.starts) - 1

    @cached_property
    def idfs(self) -> Doubles:
        """The terms' inverse document frequencies as in BM25, shape `(terms,)`."""
        rest = self.documents - self.frequencies + 0.5
        return np.asarray(np.log1p(rest / (self.frequencies + 0.5)))

    def cosines(self, documents: Iterable[int]) -> Floats:
        """Return the cosines of the TF-IDF vectors of some documents to all, `(some, size)`."""
        return self._rows(self._row_of_cosines(one) for one in documents)

    def mutual_bm25(self, documents: Iterable[int]) -> Floats:
        """Return BM25 both ways of some documents and all, shape `(some, size)`.

        That is the geometric mean of both, each over its own: a document's score for itself as a
        query, the greatest there is for its length.
        """
        return self._rows(self._row_of_bm25(one) for one in documents)

    def all_cosines(self) -> Floats:
        """Return `cosines` of all different documents, `(size, size)`; the diagonal is not set."""
        return self._all_products(self._tfidf, self._tfidf)

    def all_mutual_bm25(self) -> Floats:
        """Return `mutual_bm25` of all different documents, `(size, size)`, without the diagonal."""
        asked = self._all_products(self._entry_idfs, self._saturated)
        asked /= self._own_bm25[:, None].astype(np.float32)
        return np.asarray(np.sqrt(asked * asked.T), dtype=np.float32)

    def bm25_shares(self, document: int) -> Floats:
        """Return BM25 of all for one document as the query, over its maximum; shape `(size,)`."""
        found = self._products(document, self._entry_idfs, self._saturated)
        return np.asarray(found / self._greatest_bm25[document], dtype=np.float32)

    def bm25_shares_of(self, document: int) -> Floats:
        """Return BM25 of one document for each as the query, over its maximum; shape `(size,)`."""
        found = self._products(document, self._saturated, self._entry_idfs)
        return np.asarray(found / self._greatest_bm25, dtype=np.float32)

    def rare_overlap(self) -> Floats:
        """Return how rare the terms are that documents share with the first one, shape `(size,)`.

        The sum of the IDFs of shared terms that `MIN_RARE` to `MAX_RARE` documents have, over
        `RARE_ENOUGH` times the greatest IDF possible; at most 1.
        """
        greatest = np.log1p((self.documents + 0.5) / 0.5)
        rare = (self.frequencies >= MIN_RARE) & (self.frequencies <= MAX_RARE)
        shared = self._products(0, self._entry_idfs * rare[self.columns], np.ones_like(self.counts))
        return np.asarray(np.minimum(shared / (RARE_ENOUGH * greatest or 1), 1), dtype=np.float32)

    @cached_property
    def _entry_idfs(self) -> Doubles:
        return self.idfs[self.columns]

    @cached_property
    def _tfidf(self) -> Doubles:
        """The entries of the unit-length TF-IDF vectors."""
        weights = np.log((1 + self.documents) / (1 + self.frequencies)) + 1
        values = (1 + np.log(self.counts)) * weights[self.columns]
        lengths = np.sqrt(self._sums(values * values))
        return np.asarray(values / lengths[self.rows])

    @cached_property
    def _saturated(self) -> Doubles:
        """What each entry counts in BM25 beside its term's IDF."""
        lengths = self._sums(self.counts)
        norm = K1 * (1 - B + B * lengths / (self.mean_length or 1.0))
        return np.asarray(self.counts * (K1 + 1) / (self.counts + norm[self.rows]))

    @cached_property
    def _own_bm25(self) -> Doubles:
        """The BM25 score of each document for itself, never 0."""
        own = self._sums(self._entry_idfs * self._saturated)
        return np.asarray(np.where(own > 0, own, 1))

    @cached_property
    def _greatest_bm25(self) -> Doubles:
        """The BM25 that no document exceeds for each as the query, never 0."""
        greatest = (K1 + 1) * self._sums(self._entry_idfs)
        return np.asarray(np.where(greatest > 0, greatest, 1))

    def _row_of_cosines(self, document: int) -> Doubles:
        return self._products(document, self._tfidf, self._tfidf)

    def _row_of_bm25(self, document: int) -> Doubles:
        asked = self._products(document, self._entry_idfs, self._saturated)
        asking = self._products(document, self._saturated, self._entry_idfs)
        own = self._own_bm25
        return np.asarray(np.sqrt(asked / own[document] * (asking / own)))

    def _products(self, document: int, ours: Doubles, theirs: Doubles) -> Doubles:
        """Return the dot products of the entries of one document and those of each, `(size,)`."""
        of_document = slice(self.starts[document], self.starts[document + 1])
        row = np.zeros(len(self.frequencies))
        row[self.columns[of_document]] = ours[of_document]
        return self._sums(theirs * row[self.columns])

    def _all_products(self, ours: Doubles, theirs: Doubles) -> Floats:
        """Return `_products` of all different documents, shape `(size, size)`.

        For hundreds of documents that is much faster than row by row: most terms are in one
        document only, and of the others two dense matrices are multiplied.
        """
        shared = np.bincount(self.columns, minlength=len(self.frequencies)) > 1
        kept = shared[self.columns]
        places = self.rows[kept], (np.cumsum(shared) - 1)[self.columns[kept]]
        left = np.zeros((self.size, int(shared.sum())), dtype=np.float32)
        right = np.zeros_like(left)
        left[places], right[places] = ours[kept], theirs[kept]
        return np.asarray(left @ right.T, dtype=np.float32)

    def _sums(self, values: Doubles) -> Doubles:
        """Return the sum of the entries of each document, shape `(size,)`."""
        return np.asarray(np.bincount(self.rows, values, self.size))

    def _rows(self, rows: Iterable[Doubles]) -> Floats:
        return np.array([*rows], dtype=np.float32).reshape(-1, self.size)
