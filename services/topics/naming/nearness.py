"""How near phrases are to the tickets of their topic: by a model's vectors, or by words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from services.topics.grouping.knn_graph import mean_direction
from services.topics.naming.vocabulary import AllTickets, Vocabulary

FloatArray = NDArray[np.float32]

# How much of a phrase's own ticket is left out of the topic that it is compared with: a phrase is
# always near the ticket that has it, which says nothing of the others.
OWN_SHARE = 0.6
# How much it counts against a phrase that it is near to all tickets of all topics.
GENERAL = 0.25
# So many tickets say one matter in many ways, and their centre is no single ticket's: phrases that
# suit them are less near to each.
MANY_TICKETS = 20


@dataclass(frozen=True)
class Meanings:
    """What texts mean: the vectors of all tickets, `(n, d)`, and the model that makes them.

    `to_default` brings the model's cosines to the scale of the default model.
    """

    vectors: FloatArray
    encode: Callable[[Sequence[str]], FloatArray]
    to_default: Callable[[FloatArray], FloatArray] = np.asarray

    @cached_property
    def mean(self) -> FloatArray:
        """The direction that all tickets have in common, `(d,)`."""
        return mean_direction(self.vectors)

    def generality(self, phrases: FloatArray) -> FloatArray:
        """Return what counts against phrases, `(m, d)`, that are near to all tickets, `(m,)`."""
        return GENERAL * (phrases @ self.mean)


def nearness(rows: FloatArray, phrases: FloatArray, owners: Sequence[Sequence[int]]) -> FloatArray:
    """Return the cosine of each phrase, `(m, d)`, to the centre of a topic's tickets, `(n, d)`.

    `owners` are the places of the tickets that have each phrase; one of them counts less for it.
    """
    whole = rows.sum(axis=0)
    found = np.zeros(len(phrases), dtype=np.float32)
    for at, own in enumerate(owners):
        share = OWN_SHARE if len(set(own)) < len(rows) else 0.0
        centre = whole - share * rows[list(own)].mean(axis=0)
        length = float(np.linalg.norm(centre)) * float(np.linalg.norm(phrases[at]))
        found[at] = phrases[at] @ centre / max(length, 1e-9)
    return found


def covered(cosines: FloatArray, owners: Sequence[Sequence[int]], least: float) -> list[float]:
    """Return to how many other tickets each phrase is near, as a share; 1 without others.

    `cosines`, `(m, n)`, are those of phrases and tickets, and `owners` who has each phrase: of
    these all but one are others, too.
    """
    found = []
    for row, own in zip(cosines >= least, owners, strict=True):
        others = np.delete(row, own[:1])
        found.append(float(others.mean()) if len(others) else 1.0)
    return found


class WordVectors:
    """The words of a topic's tickets as vectors: what is said much more here than elsewhere."""

    def __init__(self, known: Vocabulary, everywhere: AllTickets) -> None:
        self._known = known
        words = sorted({word for one in known.tickets for word in one.words()} - known.functions)
        meant = [word for word in words if known.is_meaningful(word)]
        self._places: dict[str, int] = {}
        for word in meant:
            self._places.setdefault(known.stem(word), len(self._places))
        self._weights = np.zeros(max(len(self._places), 1), dtype=np.float32)
        for word in meant:
            place = self._places[known.stem(word)]
            self._weights[place] = everywhere.distinction(word, known)
        self.rows = np.stack([self._row(stems) for stems in known.ticket_stems])

    def of(self, phrases: Sequence[Sequence[str]]) -> FloatArray:
        """Return the vectors of phrases, `(m, d)`."""
        return np.stack([self._row(map(self._known.stem, words)) for words in phrases])

    def contained(self, phrases: FloatArray) -> FloatArray:
        """Return how much of each phrase, `(m, d)`, each ticket says, `(m, n)`, from 0 to 1."""
        whole = np.maximum(phrases.sum(axis=1, keepdims=True), 1e-9)
        return np.asarray(phrases @ (self.rows > 0).T / whole, dtype=np.float32)

    def _row(self, stems: Iterable[str]) -> FloatArray:
        row = np.zeros_like(self._weights)
        places = [self._places[one] for one in stems if one in self._places]
        row[places] = self._weights[places]
        length = float(np.linalg.norm(row))
        return row / length if length else row
