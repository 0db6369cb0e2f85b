"""`models`: whether thresholds mean the same under other models.

The folders of other models are named in DEJA_BENCH_MODELS, separated as in PATH. Each set is
stored by each model and judged as by `cold`: with cosines as they are, on the scale that was
measured for the model, and on the one learned from 300 of the set's own tickets. What the default
model does with the same set is what the others should do, except where they know better.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from sqlalchemy import update

from benchmarks import corpus
from benchmarks.best_matches import Labels, labels_of
from benchmarks.cold import answers_of, is_found, judge_all
from benchmarks.measurement import Figure
from benchmarks.stored_set import CachedEmbedder, StoredSet, stored_set
from models import EmbeddingModel
from services.memory import embedding_models
from services.memory.scale_learning import learn_scale
from services.search.embedders.embedding import Embedder, SentenceTransformerEmbedder
from tests.hashing import HashingEmbedder
from tests.remembering import START

# Short questions and commands; no other model reads long tickets within minutes.
SETS = ("covidq", "hwu64")
FOLDERS = "DEJA_BENCH_MODELS"

UNSCALED = {"own": [0.5], "default": [0.5]}


def run(quick: bool) -> list[Figure]:
    """Judge each set by each model; quick, the sample by none but the hashing embedder."""
    if quick or not corpus.has_data():
        rows = [{"id": str(n), "text": text} for n, text in enumerate(corpus.sample_texts())]
        labels = Labels(rows, corpus.sample_groups())
        return [*_of_default(HashingEmbedder(), "sample workspace", labels)]
    figures: list[Figure] = []
    for name in SETS:
        labels = labels_of(name)
        default = SentenceTransformerEmbedder()
        figures += _of_default(default, name, labels)
        for folder in filter(None, os.environ.get(FOLDERS, "").split(os.pathsep)):
            other = SentenceTransformerEmbedder(folder)
            figures += _of_other(other, CachedEmbedder(default, labels.rows), name, labels)
    return figures


def _of_default(embedder: Embedder, name: str, labels: Labels) -> Iterator[Figure]:
    with stored_set(embedder, labels.rows, "ticket") as stored:
        yield from called_figures(f"{name}, default model", stored, labels)


def _of_other(
    embedder: SentenceTransformerEmbedder, default: Embedder, name: str, labels: Labels
) -> Iterator[Figure]:
    model = embedder.fingerprint.partition("@")[0]
    with stored_set(embedder, labels.rows, "ticket") as stored:
        vectors = stored.services.vectors
        with stored.services.database.write() as session:
            embedding_models.adopt(session, vectors.identity, by="benchmark", now=START)
        yield from called_figures(f"{name}, {model}, measured scale", stored, labels)
        with stored.services.database.write() as session:
            session.execute(update(EmbeddingModel).values(similarity_scale=UNSCALED))
        yield from called_figures(f"{name}, {model}, no scale", stored, labels)
        learn_scale(vectors, default)
        yield from called_figures(f"{name}, {model}, learned scale", stored, labels)


def called_figures(name: str, stored: StoredSet, labels: Labels) -> Iterator[Figure]:
    """Yield what is said of the tickets of a set as they arrive, and how often that is right."""
    judged = judge_all(stored, labels)
    called = [
        is_right
        for one in judged
        for match, is_right in zip(one.matches, one.is_right, strict=True)
        if match.band == "duplicate"
    ]
    duplicates, answers = sum(one.has_earlier for one in judged), answers_of(judged)
    yield Figure(f"{name}: called duplicate", len(called))
    yield Figure(f"{name}: precision", sum(called) / max(len(called), 1))
    yield Figure(f"{name}: found of duplicates", sum(map(is_found, judged)) / max(duplicates, 1))
    yield Figure(f"{name}: answers", len(answers))
    yield Figure(f"{name}: answers right", sum(answers) / max(len(answers), 1))
