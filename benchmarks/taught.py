"""`taught`: what 15, 30, 60 and 200 verdicts teach, asked as `deja review` asks, and as shown.

For each set of tickets (`best_matches`) and each of 20 seeds: best matches are reviewed, either in
the rounds that a review asks for (`ReviewQueue`, with a new fit after each round) or drawn from
those that a new team is shown (cosine 0.72 or more); a model is fitted; and all best matches that
nobody reviewed are judged by it and by the cold rule, as answers are. Recall is of the items that
have an earlier duplicate. Then: reviewers who err in one of ten, and two traffics with few
duplicates.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks import corpus
from benchmarks.best_matches import SETS, BestMatches, best_matches, best_matches_of
from benchmarks.measurement import Figure
from services.answers.review_rounds import ROUND, ReviewQueue, Suggestion
from services.judgement.calibration import fit
from services.judgement.cut import MIN_VERDICTS
from services.judgement.learned_model import Model
from services.judgement.shown_similarity import SIMILAR_SIMILARITY
from services.search.embedders.embedding import Embedder, SentenceTransformerEmbedder
from tests.hashing import HashingEmbedder

SEEDS, QUICK_SEEDS = 20, 2
VERDICTS = (15, 30, 60, 200)
# A set with fewer best matches left after the verdicts says nothing.
MIN_LEFT = 10
# Nothing can be called well there: one ticket in twenty-five has an earlier duplicate.
SILENT = ("gitbugs_seamonkey",)
# A set with fewer flags on average says nothing about precision.
MIN_FLAGS = 5
ERRORS = 0.1
TARGETS = {
    ("asked", 15): (0.93, 0.25), ("asked", 30): (0.93, 0.40), ("asked", 60): (0.93, 0.55),
    ("shown", 30): (0.93, 0.30),
}  # fmt: skip
MIN_PRECISION_OF_SET = 0.85

Places = NDArray[np.int64]


@dataclass(frozen=True)
class Outcome:
    """What was called of the pairs that nobody reviewed, over all seeds of a set.

    `precision` is None where nothing was called; `flags` is the mean number.
    """

    precision: float | None
    recall: float
    flags: float


def run(quick: bool) -> list[Figure]:
    """Measure each set; quick, or without the public sets, the sample workspace alone."""
    embedder: Embedder = HashingEmbedder() if quick else SentenceTransformerEmbedder()
    if quick or not corpus.has_data():
        rows = [{"id": str(n), "text": text} for n, text in enumerate(corpus.sample_texts())]
        found = {"sample workspace": best_matches_of(embedder, rows, corpus.sample_groups())}
        return list(_figures(found, "asked", 30, QUICK_SEEDS if quick else SEEDS))
    found = {name: best_matches(embedder, name) for name in SETS}
    figures = [
        figure
        for way in ("asked", "shown")
        for verdicts in VERDICTS
        for figure in _figures(found, way, verdicts, SEEDS)
    ]
    return [*figures, *_figures(found, "asked, one of ten wrong", 60, SEEDS)]


def _figures(
    found: dict[str, BestMatches], way: str, verdicts: int, seeds: int
) -> Iterator[Figure]:
    name, outcomes = f"{way}, {verdicts} verdicts", {}
    for of_set, matches in found.items():
        outcome = judge_unreviewed(matches, way, verdicts, seeds)
        if outcome is None:
            continue
        outcomes[of_set] = outcome
        if outcome.precision is not None:
            at_least = MIN_PRECISION_OF_SET if outcome.flags >= MIN_FLAGS else None
            yield Figure(
                f"{of_set}, {name}: precision", outcome.precision, "", at_least, "at least"
            )
        yield Figure(f"{of_set}, {name}: recall", outcome.recall)
    counted = [one for of_set, one in outcomes.items() if of_set not in SILENT]
    precisions = [one.precision for one in counted if one.precision is not None]
    precision, recall = TARGETS.get((way, verdicts), (None, None))
    if precisions:
        mean = float(np.mean(precisions))
        yield Figure(f"mean, {name}: precision", mean, "", precision, "at least")
        mean = float(np.mean([one.recall for one in counted]))
        yield Figure(f"mean, {name}: recall", mean, "", recall, "at least")


def judge_unreviewed(matches: BestMatches, way: str, verdicts: int, seeds: int) -> Outcome | None:
    """Return what is called of the rest after so many verdicts; None where too few can be given."""
    precisions, recalls, flags = [], [], []
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        said = matches.is_right.copy()
        if way.endswith("wrong"):
            said ^= rng.random(len(said)) < ERRORS
        if way == "shown":
            shown = np.flatnonzero(matches.cosines >= SIMILAR_SIMILARITY)
            reviewed = rng.permutation(shown)[:verdicts]
        else:
            reviewed = _asked(matches, said, verdicts, seed)
        if len(reviewed) < verdicts or len(said) < verdicts + MIN_LEFT:
            return None
        called = _called(matches, _learn(matches, said, reviewed))
        rest = np.setdiff1d(np.arange(len(said)), reviewed)
        right, called = matches.is_right[rest], called[rest]
        if called.any():
            precisions.append(float(right[called].mean()))
        recalls.append(float(right[called].sum() / max(matches.has_earlier[rest].sum(), 1)))
        flags.append(float(called.sum()))
    precision = float(np.mean(precisions)) if precisions else None
    return Outcome(precision, float(np.mean(recalls)), float(np.mean(flags)))


def _asked(matches: BestMatches, said: NDArray[np.bool_], verdicts: int, seed: int) -> Places:
    """Return the places of the pairs that rounds of a review ask about."""
    reviewed: list[int] = []
    while len(reviewed) < verdicts:
        places = np.array(reviewed, dtype=np.int64)
        strengths = matches.closeness
        if len(reviewed) >= MIN_VERDICTS:
            strengths = _learn(matches, said, places).strength(matches.features)
        left = np.setdiff1d(np.arange(len(said)), places)
        found = [
            # No item comes twice: each best match has one item, and its others do not matter here.
            Suggestion(place, -1 - place, 0.0, None, float(strengths[place]))
            for place in left[np.argsort(-strengths[left], kind="stable")].tolist()
        ]
        known = [(float(strengths[place]), bool(said[place])) for place in reviewed]
        taken = ReviewQueue(found, known, len(said), seed).take(
            min(ROUND, verdicts - len(reviewed))
        )
        if not taken:
            break
        reviewed += [one.item_id for one in taken]
    return np.array(reviewed, dtype=np.int64)


def _learn(matches: BestMatches, said: NDArray[np.bool_], reviewed: Places) -> Model:
    features = [matches.features[place] for place in reviewed]
    labels = said[reviewed].tolist()
    verbosity = matches.verbosity
    return fit(features, labels, matches.features, kind="ticket", verbosity=verbosity)


def _called(matches: BestMatches, model: Model) -> NDArray[np.bool_]:
    """Return which best matches are called duplicates: by the cold rule, or above the cut."""
    called = np.array([band == "duplicate" for band in matches.bands])
    cut = model.cut()
    if cut is None:
        return called
    strong = model.strength(matches.features) >= cut.strength
    return called | (strong & (matches.closeness >= model.min_closeness))
