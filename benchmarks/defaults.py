"""`defaults`: the quality and the cost of each model, to choose the one that teams start with.

DEJA_BENCH_DEFAULTS names the models, separated by semicolons, as DEJA_MODEL does: names, folders,
several side by side. Without it, those of `MODELS` that are on this machine are measured.
DEJA_BENCH_SETS names sets, and `cost` for what the models take; without it, all is measured, the
sets with the fewest words first. Vectors are kept by text in `.cache`, so a run that was ended goes
on where it was, and each figure is printed as soon as it is known.

DEJA_BENCH_ROWS says how many rows of a set of long texts are read at most: half of them in whole
groups of duplicates, as far as there are, the others without any. A smaller set has fewer rows to
confuse, so its figures only compare models with each other.

All is measured as the product does it, with the scale of a model's cosines learned from the set's
own newest texts. Memory and speed are those of a process of its own, on one thread.
"""

from __future__ import annotations

import os
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from sklearn.metrics import adjusted_rand_score, v_measure_score

from benchmarks import corpus
from benchmarks.bands import groups_by_pairs
from benchmarks.best_matches import Labels, labels_of
from benchmarks.judgement import SEEDS, learned_figures, pairs_of
from benchmarks.kept_embedder import open_kept, places_here
from benchmarks.labelled_sets import LabelledSet, labelled, sample_set
from benchmarks.measurement import Figure
from benchmarks.model_cost import measure_cost
from benchmarks.models import called_figures
from benchmarks.ranking import catalog, group_mates, listed, mean_precision
from benchmarks.stored_set import StoredSet, stored_set
from services.memory import embedding_models
from services.memory.scale_learning import MAX_TEXTS, learn_scale
from services.memory.similarity_scale import SAME_SCALE, fit_scale, is_default
from services.search.embedders.by_name import is_on_this_machine, names_of
from services.search.embedders.default_model import DEFAULT_MODEL
from services.search.embedders.embedding import Embedder
from services.topics.grouping.clustering import cluster
from services.topics.grouping.knn_graph import MIN_DUPLICATE_COSINE
from tests.hashing import HashingEmbedder
from tests.remembering import START

BGE, MPNET = "bge-small-en-v1.5", "all-mpnet-base-v2"
MODELS = (DEFAULT_MODEL, f"{DEFAULT_MODEL} + {BGE}", MPNET, f"{BGE} + {MPNET}")

# In each, from the fewest words to the most.
TOPICS = ("askubuntu_webapps_intents", "dstc11_banking", "hwu64", "covidq", "banking77")
RANKED = ("covidq", "english_se", "gitbugs_seamonkey")
CATALOG = "abt_buy"
COST = "cost"

# What the model that teams are recommended must reach, where all of each set is read.
RECOMMENDED = MPNET
TARGETS = {"ranking, mean MAP": 0.72, "topics, mean V": 0.86, "topics, mean ARI": 0.68}
MIN_CATALOG = 0.96

# Figures by what is measured, for the mean over sets.
Kept = dict[str, list[float]]


def run(quick: bool) -> Iterator[Figure]:
    """Measure all models on each set in turn; quick, the hashing embedder on the sample alone."""
    if quick or not corpus.has_data():
        hashing, kept = HashingEmbedder(), defaultdict[str, list[float]](list)
        rows = [{"id": str(n), "text": text} for n, text in enumerate(corpus.sample_texts())]
        labels = Labels(rows, corpus.sample_groups())
        yield from _ranking("hashing, sample", hashing, hashing, labels, kept)
        one = sample_set(hashing)
        yield from _topics("hashing, sample", one, one, hashing.fingerprint, kept)
        return
    given = os.environ.get("DEJA_BENCH_DEFAULTS", "").split(";")
    names = list(filter(None, map(str.strip, given))) or [
        name for name in MODELS if is_on_this_machine(name, places_here())
    ]
    chosen = chosen_sets()
    for name in names if COST in chosen else ():
        yield from _cost(name)
    models: dict[str, Embedder] = {_short(name): open_kept(name) for name in names}
    yield from _all_sets(models, open_kept(DEFAULT_MODEL), chosen)


def chosen_sets() -> Sequence[str]:
    """Return what is measured: all, or what DEJA_BENCH_SETS names."""
    known = dict.fromkeys([COST, *TOPICS, *RANKED, CATALOG])
    chosen = os.environ.get("DEJA_BENCH_SETS", "").split()
    unknown = set(chosen) - known.keys()
    if unknown:
        sys.exit(f"There is no set {', '.join(sorted(unknown))}: {', '.join(known)}.")
    return chosen or list(known)


def _all_sets(
    models: dict[str, Embedder], default: Embedder, chosen: Sequence[str]
) -> Iterator[Figure]:
    kept: dict[str, Kept] = {name: defaultdict(list) for name in models}
    for one in [*TOPICS, *RANKED[1:]]:
        for name, embedder in models.items() if one in chosen else ():
            if one in RANKED:
                yield from _ranking(f"{name}: {one}", embedder, default, _read(one), kept[name])
            if one in TOPICS:
                both = labelled(embedder, one), labelled(default, one)
                yield from _topics(f"{name}: {one}", *both, embedder.fingerprint, kept[name])
    for name, embedder in models.items() if CATALOG in chosen else ():
        yield from _catalog(name, embedder)
    for name, figures in kept.items():
        for what, values in figures.items():
            # The targets hold for whole sets, and for all of them.
            is_whole = name == RECOMMENDED and set(chosen) >= {*TOPICS, *RANKED} and not _most()
            target = TARGETS.get(what) if is_whole else None
            of = f"{name}: {what} of {len(values)} sets"
            yield Figure(of, float(np.mean(values)), "", target, "at least")


