"""Calibrations: fitted to stored verdicts, kept, and rolled back."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import timedelta
from itertools import combinations, islice, pairwise

import pytest
from sqlalchemy import delete, update

from bot.jobs.upkeep_kinds import Recalibration
from bot.server.schedule import due_jobs
from bot.wiring import Services, build
from models import Calibration, Item, Verdict, Workspace
from services.errors import NotEnoughVerdictsError, NotFoundError
from services.issues.verdicts import decide, undo
from services.judgement.calibration_store import (
    count_verdicts,
    current_calibration,
    current_model,
    roll_back,
)
from services.judgement.calibrator import MAX_VERDICTS
from services.judgement.cut import MIN_VERDICTS
from services.judgement.learned_model import Model
from tests.hashing import HashingEmbedder
from tests.remembering import START, remember, ticket

# Generous: other work may keep the machine busy. It takes about three seconds.
MAX_FIT_SECONDS = 60

THINGS = ["printer", "invoice", "badge", "router", "mailbox", "licence", "keyboard", "window"]


def stored(services: Services, workspace: Workspace, number: int) -> list[int]:
    """Remember tickets; each of the second half is on the thing and room of one of the first."""
    half = number // 2
    tickets = [
        ticket(f"{n}", f"{THINGS[n % half % 8]} in room{n % half} fails {n}", minutes=n)
        for n in range(number)
    ]
    return [one.item_id for one in remember(services, workspace, tickets)]


@pytest.fixture
def ids(services: Services, workspace: Workspace) -> list[int]:
    """Remember sixty tickets."""
    return stored(services, workspace, 60)


def repeats(ids: Sequence[int], number: int) -> list[tuple[int, int]]:
    """Return so many pairs on one thing and room."""
    return list(zip(ids, ids[len(ids) // 2 :], strict=False))[:number]


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
    """Store all duplicates that there are, then so many pairs that are none."""
    half = len(ids) // 2
    decided(services, workspace, repeats(ids, half), "duplicate")
    apart = (pair for pair in combinations(ids, 2) if pair[1] - pair[0] != half)
    decided(services, workspace, list(islice(apart, others)), "distinct")


def fitted(services: Services, workspace: Workspace, minutes: int = 0) -> Calibration:
    """Fit to the tickets' verdicts."""
    now = START + timedelta(minutes=minutes)
    return services.calibrator.fit(workspace.id, "ticket", by="ana", now=now)


def test_ten_thousand_verdicts_sorted_by_what_they_say(
    services: Services, workspace: Workspace
) -> None:
    """The newest of each class are learned from, in the proportion of all, within a minute."""
    taught(services, workspace, stored(services, workspace, 200), 9_900)
    start = time.perf_counter()
    row = fitted(services, workspace)
    assert time.perf_counter() - start < MAX_FIT_SECONDS
    assert row.verdicts == 10_000
    assert (row.report["pairs"], row.report["duplicates"]) == (MAX_VERDICTS, 20)


def test_the_same_verdicts_teach_the_same(
    services: Services, workspace: Workspace, ids: list[int]
) -> None:
    """Two fits differ in nothing but their ids and times, and the second one judges."""
    taught(services, workspace, ids, 40)
    first, second = fitted(services, workspace), fitted(services, workspace, minutes=1)
    assert (first.model, first.report, first.verdicts) == (
        second.model, second.report, second.verdicts,
    )  # fmt: skip
    with services.database.read() as session:
        judges = current_calibration(session, workspace.id, "ticket")
        assert judges is not None
        assert judges.id == second.id


@pytest.mark.both_databases
def test_a_calibration_is_rolled_back_on_record(
    services: Services, workspace: Workspace, ids: list[int]
) -> None:
    """The one before judges again, at last none; the same verdicts are not learned from again."""
    taught(services, workspace, ids, 40)
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


def test_few_verdicts_are_learned_from_at_once(
    services: Services, workspace: Workspace, ids: list[int]
) -> None:
    """One fewer is too few, in one line; then every third more, and no sooner."""
    enough = MIN_VERDICTS
    pairs = repeats(ids, enough + 3)
    decided(services, workspace, pairs[: enough - 1], "duplicate")
    assert not services.calibrator.is_due(workspace.id, "ticket")
    with pytest.raises(NotEnoughVerdictsError, match=f"There are {enough - 1} verdicts"):
        fitted(services, workspace)
    with services.database.read() as session:
        assert current_calibration(session, workspace.id, "ticket") is None
    decided(services, workspace, pairs[enough - 1 : enough], "duplicate")
    assert services.calibrator.is_due(workspace.id, "ticket")
    row = fitted(services, workspace)
    cut = Model.from_stored(row.model).cut(1)
    assert cut is not None
    assert (cut.right, cut.count) == (enough, enough)
    decided(services, workspace, pairs[enough : enough + 2], "duplicate")
    assert not services.calibrator.is_due(workspace.id, "ticket")
    decided(services, workspace, pairs[enough + 2 :], "duplicate")
    assert services.calibrator.is_due(workspace.id, "ticket")


@pytest.mark.parametrize(("duplicates", "others"), [(30, 0), (0, 30)])
def test_verdicts_of_one_class_are_learned_from(
    services: Services, workspace: Workspace, ids: list[int], duplicates: int, others: int
) -> None:
    """Duplicates alone give a cut, others alone none; neither is an error."""
    decided(services, workspace, repeats(ids, duplicates), "duplicate")
    decided(services, workspace, list(pairwise(ids))[:others], "distinct")
    model = Model.from_stored(fitted(services, workspace).model)
    assert (model.cut(1) is not None) is bool(duplicates)


