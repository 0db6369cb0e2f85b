"""Calibrations: fitted to stored verdicts, kept, and rolled back."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import timedelta
from itertools import combinations, islice, pairwise

import pytest

from bot.wiring import Services
from models import Calibration, Verdict, Workspace
from services.errors import NotEnoughVerdictsError, NotFoundError
from services.judgement.calibration_store import count_verdicts, current_calibration, roll_back
from services.judgement.calibrator import MAX_VERDICTS
from tests.remembering import START, remember, ticket

# Generous: other work may keep the machine busy. It takes about three seconds.
MAX_FIT_SECONDS = 60

THINGS = ["printer", "invoice", "badge", "router", "mailbox", "licence", "keyboard", "window"]


@pytest.fixture
def ids(services: Services, workspace: Workspace) -> list[int]:
    """Remember 200 tickets; each is on the thing and the room of the one a hundred before it."""
    tickets = [
        ticket(f"{n}", f"{THINGS[n % 8]} in room{n % 100} fails {n}", minutes=n) for n in range(200)
    ]
    return [one.item_id for one in remember(services, workspace, tickets)]


def decided(
    services: Services, workspace: Workspace, pairs: Sequence[tuple[int, int]], verdict: str
) -> None:
    """Store verdicts as they are, the earlier ones first."""
    with services.database.write() as session:
        session.add_all(
            Verdict(
                workspace_id=workspace.id, item_a_id=first, item_b_id=second, verdict=verdict,
                decided_by="U1", decided_at=START,
            )
            for first, second in pairs
        )  # fmt: skip


def taught(services: Services, workspace: Workspace, ids: Sequence[int], others: int) -> None:
    """Store a hundred duplicates, then so many pairs that are none."""
    decided(services, workspace, list(zip(ids[:100], ids[100:], strict=True)), "duplicate")
    apart = (pair for pair in combinations(ids, 2) if pair[1] - pair[0] != 100)
    decided(services, workspace, list(islice(apart, others)), "distinct")


def fitted(services: Services, workspace: Workspace, minutes: int = 0) -> Calibration:
    """Fit to the tickets' verdicts."""
    now = START + timedelta(minutes=minutes)
    return services.calibrator.fit(workspace.id, "ticket", by="ana", now=now)


def test_ten_thousand_verdicts_sorted_by_what_they_say(
    services: Services, workspace: Workspace, ids: list[int]
) -> None:
    """The newest of each class are learned from, in the proportion of all, within a minute."""
    taught(services, workspace, ids, 9_900)
    start = time.perf_counter()
    row = fitted(services, workspace)
    assert time.perf_counter() - start < MAX_FIT_SECONDS
    assert row.verdicts == 10_000
    assert (row.report["pairs"], row.report["duplicates"]) == (MAX_VERDICTS, 20)


def test_the_same_verdicts_teach_the_same(
    services: Services, workspace: Workspace, ids: list[int]
) -> None:
    """Two fits differ in nothing but their ids and times, and the second one judges."""
    taught(services, workspace, ids, 100)
    first, second = fitted(services, workspace), fitted(services, workspace, minutes=1)
    assert (first.model, first.report, first.verdicts) == (
        second.model, second.report, second.verdicts,
    )  # fmt: skip
    with services.database.read() as session:
        judges = current_calibration(session, workspace.id, "ticket")
        assert judges is not None
        assert judges.id == second.id


def test_a_calibration_is_rolled_back_on_record(
    services: Services, workspace: Workspace, ids: list[int]
) -> None:
    """The one before judges again, at last none; the same verdicts are not learned from again."""
    taught(services, workspace, ids, 100)
    assert services.calibrator.is_due(workspace.id, "ticket")
    first, second = fitted(services, workspace), fitted(services, workspace, minutes=1)
    with services.database.write() as session:
        before = roll_back(session, workspace.id, "ticket", by="ben", now=START)
        assert before is not None
        assert before.id == first.id
        rolled_back = session.get_one(Calibration, second.id)
        assert (rolled_back.rolled_back_by, rolled_back.rolled_back_at) == ("ben", START)
        assert roll_back(session, workspace.id, "ticket", by="ben", now=START) is None
        with pytest.raises(NotFoundError):
            roll_back(session, workspace.id, "ticket", by="ben", now=START)
    assert not services.calibrator.is_due(workspace.id, "ticket")


@pytest.mark.parametrize(("duplicates", "others"), [(100, 0), (0, 100), (5, 5)])
def test_one_class_or_ten_verdicts_teach_nothing(
    services: Services, workspace: Workspace, ids: list[int], duplicates: int, others: int
) -> None:
    """One line says how many there are of each, and nothing is stored."""
    decided(services, workspace, list(zip(ids, ids[100:], strict=False))[:duplicates], "duplicate")
    decided(services, workspace, list(pairwise(ids))[:others], "distinct")
    with pytest.raises(NotEnoughVerdictsError, match=f"{duplicates} duplicates and {others} oth"):
        fitted(services, workspace)
    with services.database.read() as session:
        assert current_calibration(session, workspace.id, "ticket") is None
        assert count_verdicts(session, workspace.id, "ticket") == duplicates + others