def _short(name: str) -> str:
    """Return the names of models without their folders."""
    return " + ".join(Path(one).name for one in names_of(name))


def _cost(name: str) -> Iterator[Figure]:
    cost, short = measure_cost(name), _short(name)
    yield Figure(f"{short}: weights", cost.weights, "MB")
    yield Figure(f"{short}: memory that loading and reading takes", cost.memory, "MB")
    yield Figure(f"{short}: from nothing to the first text read", cost.first, "s")
    yield Figure(f"{short}: texts a second of one core", cost.texts_a_second)
    yield Figure(f"{short}: one text, p50", cost.one_ms, "ms")


def _most() -> int:
    """Return how many rows of a set of long texts are read at most; 0: all."""
    return int(os.environ.get("DEJA_BENCH_ROWS", "0"))


def _read(name: str) -> Labels:
    labels = labels_of(name)
    kept = sampled(labels.groups, _most()) if name != RANKED[0] else range(len(labels.rows))
    return Labels([labels.rows[one] for one in kept], [labels.groups[one] for one in kept])


def sampled(groups: Sequence[str], most: int) -> Sequence[int]:
    """Return the indices of at most `most` rows (0: of all) in order.

    Half are of whole groups of two or more, as far as there are so many, the others are alone.
    """
    if not most or most >= len(groups):
        return range(len(groups))
    members: dict[str, list[int]] = defaultdict(list)
    for index, group in enumerate(groups):
        members[group].append(index)
    found: list[int] = []
    order = np.random.default_rng(1).permutation(sorted(members)).tolist()
    for group in filter(lambda one: len(members[one]) > 1, order):
        if len(found) + len(members[group]) <= most // 2:
            found += members[group]
    alone = [members[group][0] for group in order if len(members[group]) == 1]
    return sorted([*found, *alone[: most - len(found)]])


def _ranking(
    name: str, embedder: Embedder, default: Embedder, labels: Labels, kept: Kept
) -> Iterator[Figure]:
    """Measure how high duplicates rank, and, in a set of short texts, what is said of them."""
    relevant = group_mates(labels.groups)
    of = f"{len(relevant):,} of {len(labels.rows):,} tickets"
    with stored_set(embedder, labels.rows, "ticket") as stored:
        _learn_scale(stored, embedder, default)
        found = mean_precision(listed(stored, list(relevant)), relevant)
        kept["ranking, mean MAP"].append(found)
        yield Figure(f"{name}, {of}: MAP", found)
        if not name.endswith(RANKED[1:]):
            yield from called_figures(name, stored, labels)


def _learn_scale(stored: StoredSet, embedder: Embedder, default: Embedder) -> None:
    if is_default(embedder.fingerprint):
        return
    vectors = stored.services.vectors
    with stored.services.database.write() as session:
        embedding_models.adopt(session, vectors.identity, by="benchmark", now=START)
    learn_scale(vectors, default)


def _topics(
    name: str, one: LabelledSet, by_default: LabelledSet, fingerprint: str, kept: Kept
) -> Iterator[Figure]:
    """Measure how well topics agree with people's, with the threshold of the model's own scale."""
    scale = SAME_SCALE
    if not is_default(fingerprint):
        scale = fit_scale(one.vectors[-MAX_TEXTS:], by_default.vectors[-MAX_TEXTS:])
    same = scale.to_own(MIN_DUPLICATE_COSINE)
    found = cluster(one.vectors, same=same)
    v = v_measure_score(one.labels, found.nearest)
    ari = adjusted_rand_score(one.labels, found.nearest)
    kept["topics, mean V"].append(v)
    kept["topics, mean ARI"].append(ari)
    yield Figure(f"{name}: V", v)
    yield Figure(f"{name}: ARI", ari)
    yield Figure(f"{name}: topics of {one.topics}", len(found.centroids))
    yield Figure(f"{name}: near-duplicates from", same)


def _catalog(name: str, embedder: Embedder) -> Iterator[Figure]:
    """Measure the products: a part of them has too few labelled pairs to learn from."""
    rows, relevant = catalog(CATALOG)
    places = sampled(groups_by_pairs(CATALOG, rows), _most())
    if len(places) == len(rows):
        yield from learned_figures(f"{name}: {CATALOG}", pairs_of(embedder, CATALOG), SEEDS)
    new = {place: number for number, place in enumerate(places)}
    relevant = {new[one]: {new[other] for other in relevant[one]} for one in relevant if one in new}
    with stored_set(embedder, [rows[one] for one in places], "product") as stored:
        found = mean_precision(listed(stored, list(relevant), source="B"), relevant)
    target = MIN_CATALOG if name == RECOMMENDED and len(places) == len(rows) else None
    of = f"{len(relevant):,} of {len(places):,} products"
    yield Figure(f"{name}: {CATALOG}, {of}: MAP", found, "", target, "at least")
