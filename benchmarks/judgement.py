"""`judgement`: what 200 reviewed pairs of a team's own teach, on every labelled set.

For each set and each of 20 seeds: 100 pairs from the top by cosine and 100 at random are reviewed,
a model is fitted to them with a prior from the OTHER sets of its kind, and the rest is judged.
Where that is too few of one class to fit to, nothing is flagged. Of sets with groups the pairs are
each item and its ten nearest.

`python -m benchmarks.judgement` prints the priors of `services/priors.py`, learned on all sets.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from benchmarks import corpus
from benchmarks.bands import GROUPED, similarities
from benchmarks.measuring import Figure
from benchmarks.ranking import Matrix
from benchmarks.remembered import remembered
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
AGAINST = ("density", "conflict", "price_gap", "age_gap")
# What the public sets do not tell has no say beforehand; usual value and spread are set by hand:
# a month, and every second pair by one person.
TEAMS_OWN = {"age_gap": (3.4, 1.5), "same_reporter": (0.5, 0.5)}

Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Pairs:
    """The labelled pairs of a set: `places` are those of the two items among its `rows`."""

    rows: Sequence[corpus.Json]
    places: Sequence[tuple[int, int]]
    evidence: list[PairFeatures]
    cosine: NDArray[np.float32]
    labels: Labels

    def review(self, seed: int) -> tuple[Labels, Labels]:
        """Return the places of the reviewed pairs and of the rest."""
        order = np.argsort(-self.cosine, kind="stable")
        half = REVIEWED // 2
        others = np.random.default_rng(seed).permutation(order[half:])
        return np.concatenate([order[:half], others[:half]]), others[half:]


@dataclass(frozen=True)
class Judged:
    """Probabilities of a set's unreviewed pairs in all seeds, and what was flagged as sure."""

    probabilities: NDArray[np.float64]
    labels: Labels
    seeds: int
    precisions: list[float]
    recall: float

    @property
    def precision(self) -> float | None:
        """The mean precision at 0.9 of the seeds that flag anything."""
        return float(np.mean(self.precisions)) if self.precisions else None


def run(quick: bool) -> list[Figure]:
    """Judge each set; quick, or without the public sets, the sample workspace alone."""
    embedder: Embedder = HashingEmbedder() if quick else SentenceTransformerEmbedder()
    if quick or not corpus.has_data():
        sample, seeds = sample_pairs(embedder), QUICK_SEEDS if quick else SEEDS
        return list(_figures("sample workspace", _judge(sample, PRIORS["ticket"], seeds)))
    figures: list[Figure] = []
    judged: dict[str, Judged] = {}
    for name, pairs, others in sets(embedder):
        judged[name] = _judge(pairs, learn_prior(others), SEEDS)
        figures += _figures(name, judged[name])
    recall = float(np.mean([judged[name].recall for name in RECALLED]))
    pooled = calibration_error(
        np.concatenate([one.probabilities for one in judged.values()]),
        np.concatenate([one.labels for one in judged.values()]),
    )
    return [
        *figures,
        Figure("mean recall at 0.9 of five sets", recall, "", MIN_RECALL, "at least"),
        Figure("calibration error, all sets pooled", pooled, "", MAX_ERROR, "at most"),
    ]


def sets(embedder: Embedder) -> Iterator[tuple[str, Pairs, list[Pairs]]]:
    """Go through the public sets: name, pairs, and the pairs of the other sets of its kind."""
    for kind, names in (("ticket", TICKETS), ("product", PRODUCTS)):
        all_of_kind = {name: pairs_of(embedder, name, kind) for name in names}
        for name, pairs in all_of_kind.items():
            yield name, pairs, [other for of, other in all_of_kind.items() if of != name]


def learn_prior(sets: Sequence[Pairs]) -> Prior:
    """Return the usual evidence of reviewed pairs, and the weights of a model of all of them."""
    reviewed = [(pairs, pairs.review(seed)[0]) for pairs in sets for seed in PRIOR_SEEDS]
    evidence = [pairs.evidence[place] for pairs, places in reviewed for place in places]
    labels = np.concatenate([pairs.labels[places] for pairs, places in reviewed])
    rows = np.ma.masked_invalid([astuple(one) for one in evidence])
    mean, scale = rows.mean(axis=0).filled(0.0), rows.std(axis=0).filled(1.0)
    scale[scale == 0] = 1.0
    for name, (usual, spread) in TEAMS_OWN.items():
        mean[FEATURES.index(name)], scale[FEATURES.index(name)] = usual, spread
    units = standardised(evidence, mean.tolist(), scale.tolist())
    units[:, [FEATURES.index(name) for name in TEAMS_OWN]] = 0.0
    weights = _signed_logistic(units, labels)
    return Prior(*(tuple(np.round(one, 4).tolist()) for one in (mean, scale, weights)))


