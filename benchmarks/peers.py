"""`peers`: Déjà against the alternatives on products, on the same unreviewed pairs.

On each set and in each seed of `judgement` the pairs that nobody reviewed are judged by:
- *Déjà*: the model fitted to the 200 reviewed ones, with a noise budget of one in ten;
- *cosine*: at the lowest threshold with a precision of 0.9 on the OTHER sets, pooled, or else at
  the most precise one: what is possible without verdicts;
- *paraphrase_mining* of sentence-transformers over all items of the set: the pairs that it returns
  at `MINING_THRESHOLD` or more;
- *semhash*, if it is installed: each text that `self_deduplicate` drops, with the one that it keeps
  instead.

All have the same vectors. The last two read only the start of a long text, as they do by default;
their pairs count if they are among the labelled ones.

The reviewed pairs are the most similar ones, of which the peers flag most and are most often right.
So the peers are measured on *all* labelled pairs as well; Déjà has seen the labels of some.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks import corpus
from benchmarks.judgement import (
    QUICK_SEEDS,
    SEEDS,
    Pairs,
    learned_flags,
    sample_pairs,
    sets,
)
from benchmarks.measurement import Figure
from services.search.embedders.embedding import Embedder, SentenceTransformerEmbedder
from tests.hashing import HashingEmbedder

OURS = "Déjà"
ON_ALL = ", all pairs"
TRANSFERRED_PRECISION = 0.9
# `paraphrase_mining` has no threshold. This is the default of `community_detection` beside it.
MINING_THRESHOLD = 0.75

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Score:
    """Means over the seeds: the number of flags, their precision (None without any), and recall."""

    flagged: float
    precision: float | None
    recall: float


@dataclass(frozen=True)
class FirstChunks:
    """The vector of the first chunk of each text that has any, and the text's index in the set."""

    indices: list[int]
    texts: list[str]
    vectors: NDArray[np.float32]

    def encode(self, inputs: Sequence[str], **_: object) -> NDArray[np.float32]:
        """Return the vectors of texts, `(len(inputs), dim)`, as semhash calls a model."""
        known = dict(zip(self.texts, self.vectors, strict=True))
        return np.stack([known[text] for text in inputs])


def run(quick: bool) -> list[Figure]:
    """Compare on each set; quick, or without the public sets, on the sample workspace alone."""
    if not _has_semhash():
        print("  semhash is left out: it is not installed (pip install semhash)")
    embedder: Embedder = HashingEmbedder() if quick else SentenceTransformerEmbedder()
    if quick or not corpus.has_data():
        pairs, seeds = sample_pairs(embedder), QUICK_SEEDS if quick else SEEDS
        ours = [learned_flags(pairs, seed) for seed in range(seeds)]
        scores = {"sample workspace": _scores(pairs, ours, _peers(embedder, pairs, []))}
    else:
        known = dict(sets(embedder))
        scores = {
            name: _scores(
                pairs,
                [learned_flags(pairs, seed) for seed in range(SEEDS)],
                _peers(embedder, pairs, [other for of, other in known.items() if of != name]),
            )
            for name, pairs in known.items()
        }
    return [*_figures(scores), *_means(list(scores.values()))]


def transferred_threshold(others: Sequence[Pairs]) -> float:
    """Return the lowest cosine with enough precision on other sets, or else the most precise."""
    cosine = np.concatenate([pairs.cosine for pairs in others])
    labels = np.concatenate([pairs.labels for pairs in others])
    order = np.argsort(-cosine, kind="stable")
    thresholds = cosine[order]
    precision = np.cumsum(labels[order]) / np.arange(1, len(order) + 1)
    # Pairs of one cosine are flagged together.
    last = np.append(thresholds[1:] != thresholds[:-1], True)
    thresholds, precision = thresholds[last], precision[last]
    enough = np.flatnonzero(precision >= TRANSFERRED_PRECISION)
    return float(thresholds[enough[-1]] if len(enough) else thresholds[precision.argmax()])


def _scores(pairs: Pairs, ours: list[Flags], peers: dict[str, Flags]) -> dict[str, Score]:
    rest = [pairs.review(seed)[1] for seed in range(len(ours))]
    held_out = [pairs.labels[indices] for indices in rest]
    scores = {OURS: _score(ours, held_out)}
    for name, flags in peers.items():
        scores[name] = _score([flags[indices] for indices in rest], held_out)
        scores[name + ON_ALL] = _score([flags], [pairs.labels])
    return scores


