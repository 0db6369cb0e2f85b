"""`peers`: Déjà's model at 0.9 against what one would take instead, on the same unreviewed pairs.

On each set and in each seed of `judgement` the pairs that nobody reviewed are judged by:
- *Déjà*: the model fitted to the 200 reviewed ones, at p >= 0.9;
- *cosine*: at the lowest threshold that is 0.9 right on the OTHER sets of its kind, pooled, or
  where none is, at the one that is most often right there: what one can do without verdicts;
- *paraphrase_mining* of sentence-transformers over all items of the set: the pairs that it returns
  at `MINING_THRESHOLD` or more;
- *semhash*, where it is installed: what `self_deduplicate` drops, each with what it is dropped for.

All have the same vectors. The last two read the start of a long text only, as they would by
themselves; their pairs count where they are among the labelled ones.

The reviewed pairs are the most alike ones, which is where the peers flag most and are most often
right. So each of them is measured on *all* labelled pairs as well; Déjà has seen the answers there.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks import corpus
from benchmarks.judgement import QUICK_SEEDS, SEEDS, Pairs, chances, learn_prior, sample_pairs, sets
from benchmarks.measuring import Figure
from services.judgement.calibration import DEFAULT_THRESHOLD, PRIORS, Prior
from services.search.embedding import Embedder, SentenceTransformerEmbedder
from tests.hashing import HashingEmbedder

OURS = "Déjà"
ON_ALL = ", all pairs"
TRANSFERRED_PRECISION = 0.9
# `paraphrase_mining` has no threshold of its own. This is the default of `community_detection`, the
# function beside it that must decide.
MINING_THRESHOLD = 0.75

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Score:
    """How good one is on a set: the means of the seeds; no precision where nothing is flagged.

    `flagged` is how many pairs were, on average.
    """

    flagged: float

    precision: float | None
    recall: float


@dataclass(frozen=True)
class Start:
    """The start of each text that has a meaning: its place in the set, and its vector."""

    places: list[int]
    texts: list[str]
    vectors: NDArray[np.float32]

    def encode(self, inputs: Sequence[str], **_: object) -> NDArray[np.float32]:
        """Return the vectors of texts, as semhash asks for them."""
        known = dict(zip(self.texts, self.vectors, strict=True))
        return np.stack([known[text] for text in inputs])


def run(quick: bool) -> list[Figure]:
    """Compare on each set; quick, or without the public sets, on the sample workspace alone."""
    if not _has_semhash():
        print("  semhash is left out: it is not installed (pip install semhash)")
    embedder: Embedder = HashingEmbedder() if quick else SentenceTransformerEmbedder()
    if quick or not corpus.has_data():
        pairs, seeds = sample_pairs(embedder), QUICK_SEEDS if quick else SEEDS
        ours = _ours(pairs, PRIORS["ticket"], seeds)
        scores = {"sample workspace": _scores(pairs, ours, _peers(embedder, pairs, []))}
    else:
        scores = {
            name: _scores(
                pairs,
                _ours(pairs, learn_prior(others), SEEDS),
                _peers(embedder, pairs, others),
            )
            for name, pairs, others in sets(embedder)
        }
    return [*_figures(scores), *_means(list(scores.values()))]


def transferred_threshold(others: Sequence[Pairs]) -> float:
    """Return the lowest cosine that is right often enough on other sets, or the best there is."""
    cosine = np.concatenate([pairs.cosine for pairs in others])
    labels = np.concatenate([pairs.labels for pairs in others])
    order = np.argsort(-cosine, kind="stable")
    cuts = cosine[order]
    precision = np.cumsum(labels[order]) / np.arange(1, len(order) + 1)
    # Pairs of one cosine are flagged together.
    last = np.append(cuts[1:] != cuts[:-1], True)
    cuts, precision = cuts[last], precision[last]
    enough = np.flatnonzero(precision >= TRANSFERRED_PRECISION)
    return float(cuts[enough[-1]] if len(enough) else cuts[precision.argmax()])


def _scores(pairs: Pairs, ours: list[Flags], peers: dict[str, Flags]) -> dict[str, Score]:
    rest = [pairs.review(seed)[1] for seed in range(len(ours))]
    held = [pairs.labels[places] for places in rest]
    scores = {OURS: _score(ours, held)}
    for name, flags in peers.items():
        scores[name] = _score([flags[places] for places in rest], held)
        scores[name + ON_ALL] = _score([flags], [pairs.labels])
    return scores


def _ours(pairs: Pairs, prior: Prior, seeds: int) -> list[Flags]:
    """Return what Déjà flags of the unreviewed pairs in each seed."""
    likely = [(chances(pairs, prior, seed), pairs.review(seed)[1]) for seed in range(seeds)]
    return [
        np.zeros(len(rest), dtype=np.bool_) if one is None else one >= DEFAULT_THRESHOLD
        for one, rest in likely
    ]


def _peers(embedder: Embedder, pairs: Pairs, others: Sequence[Pairs]) -> dict[str, Flags]:
    """Return what each peer flags of all pairs; verdicts teach them nothing."""
    start = _start(embedder, pairs)
    flags = {"cosine": pairs.cosine >= transferred_threshold(others)} if others else {}
    flags["paraphrase_mining"] = _among(pairs, _mined(start))
    if _has_semhash():
        flags["semhash"] = _among(pairs, _dropped(start))
    return flags


def _score(flagged: Sequence[Flags], held: Sequence[NDArray[np.int64]]) -> Score:
    precisions = [labels[flags].mean() for flags, labels in zip(flagged, held, strict=True)
                  if flags.any()]  # fmt: skip
    recalls = [
        labels[flags].sum() / max(labels.sum(), 1)
        for flags, labels in zip(flagged, held, strict=True)
    ]
    return Score(
        float(np.mean([flags.sum() for flags in flagged])),
        float(np.mean(precisions)) if precisions else None,
        float(np.mean(recalls)),
    )


def _start(embedder: Embedder, pairs: Pairs) -> Start:
    vectors = corpus.encoded_rows(embedder, pairs.rows)
    owners, first = np.unique(vectors.owners, return_index=True)
    texts = [corpus.text_of(pairs.rows[place]) for place in owners]
    return Start(owners.tolist(), texts, vectors.rows[first])


def _mined(start: Start) -> Iterator[tuple[int, int]]:
    import torch
    from sentence_transformers.util import paraphrase_mining_embeddings

    for score, one, other in paraphrase_mining_embeddings(torch.from_numpy(start.vectors)):
        if score >= MINING_THRESHOLD:
            yield start.places[int(one)], start.places[int(other)]


def _has_semhash() -> bool:
    return importlib.util.find_spec("semhash") is not None


def _dropped(start: Start) -> Iterator[tuple[int, int]]:
    # Imported by name, so that types are checked without it as with it.
    semhash = importlib.import_module("semhash")
    records = [
        {"text": text, "place": str(place)}
        for text, place in zip(start.texts, start.places, strict=True)
    ]
    found = semhash.SemHash.from_records(records, columns=["text"], model=start).self_deduplicate()
    for dropped in found.filtered:
        yield int(dropped.record["place"]), int(dropped.duplicate_of["place"])


def _among(pairs: Pairs, found: Iterator[tuple[int, int]]) -> Flags:
    """Return which of the labelled pairs were found, in either direction."""
    known = {frozenset(pair) for pair in found}
    return np.array([frozenset(places) in known for places in pairs.places], dtype=np.bool_)


def _figures(scores: dict[str, dict[str, Score]]) -> Iterator[Figure]:
    for name, of_set in scores.items():
        for who, score in of_set.items():
            yield Figure(f"{name}, {who}: flagged", score.flagged)
            if score.precision is not None:
                yield Figure(f"{name}, {who}: precision", score.precision)
                yield Figure(f"{name}, {who}: recall", score.recall)


def _means(scores: Sequence[dict[str, Score]]) -> Iterator[Figure]:
    """Compare the means: precision of the sets where one flags anything, recall of all."""
    precision: dict[str, float] = {}
    for who in scores[0]:
        known = [one for of_set in scores if (one := of_set[who].precision) is not None]
        if known:
            precision[who] = float(np.mean(known))
            yield Figure(f"mean precision, {who} ({len(known)} sets flagged in)", precision[who])
        recall = float(np.mean([of_set[who].recall for of_set in scores]))
        yield Figure(f"mean recall, {who}", recall)
    ours = precision.pop(OURS, None)
    for who, theirs in precision.items():
        if ours is not None and theirs:
            yield Figure(f"mean precision, {OURS} / {who}", ours / theirs, "times", 1.0, "at least")
