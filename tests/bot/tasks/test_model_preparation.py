"""A switch to another embedding model: what the team decided and named holds with the new one."""

from __future__ import annotations

from datetime import timedelta
from itertools import combinations, islice

import pytest
from sqlalchemy import select

from bot.tasks.model_preparation import switch
from bot.wiring import Services
from models import Calibration, Verdict, Workspace
from services.errors import InputError
from services.evaluation.model_comparison import ModelFigures, measure_model
from services.issues.audit import AuditQuery, find_records
from services.judgement.calibration_store import current_calibration
from services.topics.scopes import scope_of_everybody
from tests.conftest import NOW
from tests.other_model import beside, prepare
from tests.remembering import START, remember, ticket
from tests.services.topics.backlog import (
    SUBJECTS,
    cluster_scope,
    curator,
    current_view,
    tickets_about,
    topic_about,
)

MINUTE = timedelta(minutes=1)

THINGS = ("printer", "invoice", "badge", "router", "mailbox", "licence", "keyboard", "window")


@pytest.fixture
def other(services: Services) -> Services:
    """Give services by another model, while that of `services` is in use."""
    return beside(services)


def _teach(services: Services, workspace: Workspace) -> None:
    """Store sixty tickets, each of the second half like one of the first, and seventy verdicts."""
    tickets = [
        ticket(f"{n}", f"{THINGS[n % 30 % 8]} in room{n % 30} fails {n}", minutes=n)
        for n in range(60)
    ]
    ids = [one.item_id for one in remember(services, workspace, tickets)]
    apart = islice((pair for pair in combinations(ids, 2) if pair[1] - pair[0] != 30), 40)
    pairs = [(pair, "duplicate") for pair in zip(ids, ids[30:], strict=False)]
    with services.database.write() as session:
        session.add_all(
            Verdict(
                workspace_id=workspace.id, item_a_id=first, item_b_id=second, verdict=verdict,
                decided_by="U1", decided_at=START,
            )
            for (first, second), verdict in [*pairs, *((pair, "distinct") for pair in apart)]
        )  # fmt: skip


@pytest.mark.both_databases
def test_the_verdicts_are_learned_from_in_the_step_that_switches(
    services: Services, other: Services, workspace: Workspace
) -> None:
    """The first answer by the new model is judged by its own calibration; the old one stays."""
    _teach(services, workspace)
    before = services.calibrator.fit(workspace.id, "ticket", by="ana", now=START)
    prepare(other)
    assert switch(services, other, by="ana", now=NOW)
    with services.database.read() as session:
        rows = session.scalars(select(Calibration)).all()
        for by in (services, other):
            fingerprint = by.embedder.fingerprint
            found = current_calibration(session, workspace.id, "ticket", fingerprint)
            assert found is not None
            assert found.verdicts == before.verdicts
    assert len(rows) == 2
    assert not other.calibrator.is_due(workspace.id, "ticket")


def test_the_comparison_tells_precision_and_recall_at_the_cut(
    services: Services, workspace: Workspace
) -> None:
    """They are those of the cut that the verdicts teach, which is not stored."""
    assert measure_model(services.calibrator, NOW).precision is None
    _teach(services, workspace)
    found = measure_model(services.calibrator, NOW)
    assert found.verdicts == 70
    assert (found.precision or 0) > 0.9
    assert (found.recall or 0) > 0.5
    assert found.queries == 60
    assert (found.map or 0) > 0.5
    with services.database.read() as session:
        assert current_calibration(session, workspace.id, "ticket") is None


@pytest.fixture
def compared(services: Services, other: Services, workspace: Workspace) -> ModelFigures:
    """Give what was measured of the other model; what that has learned is marked."""
    _teach(services, workspace)
    prepare(other)
    figures = measure_model(other.calibrator, START)
    [known] = figures.learned
    assert known.report["precision"] == figures.precision
    known.report["mark"] = "of the comparison"
    return figures


def test_what_the_comparison_learned_comes_into_use(
    services: Services, other: Services, workspace: Workspace, compared: ModelFigures
) -> None:
    """Verdicts are learned from again only if somebody has decided meanwhile."""
    with services.database.write() as session:
        newest = session.scalars(select(Verdict).order_by(Verdict.id.desc())).first()
        assert newest is not None
        newest.undone_at, newest.undone_by = NOW, "U1"
    again = switch(services, other, by="ana", now=NOW + MINUTE, known=compared.learned)
    assert again
    assert _calibration(other, workspace).report.get("mark") is None
    assert _calibration(other, workspace).verdicts == 69


def test_what_the_comparison_learned_is_not_learned_again(
    services: Services, other: Services, workspace: Workspace, compared: ModelFigures
) -> None:
    """It is stored as it was shown, by whom and when the model was switched."""
    assert switch(services, other, by="ana", now=NOW, known=compared.learned)
    found = _calibration(other, workspace)
    assert found.report["mark"] == "of the comparison"
    assert (found.fitted_by, found.fitted_at) == ("ana", NOW)


def _calibration(services: Services, workspace: Workspace) -> Calibration:
    with services.database.read() as session:
        found = current_calibration(session, workspace.id, "ticket", services.embedder.fingerprint)
    assert found is not None
    return found


def test_a_switch_is_on_record(services: Services, other: Services, workspace: Workspace) -> None:
    """`deja audit` says who changed the model, when, from what and to what."""
    remember(services, workspace, [ticket("1", "The printer prints blank pages")])
    prepare(other)
    assert switch(services, other, by="ana", now=NOW)
    with services.database.read() as session:
        [record] = find_records(session, workspace.id, AuditQuery(10))
    assert (record.at, record.by, record.what) == (NOW, "ana", "setting")
    assert record.detail == "embedding model hashing@1/64/clean2 → other@1/64/clean2"


def test_topics_keep_their_names_at_a_switch(
    services: Services, other: Services, workspace: Workspace
) -> None:
    """The next run, by the new vectors, continues the old topics, also a renamed one."""
    for subject in SUBJECTS:
        remember(services, workspace, tickets_about(subject))
    scope = scope_of_everybody(workspace.id)
    first = cluster_scope(services, scope)
    with services.database.write() as session:
        curator(session, scope).rename(topic_about(first, SUBJECTS[1]).topic_id, "The tunnel")
    before = current_view(services, scope)
    prepare(other)
    assert switch(services, other, by="ana", now=NOW)
    remember(other, workspace, tickets_about(SUBJECTS[0], first=10))
    after = cluster_scope(other, scope)
    for subject in SUBJECTS:
        one, same = topic_about(before, subject), topic_about(after, subject)
        assert (same.topic_id, same.title) == (one.topic_id, one.title)
    assert topic_about(after, SUBJECTS[1]).title == "The tunnel"
    assert topic_about(after, SUBJECTS[0]).size > topic_about(before, SUBJECTS[0]).size


def test_of_two_switches_at_once_one_is_told_in_one_line(
    services: Services, other: Services, workspace: Workspace
) -> None:
    """The second was compared with a model that is not in use any more, and changes nothing."""
    remember(services, workspace, [ticket("1", "The printer prints blank pages")])
    prepare(other)
    assert switch(services, other, by="ana", now=NOW)
    with pytest.raises(InputError, match=r"^Somebody else has changed the model meanwhile: other@"):
        switch(services, other, by="ben", now=NOW + timedelta(minutes=1))
