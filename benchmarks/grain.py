"""`grain`: what asking people whether two topics are one does for the number of topics.

Each labelled set is clustered without its labels. Then the most alike pairs of topics are asked
about, in Déjà's order and until Déjà stops asking; whoever answers says "one" if most tickets of
both topics have the same label, and in a second measurement is wrong in 15 % of the answers. Other
orders of pairs get as many questions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from sklearn.metrics import adjusted_rand_score

from benchmarks.labelled_sets import LabelledSet, load_sets
from benchmarks.measurement import Figure
from services.topics.apart import pair_of
from services.topics.grouping.clustering import cluster
from services.topics.grouping.knn_graph import IntArray
from services.topics.grouping.topic_means import TopicMeans
from services.topics.questions import MAX_DIFFERENT, MAX_QUESTIONS

WRONG_SHARE, SEEDS = 0.15, 5

Pairs = Callable[[TopicMeans], Iterator[tuple[int, int]]]


@dataclass(frozen=True)
class Answered:
    """The labels of tickets after some answers, and how many questions there were."""

    labels: IntArray
    questions: int


def run(quick: bool) -> list[Figure]:
    """Measure the public sets; quick, or without them, the sample workspace."""
    _, sets = load_sets(quick)
    wider = [_by_subject(one) for one in sets if one.name == "hwu64"]
    return [*_figures(sets), *(figure for one in wider for figure in _figures([one]))]


def _by_subject(one: LabelledSet) -> LabelledSet:
    """Return a set with the subjects of its labels ("alarm_query") as labels."""
    subjects = [label.split("_")[0] for label in one.labels]
    return replace(one, name=f"{one.name}, subjects", labels=subjects)


def _figures(sets: list[LabelledSet]) -> Iterator[Figure]:
    rows = []
    for one in sets:
        found = cluster(one.vectors).nearest
        before = adjusted_rand_score(one.labels, found)
        right = [_ask(one, found, _by_corrected_cosine)]
        wrong = [_ask(one, found, _by_corrected_cosine, WRONG_SHARE, seed) for seed in range(SEEDS)]
        nearest = [_ask(one, found, _by_cosine)]
        rows.append([before, *(_ari(one, some) for some in (right, wrong, nearest))])
        yield Figure(f"{one.name}: topics of {one.topics}", len(set(found.tolist())))
        yield Figure(f"{one.name}: questions", right[0].questions)
        names = ("before", "after", "after, 15 % wrong", "after, pairs by the centers' cosine")
        for name, value in zip(names, rows[-1], strict=True):
            yield Figure(f"{one.name}: ARI {name}", value)
    before, right_, wrong_, nearest_ = np.mean(rows, axis=0).tolist()
    yield Figure("mean: ARI before", before)
    yield Figure("mean: ARI after", right_, "", before, "at least")
    yield Figure("mean: ARI after, 15 % wrong", wrong_)
    yield Figure("mean: ARI after, pairs by the centers' cosine", nearest_)


def _ari(one: LabelledSet, some: list[Answered]) -> float:
    return float(np.mean([adjusted_rand_score(one.labels, of.labels) for of in some]))


def _by_corrected_cosine(means: TopicMeans) -> Iterator[tuple[int, int]]:
    return means.pairs()


def _by_cosine(means: TopicMeans) -> Iterator[tuple[int, int]]:
    """Yield the pairs by the cosine of their centers as it is."""
    norms = np.linalg.norm(means.means, axis=1)
    units = means.means / np.where(norms > 0, norms, 1)[:, None]
    cosines = np.triu(units @ units.T, 1)
    order = np.argsort(-cosines, axis=None, kind="stable")
    rows, columns = np.unravel_index(order, cosines.shape)
    yield from (
        pair for pair in zip(rows.tolist(), columns.tolist(), strict=True) if cosines[pair] > 0
    )


def _ask(
    one: LabelledSet, found: IntArray, order: Pairs, wrong_share: float = 0.0, seed: int = 0
) -> Answered:
    """Return the topics after the questions that Déjà would ask."""
    random = np.random.default_rng(seed)
    labels, means = found.copy(), TopicMeans.of(one.vectors, found)
    _, truth = np.unique(one.labels, return_inverse=True)
    apart: set[tuple[int, int]] = set()
    questions = different = 0
    while questions < MAX_QUESTIONS and different < MAX_DIFFERENT:
        pair = next((pair for pair in order(means) if pair not in apart), None)
        if pair is None:
            break
        questions += 1
        majorities = [np.bincount(truth[labels == topic]).argmax() for topic in pair]
        is_one = bool(majorities[0] == majorities[1]) is not bool(random.random() < wrong_share)
        if is_one:
            topic, other = pair
            means = means.merged(topic, other)
            labels[labels == other] = topic
            renamed = {pair_of(*(topic if at == other else at for at in two)) for two in apart}
            apart, different = renamed, 0
        else:
            apart.add(pair)
            different += 1
    return Answered(labels, questions)
