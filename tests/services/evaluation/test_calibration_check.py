"""Decisions of the last month against what was said, and drift: as functions, and as stored."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import poisson_binom
from sqlalchemy import select, update

from bot.wiring import Services
from models import Answer, Channel, ShownMatch, Verdict, Workspace
from services.evaluation.calibration_check import (
    MIN_DECISIONS,
    MONTH,
    DecidedMatch,
    decided_matches,
    is_calibrated,
)
from services.evaluation.drift import MIN_DRIFT, has_drifted
from services.evaluation.nightly_proof import NightlyProof
from services.issues.verdicts import decide
from tests.remembering import START, channel, remember, ticket

NOW = START + timedelta(days=20)


def matches(said: float, right: int, wrong: int) -> list[DecidedMatch]:
    """Return matches that were shown with a probability, some of them right."""
    return [DecidedMatch(said, number < right) for number in range(right + wrong)]


@pytest.mark.parametrize(
    ("said", "right", "wrong", "kept"),
    [
        (0.95, 20, 0, True),
        (0.95, 18, 2, True),
        (0.95, 14, 6, False),
        (0.5, 10, 10, True),
        (0.5, 20, 0, True),  # to be right more often is no fault
        (0.5, 4, 16, False),
        (0.95, 0, MIN_DECISIONS - 1, None),
    ],
)
def test_what_was_said_is_to_be_true(said: float, right: int, wrong: int, kept: bool) -> None:
    """Chance is an excuse up to one in a hundred."""
    assert is_calibrated(matches(said, right, wrong)) is kept


@given(st.lists(st.floats(0.2, 0.95), min_size=20, max_size=60), st.floats(0, 1))
def test_the_test_is_close_to_the_exact_one(said: list[float], share: float) -> None:
    """A word that is called broken is broken by the exact distribution, at nearly that level."""
    right = round(share * len(said))
    decided = [DecidedMatch(one, number < right) for number, one in enumerate(said)]
    chance = poisson_binom.cdf(right, said)
    if chance > 0.05:
        assert is_calibrated(decided)
    if chance < 0.001:
        assert not is_calibrated(decided)


def test_only_a_fall_that_matters_is_drift() -> None:
    """A small one is none however sure it is, nor is a large one of a few that vary."""
    near = np.full(100, 0.8)
    assert not has_drifted(near - MIN_DRIFT / 2, near)
    assert has_drifted(near - 2 * MIN_DRIFT, near)
    assert not has_drifted(near + 0.2, near)
    vary = np.tile([0.3, 0.9], 15)
    assert not has_drifted(vary - 0.1, vary)


@pytest.fixture
def flagged(services: Services, workspace: Workspace) -> Channel:
    """Add a channel in which 24 tickets were answered with the first one, all confirmed or not."""
    added = channel(services, workspace, "C1")
    tickets = [ticket(f"{n}", f"ticket {n}", minutes=n, channel_id=added.id) for n in range(25)]
    first, *others = [one.item_id for one in remember(services, workspace, tickets)]
    with services.database.write() as session:
        for item_id in others:
            match = ShownMatch(
                item_id=first, position=0, similarity=0.9, band="duplicate", probability=0.9
            )
            session.add(
                Answer(
                    item_id=item_id, channel_id=added.id, thread_ts=str(item_id),
                    created_at=START, matches=[match],
                )
            )  # fmt: skip
        session.flush()
        for item_id in others:
            is_right = (item_id - others[0]) % 24 < 12
            decision = "duplicate" if is_right else "related"
            decide(session, workspace.id, (item_id, first), decision, by="U1", now=START)  # type: ignore[arg-type]
    return added


def said_of(services: Services, now: datetime = NOW) -> list[float]:
    """Return what was said of the matches that were decided on."""
    with services.database.read() as session:
        return [one.said for one in decided_matches(session, now)]


@pytest.mark.both_databases
def test_the_decisions_of_a_month_are_compared(services: Services, flagged: Channel) -> None:
    """Half of what was to be right nine times in ten was right: that fails, until it is past."""
    proof = NightlyProof(services.database, services.index, services.embedder.fingerprint)
    found = proof.check("calibration", NOW)
    assert found.state == "failed"
    assert dict(found.values) == {"decided": 24, "right": 12, "expected": 21.6}
    assert "12 of 24 matches" in str(found.text)
    assert proof.check("calibration", NOW + MONTH).state == "unknown"


def test_only_what_was_promised_counts(services: Services, flagged: Channel) -> None:
    """Without a probability a flag promises what the channel's budget demands, others nothing."""
    assert said_of(services) == [0.9] * 24
    with services.database.write() as session:
        session.execute(update(ShownMatch).values(probability=None))
        session.execute(update(Channel).values(noise_budget=3))
    assert said_of(services) == pytest.approx([0.7] * 24)
    with services.database.write() as session:
        session.execute(update(ShownMatch).values(band="similar"))
        undone = select(Verdict.id).order_by(Verdict.id).limit(1)
        session.execute(
            update(Verdict).where(Verdict.id.in_(undone.scalar_subquery())).values(undone_at=NOW)
        )
    assert said_of(services) == []
    with services.database.write() as session:
        session.execute(update(ShownMatch).values(probability=0.4))
    assert said_of(services) == [0.4] * 23  # one decision was taken back
