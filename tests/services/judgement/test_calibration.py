"""Calibration: what verdicts teach, and how far it can be trusted."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import NotEnoughVerdictsError
from services.judgement.calibration import FEATURES, MIN_LEARNED, fit
from services.judgement.features import UNKNOWN, PairFeatures
from services.judgement.learned_model import Model
from services.judgement.metrics import calibration_error
from services.judgement.strength import closeness
from tests.calibrated import USUAL


def team(number: int, seed: int, noise: float = 0.15) -> tuple[list[PairFeatures], list[bool]]:
    """Return pairs of a team for whom similarity without conflict makes a duplicate, mostly."""
    rng = np.random.default_rng(seed)
    pairs, duplicates = [], []
    for similarity, conflict in zip(rng.random(number), rng.random(number) * 0.3, strict=True):
        pairs.append(replace(USUAL, similarity=similarity, conflict=conflict))
        duplicates.append(bool(similarity - conflict + rng.normal(0, noise) > 0.5))
    return pairs, duplicates


def learned(number: int = 200, noise: float = 0.15) -> Model:
    """Return what a team's verdicts teach."""
    backlog, _ = team(300, seed=9)
    return fit(*team(number, seed=1, noise=noise), backlog, kind="ticket", verbosity=0.0)


def test_ten_verdicts_are_enough() -> None:
    """Ten right ones give a cut at the weakest of them; nine are refused."""
    pairs = [replace(USUAL, similarity=0.5 + n / 100) for n in range(10)]
    model = fit(pairs, [True] * 10, pairs, kind="ticket", verbosity=0.0)
    cut = model.cut(1)
    assert cut is not None
    assert (cut.right, cut.count) == (10, 10)
    assert cut.strength == pytest.approx(0.5)
    with pytest.raises(NotEnoughVerdictsError, match="There are 9 verdicts to learn from"):
        fit(pairs[:9], [True] * 9, [USUAL], kind="ticket", verbosity=0.0)


@pytest.mark.parametrize("label", [True, False])
def test_verdicts_of_one_class_teach_a_cut_or_none(*, label: bool) -> None:
    """Of duplicates alone all that is as close as they are is called; of others alone nothing."""
    pairs, _ = team(40, seed=7)
    model = fit(pairs, [label] * 40, pairs, kind="ticket", verbosity=0.0)
    assert (model.cut(1) is not None) is label
    assert model.weights == ()
    chances = model.probabilities(model.strength(pairs))
    assert ((chances > 0.5) == label).all()


def test_contradictory_verdicts_teach_nothing() -> None:
    """Where every second pair of the same features is a duplicate, nothing is called."""
    pairs = [USUAL] * 60
    model = fit(pairs, [n % 2 == 0 for n in range(60)], pairs, kind="ticket", verbosity=0.0)
    assert model.cut(1) is None
    assert model.cut(4) is None
    assert np.isfinite(model.strength(pairs)).all()


def test_pairs_above_the_cut_are_right_on_pairs_not_seen() -> None:
    """Nine in ten are duplicates, and a third of the duplicates are found."""
    model = learned()
    cut = model.cut(1)
    assert cut is not None
    pairs, duplicates = team(4_000, seed=2)
    called = model.strength(pairs) >= cut.strength
    labels = np.array(duplicates)
    assert labels[called].mean() >= 0.88
    assert labels[called].sum() / labels.sum() > 0.3
    chances = model.probabilities(model.strength(pairs))
    assert calibration_error(chances, labels.astype(np.int64)) < 0.07


def test_what_cannot_be_told_apart_is_not_called() -> None:
    """Where verdicts follow no evidence there is no cut."""
    pairs, duplicates = team(200, seed=4)
    shuffled = np.random.default_rng(5).permutation(duplicates).tolist()
    assert fit(pairs, shuffled, pairs, kind="ticket", verbosity=0.0).cut(1) is None


