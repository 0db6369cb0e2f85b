"""`themes`: how well topics are grouped into the wider subjects that people name.

hwu64's labels say both (`alarm_query`: the subject, the intent), and so do covidq's categories;
beside them halves of hwu64 and mixtures of twelve subjects from six sets. The topics are those
that Déjà finds; they are grouped by it and as one would otherwise, each without a label.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from sklearn.cluster import AgglomerativeClustering
from sklearn.metrics import adjusted_rand_score, silhouette_score, v_measure_score

from benchmarks import corpus
from benchmarks.labelled_sets import LabelledSet, load_sets, mean_vectors
from benchmarks.measuring import Figure
from benchmarks.topics import MORE
from services.search.embedding import SentenceTransformerEmbedder
from services.topics.grouping.clustering import Clustering, cluster
from services.topics.grouping.knn_graph import FloatArray, IntArray, build_graph, unit
from services.topics.grouping.partitions import partition, topic_sums

HALF, MIXED, SAMPLES = 10, 7, 4
# Beside scenarios of hwu64, from each of these so many tickets as one subject.
OTHERS = {
    "banking77": 500, "covidq": 300, "askubuntu_webapps_intents": 300, "semeval_cqa": 300,
    "english_se": 300,
}  # fmt: skip
# Largest theme's share of the tickets that are in any, and themes by those that there are.
MAX_SHARE, MAX_OFF = 0.35, 1.6


@dataclass(frozen=True)
class _Grouped:
    """A set of tickets as it is grouped: in topics, and these in themes."""

    one: LabelledSet
    found: Clustering


def run(quick: bool) -> list[Figure]:
    """Measure all; quick, or without the public sets, on the sample workspace alone."""
    sets = load_sets(quick)[1] if quick or not corpus.has_data() else list(_sets())
    grouped = [_Grouped(one, cluster(one.vectors)) for one in sets]
    return [*_quality(grouped), *_staying(grouped)]


def _sets() -> Iterator[LabelledSet]:
    embedder = SentenceTransformerEmbedder()
    read = {name: _read(embedder, name) for name in ("hwu64", *OTHERS)}
    hwu64 = read["hwu64"]
    yield hwu64
    covidq = read["covidq"]
    yield _part(covidq, covidq.name, [place for place, one in enumerate(covidq.labels) if one])
    scenarios = sorted(set(hwu64.labels))
    for seed in range(SAMPLES):
        yield _of(hwu64, f"ten of hwu64, {seed}", _some(scenarios, HALF, seed))
    for seed in range(SAMPLES):
        parts = [_of(hwu64, "", _some(scenarios, MIXED, 100 + seed))]
        chance = np.random.default_rng(seed)
        for name, most in OTHERS.items():
            places = chance.permutation(len(read[name].texts))[:most].tolist()
            some = _part(read[name], name, places)
            parts.append(LabelledSet(name, some.texts, some.vectors, [name] * len(places)))
        yield LabelledSet(
            f"twelve subjects, {seed}",
            [text for one in parts for text in one.texts],
            np.concatenate([one.vectors for one in parts]),
            [label for one in parts for label in one.labels],
        )


def _read(embedder: SentenceTransformerEmbedder, name: str) -> LabelledSet:
    """Return a set with the subject of each ticket, "" where it has none."""
    rows = [row for row in corpus.read(name) if corpus.text_of(row)]
    texts = [corpus.text_of(row) for row in rows]
    subjects = [
        row.get("category", "").split(" - ")[0] or row.get("label", "").split("_")[0]
        for row in rows
    ]
    return LabelledSet(name, texts, mean_vectors(embedder, texts), subjects)


def _some(scenarios: list[str], count: int, seed: int) -> set[str]:
    return set(np.random.default_rng(seed).permutation(scenarios)[:count].tolist())


def _of(one: LabelledSet, name: str, subjects: set[str]) -> LabelledSet:
    return _part(one, name, [at for at, label in enumerate(one.labels) if label in subjects])


def _part(one: LabelledSet, name: str, places: list[int]) -> LabelledSet:
    texts, labels = ([some[at] for at in places] for some in (one.texts, one.labels))
    return LabelledSet(name, texts, one.vectors[places], labels)


def _quality(grouped: list[_Grouped]) -> Iterator[Figure]:
    scores: dict[str, list[tuple[float, ...]]] = {}
    for one in grouped:
        truth, nearest = one.one.labels, one.found.nearest
        for who, themes in {"Déjà": one.found.themes, **_others(one)}.items():
            labels = themes[nearest]
            v, ari = v_measure_score(truth, labels), adjusted_rand_score(truth, labels)
            off = len(set(themes.tolist())) / len(set(truth))
            largest = max(Counter(labels.tolist()).values()) / len(labels)
            scores.setdefault(who, []).append((v, ari, largest, max(off, 1 / off)))
            if who == "Déjà":
                name = one.one.name
                yield Figure(f"{name}: V", v)
                yield Figure(f"{name}: ARI", ari)
                yield Figure(f"{name}: the largest theme's share", largest, "", MAX_SHARE)
                yield Figure(f"{name}: themes of {len(set(truth))}", len(set(themes.tolist())))
    mean = {who: np.mean(of, axis=0) for who, of in scores.items()}
    for who, (v, ari, largest, off) in mean.items():
        yield Figure(f"mean V, {who}", float(v))
        yield Figure(f"mean ARI, {who}", float(ari))
        yield Figure(f"mean share of the largest, {who}", float(largest))
        yield Figure(
            f"number off by, {who}", float(off), "times", MAX_OFF if who == "Déjà" else None
        )


def _others(one: _Grouped) -> dict[str, IntArray]:
    graph = build_graph(one.one.vectors, lambda *_: None)
    topics = np.zeros(len(graph.vectors), dtype=np.int64)
    topics[graph.owners] = one.found.nearest
    rows = unit(topic_sums(graph.vectors, topics))
    member = sparse.csr_matrix((np.ones(len(topics)), (topics, np.arange(len(topics)))))
    joined = member @ graph.weights @ member.T
    root = round(np.sqrt(len(rows)))
    half = range(2, max(len(rows) // 2, 3))
    return {
        "Ward, root of topics": _tree(rows, root, "ward"),
        "average, root of topics": _tree(rows, root, "average"),
        "average, silhouette": _best(rows, [_tree(rows, k, "average") for k in half]),
        "complete, silhouette": _best(rows, [_tree(rows, k, "complete") for k in half]),
        "Louvain, 1": partition(joined, 1.0, seed=0),
        "Louvain, silhouette": _best(
            rows, [partition(joined, one, seed=0) for one in np.geomspace(0.2, 5, 20).tolist()]
        ),
    }


def _tree(rows: FloatArray, count: int, linkage: str) -> IntArray:
    metric = "euclidean" if linkage == "ward" else "cosine"
    tree = AgglomerativeClustering(min(count, len(rows)), metric=metric, linkage=linkage)
    return np.asarray(tree.fit_predict(rows), dtype=np.int64)


def _best(rows: FloatArray, ways: list[IntArray]) -> IntArray:
    able = [one for one in ways if 1 < one.max() + 1 <= len(rows) / 2]
    if not able:
        return np.arange(len(rows))
    return max(able, key=lambda one: float(silhouette_score(rows, one, metric="cosine")))


def _staying(grouped: list[_Grouped]) -> Iterator[Figure]:
    """Say how much of the themes stays where a twentieth more tickets come, as in a bot."""
    same = []
    for one in grouped:
        vectors, chance = one.one.vectors, np.random.default_rng(0)
        kept = chance.permutation(len(vectors))[: round(len(vectors) / MORE)]
        was, before = cluster(vectors[kept]), np.full(len(vectors), -1)
        before[kept] = was.labels
        found = cluster(vectors, previous=before)
        same.append(adjusted_rand_score(was.themes[was.nearest], found.themes[found.nearest[kept]]))
    yield Figure(
        "themes with 5 % more tickets: ARI with what they were, mean", float(np.mean(same))
    )
    yield Figure("the same, the least", float(min(same)))
