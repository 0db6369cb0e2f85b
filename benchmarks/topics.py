"""`topics`: how well a backlog is clustered into topics, how stable they are, and how fast it is.

Each labelled set is clustered without its labels, and compared with other ways on the same vectors:
k-means with the true number of topics, k-means with the number of the best silhouette, and where
they are installed UMAP with HDBSCAN, and BERTopic with its defaults. V-measure and ARI are of all
tickets, with noise in the topic whose mean is nearest.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
import time
from collections import Counter
from collections.abc import Iterator

import numpy as np
import psutil
from sklearn.metrics import adjusted_rand_score, v_measure_score

from benchmarks.labelled_sets import IN_TABLE, SETS, LabelledSet, grow, load_sets
from benchmarks.measurement import Figure
from benchmarks.other_clusterings import bertopic, other_clusterings
from services.topics.grouping.alignment import TopicCluster, align_topics
from services.topics.grouping.clustering import Clustering, cluster
from services.topics.grouping.knn_graph import IntArray
from services.topics.naming.titles import name_topics

# The best single method's means in that table.
TABLE_V, TABLE_ARI = 0.833, 0.535
TITLED = ("banking77", "hwu64")

MAX_OFF = 1.35
MIN_SAME, MIN_STAYING, MORE, SAMPLES = 0.95, 0.9, 1.05, 3

# Numbers of tickets; a quick run has only so many different ones.
MANY, HUGE, QUICK_MANY = 10_000, 100_000, 300

# Tickets from each other set; more of them would be a topic.
STRAYS = 2


def run(quick: bool) -> list[Figure]:
    """Measure all; quick, or without the public sets, on the sample workspace alone."""
    _, sets = load_sets(quick)
    started = time.perf_counter()
    cluster(sets[0].vectors)
    first = time.perf_counter() - started
    started = time.perf_counter()
    found = [cluster(one.vectors) for one in sets[:1]]
    later = time.perf_counter() - started
    found += [cluster(one.vectors) for one in sets[1:]]
    return [
        *_quality(sets, found),
        *(
            figure
            for one, own in zip(sets, found, strict=True)
            for figure in _order_sensitivity(one, own)
        ),
        *(figure for one, own in zip(sets, found, strict=True) for figure in _stability(one, own)),
        *_strays(sets),
        *(figure for one, own in zip(sets, found, strict=True) for figure in _titles(one, own)),
        Figure("first call / the next on the same tickets", first / later, "times", 2.0),
        *_speed(sets, quick=quick),
    ]


def _quality(sets: list[LabelledSet], found: list[Clustering]) -> Iterator[Figure]:
    scores: dict[str, list[tuple[float, float]]] = {}
    for one, own in zip(sets, found, strict=True):
        others = {name: by(one) for name, by in other_clusterings().items()}
        for who, labels in {"Déjà": own.nearest, **others}.items():
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
    ours, theirs = means.pop("Déjà"), list(means.values())
    yield Figure("mean V, Déjà", ours[0], "", max(one[0] for one in theirs), "at least")
    yield Figure("mean ARI, Déjà", ours[1], "", max(one[1] for one in theirs), "at least")
    in_table = [of for one, of in zip(sets, scores["Déjà"], strict=True) if one.name in IN_TABLE]
    if in_table:
        v, ari = np.mean(in_table, axis=0)
        yield Figure("mean V of the four sets in the table", float(v), "", TABLE_V, "at least")
        yield Figure(
            "mean ARI of the four sets in the table", float(ari), "", TABLE_ARI, "at least"
        )


def _order_sensitivity(one: LabelledSet, own: Clustering) -> Iterator[Figure]:
    order = np.random.default_rng(0).permutation(len(one.vectors))
    again = cluster(one.vectors[order])
    same = adjusted_rand_score(own.nearest[order], again.nearest)
    yield Figure(f"{one.name}: another order, ARI with itself", same, "", MIN_SAME, "at least")


def _stability(one: LabelledSet, own: Clustering) -> Iterator[Figure]:
    """Measure how many tickets stay in their topic when a twentieth more come.

    Clustering knows the topics there were, as in the bot, or for comparison does not.
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
    yield Figure(name, share, "%", 100 * MIN_STAYING, "at least")
    yield Figure(f"{name}, topics unknown", 100 * float(np.mean(unknown)), "%")


def _stayed(before: Clustering, kept: IntArray, after: Clustering) -> float:
    """Return the share of the tickets `kept` whose topic afterwards is the one it was."""
    whole = np.arange(len(after.nearest))
    news = align_topics(_topics(before, kept), _topics(after, whole)).topics
    old = np.array([-1 if new.previous is None else new.previous for new in news])
    return float(np.mean(old[after.nearest[kept]] == before.nearest))


def _strays(sets: list[LabelledSet]) -> Iterator[Figure]:
    """Measure how many tickets are in no topic: of the set's own, and of a few from other sets."""
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
        TopicCluster(frozenset(ids[found.nearest == topic].tolist()), centroid)
        for topic, centroid in enumerate(found.centroids)
    ]


def _titles(one: LabelledSet, own: Clustering) -> Iterator[Figure]:
    if one.name not in SETS:
        return
    names = name_topics(one.texts, own.labels)
    labels = np.array(one.labels)
    shared = [
        _stems(name.title) & _stems(Counter(labels[own.nearest == topic]).most_common(1)[0][0])
        for topic, name in enumerate(names)
    ]
    share = 100 * float(np.mean([bool(one) for one in shared]))
    name = f"{one.name}: titles with a word of the label"
    if one.name in TITLED:
        yield Figure(name, share, "%", 50, "at least")
    else:
        yield Figure(name, share, "%")


def _stems(text: str) -> set[str]:
    """Return the beginnings of words of three letters or more, without most endings."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    words = re.findall(r"[^\W\d_]{3,}", spaced.casefold())
    return {word[: max(len(word) - 2, 4)] for word in words} | {word[:5] for word in words}


def _speed(sets: list[LabelledSet], *, quick: bool) -> Iterator[Figure]:
    many = QUICK_MANY if quick else MANY
    rows, texts = grow(sets, many)
    started = time.perf_counter()
    cluster(rows)
    ours = time.perf_counter() - started
    yield Figure(f"{many:,} tickets", ours, "s")
    if importlib.util.find_spec("bertopic") and not quick:
        # Numba compiles at its first call; that is not counted.
        started = time.perf_counter()
        bertopic(LabelledSet("many", texts, rows, texts))
        theirs = time.perf_counter() - started
        yield Figure(f"{many:,} tickets, BERTopic", theirs, "s")
        yield Figure(f"{many:,} tickets, BERTopic / Déjà", theirs / ours, "times", 3.0, "at least")
    huge, _ = grow(sets, QUICK_MANY if quick else HUGE)
    process = psutil.Process()
    before, more = process.memory_info().rss, [0]
    started = time.perf_counter()
    cluster(huge, on_progress=lambda *_: more.append(process.memory_info().rss - before))
    yield Figure(f"{len(huge):,} tickets", time.perf_counter() - started, "s")
    yield Figure(f"{len(huge):,} tickets: memory / vectors", max(more) / huge.nbytes, "times")
    yield Figure(f"{len(huge):,} tickets: progress reports", len(more) - 1, "times")
