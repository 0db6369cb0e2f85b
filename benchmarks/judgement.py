"""`judgement`: what a model learns from 200 reviewed pairs of a team, on every labelled set.

For each set and each of 20 seeds: 100 pairs from the top by cosine and 100 at random are reviewed,
a model is fitted to them with a prior from the OTHER sets of its kind, and the rest is judged. If
the reviewed pairs have too few of one class, nothing is flagged. The pairs of a set with groups are
each item and its ten nearest.

`python -m benchmarks.judgement` prints `PRIORS` of `services/judgement/calibration.py`, learned on
all sets.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from benchmarks import corpus
from benchmarks.bands import GROUPED, similarities
from benchmarks.measurement import Figure
from benchmarks.ranking import Matrix
from benchmarks.stored_set import stored_set
from services.errors import NotEnoughVerdictsError
from services.judgement.calibration import (
    DEFAULT_THRESHOLD,
    FEATURES,
    PRIORS,
    Prior,
    fit,
    standardised,
)
from services.judgement.features import PairFeatures
from services.judgement.metrics import calibration_error
from services.search.embedding import Embedder, SentenceTransformerEmbedder
from tests.hashing import HashingEmbedder

TICKETS = ("gitbugs_seamonkey", "english_se", "semeval_cqa", "covidq")
PRODUCTS = ("abt_buy", "amazon_google", "wdc_products")
RECALLED = ("english_se", "semeval_cqa", *PRODUCTS)
REVIEWED = 200
SEEDS, QUICK_SEEDS = 20, 2
PRIOR_SEEDS = range(100, 105)
NEAREST = 10
MIN_PRECISION = 0.9
MIN_RECALL = 0.4
MAX_ERROR = 0.05
PRIOR_VARIANCE = 0.3
# The features that speak against a duplicate; all others speak for one.
AGAINST = ("density", "conflict", "price_gap", "age_gap")
# The public sets say nothing about these features, so their prior weight is 0. Their mean and
# standard deviation are set by hand: a month, and one reporter for every second pair.
UNKNOWN = {"age_gap": (3.4, 1.5), "same_reporter": (0.5, 0.5)}

Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Pairs:
    """The labelled pairs of a set, `(n,)`: `indices` are those of their two items in `rows`."""

    rows: Sequence[corpus.Json]
    indices: Sequence[tuple[int, int]]
    features: list[PairFeatures]
    cosine: NDArray[np.float32]
    labels: Labels

    def review(self, seed: int) -> tuple[Labels, Labels]:
        """Return the indices of the reviewed pairs and of the rest."""
        order = np.argsort(-self.cosine, kind="stable")
        half = REVIEWED // 2
        others = np.random.default_rng(seed).permutation(order[half:])
        return np.concatenate([order[:half], others[:half]]), others[half:]


@dataclass(frozen=True)
class Outcome:
    """The probabilities of a set's unreviewed pairs in all seeds, and how good the flags were.

    `precisions` are those of the seeds that flag anything; `recall` is a mean over all seeds.
    """

    probabilities: NDArray[np.float64]
    labels: Labels
    seeds: int
    precisions: list[float]
    recall: float

    @property
    def precision(self) -> float | None:
        """The mean precision at 0.9 of the seeds that flag anything, None if none does."""
        return float(np.mean(self.precisions)) if self.precisions else None


def run(quick: bool) -> list[Figure]:
    """Judge each set; quick, or without the public sets, the sample workspace alone."""
    embedder: Embedder = HashingEmbedder() if quick else SentenceTransformerEmbedder()
    if quick or not corpus.has_data():
        sample, seeds = sample_pairs(embedder), QUICK_SEEDS if quick else SEEDS
        return list(_figures("sample workspace", _judge(sample, PRIORS["ticket"], seeds)))
    figures: list[Figure] = []
    outcomes: dict[str, Outcome] = {}
    for name, pairs, others in sets(embedder):
        outcomes[name] = _judge(pairs, learn_prior(others), SEEDS)
        figures += _figures(name, outcomes[name])
    recall = float(np.mean([outcomes[name].recall for name in RECALLED]))
    pooled = calibration_error(
        np.concatenate([one.probabilities for one in outcomes.values()]),
        np.concatenate([one.labels for one in outcomes.values()]),
    )
    return [
        *figures,
        Figure("mean recall at 0.9 of five sets", recall, "", MIN_RECALL, "at least"),
        Figure("calibration error, all sets pooled", pooled, "", MAX_ERROR, "at most"),
    ]


def sets(embedder: Embedder) -> Iterator[tuple[str, Pairs, list[Pairs]]]:
    """Yield each public set: its name, its pairs, and the pairs of the other sets of its kind."""
    for kind, names in (("ticket", TICKETS), ("product", PRODUCTS)):
        all_of_kind = {name: pairs_of(embedder, name, kind) for name in names}
        for name, pairs in all_of_kind.items():
            yield name, pairs, [other for of, other in all_of_kind.items() if of != name]


def learn_prior(sets: Sequence[Pairs]) -> Prior:
    """Return mean and scale of the reviewed pairs' features, and the weights of a model of all."""
    reviewed = [(pairs, pairs.review(seed)[0]) for pairs in sets for seed in PRIOR_SEEDS]
    features = [pairs.features[index] for pairs, indices in reviewed for index in indices]
    labels = np.concatenate([pairs.labels[indices] for pairs, indices in reviewed])
    rows = np.ma.masked_invalid([astuple(one) for one in features])
    mean, scale = rows.mean(axis=0).filled(0.0), rows.std(axis=0).filled(1.0)
    scale[scale == 0] = 1.0
    for name, (centre, spread) in UNKNOWN.items():
        mean[FEATURES.index(name)], scale[FEATURES.index(name)] = centre, spread
    units = standardised(features, mean.tolist(), scale.tolist())
    units[:, [FEATURES.index(name) for name in UNKNOWN]] = 0.0
    weights = _signed_logistic(units, labels)
    return Prior(*(tuple(np.round(one, 4).tolist()) for one in (mean, scale, weights)))


