"""Sets of tickets with the topics that people gave them, and larger sets grown from these."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from sklearn.neighbors import NearestNeighbors

from benchmarks import corpus
from services.search.embedders.embedding import Embedder, SentenceTransformerEmbedder
from services.topics.grouping.knn_graph import FloatArray, unit
from tests.hashing import HashingEmbedder

# The sets in the table of the labelled data's README, whose means are those of the best method.
IN_TABLE = ("banking77", "hwu64", "dstc11_banking", "covidq")
SETS = (*IN_TABLE, "askubuntu_webapps_intents")

# Grown tickets lie between one and one of its nearest, moved by noise of this length.
NEAREST, NOISE = 10, 0.3


@dataclass(frozen=True)
class LabelledSet:
    """A set of tickets: texts, vectors `(n, d)`, and the topic that people put each in, `(n,)`."""

    name: str
    texts: list[str]
    vectors: FloatArray
    labels: list[str]

    @property
    def topics(self) -> int:
        """How many topics there are."""
        return len(set(self.labels))


def labelled(embedder: Embedder, name: str) -> LabelledSet:
    """Return a public set, without labels of a single ticket."""
    key = "group" if name == "covidq" else "label"
    rows = [row for row in corpus.read(name) if row.get(key) and corpus.text_of(row)]
    sizes = Counter(row[key] for row in rows)
    rows = [row for row in rows if sizes[row[key]] > 1]
    texts = [corpus.text_of(row) for row in rows]
    return LabelledSet(name, texts, mean_vectors(embedder, texts), [row[key] for row in rows])


def unlabelled(embedder: Embedder, name: str) -> LabelledSet:
    """Return a public set that nobody put in topics."""
    texts = [text for row in corpus.read(name) if (text := corpus.text_of(row))]
    return LabelledSet(name, texts, mean_vectors(embedder, texts), [""] * len(texts))


def sample_set(embedder: Embedder) -> LabelledSet:
    """Return the sample workspace's tickets."""
    texts, groups = corpus.sample_texts(), corpus.sample_groups()
    return LabelledSet("sample workspace", texts, unit(embedder.encode(texts)), groups)


def mean_vectors(embedder: Embedder, texts: list[str]) -> FloatArray:
    """Return one vector per text, `(n, d)`: the mean of its chunks' vectors."""
    chunks = corpus.encoded(embedder, texts)
    rows = np.zeros((len(texts), chunks.rows.shape[1]), dtype=np.float32)
    np.add.at(rows, chunks.owners, chunks.rows)
    return unit(rows)


def load_sets(quick: bool) -> tuple[Embedder, list[LabelledSet]]:
    """Return an embedder and the sets; quick, or without public sets, the sample workspace."""
    embedder: Embedder = HashingEmbedder() if quick else SentenceTransformerEmbedder()
    if quick or not corpus.has_data():
        return embedder, [sample_set(embedder)]
    return embedder, [labelled(embedder, name) for name in SETS]


def grow(sets: list[LabelledSet], count: int) -> tuple[FloatArray, list[str]]:
    """Return vectors `(count, d)` and texts of the sets' tickets and of grown ones.

    A grown ticket lies between two that are near each other. A real ticket moved by noise would not
    do, as it would be nearest to its own copies.
    """
    vectors = np.concatenate([one.vectors for one in sets])
    texts = [text for one in sets for text in one.texts]
    random = np.random.default_rng(7)
    own = random.integers(len(vectors), size=max(count - len(vectors), 0))
    neighbours = NearestNeighbors(n_neighbors=NEAREST + 1, metric="cosine").fit(vectors)
    nearest = neighbours.kneighbors(vectors, return_distance=False)
    other = nearest[own, random.integers(1, NEAREST + 1, size=len(own))]
    share = random.uniform(0.2, 0.8, size=(len(own), 1)).astype(np.float32)
    noise = random.normal(size=(len(own), vectors.shape[1])).astype(np.float32)
    between = share * vectors[own] + (1 - share) * vectors[other]
    moved = unit(between + noise * np.float32(NOISE / np.sqrt(vectors.shape[1])))
    return np.concatenate([vectors, moved])[:count], [*texts, *(texts[one] for one in own)][:count]