def test_few_verdicts_leave_the_order_by_closeness() -> None:
    """From thirty on, with three of each class, the other features count too."""
    backlog, _ = team(300, seed=9)
    for number, is_learned in ((MIN_LEARNED - 1, False), (MIN_LEARNED, True)):
        pairs, duplicates = team(number, seed=1)
        model = fit(pairs, duplicates, backlog, kind="ticket", verbosity=0.0)
        assert bool(model.weights) is is_learned
        if not is_learned:
            assert (model.strength(pairs) == closeness(pairs, 0.0)).all()


@given(st.permutations(range(40)))
def test_any_order_of_the_same_verdicts_gives_the_same_model(order: list[int]) -> None:
    """Nothing is left to chance, and a model survives being stored as JSON."""
    pairs, duplicates = team(40, seed=1)
    backlog, _ = team(50, seed=9)
    one = fit(pairs, duplicates, backlog, kind="ticket", verbosity=0.0)
    other = fit(
        [pairs[n] for n in order],
        [duplicates[n] for n in order],
        backlog,
        kind="ticket",
        verbosity=0.0,
    )
    assert np.allclose(one.strengths, other.strengths, atol=1e-3)
    assert (one.cut(1) is None) == (other.cut(1) is None)
    stored = json.loads(json.dumps(asdict(one)))
    assert Model.is_stored(stored)
    assert Model.from_stored(stored) == one


@pytest.mark.parametrize(("verdicts", "duplicates"), [(0, 0), (3, 1), (9, 9)])
def test_too_few_verdicts_are_refused_in_words(verdicts: int, duplicates: int) -> None:
    """No model, and a line that says how many there are."""
    pairs, _ = team(verdicts, seed=7)
    labels = [place < duplicates for place in range(verdicts)]
    with pytest.raises(NotEnoughVerdictsError, match=f"There are {verdicts} verdicts"):
        fit(pairs, labels, [], kind="ticket", verbosity=0.0)


def test_what_is_unknown_moves_nothing() -> None:
    """A figure that is not known stands for the usual one; nothing has no strength."""
    model = learned()
    average = dict(zip(FEATURES, model.mean[1:], strict=True))
    usual = replace(USUAL, **average | {"similarity": model.mean[0]})
    unknown = replace(usual, **dict.fromkeys(set(FEATURES) - {"gap"}, UNKNOWN))
    assert model.strength([unknown]) == pytest.approx(model.strength([usual]))
    assert model.strength([]).shape == (0,)


@given(
    st.lists(
        st.tuples(*[st.one_of(st.just(UNKNOWN), st.floats(-1e6, 1e6))] * len(fields(PairFeatures))),
        min_size=1, max_size=4,
    )
)  # fmt: skip
def test_any_features_give_a_probability(rows: list[tuple[float, ...]]) -> None:
    """Whatever is measured, what is shown lies between 0 and 1."""
    model = learned(60)
    chances = model.probabilities(model.strength([PairFeatures(*row) for row in rows]))
    assert ((chances >= 0) & (chances <= 1)).all()


@pytest.mark.parametrize("kind", ["ticket", "product"])
def test_identical_pairs_can_be_learned_from(kind: str) -> None:
    """Features that never vary count nothing: a backlog of one ticket told many times."""
    model = fit([USUAL] * 40, [True] * 40, [USUAL] * 9, kind=kind, verbosity=1.0)
    cut = model.cut(1)
    assert cut is not None
    assert (cut.right, cut.count) == (40, 40)
    model = fit([USUAL] * 40, [n > 3 for n in range(40)], [], kind=kind, verbosity=1.0)
    assert np.isfinite(model.strength([USUAL])).all()


def test_calibration_error_is_the_mean_distance_from_what_was_said() -> None:
    """Half of those at 0.75 are right: the error is a quarter; those at 1.0 are in the last bin."""
    half = np.array([0.75] * 4), np.array([1, 1, 0, 0])
    assert math.isclose(calibration_error(*half), 0.25)
    assert calibration_error(np.array([1.0, 1.0]), np.array([1, 1])) == 0
