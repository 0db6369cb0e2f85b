"""Calibration: what verdicts teach, and how far it can be trusted."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, astuple, fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import NotEnoughVerdictsError
from services.judgement.calibration import (
    FEATURES,
    PRIORS,
    FittedModel,
    Model,
    fit,
    report,
    standardised,
)
from services.judgement.features import UNKNOWN, PairFeatures
from services.judgement.metrics import calibration_error

TICKET = PRIORS["ticket"]


def team(number: int, seed: int, noise: float = 0.15) -> tuple[list[PairFeatures], list[bool]]:
    """Return pairs of a team for whom similarity without conflict makes a duplicate, mostly."""
    rng = np.random.default_rng(seed)
    pairs, duplicates = [], []
    for similarity, conflict in zip(rng.random(number), rng.random(number) * 0.3, strict=True):
        usual = dict(zip(FEATURES, TICKET.mean, strict=True))
        pairs.append(PairFeatures(**usual | {"similarity": similarity, "conflict": conflict}))
        duplicates.append(bool(similarity - conflict + rng.normal(0, noise) > 0.5))
    return pairs, duplicates


def learned(number: int = 200, noise: float = 0.15) -> FittedModel:
    """Return what a team's verdicts teach."""
    return fit(*team(number, seed=1, noise=noise), TICKET)


def test_a_probability_holds_on_pairs_not_seen() -> None:
    """Of the pairs at 0.9 or more at least nine in ten are duplicates, and all bins hold."""
    pairs, duplicates = team(4_000, seed=2)
    found = report(learned().model.probabilities(pairs), np.array(duplicates, dtype=np.int64))
    assert found.precision is not None
    assert found.precision >= 0.9
    assert found.recall is not None
    assert found.recall > 0.4
    assert found.ece is not None
    assert found.ece < 0.07


def test_the_report_foretells_what_comes() -> None:
    """What is cross-validated on the verdicts is about what the rest turns out to be."""
    fitted = learned()
    pairs, duplicates = team(4_000, seed=3)
    rest = report(fitted.model.probabilities(pairs), np.array(duplicates, dtype=np.int64))
    assert fitted.report.average_precision == pytest.approx(rest.average_precision, abs=0.06)
    assert fitted.report.brier == pytest.approx(rest.brier, abs=0.05)
    assert fitted.report.pairs == 200


def test_what_cannot_be_told_apart_is_not_flagged() -> None:
    """Where verdicts follow no evidence nothing reaches 0.9."""
    pairs, duplicates = team(200, seed=4)
    shuffled = np.random.default_rng(5).permutation(duplicates).tolist()
    model = fit(pairs, shuffled, TICKET).model
    assert model.probabilities(team(1_000, seed=6)[0]).max() < 0.9


def test_the_same_verdicts_give_the_same_model() -> None:
    """Nothing is left to chance, and a model survives being stored as JSON."""
    one, other = learned(), learned()
    assert one == other
    stored = Model.from_stored(json.loads(json.dumps(asdict(one.model))))
    assert stored == one.model


@pytest.mark.parametrize(
    ("verdicts", "duplicates"), [(0, 0), (10, 5), (49, 20), (60, 60), (60, 0), (60, 9), (60, 51)]
)
def test_too_few_verdicts_are_refused_in_words(verdicts: int, duplicates: int) -> None:
    """None, ten, or one class only: no model, and a line that says what is missing."""
    pairs, _ = team(verdicts, seed=7)
    with pytest.raises(NotEnoughVerdictsError, match=f"{duplicates} duplicates and"):
        fit(pairs, [place < duplicates for place in range(verdicts)], TICKET)


def test_ten_thousand_verdicts_are_learned_from() -> None:
    """Many verdicts let the model depart from the prior."""
    error = learned(10_000).report.ece
    assert error is not None
    assert error < 0.03


def test_what_is_unknown_moves_nothing() -> None:
    """A figure that is not known stands for the usual one."""
    usual = PairFeatures(*TICKET.mean)
    unknown = PairFeatures(*(UNKNOWN for _ in FEATURES))
    assert standardised([usual], TICKET.mean, TICKET.scale).tolist() == [[0.0] * len(FEATURES)]
    assert np.ptp(learned().model.probabilities([usual, unknown])) == 0
    assert learned().model.probabilities([]).shape == (0,)


@given(
    st.lists(
        st.tuples(*[st.one_of(st.just(UNKNOWN), st.floats(-1e6, 1e6))] * len(fields(PairFeatures))),
        min_size=1, max_size=4,
    )
)  # fmt: skip
def test_any_evidence_gives_a_probability(rows: list[tuple[float, ...]]) -> None:
    """Whatever is measured, what is shown lies between 0 and 1."""
    model = Model(TICKET.mean, TICKET.scale, TICKET.weights, 0.1, 1.2, -0.3)
    chances = model.probabilities([PairFeatures(*row) for row in rows])
    assert ((chances > 0) & (chances < 1)).all()


@pytest.mark.parametrize("prior", PRIORS.values())
def test_priors_speak_the_way_words_have_it(prior: object) -> None:
    """More alike never speaks against a duplicate, more conflict never for one."""
    weights = dict(zip(FEATURES, PRIORS["ticket"].weights, strict=True))
    weights |= dict(zip(FEATURES, astuple(prior)[2], strict=True))  # type: ignore[call-overload]
    against = {"density", "conflict", "price_gap", "age_gap"}
    assert all(value <= 0 if name in against else value >= 0 for name, value in weights.items())


def test_calibration_error_is_the_mean_distance_from_what_was_said() -> None:
    """Half of those at 0.75 are right: the error is a quarter; those at 1.0 are in the last bin."""
    half = np.array([0.75] * 4), np.array([1, 1, 0, 0])
    assert math.isclose(calibration_error(*half), 0.25)
    assert calibration_error(np.array([1.0, 1.0]), np.array([1, 1])) == 0
