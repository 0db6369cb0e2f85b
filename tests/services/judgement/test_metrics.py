"""Evaluation: figures worked out by hand, and bounds that hold for any input."""

from __future__ import annotations

from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from services.judgement.metrics import (
    Bin,
    calibration_error,
    pair_report,
    ranking_report,
    reliability,
)

UNIT = st.floats(0, 1)
JUDGED = st.lists(st.tuples(UNIT, st.booleans(), st.integers(0, 1)), max_size=30)
IDS = st.sampled_from("abcdefghijklmnop")


def labels_of(*labels: int) -> NDArray[np.int64]:
    """Return labels as an array, shape `(n,)`."""
    return np.array(labels, dtype=np.int64)


def test_a_pair_report_by_hand() -> None:
    """Ordered 1 0 1 0 with two flagged: AP is (1/1 + 2/3) / 2."""
    probabilities = np.array([0.9, 0.8, 0.6, 0.1])
    found = pair_report(
        np.array([4.0, 3.0, 2.0, 1.0]),
        np.array([True, True, False, False]),
        labels_of(1, 0, 1, 0),
        probabilities,
    )
    assert (found.pairs, found.duplicates, found.flagged) == (4, 2, 2)
    assert found.precision == found.recall == 0.5
    assert found.average_precision == pytest.approx(5 / 6)
    assert found.brier == pytest.approx((0.01 + 0.64 + 0.16 + 0.01) / 4)
    assert found.ece == pytest.approx((0.1 + 0.8 + 0.4 + 0.1) / 4)
    assert found.notes == []


def test_pairs_of_one_score_are_taken_together() -> None:
    """Where nothing is told apart, average precision is the share of duplicates."""
    found = pair_report(np.zeros(4), np.zeros(4, dtype=np.bool_), labels_of(1, 0, 0, 0))
    assert found.average_precision == 0.25


def test_without_probabilities_there_is_no_reliability() -> None:
    """Nothing flagged: no precision, and a line that says so."""
    found = pair_report(np.array([1.0, 0.0]), np.array([False, False]), labels_of(1, 0))
    assert (found.precision, found.recall, found.ece, found.brier) == (None, 0.0, None, None)
    assert found.notes == ["Nothing was flagged: there is no precision."]


@pytest.mark.parametrize(
    ("labels", "precision", "recall", "note"),
    [
        ((1, 1), 1.0, 0.5, "All pairs are duplicates"),
        ((0, 0), 0.0, None, "No pair is a duplicate"),
        ((), None, None, "There are no pairs"),
    ],
)
def test_labels_of_one_class_have_no_average_precision(
    labels: tuple[int, ...], precision: float | None, recall: float | None, note: str
) -> None:
    """No crash and no warning, but a line that says why."""
    scores = np.arange(len(labels), dtype=np.float64)
    found = pair_report(scores, scores > 0, labels_of(*labels), scores)
    assert found.average_precision is None
    assert (found.precision, found.recall) == (precision, recall)
    assert (found.brier is None) == (not labels)
    assert any(line.startswith(note) for line in found.notes)


@given(JUDGED)
def test_figures_of_pairs_lie_between_0_and_1(judged: list[tuple[float, bool, int]]) -> None:
    """Whatever is judged, each figure is a share or None."""
    probabilities = np.array([one for one, _, _ in judged], dtype=np.float64)
    flagged = np.array([one for _, one, _ in judged], dtype=np.bool_)
    labels = labels_of(*(one for _, _, one in judged))
    found = pair_report(probabilities, flagged, labels, probabilities)
    assert all(one is None or 0 <= one <= 1 for one in astuple(found)[3:])
    assert found.duplicates <= found.pairs == len(judged)


def test_a_ranking_by_hand() -> None:
    """AP is (1/2 + 2/3) / 2 where b and c come second and third, 1/1 / 2 where one is missing."""
    found = ranking_report(
        {"a": ["x", "b", "c"], "d": ["e"], "g": ["x", "y"]},
        {"a": {"b", "c"}, "d": {"e", "f"}, "g": {"h"}, "i": {"j"}},
    )
    assert found.queries == 4
    assert found.map == pytest.approx((7 / 12 + 1 / 2 + 0 + 0) / 4)
    assert found.mrr == pytest.approx((1 / 2 + 1 + 0 + 0) / 4)
    assert found.p_at_1 == 0.25
    assert found.r_at_10 == pytest.approx((1 + 1 / 2 + 0 + 0) / 4)


def test_recall_counts_the_first_ten() -> None:
    """Of twelve relevant ones, eleven of them found in front, ten count."""
    wanted = {str(number) for number in range(12)}
    found = ranking_report({"q": [str(number) for number in range(11)]}, {"q": wanted})
    assert found.r_at_10 == pytest.approx(10 / 12)
    assert found.map == pytest.approx(11 / 12)


def test_the_query_itself_and_repeats_take_no_place() -> None:
    """What is found twice counts once, and nobody looks for what is at hand."""
    found = ranking_report({"q": ["q", "x", "x", "a", "a"]}, {"q": {"q", "a"}, "r": {"r"}})
    assert (found.queries, found.map, found.mrr) == (1, 0.5, 0.5)


def test_without_queries_there_is_no_figure() -> None:
    """Nothing relevant, nothing measured."""
    assert astuple(ranking_report({"q": ["a"]}, {"q": set()})) == (0, None, None, None, None)


@given(st.dictionaries(IDS, st.lists(IDS)), st.dictionaries(IDS, st.sets(IDS, min_size=2)))
def test_figures_of_rankings_are_bounded(
    found: dict[str, list[str]], relevant: dict[str, set[str]]
) -> None:
    """All lie between 0 and 1, and what is right at once is no more than the reciprocal rank."""
    report = ranking_report(found, relevant)
    assert report.queries == len(relevant)
    if report.map is None or report.mrr is None or report.p_at_1 is None or report.r_at_10 is None:
        assert not relevant
    else:
        assert 0 <= report.p_at_1 <= report.mrr <= 1
        assert 0 <= report.map <= 1
        assert 0 <= report.r_at_10 <= 1


def test_bins_by_hand() -> None:
    """A bin begins with its lower end, the last one has 1 too, and empty ones stay in the list."""
    bins = reliability(np.array([0.0, 0.1, 0.15, 0.95, 1.0]), labels_of(0, 1, 0, 1, 1))
    assert len(bins) == 10
    assert bins[0] == Bin(0.0, 0.1, 1, 0.0, 0.0)
    assert bins[1] == Bin(0.1, 0.2, 2, 0.125, 0.5)
    assert bins[2] == Bin(0.2, 0.3, 0, None, None)
    assert astuple(bins[9]) == pytest.approx((0.9, 1.0, 2, 0.975, 1.0))


@given(st.lists(st.tuples(UNIT, st.integers(0, 1)), min_size=1, max_size=30))
def test_bins_sum_up_to_the_calibration_error(judged: list[tuple[float, int]]) -> None:
    """The picture shows what the figure beside it was computed from."""
    probabilities = np.array([one for one, _ in judged])
    labels = labels_of(*(one for _, one in judged))
    error = sum(
        one.count / len(judged) * abs(one.mean_probability - one.share_right)
        for one in reliability(probabilities, labels)
        if one.mean_probability is not None and one.share_right is not None
    )
    assert error == pytest.approx(calibration_error(probabilities, labels))
