"""The layout of the map of topics: each is a disc of dots, one a ticket, near topics like it.

A reduction of all tickets to two dimensions would draw them over each other. Here discs are packed
without overlap, and their distances show how alike topics are, as far as a plane can.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# The dots of a disc are evenly spaced like the seeds of a sunflower, the best in the middle.
# https://doi.org/10.1016/0025-5564(79)90080-4
GOLDEN_ANGLE = np.pi * (3 - np.sqrt(5))

# Distance of tickets in no topic from the nearest topic, and between two boxes.
OUTSKIRTS = 1.2
GAP = 1.5

# About the share of a plane that boxes of many sizes can cover.
COVERED_SHARE = 0.6

# Rounds in which overlapping boxes move apart. In the first half all are also pulled to the middle,
# which closes gaps.
MAX_ROUNDS = 400
PULL = 0.01

# Layouts that are tried until the titles fit at their scale, each at this share of the last scale,
# and the most pixels for one unit.
MAX_TRIES = 8
SHRINK = 0.93
MAX_SCALE = 20.0

# t-SNE takes a second or more for each hundred topics. More topics than these are placed by their
# two principal components alone, and so are fewer than have neighbourhoods to preserve.
MAX_EMBEDDED = 300
MIN_EMBEDDED = 5
PERPLEXITY = 20.0
# Below it no topic moves visibly: positions are the same to four digits in half of the steps.
MIN_GRADIENT = 1e-4
MAX_COMPONENTS = 50

# Sets of topics whose positions are kept: a map is drawn again whenever a title in it changes.
MAX_KEPT = 16


@dataclass(frozen=True)
class MapTickets:
    """The tickets of a map: their topics `labels` (-1: none), `nearest` and `fits`, `(n,)` each.

    As in `Clustering`. `centroids` are the mean vectors of the topics, `(topics, dim)`.
    """

    labels: Ints
    nearest: Ints
    fits: NDArray[np.float32]
    centroids: NDArray[np.float32]

    @property
    def homes(self) -> Ints:
        """The topic where each ticket is drawn: its own or the nearest."""
        return np.where(self.labels < 0, self.nearest, self.labels)

    def of(self, topics: Sequence[int]) -> MapTickets:
        """Return the tickets that are drawn at some of the topics, which are renumbered."""
        if not len(self.centroids):
            return self
        numbers = np.full(len(self.centroids) + 1, -1)  # the last one is for the label -1
        numbers[list(topics)] = np.arange(len(topics))
        kept = numbers[self.homes] >= 0
        return MapTickets(
            numbers[self.labels][kept],
            numbers[self.nearest][kept],
            self.fits[kept],
            self.centroids[list(topics)],
        )


@dataclass(frozen=True)
class Discs:
    """The tickets of each topic as a disc around (0, 0). Neighbouring dots are about 2 apart.

    `places` of the tickets, `(n, 2)`; the topic where each is drawn (`homes`), `(n,)`; the `radii`
    of the discs, `(topics,)`.
    """

    places: Floats
    homes: Ints
    radii: Floats


@dataclass(frozen=True)
class MapLayout:
    """The centres of the discs, `(topics, 2)`, and the places of the tickets, `(n, 2)`."""

    centres: Floats
    places: Floats


def make_discs(tickets: MapTickets) -> Discs:
    """Return tickets as discs: the better one fits, the nearer it is to the middle.

    Tickets in no topic are drawn around the nearest one.
    """
    topics, is_outside = len(tickets.centroids), tickets.labels < 0
    homes = tickets.homes if topics else np.zeros_like(tickets.labels)
    order = np.lexsort((-tickets.fits, is_outside, homes))
    ordered = homes[order]
    rank = np.empty(len(homes), dtype=np.int64)
    rank[order] = np.arange(len(homes)) - np.searchsorted(ordered, ordered)
    radius = np.sqrt(rank + 0.5) + np.where(is_outside, OUTSKIRTS, 0.0)
    angle = rank * GOLDEN_ANGLE
    radii = np.ones(topics)
    if topics:
        np.maximum.at(radii, homes, radius + 0.5)
    return Discs(np.stack([np.cos(angle), np.sin(angle)], axis=1) * radius[:, None], homes, radii)


def embed_topics(centroids: NDArray[np.float32], *, seed: int = 0) -> Floats:
    """Return the positions of topics in a plane, `(topics, 2)`, alike ones near each other.

    The root mean square of their distances from the middle is 1.
    """
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE

    count = len(centroids)
    turn = np.arange(count) * GOLDEN_ANGLE
    circle = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    if count < 3 or not np.ptp(centroids, axis=0).any():  # noqa: PLR2004
        return circle  # there are no directions
    components = min(MAX_COMPONENTS, *centroids.shape)
    flat = np.asarray(
        PCA(components, random_state=seed).fit_transform(centroids.astype(np.float64))
    )
    if MIN_EMBEDDED <= count <= MAX_EMBEDDED:
        perplexity = min(PERPLEXITY, (count - 1) / 3)
        # The approximation is no faster for so few, and on a busy machine its threads wait for
        # each other.
        embedding = TSNE(
            perplexity=perplexity, min_grad_norm=MIN_GRADIENT, init="pca", method="exact",
            random_state=seed,
        )  # fmt: skip
        flat = np.asarray(embedding.fit_transform(flat), dtype=np.float64)
    extent = np.sqrt(np.mean(np.sum(flat[:, :2] ** 2, axis=1)))
    # Equal topics must not have the same position.
    places: Floats = flat[:, :2] / extent + circle * 1e-3
    return places


def positions_of(centroids: NDArray[np.float32]) -> Floats:
    """Return what `embed_topics` does, computed once for the same topics; it cannot be changed."""
    exact = np.ascontiguousarray(centroids, dtype=np.float32)
    return _kept_positions(exact.tobytes(), *exact.shape)


@lru_cache(MAX_KEPT)
def _kept_positions(centroids: bytes, topics: int, dim: int) -> Floats:
    places = embed_topics(np.frombuffer(centroids, dtype=np.float32).reshape(topics, dim))
    places.setflags(write=False)
    return places


def lay_out(discs: Discs, directions: Floats, titles: Floats, *, stretch: float = 1.0) -> MapLayout:
    """Return the map: discs near the positions `directions`, with room for a title below each.

    `titles` are the widths and heights of the titles, `(topics, 2)`; `stretch` is the ratio of
    width to height before overlapping boxes move apart.
    """
    if not len(discs.radii):
        return MapLayout(np.zeros((0, 2)), discs.places)
    # Half the width and height of the box around each disc and its title.
    halves = np.stack(
        [np.maximum(discs.radii, titles[:, 0] / 2), discs.radii + titles[:, 1] / 2], axis=1
    ) + GAP / 2  # fmt: skip
    needed = np.sqrt(np.sum(4 * halves[:, 0] * halves[:, 1]) / COVERED_SHARE)
    shape = np.array([np.sqrt(stretch), 1 / np.sqrt(stretch)])
    boxes = _without_overlap(directions * needed / np.sqrt(2 * np.pi) * shape, halves)
    boxes -= (np.min(boxes - halves, axis=0) + np.max(boxes + halves, axis=0)) / 2
    centres = boxes + np.stack([np.zeros(len(boxes)), titles[:, 1] / 2], axis=1)
    return MapLayout(centres, centres[discs.homes] + discs.places)


def fit_layout(
    discs: Discs, directions: Floats, titles: Floats, room: tuple[float, float]
) -> tuple[MapLayout, float]:
    """Return the map and the pixels of one unit, such that it fits into `room` with its titles.

    `room` and the `titles`, `(topics, 2)`, are widths and heights in pixels. The size of a title in
    units depends on the scale, and the scale on the map, so that takes a few tries.
    """
    sides = np.array(room)
    dots = 4 * max(float(np.sum(discs.radii**2)), len(discs.places), 1.0)
    scale, stretch = min(float(np.sqrt(room[0] * room[1] / dots)), MAX_SCALE), 1.0
    for _ in range(MAX_TRIES):
        layout = lay_out(discs, directions, titles / scale, stretch=stretch)
        reach = _reach(layout, discs, titles / scale)
        fitting = float(np.min(sides / (2 * reach)))
        if fitting >= scale:
            break
        stretch *= float(np.sqrt(room[0] / room[1] / (reach[0] / reach[1])))
        scale = max(fitting, scale / 2) * SHRINK
    return layout, min(fitting, MAX_SCALE)


def _reach(layout: MapLayout, discs: Discs, titles: Floats) -> Floats:
    """Return the greatest distances from the middle, sideways and up or down."""
    radii = discs.radii[:, None]
    side, down = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    corners = [
        layout.places,
        layout.centres + titles / 2 * side,
        layout.centres - titles / 2 * side,
        layout.centres + radii,
        layout.centres - radii - titles * down,
    ]
    furthest: Floats = np.abs(np.concatenate(corners)).max(axis=0, initial=1.0)
    return furthest + 1  # the radius of a dot


def _without_overlap(centres: Floats, halves: Floats) -> Floats:
    """Return the centres moved just enough that no two boxes overlap.

    Two boxes that do move apart along the axis on which they overlap less, each half of the way.
    """
    # The upper triangle: each pair once.
    wide, high = (np.triu(side[:, None] + side[None, :], 1) for side in halves.T)
    for number in range(MAX_ROUNDS):
        if number < MAX_ROUNDS // 2:
            centres = centres * (1 - PULL)
        x, y = centres.T
        touching = np.abs(x[:, None] - x[None, :]) < wide
        touching &= np.abs(y[:, None] - y[None, :]) < high
        one, other = np.nonzero(touching)
        if number >= MAX_ROUNDS // 2 and not len(one):
            break
        between, apart = centres[one] - centres[other], halves[one] + halves[other]
        overlap = apart - np.abs(between)
        axis = np.argmin(overlap / apart, axis=1)
        at = np.arange(len(one))
        sign = np.where(between[at, axis] >= 0, 1.0, -1.0)
        push = sign * (overlap[at, axis] + GAP / 10)
        to, fro = (np.bincount(2 * some + axis, push, centres.size) for some in (one, other))
        # A box that many others push at once moves by less than the sum of their pushes.
        crowd = np.bincount(np.concatenate([one, other]), minlength=len(centres))
        moves = (to - fro).reshape(-1, 2) / (2 * np.sqrt(np.maximum(crowd, 1)))[:, None]
        centres = centres + moves
    return centres
