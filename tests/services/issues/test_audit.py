"""The audit lists all actions of a workspace in order, and nothing of other workspaces."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.wiring import Services
from models import Calibration, Change, Workspace
from services.issues.audit import AuditQuery, AuditRecord, find_records
from services.issues.verdicts import decide, undo
from tests.remembering import START, channel, remember, ticket


def at(minute: int) -> datetime:
    """Return the time that many minutes after the first."""
    return START + timedelta(minutes=minute)


@pytest.fixture
def ids(services: Services, workspace: Workspace) -> tuple[int, int, int]:
    """Decide, undo, calibrate, roll back and configure, a minute apart."""
    a, b, c = (
        one.item_id for one in remember(services, workspace, [ticket(name, name) for name in "abc"])
    )
    help_channel = channel(services, workspace, "C1")
    with services.database.write() as session:
        decide(session, workspace.id, (a, b), "duplicate", by="U1", now=at(0))
        decide(session, workspace.id, (b, c), "distinct", by="U2", now=at(1))
        undo(session, (b, c), by="U1", now=at(2))
        session.add(
            Calibration(
                workspace_id=workspace.id, kind="ticket", model={}, report={}, verdicts=213,
                fitted_by="U1", fitted_at=at(3), rolled_back_by="U2", rolled_back_at=at(4),
            )
        )  # fmt: skip
        for channel_id in (help_channel.id, None):
            session.add(
                Change(
                    workspace_id=workspace.id, channel_id=channel_id, setting="noise_budget",
                    before="1", after="2", changed_by="U1", changed_at=at(5),
                )
            )  # fmt: skip
        decide(session, workspace.id, (a, b), "related", by="U2", now=at(6))
    return a, b, c


def records(services: Services, workspace: Workspace, query: AuditQuery) -> list[AuditRecord]:
    """Return the records."""
    with services.database.read() as session:
        return find_records(session, workspace.id, query)


@pytest.mark.both_databases
def test_all_actions_are_listed(
    services: Services, workspace: Workspace, ids: tuple[int, int, int]
) -> None:
    """Actions have a time, a person and details; an undone verdict has two records."""
    a, b, c = ids
    assert records(services, workspace, AuditQuery(50)) == [
        AuditRecord(at(0), "U1", "duplicate", (a, b)),
        AuditRecord(at(1), "U2", "distinct", (b, c)),
        AuditRecord(at(2), "U1", "undo", (b, c), "distinct, decided by U2 on 2026-11-01"),
        AuditRecord(at(3), "U1", "calibration", (), "number 1, of tickets, from 213 verdicts"),
        AuditRecord(at(4), "U2", "rollback", (), "calibration number 1, of tickets"),
        AuditRecord(at(5), "U1", "setting", (), "#name-C1: noise_budget 1 → 2"),
        AuditRecord(at(5), "U1", "setting", (), "noise_budget 1 → 2"),
        AuditRecord(at(6), "U2", "undo", (a, b), "duplicate, decided by U1 on 2026-11-01"),
        AuditRecord(at(6), "U2", "related", (a, b)),
    ]


@pytest.mark.both_databases
def test_the_audit_can_be_filtered(
    services: Services, workspace: Workspace, ids: tuple[int, int, int]
) -> None:
    """By item, by person, by time, and to the newest few."""
    all_records = records(services, workspace, AuditQuery(50))
    for query, expected in (
        (AuditQuery(50, item_id=ids[2]), all_records[1:3]),
        (AuditQuery(50, by="U2"), [one for one in all_records if one.by == "U2"]),
        (AuditQuery(50, since=at(4)), all_records[4:]),
        (AuditQuery(3), all_records[-3:]),
        (AuditQuery(1, item_id=ids[0], by="U1", since=at(0)), all_records[:1]),
        (AuditQuery(50, by="nobody"), []),
    ):
        assert records(services, workspace, query) == expected
    with services.database.read() as session:
        assert find_records(session, workspace.id + 1, AuditQuery(50)) == []


def test_actions_with_the_same_time_keep_their_order(
    services: Services, workspace: Workspace
) -> None:
    """Decisions of one import come before the undoing that follows them."""
    a, b = (
        one.item_id for one in remember(services, workspace, [ticket("a", "a"), ticket("b", "b")])
    )
    with services.database.write() as session:
        for decision in ("duplicate", "distinct", "related"):
            decide(session, workspace.id, (a, b), decision, by="import", now=START)
    actions = [one.what for one in records(services, workspace, AuditQuery(50))]
    assert actions == ["duplicate", "undo", "distinct", "undo", "related"]
    assert [one.what for one in records(services, workspace, AuditQuery(2))] == actions[-2:]
