"""The map of topics: dots, discs and titles do not overlap, and similar topics are near."""

from __future__ import annotations

from time import process_time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import pdist

from services.topics.drawing.layout import (
    MapTickets,
    embed_topics,
    fit_layout,
    lay_out,
    make_discs,
    positions_of,
)
from tests.levels import rounds
from tests.services.topics.drawing.random_maps import DIM, random_tickets


def test_no_two_dots_of_a_disc_touch() -> None:
    """The dots of a topic are at least one and a half units apart."""
    discs = make_discs(random_tickets(3_000, 1, outside=0.0))
    assert pdist(discs.places).min() > 1.4


def test_better_fits_are_further_inside() -> None:
    """The best fit is in the middle of a disc, and unclustered tickets are around it."""
    tickets = random_tickets(200, 3)
    discs = make_discs(tickets)
    away = np.linalg.norm(discs.places, axis=1)
    for topic in range(3):
        inside = np.flatnonzero(tickets.labels == topic)
        outside = (tickets.labels < 0) & (tickets.nearest == topic)
        order = inside[np.argsort(-tickets.fits[inside])]
        assert np.all(np.diff(away[order]) > 0)
        assert away[outside].min() > away[inside].max()


@rounds(15, 40)
def test_no_disc_covers_another_or_its_title(examples: int) -> None:
    """The boxes around discs and the titles below them do not overlap."""

    @settings(max_examples=examples)
    @given(tickets=st.integers(0, 300), topics=st.integers(1, 40), seed=st.integers(0, 2**16))
    def holds(tickets: int, topics: int, seed: int) -> None:
        found = random_tickets(tickets, topics, seed=seed)
        discs = make_discs(found)
        titles = np.random.default_rng(seed).uniform(1, 12, (topics, 2))
        layout = lay_out(discs, embed_topics(found.centroids), titles)
        width = np.maximum(discs.radii, titles[:, 0] / 2)
        left, right = layout.centres[:, 0] - width, layout.centres[:, 0] + width
        top = layout.centres[:, 1] + discs.radii
        bottom = layout.centres[:, 1] - discs.radii - titles[:, 1]
        for one in range(topics):
            for other in range(one):
                assert (
                    left[one] > right[other]
                    or left[other] > right[one]
                    or bottom[one] > top[other]
                    or bottom[other] > top[one]
                )

    holds()


def test_similar_topics_are_near_each_other() -> None:
    """Topics of one family are closer to each other than to those of another."""
    random = np.random.default_rng(0)
    families = np.repeat(np.eye(2, DIM), 10, axis=0)
    centroids = (families + random.normal(scale=0.05, size=families.shape)).astype(np.float32)
    places = embed_topics(centroids)
    own = np.linalg.norm(places[:10] - places[:10].mean(axis=0), axis=1).mean()
    assert np.linalg.norm(places[:10].mean(axis=0) - places[10:].mean(axis=0)) > 2 * own


@pytest.mark.parametrize("topics", [0, 1, 2, 3, 4, 5])
def test_few_topics_have_a_map(topics: int) -> None:
    """No, one and a few topics are laid out, even if all have the same centroid."""
    found = random_tickets(20, topics)
    for centroids in (found.centroids, np.ones_like(found.centroids)):
        same = MapTickets(found.labels, found.nearest, found.fits, centroids)
        layout = lay_out(make_discs(same), embed_topics(centroids), np.zeros((topics, 2)))
        assert np.isfinite(layout.places).all()
        assert layout.places.shape == (20, 2)


def test_the_same_tickets_have_the_same_map() -> None:
    """A map is the same each time it is made."""
    found = random_tickets(100, 8)
    maps = [
        lay_out(make_discs(found), embed_topics(found.centroids), np.ones((8, 2))) for _ in range(2)
    ]
    assert np.array_equal(maps[0].places, maps[1].places)


def test_positions_are_kept_for_the_same_topics_alone() -> None:
    """They are those of the topics, another set has its own, and nobody can change them."""
    one, other = (random_tickets(100, 8, seed=seed).centroids for seed in (1, 2))
    kept = positions_of(one)
    assert np.array_equal(kept, embed_topics(one))
    assert positions_of(one.copy()) is kept
    assert np.array_equal(positions_of(other), embed_topics(other))
    with pytest.raises(ValueError, match="read-only"):
        kept[0] = 0


def test_a_part_of_the_topics_can_be_drawn() -> None:
    """Topics that are left out take their tickets with them, including those around them."""
    found = random_tickets(200, 6)
    some = found.of([4, 1])
    kept = np.isin(found.homes, [4, 1])
    assert some.labels.tolist() == [
        {4: 0, 1: 1, -1: -1}[label] for label in found.labels[kept].tolist()
    ]
    assert np.array_equal(some.centroids, found.centroids[[4, 1]])


def test_hundreds_of_topics_take_seconds() -> None:
    """Only overlapping pairs of discs are compared; all pairs took five times as long."""
    many = random_tickets(10_000, 300)
    discs, directions = make_discs(many), np.random.default_rng(0).normal(size=(300, 2))
    titles = np.full((300, 2), (100.0, 32.0)) * (np.arange(300) < 50)[:, None]
    before = process_time()
    fit_layout(discs, directions, titles, (620.0, 620.0))
    assert process_time() - before < 6
