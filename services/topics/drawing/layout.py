"""The map of topics: alike topics stand near each other, each a disc with a dot a ticket.

Nothing overlaps: what a reduction to two dimensions would smear over each other is packed, and how
far two discs stand from each other says how alike they are, as far as a plane can.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Dots of a disc are laid out as a sunflower's seeds: evenly, the most typical in the middle.
# https://doi.org/10.1016/0025-5564(79)90080-4
GOLDEN_ANGLE = np.pi * (3 - np.sqrt(5))

# What fits nowhere stands this far outside of the nearest topic, and boxes this far apart.
OUTSKIRTS = 1.2
GAP = 1.5

# About how much of a plane boxes of many sizes can cover.
COVERED = 0.6

# Rounds in which overlapping boxes part; in the first half they are drawn to the middle, so that
# no gaps stay.
MAX_ROUNDS = 400
PULL = 0.01

# How often the map is laid out anew, until the titles fit at the size it then has; and the most
# pixels that one unit is.
MAX_TRIES = 8
SHRINK = 0.93
LARGEST_SCALE = 20.0

# The number of topics from which on their places come from the two main directions alone: to
# embed them takes as many seconds as there are hundreds, and more.
MAX_EMBEDDED = 300
# Fewer than these have no neighbourhoods to keep.
MIN_EMBEDDED = 5
PERPLEXITY = 20.0
MAIN_DIRECTIONS = 50


@dataclass(frozen=True)
class Grouped:
    """Tickets in topics: a clustering's `labels` (-1: no topic), `nearest` and `fits`, `(n,)` each.

    `centroids` are the mean vectors of the topics, `(topics, dim)`.
    """

    labels: Ints
    nearest: Ints
    fits: NDArray[np.float32]
    centroids: NDArray[np.float32]

    @property
    def homes(self) -> Ints:
        """The topic that each ticket stands at: its own, or the nearest."""
        return np.where(self.labels < 0, self.nearest, self.labels)

    def of(self, topics: Sequence[int]) -> Grouped:
        """Return the tickets that stand at some of the topics, which are counted anew."""
        if not len(self.centroids):
            return self
        anew = np.full(len(self.centroids) + 1, -1)  # the last one for those of no topic
        anew[list(topics)] = np.arange(len(topics))
        kept = anew[self.homes] >= 0
        return Grouped(
            anew[self.labels][kept],
            anew[self.nearest][kept],
            self.fits[kept],
            self.centroids[list(topics)],
        )


@dataclass(frozen=True)
class Discs:
    """The tickets of each topic as a disc around (0, 0). Two neighbouring dots are about 2 apart.

    `places` of the tickets, `(n, 2)`; the topic that each stands at (`homes`), `(n,)`; the `radii`
    of the discs, `(topics,)`.
    """

    places: Floats
    homes: Ints
    radii: Floats


@dataclass(frozen=True)
class Layout:
    """Where everything stands: the discs' centres, `(topics, 2)`, and the tickets, `(n, 2)`."""

    centres: Floats
    places: Floats


def make_discs(grouped: Grouped) -> Discs:
    """Return tickets as discs: the better one fits, the nearer it is to the middle.

    One of no topic stands around the topic that is nearest.
    """
    topics, is_outside = len(grouped.centroids), grouped.labels < 0
    homes = grouped.homes if topics else np.zeros_like(grouped.labels)
    order = np.lexsort((-grouped.fits, is_outside, homes))
    ordered = homes[order]
    rank = np.empty(len(homes), dtype=np.int64)
    rank[order] = np.arange(len(homes)) - np.searchsorted(ordered, ordered)
    radius = np.sqrt(rank + 0.5) + np.where(is_outside, OUTSKIRTS, 0.0)
    angle = rank * GOLDEN_ANGLE
    radii = np.ones(topics)
    if topics:
        np.maximum.at(radii, homes, radius + 0.5)
    return Discs(np.stack([np.cos(angle), np.sin(angle)], axis=1) * radius[:, None], homes, radii)


