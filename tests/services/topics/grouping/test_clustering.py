"""Clustering finds the number of topics, does not depend on order, and takes any input."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from services.errors import InputError
from services.search.embedders.embedding import SentenceTransformerEmbedder
from services.topics.grouping.clustering import Clustering, cluster
from services.topics.grouping.knn_graph import FloatArray, IntArray, unit
from tests.levels import rounds, seeds, variations
from tests.services.topics.conftest import Company

DIM = 48


def blobs(sizes: list[int], *, spread: float = 0.6, seed: int = 0) -> tuple[FloatArray, IntArray]:
    """Return unit vectors around random directions, and the index of each one's direction."""
    random = np.random.default_rng(seed)
    truth = np.repeat(np.arange(len(sizes)), sizes)
    means = unit(random.normal(size=(len(sizes), DIM)))
    noise = random.normal(size=(len(truth), DIM)) * spread / np.sqrt(DIM)
    return unit(means[truth] + noise), truth


def check_clustering(found: Clustering, vectors: FloatArray) -> None:
    """Check what holds for every clustering."""
    count, topics = len(vectors), len(found.centroids)
    assert found.labels.shape == found.nearest.shape == found.fits.shape == (count,)
    assert found.centroids.shape == (topics, vectors.shape[1])
    assert found.themes.shape == found.quality.shape == (topics,)
    for figures in (found.fits, found.centroids, found.quality):
        assert np.isfinite(figures).all()
    assert ((found.fits >= 0) & (found.fits <= 1)).all()
    assert ((found.quality >= 0) & (found.quality <= 1)).all()
    if topics:
        assert set(found.labels) >= set(range(topics))
        assert set(found.nearest) == set(range(topics))
        assert np.isin(found.labels, [-1, *range(topics)]).all()
        inside = found.labels >= 0
        assert (found.labels[inside] == found.nearest[inside]).all()
    else:
        assert (found.labels == -1).all()
        assert (found.nearest == -1).all()


@pytest.mark.parametrize("sizes", [[30] * 8, [80, 40, 20, 10, 10], [6] * 40])
def test_separate_groups_are_found(sizes: list[int]) -> None:
    """The number of groups is found too, for any sizes."""
    vectors, truth = blobs(sizes)
    found = cluster(vectors)
    check_clustering(found, vectors)
    assert len(found.centroids) == len(sizes)
    assert adjusted_rand_score(truth, found.nearest) > 0.98
    assert np.mean(found.labels < 0) < 0.05


def test_topics_are_numbered_by_size() -> None:
    """The largest topic is number 0."""
    vectors, _ = blobs([10, 60, 30])
    assert np.bincount(cluster(vectors).nearest).tolist() == [60, 30, 10]


def test_the_order_of_tickets_does_not_matter() -> None:
    """Every ticket is in the topic with the same number."""
    vectors, _ = blobs([20] * 10, spread=1.2)
    order = np.random.default_rng(3).permutation(len(vectors))
    found, again = cluster(vectors), cluster(vectors[order])
    assert (found.labels[order] == again.labels).all()
    assert (found.fits[order] == again.fits).all()


@seeds(2, 4)
def test_previous_topics_are_favoured(seed: int) -> None:
    """Of many ways to separate overlapping groups, the previous one wins."""
    vectors, _ = blobs([12] * 15, spread=1.6, seed=seed)
    kept = np.random.default_rng(seed).permutation(len(vectors))[:171]
    first = cluster(vectors[kept]).nearest
    before = np.full(len(vectors), -1)
    before[kept] = first
    found = cluster(vectors, previous=before)
    check_clustering(found, vectors)
    assert adjusted_rand_score(first, found.nearest[kept]) > 0.9