def test_verdicts_in_any_order_teach_the_same(
    services: Services, workspace: Workspace, ids: list[int]
) -> None:
    """The model depends on what was decided, not on when."""
    same = [(pair, "duplicate") for pair in repeats(ids, 20)]
    other = [(pair, "distinct") for pair in islice(pairwise(ids), 20)]
    models = []
    for verdicts in ([*same, *other], [*other[::-1], *same[::-1]]):
        with services.database.write() as session:
            session.execute(delete(Verdict))
        for pair, verdict in verdicts:
            decided(services, workspace, [pair], verdict)
        models.append(fitted(services, workspace).model)
    assert models[0] == models[1]


def test_changed_minds_are_learned_from(
    services: Services, workspace: Workspace, ids: list[int]
) -> None:
    """Decisions taken otherwise leave as many as before, and a fit is due all the same."""
    pairs = repeats(ids, 15)
    decided(services, workspace, pairs, "duplicate")
    first = Model.from_stored(fitted(services, workspace).model)
    assert first.cut(1) is not None
    later = START + timedelta(minutes=5)
    with services.database.write() as session:
        for pair in pairs[:2]:
            undo(session, pair, by="U1", now=later)
            decide(session, workspace.id, pair, "distinct", by="U1", now=later)
        assert count_verdicts(session, workspace.id, "ticket") == 15
    assert services.calibrator.is_due(workspace.id, "ticket")
    second = Model.from_stored(fitted(services, workspace, minutes=10).model)
    assert sum(second.labels) == 13
    assert not services.calibrator.is_due(workspace.id, "ticket")


def test_verdicts_on_deleted_items_are_left_out(
    services: Services, workspace: Workspace, ids: list[int]
) -> None:
    """Those on what is left are learned from; where too few are left nothing is."""
    decided(services, workspace, repeats(ids, MIN_VERDICTS + 4), "duplicate")
    fitted(services, workspace)
    with services.database.write() as session:
        session.execute(update(Item).where(Item.id.in_(ids[:4])).values(deleted_at=START))
    assert services.calibrator.is_due(workspace.id, "ticket")
    assert fitted(services, workspace, minutes=1).report["pairs"] == MIN_VERDICTS
    with services.database.write() as session:
        session.execute(update(Item).where(Item.id.in_(ids[:5])).values(deleted_at=START))
    with pytest.raises(NotEnoughVerdictsError, match=f"There are {MIN_VERDICTS - 1} verdicts"):
        fitted(services, workspace)


def test_a_corpus_of_one_or_of_equal_tickets(services: Services, workspace: Workspace) -> None:
    """One ticket has no pairs; of many that say the same all are called, and nothing fails."""
    (first,) = remember(services, workspace, [ticket("0", "the printer is broken")])
    assert not services.calibrator.is_due(workspace.id, "ticket")
    with pytest.raises(NotEnoughVerdictsError, match="There are 0 verdicts"):
        fitted(services, workspace)
    rest = [ticket(f"{n}", "the printer is broken", minutes=n) for n in range(1, 40)]
    ids = [first.item_id, *(one.item_id for one in remember(services, workspace, rest))]
    decided(services, workspace, [(ids[0], one) for one in ids[1:21]], "duplicate")
    assert Model.from_stored(fitted(services, workspace).model).cut(1) is not None
    decided(services, workspace, [(ids[1], one) for one in ids[2:22]], "distinct")
    assert Model.from_stored(fitted(services, workspace).model).cut(1) is None


def test_calibrations_of_earlier_versions_are_replaced(
    services: Services, workspace: Workspace, ids: list[int]
) -> None:
    """An upgrade rolled them back: the same verdicts are learned from again, at once."""
    decided(services, workspace, repeats(ids, 12), "duplicate")
    with services.database.write() as session:
        session.add(
            Calibration(
                workspace_id=workspace.id, kind="ticket", model={"weights": [0.5]}, report={},
                verdicts=12, fitted_by="U1", fitted_at=START, rolled_back_by="upgrade 0019",
                rolled_back_at=START,
            )
        )  # fmt: skip
    assert services.calibrator.is_due(workspace.id, "ticket")
    fitted(services, workspace, minutes=1)
    assert not services.calibrator.is_due(workspace.id, "ticket")


class OtherEmbedder(HashingEmbedder):
    """Another model, whose vectors are not compared with those of the first."""

    fingerprint = "other@1/64/clean2"


def test_a_change_of_model_is_learned_from_at_once(
    services: Services, workspace: Workspace, ids: list[int]
) -> None:
    """The verdicts stay, what was learned of other vectors rests, and each model has its own."""
    taught(services, workspace, ids, 40)
    first = fitted(services, workspace)
    assert not _jobs(services, workspace)
    changed = build(services.settings, OtherEmbedder(), services.database)
    assert not _jobs(changed, workspace)  # nothing can be compared yet
    with services.database.read() as session:
        assert current_model(session, workspace.id, "ticket", OtherEmbedder.fingerprint) is None
    while changed.vectors.embed_missing(limit=100):
        pass
    [job] = _jobs(changed, workspace)
    second = changed.calibrator.fit(workspace.id, job.item_kind, by="deja", now=START)
    assert (second.fingerprint, second.verdicts) == (OtherEmbedder.fingerprint, first.verdicts)
    assert not _jobs(changed, workspace)
    with services.database.read() as session:
        for own, model in ((first, HashingEmbedder), (second, OtherEmbedder)):
            current = current_calibration(session, workspace.id, "ticket", model.fingerprint)
            assert current is not None
            assert current.id == own.id
    assert not _jobs(services, workspace)  # back at the first model, its own is in use again


def _jobs(services: Services, workspace: Workspace) -> list[Recalibration]:
    jobs = due_jobs(services, workspace.id, START)
    return [job for job in jobs if isinstance(job, Recalibration)]