def spread(centroids: NDArray[np.float32], *, seed: int = 0) -> Floats:
    """Return where topics stand by what they say, `(topics, 2)`, as far from the middle as 1."""
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE

    count = len(centroids)
    turn = np.arange(count) * GOLDEN_ANGLE
    circle = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    if count < 3 or not np.ptp(centroids, axis=0).any():  # noqa: PLR2004
        return circle  # nothing to tell directions by
    parts = min(MAIN_DIRECTIONS, *centroids.shape)
    flat = np.asarray(PCA(parts, random_state=seed).fit_transform(centroids.astype(np.float64)))
    if MIN_EMBEDDED <= count <= MAX_EMBEDDED:
        perplexity = min(PERPLEXITY, (count - 1) / 3)
        # The approximation is no faster for so few, and its threads wait for each other where
        # others use the processor.
        embedding = TSNE(perplexity=perplexity, init="pca", method="exact", random_state=seed)
        flat = np.asarray(embedding.fit_transform(flat), dtype=np.float64)
    extent = np.sqrt(np.mean(np.sum(flat[:, :2] ** 2, axis=1)))
    # Two that say the same are not to stand on each other.
    places: Floats = flat[:, :2] / extent + circle * 1e-3
    return places


def lay_out(discs: Discs, directions: Floats, titles: Floats, *, stretch: float = 1.0) -> Layout:
    """Return the map: discs near where `directions` say, with room for a title below each.

    `titles` are the widths and heights of the titles, `(topics, 2)`; `stretch` is how much wider
    than high the map begins, before the boxes part.
    """
    if not len(discs.radii):
        return Layout(np.zeros((0, 2)), discs.places)
    # Half of the sides of the boxes around a disc and its title.
    halves = np.stack(
        [np.maximum(discs.radii, titles[:, 0] / 2), discs.radii + titles[:, 1] / 2], axis=1
    ) + GAP / 2  # fmt: skip
    needed = np.sqrt(np.sum(4 * halves[:, 0] * halves[:, 1]) / COVERED)
    shape = np.array([np.sqrt(stretch), 1 / np.sqrt(stretch)])
    boxes = _packed(directions * needed / np.sqrt(2 * np.pi) * shape, halves)
    boxes -= (np.min(boxes - halves, axis=0) + np.max(boxes + halves, axis=0)) / 2
    centres = boxes + np.stack([np.zeros(len(boxes)), titles[:, 1] / 2], axis=1)
    return Layout(centres, centres[discs.homes] + discs.places)


def fit(
    discs: Discs, directions: Floats, titles: Floats, room: tuple[float, float]
) -> tuple[Layout, float]:
    """Return the map and its scale in pixels, such that it fits into `room` with its titles.

    These are in pixels, too: width and height, and of each of the `titles`, `(topics, 2)`. How
    large they are beside dots depends on the scale, which depends on the map: a few tries.
    """
    sides = np.array(room)
    dots = 4 * max(float(np.sum(discs.radii**2)), len(discs.places), 1.0)
    scale, stretch = min(float(np.sqrt(room[0] * room[1] / dots)), LARGEST_SCALE), 1.0
    for _ in range(MAX_TRIES):
        layout = lay_out(discs, directions, titles / scale, stretch=stretch)
        reach = _reach(layout, discs, titles / scale)
        fitting = float(np.min(sides / (2 * reach)))
        if fitting >= scale:
            break
        stretch *= float(np.sqrt(room[0] / room[1] / (reach[0] / reach[1])))
        scale = max(fitting, scale / 2) * SHRINK
    return layout, min(fitting, LARGEST_SCALE)


def _reach(layout: Layout, discs: Discs, titles: Floats) -> Floats:
    """Return how far from the middle anything stands, to the side and up or down."""
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
    return furthest + 1  # a dot is half as wide as it is far to the next


def _packed(centres: Floats, halves: Floats) -> Floats:
    """Return the centres moved as little as it takes for no two boxes to overlap.

    Two that do part along the axis on which they share less, each half of the way.
    """
    # Each pair once; of all only those that overlap are looked at.
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
        # What many push at once must not fly away.
        crowd = np.bincount(np.concatenate([one, other]), minlength=len(centres))
        moves = (to - fro).reshape(-1, 2) / (2 * np.sqrt(np.maximum(crowd, 1)))[:, None]
        centres = centres + moves
    return centres
