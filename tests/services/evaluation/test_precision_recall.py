"""Precision and recall of every cut, and the picture of them."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.image import imread

from services.evaluation.curve_plot import precision_recall_diagram
from services.evaluation.precision_recall import MAX_POINTS, PrecisionRecall, precision_recall

PAIRS = st.lists(
    st.tuples(st.sampled_from([0.1, 0.2, 0.3, 0.7, 0.8]), st.booleans(), st.booleans()),
    min_size=1, max_size=60,
)  # fmt: skip


def curve(strengths: list[float], flagged: list[bool], labels: list[bool]) -> PrecisionRecall:
    """Return the curve of pairs with a duplicate."""
    found = precision_recall(
        np.array(strengths), np.array(flagged), np.array(labels, dtype=np.int64), 0.9
    )
    assert found is not None
    return found


def drawn(found: PrecisionRecall) -> bytes:
    """Return the PNG of a curve."""
    target = io.BytesIO()
    precision_recall_diagram(found, 0.8, target)
    return target.getvalue()


def test_a_curve_by_hand() -> None:
    """Pairs of one strength are called together; the best cut has the highest recall at 0.9."""
    found = curve(
        [0.9, 0.8, 0.8, 0.7, 0.1],
        [True, False, False, True, False],
        [True, True, True, False, True],
    )
    assert [(one.called, one.right) for one in found.points] == [(1, 1), (3, 3), (4, 3), (5, 4)]
    assert found.best is not None
    assert (found.best.strength, found.best.precision, found.best.recall) == (0.8, 1.0, 0.75)
    assert found.in_force is not None
    assert (found.in_force.called, found.in_force.right) == (2, 1)
    low, high = found.in_force.bounds
    assert 0 < low < 0.5 < high < 1


def test_without_duplicates_there_is_no_curve() -> None:
    """There is no recall of none; and nothing is in force if nothing is called."""
    nothing = np.zeros(3, dtype=np.int64)
    assert precision_recall(np.ones(3), np.ones(3, dtype=np.bool_), nothing, 0.9) is None
    found = curve([0.9, 0.1], [False, False], [False, True])
    assert found.in_force is None
    assert found.best is None


@given(PAIRS)
def test_every_curve_ends_with_all_pairs(pairs: list[tuple[float, bool, bool]]) -> None:
    """Recall rises to 1, and no cut with enough precision has more recall than the best."""
    strengths, flagged, labels = (list(column) for column in zip(*pairs, strict=True))
    if not any(labels):
        return
    found = curve(strengths, flagged, labels)
    recalls = [one.recall for one in found.points]
    assert recalls == sorted(recalls)
    assert recalls[-1] == 1
    assert found.points[-1].called == len(pairs)
    good = [one.recall for one in found.points if one.precision >= 0.9 and one.right]
    assert (found.best.recall if found.best else None) == max(good, default=None)


def test_a_long_curve_is_thinned() -> None:
    """Both ends stay; figures of the best cut are exact all the same."""
    rng = np.random.default_rng(1)
    strengths = rng.random(5_000)
    labels = (rng.random(5_000) < strengths).astype(np.int64)
    found = precision_recall(strengths, strengths > 0.9, labels, 0.9)
    assert found is not None
    assert len(found.points) == MAX_POINTS
    assert (found.points[0].called, found.points[-1].called) == (1, 5_000)
    assert found.best is not None
    assert found.best.precision >= 0.9


@pytest.mark.parametrize(
    "found",
    [
        curve([0.9, 0.8, 0.7, 0.1], [True, True, False, False], [True, True, False, True]),
        curve([0.5], [False], [True]),
        curve([0.9, 0.1], [False, False], [False, True]),
    ],
    ids=["usual", "one pair", "nothing called"],
)
def test_a_picture_is_900_pixels_square_and_not_blank(found: PrecisionRecall) -> None:
    """There is something to see and a margin around it; the same curve gives the same file."""
    png = drawn(found)
    picture = np.rint(imread(io.BytesIO(png))[:, :, :3] * 255)
    assert picture.shape == (900, 900, 3)
    assert (picture < 128).any(axis=2).sum() > 2_000
    edges = (picture[:8], picture[-8:], picture[:, :8], picture[:, -8:])
    assert all((edge == 255).all() for edge in edges)
    assert drawn(found) == png