def _signed_logistic(units: NDArray[np.float64], labels: Labels) -> NDArray[np.float64]:
    """Return the weights of a logistic regression whose signs are bounded by `AGAINST`.

    Without bounds, boilerplate in one set would make shared codes speak against duplicates in all.
    """
    signs = 2.0 * labels - 1

    def loss(values: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights, margin = values[1:], signs * (units @ values[1:] + values[0])
        residual = -signs / (1 + np.exp(margin))
        penalty = weights @ weights / (2 * PRIOR_VARIANCE)
        gradient = np.concatenate([[residual.sum()], units.T @ residual + weights / PRIOR_VARIANCE])
        return float(np.logaddexp(0, -margin).sum() + penalty), gradient

    bounds = [(None, 0.0) if name in AGAINST else (0.0, None) for name in FEATURES]
    best = minimize(loss, np.zeros(len(FEATURES) + 1), jac=True, bounds=[(None, None), *bounds])
    return np.asarray(best.x[1:], dtype=np.float64)


def sample_pairs(embedder: Embedder) -> Pairs:
    """Return the pairs of the sample workspace: each ticket and its ten nearest."""
    rows = [{"text": text} for text in corpus.sample_texts()]
    return _pairs(embedder, rows, "ticket", groups=corpus.sample_groups())


def pairs_of(embedder: Embedder, name: str, kind: str) -> Pairs:
    """Return the labelled pairs of a set with their features."""
    rows = corpus.read(name)
    column = GROUPED.get(name)
    if column is not None:
        return _pairs(embedder, rows, kind, groups=[row[column] for row in rows])
    index = {row["id"]: number for number, row in enumerate(rows)}
    labels = {
        (index[pair["a"]], index[pair["b"]]): bool(pair["label"])
        for pair in corpus.read(name, "pairs")
    }
    return _pairs(embedder, rows, kind, labels=labels)


def _pairs(
    embedder: Embedder,
    rows: list[corpus.Json],
    kind: str,
    *,
    groups: Sequence[str] = (),
    labels: Mapping[tuple[int, int], bool] | None = None,
) -> Pairs:
    """Return labelled pairs with the features that the judge computes for them."""
    dense = similarities(corpus.encoded_rows(embedder, rows), len(rows))
    labels = _nearest(groups, dense) if labels is None else labels
    with stored_set(embedder, rows, kind) as stored:
        index = {item_id: number for number, item_id in enumerate(stored.ids)}
        ids = [(stored.ids[one], stored.ids[other]) for one, other in labels]
        with stored.services.database.read() as session:
            found = stored.services.judge.features_of_pairs(session, ids, stored.audience)
    indices = [(index[one], index[other]) for one, other in found]
    cosine = np.array([dense[pair] for pair in indices])
    known = np.array([labels[pair] for pair in indices], dtype=np.int64)
    return Pairs(rows, indices, list(found.values()), cosine, known)


def _nearest(groups: Sequence[str], dense: Matrix) -> dict[tuple[int, int], bool]:
    """Return the pairs of each item and its ten nearest, and whether they are in one group."""
    others = dense - 2 * np.eye(len(groups), dtype=np.float32)
    found = np.argsort(-others, axis=1, kind="stable")[:, :NEAREST].tolist()
    pairs = sorted(
        {(min(one, other), max(one, other)) for one, near in enumerate(found) for other in near}
    )
    return {(one, other): groups[one] == groups[other] for one, other in pairs}


def learned_probabilities(pairs: Pairs, prior: Prior, seed: int) -> NDArray[np.float64] | None:
    """Return the probabilities of the unreviewed pairs, in the order of `Pairs.review`.

    None if too few of one class were reviewed to fit a model.
    """
    reviewed, rest = pairs.review(seed)
    features = [pairs.features[index] for index in reviewed]
    try:
        model = fit(features, pairs.labels[reviewed].astype(bool).tolist(), prior).model
    except NotEnoughVerdictsError:
        return None
    return model.probabilities([pairs.features[index] for index in rest])


def _judge(pairs: Pairs, prior: Prior, seeds: int) -> Outcome:
    probabilities, labels = [], []
    precisions, recalls = [], []
    for seed in range(seeds):
        held_out = pairs.labels[pairs.review(seed)[1]]
        found = learned_probabilities(pairs, prior, seed)
        if found is None:
            recalls.append(0.0)
            continue
        flagged = found >= DEFAULT_THRESHOLD
        if flagged.any():
            precisions.append(float(held_out[flagged].mean()))
        recalls.append(float(held_out[flagged].sum() / max(held_out.sum(), 1)))
        probabilities.append(found)
        labels.append(held_out)
    return Outcome(
        np.concatenate([np.empty(0), *probabilities]),
        np.concatenate([np.empty(0, dtype=np.int64), *labels]),
        seeds,
        precisions,
        float(np.mean(recalls)),
    )


def _figures(name: str, outcome: Outcome) -> Iterator[Figure]:
    if outcome.precision is None:
        yield Figure(f"{name}: flags at 0.9", 0)
    else:
        flagging = len(outcome.precisions)
        yield Figure(
            f"{name}: precision at 0.9 ({flagging} of {outcome.seeds} seeds flag)",
            outcome.precision, "", MIN_PRECISION, "at least",
        )  # fmt: skip
    yield Figure(f"{name}: recall at 0.9", outcome.recall)
    error = calibration_error(outcome.probabilities, outcome.labels)
    yield Figure(f"{name}: calibration error", error)


def main() -> None:
    """Print the priors, learned on all sets."""
    embedder = SentenceTransformerEmbedder()
    for kind, names in (("ticket", TICKETS), ("product", PRODUCTS)):
        print(kind, learn_prior([pairs_of(embedder, name, kind) for name in names]))


if __name__ == "__main__":
    main()
