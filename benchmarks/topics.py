"""`topics`: how well a backlog is parted into topics with nothing told, how steadily, and how fast.

Each labelled set is clustered without its labels, beside what one would take instead on the same
vectors: k-means with the true number of topics, k-means with the number of the best silhouette, and
where they are installed UMAP with HDBSCAN, and BERTopic with its defaults. V-measure and ARI with
every ticket assigned, noise to the topic whose mean is nearest.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import psutil
from sklearn.cluster import KMeans
from sklearn.metrics import (
    adjusted_rand_score,
    silhouette_score,
    v_measure_score,
)
from sklearn.neighbors import NearestNeighbors

from benchmarks import corpus
from benchmarks.measuring import Figure
from services.search.embedding import Embedder, SentenceTransformerEmbedder
from services.topics.grouping.alignment import TopicCluster, align_topics
from services.topics.grouping.clustering import Clustering, cluster
from services.topics.grouping.knn_graph import FloatArray, IntArray, unit
from services.topics.naming.titles import name_topics
from tests.hashing import HashingEmbedder

# Of these the table of the labelled data's README has figures: the means of the best single method.
IN_TABLE = ("banking77", "hwu64", "dstc11_banking", "covidq")
TABLE_V, TABLE_ARI = 0.833, 0.535
SETS = (*IN_TABLE, "askubuntu_webapps_intents")
TITLED = ("banking77", "hwu64")

MAX_OFF = 1.35
SAME_ORDER, STAYING, MORE, SAMPLES = 0.95, 0.9, 1.05, 3
BOTH = ("umap", "hdbscan")

# As many distinct tickets as a quick run has.
MANY, HUGE, QUICK_MANY = 10_000, 100_000, 300
NEAREST, NOISE = 10, 0.3

# From each other set; of more of them there would be a topic.
STRAYS = 2


@dataclass(frozen=True)
class Labelled:
    """A set of tickets: texts, vectors `(n, d)`, and the topic that people put each in, `(n,)`."""

    name: str
    texts: list[str]
    vectors: FloatArray
    labels: list[str]

    @property
    def topics(self) -> int:
        """How many topics there are."""
        return len(set(self.labels))


def run(quick: bool) -> list[Figure]:
    """Measure all; quick, or without the public sets, on the sample workspace alone."""
    _, sets = sets_of(quick)
    started = time.perf_counter()
    cluster(sets[0].vectors)
    first = time.perf_counter() - started
    started = time.perf_counter()
    found = [cluster(one.vectors) for one in sets[:1]]
    later = time.perf_counter() - started
    found += [cluster(one.vectors) for one in sets[1:]]
    return [
        *_quality(sets, found),
        *(figure for one, own in zip(sets, found, strict=True) for figure in _steadiness(one, own)),
        *(figure for one, own in zip(sets, found, strict=True) for figure in _staying(one, own)),
        *_strays(sets),
        *(figure for one, own in zip(sets, found, strict=True) for figure in _titles(one, own)),
        Figure("first call / the next on the same tickets", first / later, "times", 2.0),
        *_speed(sets, quick=quick),
    ]


def _labelled(embedder: Embedder, name: str) -> Labelled:
    key = "group" if name == "covidq" else "label"
    rows = [row for row in corpus.read(name) if row.get(key) and corpus.text_of(row)]
    sizes = Counter(row[key] for row in rows)
    rows = [row for row in rows if sizes[row[key]] > 1]
    texts = [corpus.text_of(row) for row in rows]
    return Labelled(name, texts, means(embedder, texts), [row[key] for row in rows])


def _sample(embedder: Embedder) -> Labelled:
    texts, groups = corpus.sample_texts(), corpus.sample_groups()
    return Labelled("sample workspace", texts, unit(embedder.encode(texts)), groups)


def means(embedder: Embedder, texts: list[str]) -> FloatArray:
    """Return a vector a text, `(n, d)`: the mean of its chunks' vectors."""
    chunks = corpus.encoded(embedder, texts)
    rows = np.zeros((len(texts), chunks.rows.shape[1]), dtype=np.float32)
    np.add.at(rows, chunks.owners, chunks.rows)
    return unit(rows)


def _quality(sets: list[Labelled], found: list[Clustering]) -> Iterator[Figure]:
    scores: dict[str, list[tuple[float, float]]] = {}
    for one, own in zip(sets, found, strict=True):
        parted = {"Déjà": own.nearest, **{who: way(one) for who, way in _ways().items()}}
        for who, labels in parted.items():
            v, ari = v_measure_score(one.labels, labels), adjusted_rand_score(one.labels, labels)
            scores.setdefault(who, []).append((v, ari))
            yield Figure(f"{one.name}, {who}: V", v)
            yield Figure(f"{one.name}, {who}: ARI", ari)
            yield Figure(f"{one.name}, {who}: topics of {one.topics}", len(set(labels.tolist())))
        off = len(own.centroids) / one.topics
        yield Figure(f"{one.name}: number off by", max(off, 1 / off), "times", MAX_OFF)
        yield Figure(f"{one.name}: unclustered", 100 * float(np.mean(own.labels < 0)), "%")
    means = {who: np.mean(of, axis=0) for who, of in scores.items()}
    for who, (v, ari) in means.items():
        yield Figure(f"mean V, {who}", float(v))
        yield Figure(f"mean ARI, {who}", float(ari))
    ours, others = means.pop("Déjà"), list(means.values())
    yield Figure("mean V, Déjà", ours[0], "", max(one[0] for one in others), "at least")
    yield Figure("mean ARI, Déjà", ours[1], "", max(one[1] for one in others), "at least")
    in_table = [of for one, of in zip(sets, scores["Déjà"], strict=True) if one.name in IN_TABLE]
    if in_table:
        v, ari = np.mean(in_table, axis=0)
        yield Figure("mean V of the four sets in the table", float(v), "", TABLE_V, "at least")
        yield Figure(
            "mean ARI of the four sets in the table", float(ari), "", TABLE_ARI, "at least"
        )


