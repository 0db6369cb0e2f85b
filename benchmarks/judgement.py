"""`judgement`: what a model learns from 200 reviewed pairs of a catalog, on every set of products.

For each set and each of 20 seeds: 100 pairs from the top by cosine and 100 at random are reviewed,
a model is fitted to them, and the rest is judged with a noise budget of one wrong flag in ten. What
verdicts teach about tickets is measured by `taught`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from benchmarks import corpus
from benchmarks.bands import similarities
from benchmarks.measurement import Figure
from benchmarks.ranking import Matrix
from benchmarks.stored_set import StoredSet, stored_set
from services.judgement.bands import PairFigures, Rules, is_above_cut
from services.judgement.calibration import fit
from services.judgement.cut import DEFAULT_BUDGET
from services.judgement.features import PairFeatures
from services.judgement.judge import PlacedPair
from services.judgement.strength import closeness
from services.search.embedders.embedding import Embedder, SentenceTransformerEmbedder
from services.text.comparing.terms import Lexicon
from tests.hashing import HashingEmbedder

PRODUCTS = ("abt_buy", "amazon_google", "wdc_products")
REVIEWED = 200
# Pool statistics come from the best matches of this many items, as in the product.
BACKLOG = 300
SEEDS, QUICK_SEEDS = 20, 2
NEAREST = 10
MIN_PRECISION = 0.85

Labels = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Pairs:
    """The labelled pairs of a set, `(n,)`: `indices` are those of their two items in `rows`.

    `backlog` are the features of the best matches of the newest items.
    """

    rows: Sequence[corpus.Json]
    kind: str
    indices: Sequence[tuple[int, int]]
    features: list[PairFeatures]
    backlog: list[PairFeatures]
    verbosity: float
    cosine: NDArray[np.float32]
    labels: Labels

    def review(self, seed: int) -> tuple[Labels, Labels]:
        """Return the indices of the reviewed pairs and of the rest."""
        order = np.argsort(-self.cosine, kind="stable")
        half = REVIEWED // 2
        others = np.random.default_rng(seed).permutation(order[half:])
        return np.concatenate([order[:half], others[:half]]), others[half:]


def run(quick: bool) -> list[Figure]:
    """Judge each set; quick, or without the public sets, the sample workspace alone."""
    embedder: Embedder = HashingEmbedder() if quick else SentenceTransformerEmbedder()
    if quick or not corpus.has_data():
        seeds = QUICK_SEEDS if quick else SEEDS
        return list(learned_figures("sample workspace", sample_pairs(embedder), seeds))
    return [one for name, pairs in sets(embedder) for one in learned_figures(name, pairs, SEEDS)]


def sets(embedder: Embedder) -> Iterator[tuple[str, Pairs]]:
    """Yield each public set of products: its name and its pairs."""
    for name in PRODUCTS:
        yield name, pairs_of(embedder, name)


def sample_pairs(embedder: Embedder) -> Pairs:
    """Return the pairs of the sample workspace: each ticket and its ten nearest."""
    rows = [{"text": text} for text in corpus.sample_texts()]
    dense = similarities(corpus.encoded_rows(embedder, rows), len(rows))
    return _pairs(embedder, rows, "ticket", _nearest(corpus.sample_groups(), dense), dense)


def pairs_of(embedder: Embedder, name: str) -> Pairs:
    """Return the labelled pairs of a set of products with their features."""
    rows = corpus.read(name)
    index = {row["id"]: number for number, row in enumerate(rows)}
    labels = {
        (index[pair["a"]], index[pair["b"]]): bool(pair["label"])
        for pair in corpus.read(name, "pairs")
    }
    dense = similarities(corpus.encoded_rows(embedder, rows), len(rows))
    return _pairs(embedder, rows, "product", labels, dense)


def _pairs(
    embedder: Embedder,
    rows: list[corpus.Json],
    kind: str,
    labels: Mapping[tuple[int, int], bool],
    dense: Matrix,
) -> Pairs:
    """Return labelled pairs with the features that the judge computes for them."""
    with stored_set(embedder, rows, kind) as stored:
        index = {item_id: number for number, item_id in enumerate(stored.ids)}
        placed, best = _placed(stored, labels)
    indices = [(index[one], index[other]) for one, other in placed]
    return Pairs(
        rows,
        kind,
        indices,
        [one.features for one in placed.values()],
        [one.features for one in best],
        best[0].corpus.verbosity,
        np.array([dense[pair] for pair in indices]),
        np.array([labels[pair] for pair in indices], dtype=np.int64),
    )


def _placed(
    stored: StoredSet, labels: Mapping[tuple[int, int], bool]
) -> tuple[dict[tuple[int, int], PlacedPair], list[PlacedPair]]:
    ids = [(stored.ids[one], stored.ids[other]) for one, other in labels]
    judge = stored.services.judge
    with stored.services.database.read() as session:
        return (
            judge.place_pairs(session, ids, stored.audience),
            judge.best_matches(session, stored.ids[-BACKLOG:], stored.audience),
        )


def _nearest(groups: Sequence[str], dense: Matrix) -> dict[tuple[int, int], bool]:
    """Return the pairs of each item and its ten nearest, and whether they are in one group."""
    others = dense - 2 * np.eye(len(groups), dtype=np.float32)
    found = np.argsort(-others, axis=1, kind="stable")[:, :NEAREST].tolist()
    pairs = sorted(
        {(min(one, other), max(one, other)) for one, near in enumerate(found) for other in near}
    )
    return {(one, other): groups[one] == groups[other] for one, other in pairs}


def learned_flags(pairs: Pairs, seed: int) -> Flags:
    """Return which of the unreviewed pairs are flagged, in the order of `Pairs.review`."""
    reviewed, rest = pairs.review(seed)
    model = fit(
        [pairs.features[index] for index in reviewed],
        pairs.labels[reviewed].astype(bool).tolist(),
        pairs.backlog,
        kind=pairs.kind,
        verbosity=pairs.verbosity,
    )
    features = [pairs.features[index] for index in rest]
    figures = map(
        PairFigures,
        features,
        repeat(0.0),
        closeness(features, pairs.verbosity).tolist(),
        model.strength(features).tolist(),
        repeat(pairs.verbosity),
        repeat(Lexicon(0, 0.0, {})),
    )
    rules = Rules.of(model, DEFAULT_BUDGET)
    return np.array([is_above_cut(one, rules) for one in figures], dtype=np.bool_)


def learned_figures(name: str, pairs: Pairs, seeds: int) -> Iterator[Figure]:
    """Yield how well the unreviewed pairs are judged, the mean over seeds."""
    precisions, recalls = [], []
    for seed in range(seeds):
        held_out, flags = pairs.labels[pairs.review(seed)[1]], learned_flags(pairs, seed)
        if flags.any():
            precisions.append(float(held_out[flags].mean()))
        recalls.append(float(held_out[flags].sum() / max(held_out.sum(), 1)))
    label = f"{name}: precision ({len(precisions)} of {seeds} seeds flag)"
    if precisions:
        yield Figure(label, float(np.mean(precisions)), "", MIN_PRECISION, "at least")
    yield Figure(f"{name}: recall", float(np.mean(recalls)))