def test_clearly_different_topics_are_not_kept_together() -> None:
    """A new group is a topic of its own, and a previous mixture is separated."""
    vectors, truth = blobs([20] * 8)
    before = np.where(truth == 7, -1, truth // 3)  # groups of three were mixed, and one is new
    found = cluster(vectors, previous=before)
    assert adjusted_rand_score(truth, found.nearest) > 0.98


def test_a_fixed_number_of_topics_is_kept() -> None:
    """Groups are merged or split to that number; there are never more topics than tickets."""
    vectors, truth = blobs([20] * 10)
    for k in (1, 2, 9, 10, 11, 50):
        assert len(cluster(vectors, k=k).centroids) == k
    assert adjusted_rand_score(truth, cluster(vectors, k=10).nearest) > 0.98
    assert len(cluster(vectors[:3], k=10).centroids) == 3


@pytest.mark.parametrize("k", variations([2, 12, 1, 3, 6], few=2))
def test_a_fixed_number_of_topics_leaves_out_only_strays(k: int) -> None:
    """A wide topic keeps its small subjects, and strays stay unclustered."""
    vectors, _ = blobs([25] * 12, spread=0.8)
    strays = unit(np.random.default_rng(9).normal(size=(12, DIM)))
    both = np.concatenate([vectors, strays])
    found = cluster(both, k=k)
    check_clustering(found, both)
    assert len(found.centroids) == k
    assert np.mean(found.labels[:-12] < 0) < 0.05
    assert np.mean(found.labels[-12:] < 0) > 0.8


def test_strays_are_unclustered() -> None:
    """A stricter clustering leaves more out; unclustered tickets have a nearest topic."""
    vectors, _ = blobs([40] * 6, spread=0.8)
    strays = unit(np.random.default_rng(9).normal(size=(12, DIM)))
    both = np.concatenate([vectors, strays])
    found = cluster(both)
    assert np.mean(found.labels[-12:] < 0) > 0.8
    assert np.mean(found.labels[:-12] < 0) < 0.05
    assert (found.nearest >= 0).all()
    shares = [float(np.mean(cluster(both, strictness=one).labels < 0)) for one in (0.2, 0.5, 0.9)]
    assert shares == sorted(shares)
    assert shares[0] < shares[-1]


def test_a_spammed_ticket_does_not_become_many_topics() -> None:
    """Five hundred near-copies of a ticket are in its topic, and change no other."""
    vectors, truth = blobs([20] * 6)
    noise = np.random.default_rng(1).normal(size=(500, DIM)).astype(np.float32)
    spam = unit(vectors[0] + 0.01 * noise)
    found = cluster(np.concatenate([vectors, spam]))
    assert len(found.centroids) == 6
    assert (found.nearest[len(truth) :] == found.nearest[0]).all()
    assert adjusted_rand_score(truth, found.nearest[: len(truth)]) > 0.98


def test_many_topics_are_grouped_into_themes() -> None:
    """Topics that are near each other share a theme; few topics have one each."""
    wide, theme = blobs([12] * 6, spread=0.7)
    random = np.random.default_rng(4).normal(size=(72, 20, DIM)).astype(np.float32)
    vectors = unit((wide[:, None, :] + 0.25 / np.sqrt(DIM) * random).reshape(-1, DIM))
    found = cluster(vectors)
    assert len(found.centroids) > len(set(found.themes)) > 1
    assert adjusted_rand_score(np.repeat(theme, 20), found.themes[found.nearest]) > 0.6
    order = np.random.default_rng(5).permutation(len(vectors))
    again = cluster(vectors[order])
    before, after = found.themes[found.nearest][order], again.themes[again.nearest]
    assert adjusted_rand_score(before, after) == 1
    few = cluster(blobs([20] * 4)[0])
    assert few.themes.tolist() == [0, 1, 2, 3]


def test_few_tickets_give_no_or_one_topic() -> None:
    """Less than two tickets are no topic; two equal ones are one topic."""
    one, other = np.eye(2, DIM, dtype=np.float32)
    for rows in (np.zeros((0, DIM), np.float32), one[None]):
        found = cluster(rows)
        check_clustering(found, rows)
        assert not len(found.centroids)
    same, apart = np.stack([one, one]), np.stack([one, other])
    assert cluster(same).labels.tolist() == [0, 0]
    assert cluster(apart).labels.tolist() == [-1, -1]
    check_clustering(cluster(apart, k=1), apart)
    spam = np.repeat(apart, [9, 3], axis=0)
    assert cluster(spam).labels.tolist() == [0] * 9 + [1] * 3
    check_clustering(cluster(one[None], k=1), one[None])


def test_progress_never_falls() -> None:
    """Progress ends at 100 %."""
    progress: list[tuple[int, int]] = []
    vectors, _ = blobs([30] * 5)
    twice = unit(np.concatenate([vectors, vectors + np.float32(1e-4)]))
    cluster(twice, on_progress=lambda done, total: progress.append((done, total)))
    done = [one for one, _ in progress]
    assert done == sorted(done)
    assert progress[-1] == (100, 100)


@pytest.mark.parametrize(
    ("vectors", "options"),
    [
        (np.full((3, DIM), np.nan, np.float32), {}),
        (np.ones(DIM, np.float32), {}),
        (np.eye(3, DIM, dtype=np.float32), {"k": 0}),
        (np.eye(3, DIM, dtype=np.float32), {"strictness": 1.5}),
    ],
)
def test_invalid_input_is_refused(vectors: FloatArray, options: dict[str, float]) -> None:
    """The error is a sentence that says what is wrong."""
    with pytest.raises(InputError, match=r"\.$"):
        cluster(vectors, **options)  # type: ignore[arg-type]


@rounds(10, 100)
def test_any_tickets_can_be_clustered(examples: int) -> None:
    """Any number of tickets, any similarity and any number of topics give a valid clustering."""

    @settings(max_examples=examples)
    @given(
        st.integers(0, 60),
        st.integers(1, 6),
        st.sampled_from([0.0, 0.01, 0.5, 3.0]),
        st.sampled_from([None, 1, 2, 7, 100]),
        st.integers(0, 3),
    )
    def holds(count: int, groups: int, spread: float, k: int | None, zeros: int) -> None:
        vectors, _ = blobs([count] * groups, spread=spread, seed=count)
        vectors = vectors[: count + groups]
        vectors[:zeros] = 0
        found = cluster(vectors, k=k)
        check_clustering(found, vectors)
        if k is not None and len(vectors):
            assert 1 <= len(found.centroids) <= min(k, len(vectors))
        order = np.random.default_rng(count).permutation(len(vectors))
        assert (cluster(vectors[order], k=k).labels == found.labels[order]).all()

    holds()


def test_the_sample_company_has_topics_that_mean_something(company: Company) -> None:
    """With real vectors, tickets of the same issue are mostly in the same topic."""
    with_issue = np.flatnonzero(np.array(company.issues) != "")
    found = cluster(company.vectors[with_issue])
    truth = np.unique(np.array(company.issues)[with_issue], return_inverse=True)[1]
    same = truth[:, None] == truth[None, :]
    np.fill_diagonal(same, val=False)
    together = found.nearest[:, None] == found.nearest[None, :]
    assert together[same].mean() > 0.8
    assert together.mean() < 0.3


# Messages of an office, about nothing in common.
STRAYS = (
    "Who has a ladder?", "Happy birthday Ann!", "The coffee machine needs beans",
    "Is the office closed on Friday?", "Lost a blue umbrella", "Where can I park my bike",
    "Anybody up for lunch at noon",
)  # fmt: skip
SUBJECTS = (
    "The printer on the third floor prints blank pages",
    "Printer jams whenever I print on both sides", "The printer is offline again for all of us",
    "How do I print in colour on the big printer?",
    "VPN disconnects every hour when I work from home",
    "The VPN client asks for my password again and again",
    "No access to file shares over the VPN", "VPN says certificate expired",
    "The invoice shows the wrong amount of VAT", "I was charged twice on my last invoice",
    "The address on our invoices is outdated", "When is this invoice due for payment?",
)  # fmt: skip


@pytest.mark.parametrize("count", variations([3, 7, 4], few=2))
def test_unrelated_tickets_are_no_topic(model: SentenceTransformerEmbedder, count: int) -> None:
    """Strays do not become a topic because they differ from all others."""
    vectors = model.encode([*SUBJECTS, *STRAYS[:count]])
    found = cluster(vectors)
    check_clustering(found, vectors)
    assert len(found.centroids) == 3
    assert (found.labels[: len(SUBJECTS)] >= 0).all()
    assert np.mean(found.labels[len(SUBJECTS) :] < 0) > 0.5
