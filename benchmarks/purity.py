"""`purity`: whether a topic's quality and purity tell what people would say of it.

Each labelled set is clustered as in `topics`, into as many topics as there seem, half and twice as
many as people made: what is wrong with topics differs. The truth is the share of a topic's tickets
that have its most frequent label.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from benchmarks.labelled_sets import LabelledSet, load_sets
from benchmarks.measuring import Figure
from services.progress import no_progress
from services.topics.grouping.clustering import cluster
from services.topics.grouping.knn_graph import IntArray, unit
from services.topics.grouping.partitions import topic_sums
from services.topics.quality import measure_topics

# Of fewer tickets a share says little.
MIN_SIZE = 5
# The rank correlation to be expected of a figure that is worth showing.
WORTH = 0.4
WAYS = {"found": 0.0, "half": 0.5, "twice": 2.0}

Shares = NDArray[np.float64]


def run(quick: bool) -> list[Figure]:
    """Measure all; quick, or without the public sets, on the sample workspace alone."""
    _, sets = load_sets(quick)
    return [figure for way, times in WAYS.items() for figure in _of_way(sets, way, times)]


def _of_way(sets: list[LabelledSet], way: str, times: float) -> Iterator[Figure]:
    found: dict[str, list[float]] = {}
    pure: list[float] = []
    for one in sets:
        shares, truth = _shares(one, round(times * one.topics) or None)
        for name, share in shares.items():
            found.setdefault(name, []).append(_rank_correlation(share, truth))
        pure.append(int((shares["purity"] == 1).sum()) / max(len(truth), 1))
    for name, several in found.items():
        said, mean = f"{way}: {name}, mean rank correlation", float(np.mean(several))
        if (way, name) == ("found", "purity"):
            yield Figure(said, mean, "", WORTH, "at least")
        else:
            yield Figure(said, mean)
    whole = 100 * float(np.mean(pure))
    yield Figure(f"{way}: topics that are pure by it, mean of the sets", whole, "%")


def _shares(one: LabelledSet, k: int | None) -> tuple[dict[str, Shares], Shares]:
    """Return what is measured of each topic, by name, and the share of its most frequent label."""
    grouped = cluster(one.vectors, k=k)
    labels, count = grouped.labels, len(grouped.centroids)
    sizes = np.bincount(labels[labels >= 0], minlength=count)
    measured = measure_topics(one.vectors, labels, count, grouped, no_progress)
    said = np.array(one.labels)
    most = [Counter(said[labels == topic]).most_common(1)[0][1] for topic in range(count)]
    truth = np.array(most) / sizes
    shares = {
        "quality": measured.quality,
        "purity": measured.purity,
        "nearest mean (the purity before)": _nearest_mean(one, labels, sizes),
    }
    is_shown = sizes >= MIN_SIZE
    return {name: share[is_shown] for name, share in shares.items()}, truth[is_shown]


def _nearest_mean(one: LabelledSet, labels: IntArray, sizes: IntArray) -> Shares:
    means = unit(topic_sums(one.vectors, labels, len(sizes)))
    is_own = (one.vectors @ means.T).argmax(axis=1) == labels
    return np.bincount(labels[is_own], minlength=len(sizes)) / sizes


def _rank_correlation(share: Shares, truth: Shares) -> float:
    """Return Spearman's rho; 0 where one of both does not vary."""
    if len(share) < 3 or not np.ptp(share) or not np.ptp(truth):
        return 0.0
    return float(spearmanr(share, truth).statistic)
