"""`themes`: how well topics are grouped into the wider subjects that people name.

The labels of hwu64 name both (`alarm_query`: the subject, the intent), and so do the categories of
covidq. Beside these two sets there are parts of hwu64 and mixtures of twelve subjects from six
sets. The topics that Déjà finds are grouped by Déjà and by other methods, all without labels.
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
from benchmarks.measurement import Figure
from benchmarks.topics import MORE
from services.progress import no_progress
from services.search.embedders.embedding import SentenceTransformerEmbedder
from services.topics.grouping.clustering import Clustering, cluster
from services.topics.grouping.knn_graph import FloatArray, IntArray, build_graph, unit
from services.topics.grouping.louvain import ShuffledGraph
from services.topics.grouping.partitions import topic_sums

OURS = "Déjà"

# How many subjects of hwu64 are in a part and in a mixture, and how many of each there are.
PART_SUBJECTS, MIXTURE_SUBJECTS, SAMPLES = 10, 7, 4
# Mixtures have one subject more from each of these sets, with so many tickets.
OTHERS = {
    "banking77": 500, "covidq": 300, "askubuntu_webapps_intents": 300, "semeval_cqa": 300,
    "english_se": 300,
}  # fmt: skip
# The largest theme's share of the tickets, and the factor by which the number of themes is off.
MAX_SHARE, MAX_OFF = 0.35, 1.6


@dataclass(frozen=True)
class _Grouped:
    """A set of tickets with the topics and themes that were found in it."""

    tickets: LabelledSet
    found: Clustering


def run(quick: bool) -> list[Figure]:
    """Measure all sets; quick, or without the public ones, the sample workspace alone."""
    sets = load_sets(quick)[1] if quick or not corpus.has_data() else list(_sets())
    grouped = [_Grouped(one, cluster(one.vectors)) for one in sets]
    return [*_quality(grouped), *_staying(grouped)]


def _sets() -> Iterator[LabelledSet]:
    embedder = SentenceTransformerEmbedder()
    read = {name: _read(embedder, name) for name in ("hwu64", *OTHERS)}
    hwu64 = read["hwu64"]
    yield hwu64
    covidq = read["covidq"]
    yield _part(covidq, covidq.name, [index for index, one in enumerate(covidq.labels) if one])
    subjects = sorted(set(hwu64.labels))
    for seed in range(SAMPLES):
        chosen = _choose(subjects, PART_SUBJECTS, seed)
        yield _with_subjects(hwu64, f"ten of hwu64, {seed}", chosen)
    for seed in range(SAMPLES):
        chosen = _choose(subjects, MIXTURE_SUBJECTS, 100 + seed)
        parts = [_with_subjects(hwu64, "", chosen)]
        random = np.random.default_rng(seed)
        for name, count in OTHERS.items():
            indices = random.permutation(len(read[name].texts))[:count].tolist()
            part = _part(read[name], name, indices)
            parts.append(LabelledSet(name, part.texts, part.vectors, [name] * len(indices)))
        yield LabelledSet(
            f"twelve subjects, {seed}",
            [text for one in parts for text in one.texts],
            np.concatenate([one.vectors for one in parts]),
            [label for one in parts for label in one.labels],
        )


def _read(embedder: SentenceTransformerEmbedder, name: str) -> LabelledSet:
    """Return a set with the subject of each ticket, "" if it has none."""
    rows = [row for row in corpus.read(name) if corpus.text_of(row)]
    texts = [corpus.text_of(row) for row in rows]
    subjects = [
        row.get("category", "").split(" - ")[0] or row.get("label", "").split("_")[0]
        for row in rows
    ]
    return LabelledSet(name, texts, mean_vectors(embedder, texts), subjects)


def _choose(subjects: list[str], count: int, seed: int) -> set[str]:
    return set(np.random.default_rng(seed).permutation(subjects)[:count].tolist())


def _with_subjects(one: LabelledSet, name: str, subjects: set[str]) -> LabelledSet:
    return _part(one, name, [index for index, label in enumerate(one.labels) if label in subjects])


def _part(one: LabelledSet, name: str, indices: list[int]) -> LabelledSet:
    texts, labels = ([values[index] for index in indices] for values in (one.texts, one.labels))
    return LabelledSet(name, texts, one.vectors[indices], labels)


def _quality(grouped: list[_Grouped]) -> Iterator[Figure]:
    scores: dict[str, list[tuple[float, ...]]] = {}
    for one in grouped:
        truth, nearest = one.tickets.labels, one.found.nearest
        for method, themes in {OURS: one.found.themes, **_other_themes(one)}.items():
            labels = themes[nearest]
            v, ari = v_measure_score(truth, labels), adjusted_rand_score(truth, labels)
            off = len(set(themes.tolist())) / len(set(truth))
            largest = max(Counter(labels.tolist()).values()) / len(labels)
            scores.setdefault(method, []).append((v, ari, largest, max(off, 1 / off)))
            if method == OURS:
                name = one.tickets.name
                yield Figure(f"{name}: V", v)
                yield Figure(f"{name}: ARI", ari)
                yield Figure(f"{name}: the largest theme's share", largest, "", MAX_SHARE)
                yield Figure(f"{name}: themes of {len(set(truth))}", len(set(themes.tolist())))
    means = {method: np.mean(of, axis=0) for method, of in scores.items()}
    for method, (v, ari, largest, off) in means.items():
        yield Figure(f"mean V, {method}", float(v))
        yield Figure(f"mean ARI, {method}", float(ari))
        yield Figure(f"mean share of the largest, {method}", float(largest))
        target = MAX_OFF if method == OURS else None
        yield Figure(f"number off by, {method}", float(off), "times", target)


def _other_themes(one: _Grouped) -> dict[str, IntArray]:
    """Return the theme of each topic by other methods, by name."""
    graph = build_graph(one.tickets.vectors, no_progress)
    topics = np.zeros(len(graph.vectors), dtype=np.int64)
    topics[graph.owners] = one.found.nearest
    rows = unit(topic_sums(graph.vectors, topics))
    member = sparse.csr_matrix((np.ones(len(topics)), (topics, np.arange(len(topics)))))
    joined = member @ graph.weights @ member.T
    shuffled = ShuffledGraph.of(joined, seed=0)
    root = round(np.sqrt(len(rows)))
    numbers = range(2, max(len(rows) // 2, 3))
    return {
        "Ward, root of topics": _tree(rows, root, "ward"),
        "average, root of topics": _tree(rows, root, "average"),
        "average, silhouette": _best(rows, [_tree(rows, k, "average") for k in numbers]),
        "complete, silhouette": _best(rows, [_tree(rows, k, "complete") for k in numbers]),
        "Louvain, 1": shuffled.communities(1.0),
        "Louvain, silhouette": _best(
            rows, [shuffled.communities(one) for one in np.geomspace(0.2, 5, 20).tolist()]
        ),
    }


def _tree(rows: FloatArray, count: int, linkage: str) -> IntArray:
    metric = "euclidean" if linkage == "ward" else "cosine"
    tree = AgglomerativeClustering(min(count, len(rows)), metric=metric, linkage=linkage)
    return np.asarray(tree.fit_predict(rows), dtype=np.int64)


def _best(rows: FloatArray, partitions: list[IntArray]) -> IntArray:
    """Return the partition with the best silhouette, of those with 2 to half as many themes."""
    usable = [one for one in partitions if 1 < one.max() + 1 <= len(rows) / 2]
    if not usable:
        return np.arange(len(rows))
    return max(usable, key=lambda one: float(silhouette_score(rows, one, metric="cosine")))


def _staying(grouped: list[_Grouped]) -> Iterator[Figure]:
    """Measure how far themes stay the same when a set grows by a twentieth, as in the bot."""
    same = []
    for one in grouped:
        vectors, random = one.tickets.vectors, np.random.default_rng(0)
        kept = random.permutation(len(vectors))[: round(len(vectors) / MORE)]
        before, topics = cluster(vectors[kept]), np.full(len(vectors), -1)
        topics[kept] = before.labels
        after = cluster(vectors, previous=topics)
        themes_before = before.themes[before.nearest]
        same.append(adjusted_rand_score(themes_before, after.themes[after.nearest[kept]]))
    yield Figure("themes with 5 % more tickets: ARI with the ones before", float(np.mean(same)))
    yield Figure("the same, lowest of the sets", float(min(same)))
