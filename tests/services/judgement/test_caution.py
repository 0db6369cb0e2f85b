"""Caution: similar tickets that people reject are mentioned less, and more again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from bot.wiring import Services
from models import Answer, Channel, ShownMatch, Workspace
from services.issues.verdict_rules import Decision
from services.issues.verdicts import decide
from services.judgement.bands import Band, Match
from services.judgement.caution import (
    CONTRASTS,
    MIN_ANSWERS,
    SILENT,
    Caution,
    DecidedAnswer,
    caution_after,
    caution_of,
    reset_caution,
)
from tests.remembering import START, channel, remember, ticket

MINUTE = timedelta(minutes=1)


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


def test_each_step_admits_less() -> None:
    """Similar tickets need a higher contrast at each step; duplicates are always admitted."""
    admitted = [
        [Caution(step).admits(match(contrast)) for contrast in (0.1, *CONTRASTS[1:], 1.0)]
        for step in range(SILENT + 1)
    ]
    assert [sum(row) for row in admitted] == [4, 3, 2, 0]
    assert Caution(SILENT).admits(match(0.0, "duplicate"))


class Story:
    """A channel in which similar tickets were mentioned, and people decided on them."""

    def __init__(self, services: Services, workspace: Workspace) -> None:
        self.services, self.workspace = services, workspace
        self.channel = channel(services, workspace, "C1")
        self.minutes = 0

    def mention(self, decision: Decision, times: int = 1, band: Band = "similar") -> None:
        """Let an answer show a ticket, and somebody decide on it, some times."""
        for _ in range(times):
            self.minutes += 1
            now = START + self.minutes * MINUTE
            pair = remember(
                self.services,
                self.workspace,
                [ticket(f"{self.minutes}{side}", f"ticket {self.minutes}{side}") for side in "ab"],
            )
            later, earlier = pair[1].item_id, pair[0].item_id
            with self.services.database.write() as session:
                shown = ShownMatch(
                    item_id=earlier, position=0, similarity=0.8, probability=None, band=band
                )
                session.add(
                    Answer(
                        item_id=later,
                        channel_id=self.channel.id,
                        thread_ts=f"{self.minutes}.0",
                        created_at=now,
                        matches=[shown],
                    )
                )
                session.flush()
                pair_ids = (later, earlier)
                decide(
                    session, self.workspace.id, pair_ids, decision, by="U1", now=now + MINUTE / 2
                )

    @property
    def caution(self) -> Caution:
        """The caution now."""
        with self.services.database.read() as session:
            return caution_of(session, session.get_one(Channel, self.channel.id))

    def reset(self) -> bool:
        """Let an administrator reset it."""
        with self.services.database.write() as session:
            stored = session.get_one(Channel, self.channel.id)
            now = START + (self.minutes + 1) * MINUTE
            self.minutes += 1
            return reset_caution(session, stored, by="U9", now=now)


def test_a_channel_becomes_cautious_by_its_own_decisions(
    services: Services, workspace: Workspace
) -> None:
    """Rejected similar tickets count, confirmed and related ones are right, duplicates do not."""
    story = Story(services, workspace)
    story.mention("distinct", 20, band="duplicate")
    assert story.caution == Caution()
    story.mention("related", 2)
    story.mention("duplicate", 2)
    assert story.caution == Caution(0, 4, 4)
    story.mention("distinct", 18)
    assert story.caution.step == 1


def test_a_reset_starts_anew(services: Services, workspace: Workspace) -> None:
    """After a reset, earlier decisions do not count; resetting what is at its start is nothing."""
    story = Story(services, workspace)
    assert not story.reset()
    story.mention("distinct", MIN_ANSWERS)
    assert story.caution.step == 1
    assert story.reset()
    assert story.caution == Caution()
    story.mention("distinct", MIN_ANSWERS)
    assert story.caution.step == 1
