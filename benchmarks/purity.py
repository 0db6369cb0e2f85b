"""`purity`: whether a topic's quality and purity agree with the labels of people.

Each labelled set is clustered as in `topics`, into the number of topics that is found, and into
half and twice as many as people made, because the topics are then wrong in different ways. The
truth is the share of a topic's tickets with its most frequent label.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from benchmarks.labelled_sets import LabelledSet, load_sets
from benchmarks.measurement import Figure
from services.progress import no_progress
from services.topics.grouping.clustering import cluster
from services.topics.grouping.knn_graph import IntArray, unit
from services.topics.grouping.partitions import topic_sums
from services.topics.quality import measure_topics

# A share of fewer tickets says little.
MIN_SIZE = 5
# A figure with a lower rank correlation is not worth showing.
MIN_CORRELATION = 0.4
# The number of topics as a multiple of the true one; 0: as many as are found.
NUMBERS = {"found": 0.0, "half": 0.5, "twice": 2.0}

Shares = NDArray[np.float64]


def run(quick: bool) -> list[Figure]:
    """Measure all sets; quick, or without the public ones, the sample workspace alone."""
    _, sets = load_sets(quick)
    return [figure for name, times in NUMBERS.items() for figure in _figures(sets, name, times)]


def _figures(sets: list[LabelledSet], number: str, times: float) -> Iterator[Figure]:
    found: dict[str, list[float]] = {}
    pure: list[float] = []
    for one in sets:
        shares, truth = _shares(one, round(times * one.topics) or None)
        for name, share in shares.items():
            found.setdefault(name, []).append(_rank_correlation(share, truth))
        pure.append(int((shares["purity"] == 1).sum()) / max(len(truth), 1))
    for measure, correlations in found.items():
        mean = float(np.mean(correlations))
        name = f"{number}: {measure}, mean rank correlation"
        if (number, measure) == ("found", "purity"):
            yield Figure(name, mean, "", MIN_CORRELATION, "at least")
        else:
            yield Figure(name, mean)
    percent = 100 * float(np.mean(pure))
    yield Figure(f"{number}: topics with a purity of 1, mean of the sets", percent, "%")


def _shares(one: LabelledSet, k: int | None) -> tuple[dict[str, Shares], Shares]:
    """Return the measures of each topic by name, and the true shares; all `(topics,)`."""
    grouped = cluster(one.vectors, k=k)
    labels, count = grouped.labels, len(grouped.centroids)
    sizes = np.bincount(labels[labels >= 0], minlength=count)
    measured = measure_topics(one.vectors, labels, count, grouped, no_progress)
    true_labels = np.array(one.labels)
    largest = [Counter(true_labels[labels == topic]).most_common(1)[0][1] for topic in range(count)]
    truth = np.array(largest) / sizes
    shares = {
        "quality": measured.quality,
        "purity": measured.purity,
        "nearest mean (the purity before)": _nearest_mean(one, labels, sizes),
    }
    is_large = sizes >= MIN_SIZE
    return {name: share[is_large] for name, share in shares.items()}, truth[is_large]


def _nearest_mean(one: LabelledSet, labels: IntArray, sizes: IntArray) -> Shares:
    means = unit(topic_sums(one.vectors, labels, len(sizes)))
    is_own = (one.vectors @ means.T).argmax(axis=1) == labels
    return np.bincount(labels[is_own], minlength=len(sizes)) / sizes


def _rank_correlation(share: Shares, truth: Shares) -> float:
    """Return Spearman's rho; 0 if one of the two does not vary."""
    if len(share) < 3 or not np.ptp(share) or not np.ptp(truth):
        return 0.0
    return float(spearmanr(share, truth).statistic)
