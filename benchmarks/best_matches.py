"""Each item's best earlier match in a labelled set, as the product finds it, with its features.

The set is stored as a team would have it (`stored_set`), and each item is ranked against what came
before it. Where a set labels pairs rather than groups, best matches that nobody labelled are left
out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks import corpus
from benchmarks.bands import groups_by_pairs
from benchmarks.stored_set import stored_set
from services.judgement.bands import Band, Rules
from services.judgement.features import PairFeatures
from services.judgement.scoring import judge_candidates
from services.judgement.strength import closeness
from services.search.embedders.embedding import Embedder

# The column with an item's group; None where groups follow from labelled pairs.
SETS: dict[str, str | None] = {
    "covidq": "group",
    "banking77": "label",
    "hwu64": "label",
    "dstc11_banking": "label",
    "askubuntu_webapps_intents": "label",
    "semeval_cqa": None,
    "english_se": None,
    "gitbugs_seamonkey": "group",
}
# Forum questions, each with ten labelled candidates; the same post is there under several ids.
WITH_CANDIDATES = "semeval_cqa"


@dataclass(frozen=True)
class BestMatches:
    """The best earlier match of each item of a set; arrays have shape `(n,)`.

    `is_right` says whether both are of one group, `has_earlier` whether any earlier item is;
    `bands` are those before any verdict; `cosines` are raw.
    """

    features: list[PairFeatures]
    verbosity: float
    is_right: NDArray[np.bool_]
    has_earlier: NDArray[np.bool_]
    cosines: NDArray[np.float64]
    bands: list[Band | None]

    @property
    def closeness(self) -> NDArray[np.float64]:
        """How close the best matches are."""
        return closeness(self.features, self.verbosity)


@dataclass(frozen=True)
class Labels:
    """The rows of a set in order of arrival, and the groups of those that count as queries.

    `labelled` are the ids of each query's labelled candidates, None where all are labelled.
    """

    rows: list[corpus.Json]
    groups: list[str]
    labelled: dict[str, set[str]] | None = None

    def candidates(self, number: int) -> set[str] | None:
        """Return the ids of a row's labelled candidates, empty if it is no query; None: all."""
        return None if self.labelled is None else self.labelled.get(self.rows[number]["id"], set())


def labels_of(name: str) -> Labels:
    """Return the rows of a set of tickets and their labels."""
    return _with_candidates() if name == WITH_CANDIDATES else _grouped(name)


def best_matches(embedder: Embedder, name: str) -> BestMatches:
    """Return the best earlier matches of a set."""
    labels = labels_of(name)
    return best_matches_of(embedder, labels.rows, labels.groups, labels.labelled)


def best_matches_of(
    embedder: Embedder,
    rows: list[corpus.Json],
    groups: Sequence[str],
    labelled: dict[str, set[str]] | None = None,
) -> BestMatches:
    """Return the best earlier matches of rows in order of arrival."""
    with stored_set(embedder, rows, "ticket") as stored:
        place = {item_id: number for number, item_id in enumerate(stored.ids)}
        asked = [
            item_id
            for item_id, row in zip(stored.ids, rows, strict=True)
            if labelled is None or row["id"] in labelled
        ]
        with stored.services.database.read() as session:
            placed = stored.services.judge.best_matches(session, asked, stored.audience)
    first: dict[str, int] = {}
    for number, group in enumerate(groups):
        first.setdefault(group, number)
    kept, is_right, has_earlier = [], [], []
    for one in placed:
        query, other = place[one.query.item_id or 0], place[one.other.item_id or 0]
        if labelled is not None and rows[other]["id"] not in labelled[rows[query]["id"]]:
            continue
        kept.append(one)
        is_right.append(groups[query] == groups[other])
        has_earlier.append(first[groups[query]] < query)
    bands = [
        judge_candidates(one.query, [(one.other, one.placing)], one.corpus, Rules())[0].band
        for one in kept
    ]
    return BestMatches(
        [one.features for one in kept],
        kept[0].corpus.verbosity,
        np.array(is_right),
        np.array(has_earlier),
        np.array([one.placing.cosine for one in kept]),
        bands,
    )


def _grouped(name: str) -> Labels:
    rows, column = corpus.read(name), SETS[name]
    if column is None:
        return Labels(rows, groups_by_pairs(name, rows))
    return Labels(rows, [row[column] or f"alone {row['id']}" for row in rows])


def _with_candidates() -> Labels:
    """Return the forum's posts, each once, and then the questions that have labelled candidates."""
    same: dict[str, str] = {}
    rows = corpus.read(WITH_CANDIDATES)
    known: dict[str, str] = {}
    for row in rows:
        known[row["id"]] = same.setdefault(corpus.text_of(row), row["id"])
    pairs = [
        (known[pair["a"]], known[pair["b"]], pair["label"])
        for pair in corpus.read(WITH_CANDIDATES, "pairs")
    ]
    labelled: dict[str, set[str]] = {}
    group = {one: one for one in known.values()}
    for query, other, label in pairs:
        labelled.setdefault(query, set()).add(other)
        if label:
            old, new = group[other], group[query]
            group = {one: new if of == old else of for one, of in group.items()}
    unique = [row for row in rows if known[row["id"]] == row["id"]]
    ordered = sorted(unique, key=lambda row: row["id"] in labelled)
    return Labels(ordered, [group[row["id"]] for row in ordered], labelled)
