"""Caution: similar tickets that people reject are mentioned less, and more again."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bot.wiring import Services
from models import Channel, Workspace
from services.judgement.bands import Band, Match
from services.judgement.caution import (
    CONTRASTS,
    MIN_ANSWERS,
    SILENT,
    Caution,
    DecidedAnswer,
    caution_after,
    reset_caution,
)
from services.judgement.noise_budget import AnswerLimiter
from tests.deciders import MINUTE, Deciders
from tests.remembering import START, channel


def answers(rights: Sequence[bool], start: int = 0) -> list[DecidedAnswer]:
    """Return answers that were each decided on before the next was given."""
    return [
        DecidedAnswer(START + (start + n) * MINUTE, START + (start + n + 0.5) * MINUTE, is_right)
        for n, is_right in enumerate(rights)
    ]


def match(contrast: float, band: Band = "similar") -> Match:
    """Return a match of a contrast."""
    return Match(1, 0.8, 0.8, None, band, 0.8, contrast)


@pytest.mark.parametrize(
    ("rights", "step"),
    [
        ([], 0),
        ([False] * 7, 0),
        ([False] * 8, 1),
        ([True] + [False] * 7, 0),
        ([True] + [False] * 9, 1),
        ([True, False] * 20, 0),
        ([True, False, False] * 20, 0),
        ([False] * 16, 2),
        ([False] * 24, SILENT),
        ([False] * 60, SILENT),
        ([True] * 40 + [False] * 20, 1),
        ([False] * 8 + [True] * 8, 0),
        ([False] * 16 + [True] * 8, 1),
        ([False] * 16 + [True] * 16, 0),
        ([True] * 60, 0),
    ],
)
def test_wrong_answers_are_steps_and_right_ones_lead_back(rights: list[bool], step: int) -> None:
    """Eight answers of which hardly any was right are a step; eight right ones take it back."""
    assert caution_after(answers(rights)).step == step


def test_what_was_mentioned_before_a_step_says_nothing_of_it() -> None:
    """Answers that were given at a lower step and decided on later are no reason for the next."""
    early = [DecidedAnswer(START, START + n * MINUTE, False) for n in range(1, 41)]
    assert caution_after(early) == Caution(1, 0, 0)


def test_at_first_everything_is_admitted() -> None:
    """Also what has a copy: that is far nearer to it than any other ticket."""
    assert Caution().admits(match(-40_000.0))


def test_each_step_admits_less() -> None:
    """Similar tickets need a higher contrast at each step; duplicates are always admitted."""
    admitted = [
        [Caution(step).admits(match(contrast)) for contrast in (0.1, *CONTRASTS[1:], 1.0)]
        for step in range(SILENT + 1)
    ]
    assert [sum(row) for row in admitted] == [4, 3, 2, 0]
    assert Caution(SILENT).admits(match(0.0, "duplicate"))


@pytest.fixture
def deciders(services: Services, workspace: Workspace) -> Deciders:
    """Give a channel and those who decide there."""
    return Deciders(services, channel(services, workspace, "C1"))


@pytest.mark.both_databases
def test_a_channel_becomes_cautious_by_its_own_decisions(deciders: Deciders) -> None:
    """Rejected similar tickets count, confirmed and related ones are right, duplicates do not."""
    deciders.decide("distinct", 20, band="duplicate")
    assert deciders.caution == Caution()
    deciders.decide("related", 2)
    deciders.decide("duplicate", 2)
    assert deciders.caution == Caution(0, 4, 4)
    deciders.decide("distinct", 18)
    assert deciders.caution.step == 1


def test_a_reset_starts_anew(deciders: Deciders) -> None:
    """After a reset, earlier decisions do not count; resetting what is at its start is nothing."""

    def reset() -> bool:
        deciders.minutes += 1
        with deciders.services.database.write() as session:
            stored = session.get_one(Channel, deciders.channel.id)
            now = START + deciders.minutes * MINUTE
            return reset_caution(session, stored, by="U9", now=now)

    assert not reset()
    deciders.decide("distinct", MIN_ANSWERS)
    assert deciders.caution.step == 1
    assert reset()
    assert deciders.caution == Caution()
    deciders.decide("distinct", MIN_ANSWERS)
    assert deciders.caution.step == 1


def test_an_answer_leaves_out_what_is_not_close_enough(deciders: Deciders) -> None:
    """In a cautious channel only higher contrasts are mentioned, in the end none."""
    matches = [match(0.9), match(0.7), match(0.5), match(0.0, "duplicate")]
    shown = []
    for _ in range(SILENT + 1):
        with deciders.services.database.read() as session:
            stored = session.get_one(Channel, deciders.channel.id)
            shown.append(AnswerLimiter(session, stored, 1).select("9", matches))
        deciders.decide("distinct", MIN_ANSWERS)
    assert shown == [matches, matches[:2] + matches[3:], [matches[0], matches[3]], [matches[3]]]