def _peers(embedder: Embedder, pairs: Pairs, others: Sequence[Pairs]) -> dict[str, Flags]:
    """Return what each peer flags of all pairs; peers do not learn from verdicts."""
    chunks = _first_chunks(embedder, pairs)
    flags = {"cosine": pairs.cosine >= transferred_threshold(others)} if others else {}
    flags["paraphrase_mining"] = _flags_among(pairs, _mine(chunks))
    if _has_semhash():
        flags["semhash"] = _flags_among(pairs, _deduplicate(chunks))
    return flags


def _score(flagged: Sequence[Flags], held_out: Sequence[NDArray[np.int64]]) -> Score:
    precisions = [labels[flags].mean() for flags, labels in zip(flagged, held_out, strict=True)
                  if flags.any()]  # fmt: skip
    recalls = [
        labels[flags].sum() / max(labels.sum(), 1)
        for flags, labels in zip(flagged, held_out, strict=True)
    ]
    return Score(
        float(np.mean([flags.sum() for flags in flagged])),
        float(np.mean(precisions)) if precisions else None,
        float(np.mean(recalls)),
    )


def _first_chunks(embedder: Embedder, pairs: Pairs) -> FirstChunks:
    vectors = corpus.encoded_rows(embedder, pairs.rows)
    owners, first = np.unique(vectors.owners, return_index=True)
    texts = [corpus.text_of(pairs.rows[index]) for index in owners]
    return FirstChunks(owners.tolist(), texts, vectors.rows[first])


def _mine(chunks: FirstChunks) -> Iterator[tuple[int, int]]:
    import torch
    from sentence_transformers.util import paraphrase_mining_embeddings

    for score, one, other in paraphrase_mining_embeddings(torch.from_numpy(chunks.vectors)):
        if score >= MINING_THRESHOLD:
            yield chunks.indices[int(one)], chunks.indices[int(other)]


def _has_semhash() -> bool:
    return importlib.util.find_spec("semhash") is not None


def _deduplicate(chunks: FirstChunks) -> Iterator[tuple[int, int]]:
    # Imported by name, so that types are checked whether or not it is installed.
    semhash = importlib.import_module("semhash")
    records = [
        {"text": text, "index": str(index)}
        for text, index in zip(chunks.texts, chunks.indices, strict=True)
    ]
    found = semhash.SemHash.from_records(records, columns=["text"], model=chunks).self_deduplicate()
    for dropped in found.filtered:
        yield int(dropped.record["index"]), int(dropped.duplicate_of["index"])


def _flags_among(pairs: Pairs, found: Iterator[tuple[int, int]]) -> Flags:
    """Return for each labelled pair whether it was found, in either direction."""
    known = {frozenset(pair) for pair in found}
    return np.array([frozenset(pair) in known for pair in pairs.indices], dtype=np.bool_)


def _figures(scores: dict[str, dict[str, Score]]) -> Iterator[Figure]:
    for name, of_set in scores.items():
        for method, score in of_set.items():
            yield Figure(f"{name}, {method}: flagged", score.flagged)
            if score.precision is not None:
                yield Figure(f"{name}, {method}: precision", score.precision)
                yield Figure(f"{name}, {method}: recall", score.recall)


def _means(scores: Sequence[dict[str, Score]]) -> Iterator[Figure]:
    """Compare the means: precision over the sets in which a method flags, recall over all."""
    means: dict[str, float] = {}
    for method in scores[0]:
        known = [one for of_set in scores if (one := of_set[method].precision) is not None]
        if known:
            means[method] = float(np.mean(known))
            name = f"mean precision, {method} ({len(known)} sets flagged in)"
            yield Figure(name, means[method])
        recall = float(np.mean([of_set[method].recall for of_set in scores]))
        yield Figure(f"mean recall, {method}", recall)
    ours = means.pop(OURS, None)
    for method, theirs in means.items():
        if ours is not None and theirs:
            name = f"mean precision, {OURS} / {method}"
            yield Figure(name, ours / theirs, "times", 1.0, "at least")
