"""Other ways to cluster: k-means, UMAP with HDBSCAN, and BERTopic with its defaults."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable

import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score

from benchmarks.labelled_sets import LabelledSet
from services.topics.grouping.knn_graph import FloatArray, IntArray, unit

UMAP_AND_HDBSCAN = ("umap", "hdbscan")


def other_clusterings() -> dict[str, Callable[[LabelledSet], IntArray]]:
    """Return those that are installed, by name; each returns a topic for every ticket, `(n,)`."""
    ways: dict[str, Callable[[LabelledSet], IntArray]] = {
        "k-means, true k": _true_k,
        "k-means, silhouette": _silhouette_k,
    }
    if all(importlib.util.find_spec(name) for name in UMAP_AND_HDBSCAN):
        ways["UMAP + HDBSCAN"] = _umap
    else:
        print("  UMAP + HDBSCAN is left out: not installed (pip install umap-learn hdbscan)")
    if importlib.util.find_spec("bertopic"):
        ways["BERTopic"] = bertopic
    else:
        print("  BERTopic is left out: it is not installed (pip install bertopic)")
    return ways


def _k_means(vectors: FloatArray, k: int) -> IntArray:
    return np.asarray(KMeans(k, n_init=3, random_state=0).fit_predict(vectors), dtype=np.int64)


def _true_k(one: LabelledSet) -> IntArray:
    return _k_means(one.vectors, one.topics)


def _silhouette_k(one: LabelledSet) -> IntArray:
    max_k = min(300, len(one.vectors) // 2)
    ways = [_k_means(one.vectors, k) for k in np.unique(np.geomspace(3, max_k, 16).astype(int))]
    scores = [silhouette_score(one.vectors, way, sample_size=2_000, random_state=0) for way in ways]
    return ways[int(np.argmax(scores))]


def _umap(one: LabelledSet) -> IntArray:
    umap, hdbscan = (importlib.import_module(name) for name in UMAP_AND_HDBSCAN)
    reduce = umap.UMAP(n_neighbors=15, n_components=5, min_dist=0, metric="cosine", random_state=42)
    flat = reduce.fit_transform(one.vectors)
    return _assigned(one.vectors, hdbscan.HDBSCAN(min_cluster_size=5).fit_predict(flat))


def bertopic(one: LabelledSet) -> IntArray:
    """Return BERTopic's topic of every ticket, `(n,)`."""
    topics, _ = importlib.import_module("bertopic").BERTopic().fit_transform(
        one.texts, one.vectors
    )  # fmt: skip
    return _assigned(one.vectors, np.array(topics))


def _assigned(vectors: FloatArray, labels: IntArray) -> IntArray:
    """Return labels with each noise ticket in the topic whose mean is nearest."""
    topics = np.unique(labels[labels >= 0])
    if not len(topics):
        return np.zeros(len(labels), dtype=np.int64)
    means = unit(np.stack([vectors[labels == topic].mean(axis=0) for topic in topics]))
    return np.where(labels < 0, topics[np.argmax(vectors @ means.T, axis=1)], labels)