def _ways() -> dict[str, Callable[[Labelled], IntArray]]:
    ways: dict[str, Callable[[Labelled], IntArray]] = {
        "k-means, true k": _true_k,
        "k-means, silhouette": _silhouette_k,
    }
    if all(importlib.util.find_spec(name) for name in BOTH):
        ways["UMAP + HDBSCAN"] = _umap
    else:
        print("  UMAP + HDBSCAN is left out: not installed (pip install umap-learn hdbscan)")
    if importlib.util.find_spec("bertopic"):
        ways["BERTopic"] = _bertopic
    else:
        print("  BERTopic is left out: it is not installed (pip install bertopic)")
    return ways


def _k_means(vectors: FloatArray, k: int) -> IntArray:
    return np.asarray(KMeans(k, n_init=3, random_state=0).fit_predict(vectors), dtype=np.int64)


def _true_k(one: Labelled) -> IntArray:
    return _k_means(one.vectors, one.topics)


def _silhouette_k(one: Labelled) -> IntArray:
    most = min(300, len(one.vectors) // 2)
    ways = [_k_means(one.vectors, k) for k in np.unique(np.geomspace(3, most, 16).astype(int))]
    scores = [silhouette_score(one.vectors, way, sample_size=2_000, random_state=0) for way in ways]
    return ways[int(np.argmax(scores))]


def _umap(one: Labelled) -> IntArray:
    umap, hdbscan = (importlib.import_module(name) for name in BOTH)
    reduce = umap.UMAP(n_neighbors=15, n_components=5, min_dist=0, metric="cosine", random_state=42)
    flat = reduce.fit_transform(one.vectors)
    return _assigned(one.vectors, hdbscan.HDBSCAN(min_cluster_size=5).fit_predict(flat))


def _bertopic(one: Labelled) -> IntArray:
    topics, _ = importlib.import_module("bertopic").BERTopic().fit_transform(
        one.texts, one.vectors
    )  # fmt: skip
    return _assigned(one.vectors, np.array(topics))


def _assigned(vectors: FloatArray, labels: IntArray) -> IntArray:
    """Return labels with what is noise in the topic whose mean is nearest."""
    topics = np.unique(labels[labels >= 0])
    if not len(topics):
        return np.zeros(len(labels), dtype=np.int64)
    means = unit(np.stack([vectors[labels == topic].mean(axis=0) for topic in topics]))
    return np.where(labels < 0, topics[np.argmax(vectors @ means.T, axis=1)], labels)


def _steadiness(one: Labelled, own: Clustering) -> Iterator[Figure]:
    order = np.random.default_rng(0).permutation(len(one.vectors))
    again = cluster(one.vectors[order])
    same = adjusted_rand_score(own.nearest[order], again.nearest)
    yield Figure(f"{one.name}: another order, ARI with itself", same, "", SAME_ORDER, "at least")


def _staying(one: Labelled, own: Clustering) -> Iterator[Figure]:
    """Say how many tickets stay in their topic where a twentieth more come.

    As in a bot, which knows what topics there were; and, for the sake of comparison, unknown.
    """
    whole = np.arange(len(one.vectors))
    known, unknown = [], []
    for seed in range(SAMPLES):
        kept = np.random.default_rng(seed).permutation(len(whole))[: round(len(whole) / MORE)]
        before = cluster(one.vectors[kept])
        topics = np.full(len(whole), -1)
        topics[kept] = before.labels
        known.append(_stayed(before, kept, cluster(one.vectors, previous=topics)))
        unknown.append(_stayed(before, kept, own))
    name, share = f"{one.name}: stay in their topic with 5 % more", 100 * float(np.mean(known))
    yield Figure(name, share, "%", 100 * STAYING, "at least")
    yield Figure(f"{name}, topics unknown", 100 * float(np.mean(unknown)), "%")


def _stayed(before: Clustering, kept: IntArray, after: Clustering) -> float:
    """Return the share of the tickets `kept` whose topic afterwards is the one it was."""
    whole = np.arange(len(after.nearest))
    news = align_topics(_topics(before, kept), _topics(after, whole)).topics
    old = np.array([-1 if new.previous is None else new.previous for new in news])
    return float(np.mean(old[after.nearest[kept]] == before.nearest))


def _strays(sets: list[Labelled]) -> Iterator[Figure]:
    """Say how many of a few tickets of other sets are in no topic, and of the set's own."""
    shares = []
    for one in sets:
        others = [other for other in sets if other is not one]
        strays = [other.vectors[seed :: len(other.vectors) // STRAYS][:STRAYS]
                  for seed, other in enumerate(others)]  # fmt: skip
        is_none = cluster(np.concatenate([one.vectors, *strays])).labels < 0
        own = len(one.vectors)
        shares.append(
            (float(np.mean(is_none[:own])), float(np.mean(is_none[own:])) if others else 0.0)
        )
    of_own, of_strays = 100 * np.mean(shares, axis=0)
    yield Figure("mean: in no topic, of the set's own tickets", float(of_own), "%")
    yield Figure("mean: in no topic, of two strays from each other set", float(of_strays), "%")


def _topics(found: Clustering, ids: IntArray) -> list[TopicCluster]:
    return [
        TopicCluster(frozenset(ids[found.nearest == place].tolist()), centroid)
        for place, centroid in enumerate(found.centroids)
    ]


def _titles(one: Labelled, own: Clustering) -> Iterator[Figure]:
    if one.name not in SETS:
        return
    names = name_topics(one.texts, own.labels)
    labels = np.array(one.labels)
    said = [
        _stems(name.title) & _stems(Counter(labels[own.nearest == topic]).most_common(1)[0][0])
        for topic, name in enumerate(names)
    ]
    share = 100 * float(np.mean([bool(one) for one in said]))
    said_of = f"{one.name}: titles with a word of the label"
    if one.name in TITLED:
        yield Figure(said_of, share, "%", 50, "at least")
    else:
        yield Figure(said_of, share, "%")


def _stems(text: str) -> set[str]:
    """Return the beginnings of the words of three letters or more: without most endings."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    words = re.findall(r"[^\W\d_]{3,}", apart.casefold())
    return {word[: max(len(word) - 2, 4)] for word in words} | {word[:5] for word in words}


def _speed(sets: list[Labelled], *, quick: bool) -> Iterator[Figure]:
    many = QUICK_MANY if quick else MANY
    rows, said = grown(sets, many)
    started = time.perf_counter()
    cluster(rows)
    ours = time.perf_counter() - started
    yield Figure(f"{many:,} tickets", ours, "s")
    if importlib.util.find_spec("bertopic") and not quick:
        # Numba compiles at its first call; that is not counted.
        started = time.perf_counter()
        _bertopic(Labelled("many", said, rows, said))
        theirs = time.perf_counter() - started
        yield Figure(f"{many:,} tickets, BERTopic", theirs, "s")
        yield Figure(f"{many:,} tickets, BERTopic / Déjà", theirs / ours, "times", 3.0, "at least")
    huge, _ = grown(sets, QUICK_MANY if quick else HUGE)
    process = psutil.Process()
    before, more = process.memory_info().rss, [0]
    started = time.perf_counter()
    cluster(huge, on_progress=lambda *_: more.append(process.memory_info().rss - before))
    yield Figure(f"{len(huge):,} tickets", time.perf_counter() - started, "s")
    yield Figure(f"{len(huge):,} tickets: memory / vectors", max(more) / huge.nbytes, "times")
    yield Figure(f"{len(huge):,} tickets: progress told", len(more) - 1, "times")


def sets_of(quick: bool) -> tuple[Embedder, list[Labelled]]:
    """Return the labelled sets, or quick or without them the sample workspace; and the embedder."""
    embedder: Embedder = HashingEmbedder() if quick else SentenceTransformerEmbedder()
    if quick or not corpus.has_data():
        return embedder, [_sample(embedder)]
    return embedder, [_labelled(embedder, name) for name in SETS]


def grown(sets: list[Labelled], count: int) -> tuple[FloatArray, list[str]]:
    """Return `count` tickets, vectors `(count, d)` and texts: the sets', then ones between two.

    Between a real one and one of its nearest: real ones moved by noise would not do, as each would
    be nearest to its own copies.
    """
    vectors = np.concatenate([one.vectors for one in sets])
    texts = [text for one in sets for text in one.texts]
    chance = np.random.default_rng(7)
    own = chance.integers(len(vectors), size=max(count - len(vectors), 0))
    alike = NearestNeighbors(n_neighbors=NEAREST + 1, metric="cosine").fit(vectors)
    nearest = alike.kneighbors(vectors, return_distance=False)
    other = nearest[own, chance.integers(1, NEAREST + 1, size=len(own))]
    share = chance.uniform(0.2, 0.8, size=(len(own), 1)).astype(np.float32)
    noise = chance.normal(size=(len(own), vectors.shape[1])).astype(np.float32)
    between = share * vectors[own] + (1 - share) * vectors[other]
    moved = unit(between + noise * np.float32(NOISE / np.sqrt(vectors.shape[1])))
    return np.concatenate([vectors, moved])[:count], [*texts, *(texts[one] for one in own)][:count]