def _signed_logistic(units: NDArray[np.float64], labels: Labels) -> NDArray[np.float64]:
    """Return the weights of a logistic regression in which no feature speaks the wrong way.

    Unbound, boilerplate in one set would make shared codes speak against a duplicate in all.
    """
    signs = 2.0 * labels - 1

    def loss(values: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights, margin = values[1:], signs * (units @ values[1:] + values[0])
        slip = -signs / (1 + np.exp(margin))
        of_weights = units.T @ slip + weights / PRIOR_VARIANCE
        penalty = weights @ weights / (2 * PRIOR_VARIANCE)
        gradient = np.concatenate([[slip.sum()], of_weights])
        return float(np.logaddexp(0, -margin).sum() + penalty), gradient

    bounds = [(None, 0.0) if name in AGAINST else (0.0, None) for name in FEATURES]
    best = minimize(loss, np.zeros(len(FEATURES) + 1), jac=True, bounds=[(None, None), *bounds])
    return np.asarray(best.x[1:], dtype=np.float64)


def sample_pairs(embedder: Embedder) -> Pairs:
    """Return the pairs of the sample workspace: each ticket and its ten nearest."""
    rows = [{"text": text} for text in corpus.sample_texts()]
    return _pairs(embedder, rows, "ticket", groups=corpus.sample_groups())


def pairs_of(embedder: Embedder, name: str, kind: str) -> Pairs:
    """Return the labelled pairs of a set with the evidence on them."""
    rows = corpus.read(name)
    column = GROUPED.get(name)
    if column is not None:
        return _pairs(embedder, rows, kind, groups=[row[column] for row in rows])
    place = {row["id"]: number for number, row in enumerate(rows)}
    labels = {
        (place[pair["a"]], place[pair["b"]]): bool(pair["label"])
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
    """Return labelled pairs with the evidence that the product has on them."""
    dense = similarities(corpus.encoded_rows(embedder, rows), len(rows))
    labels = _nearest(groups, dense) if labels is None else labels
    with remembered(embedder, rows, kind) as memory:
        row = {item_id: number for number, item_id in enumerate(memory.ids)}
        asked = [(memory.ids[one], memory.ids[other]) for one, other in labels]
        with memory.services.database.read() as session:
            found = memory.services.judge.features_of_pairs(session, asked, memory.audience)
    places = [(row[one], row[other]) for one, other in found]
    cosine = np.array([dense[pair] for pair in places])
    known = np.array([labels[pair] for pair in places], dtype=np.int64)
    return Pairs(rows, places, list(found.values()), cosine, known)


def _nearest(groups: Sequence[str], dense: Matrix) -> dict[tuple[int, int], bool]:
    """Return each item with its ten nearest, and whether they are of one group."""
    others = dense - 2 * np.eye(len(groups), dtype=np.float32)
    found = np.argsort(-others, axis=1, kind="stable")[:, :NEAREST].tolist()
    places = sorted(
        {(min(one, other), max(one, other)) for one, near in enumerate(found) for other in near}
    )
    return {(one, other): groups[one] == groups[other] for one, other in places}


def chances(pairs: Pairs, prior: Prior, seed: int) -> NDArray[np.float64] | None:
    """Return how likely the unreviewed pairs are duplicates, in the order of `Pairs.review`.

    None where too few of one class were reviewed to fit a model to.
    """
    reviewed, rest = pairs.review(seed)
    evidence = [pairs.evidence[place] for place in reviewed]
    try:
        model = fit(evidence, pairs.labels[reviewed].astype(bool).tolist(), prior).model
    except NotEnoughVerdictsError:
        return None
    return model.probabilities([pairs.evidence[place] for place in rest])


def _judge(pairs: Pairs, prior: Prior, seeds: int) -> Judged:
    probabilities, labels = [], []
    precisions, recalls = [], []
    for seed in range(seeds):
        held = pairs.labels[pairs.review(seed)[1]]
        likely = chances(pairs, prior, seed)
        if likely is None:
            recalls.append(0.0)
            continue
        sure = likely >= DEFAULT_THRESHOLD
        if sure.any():
            precisions.append(float(held[sure].mean()))
        recalls.append(float(held[sure].sum() / max(held.sum(), 1)))
        probabilities.append(likely)
        labels.append(held)
    return Judged(
        np.concatenate([np.empty(0), *probabilities]),
        np.concatenate([np.empty(0, dtype=np.int64), *labels]),
        seeds,
        precisions,
        float(np.mean(recalls)),
    )


def _figures(name: str, judged: Judged) -> Iterator[Figure]:
    if judged.precision is None:
        yield Figure(f"{name}: flags at 0.9", 0)
    else:
        flagging = len(judged.precisions)
        yield Figure(
            f"{name}: precision at 0.9 ({flagging} of {judged.seeds} seeds flag)",
            judged.precision, "", MIN_PRECISION, "at least",
        )  # fmt: skip
    yield Figure(f"{name}: recall at 0.9", judged.recall)
    error = calibration_error(judged.probabilities, judged.labels)
    yield Figure(f"{name}: calibration error", error)


def main() -> None:
    """Print the priors, learned on all sets."""
    embedder = SentenceTransformerEmbedder()
    for kind, names in (("ticket", TICKETS), ("product", PRODUCTS)):
        print(kind, learn_prior([pairs_of(embedder, name, kind) for name in names]))


if __name__ == "__main__":
    main()
