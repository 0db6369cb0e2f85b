"""A noise budget that is exceeded is reported to administrators, and in the channel."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy.orm import Session

from bot.cli import main
from bot.wiring import Services
from models import Answer, Channel, ShownMatch, Workspace
from services.answers.status import describe_channel
from services.issues.verdicts import decide
from tests.calibrated import add_calibration, model_with_cut
from tests.remembering import START, channel, remember, ticket


@pytest.fixture
def quiet(
    services: Services, workspace: Workspace, database_url: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Channel:  # fmt: skip
    """Add a channel in which all twelve flags were rejected."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DEJA_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("DEJA_DATABASE_URL", database_url)
    added = channel(services, workspace, "C1")
    first, *others = remember(
        services,
        workspace,
        [ticket(f"{n}", f"ticket {n}", minutes=n, channel_id=added.id) for n in range(13)],
    )
    with services.database.write() as session:
        for one in others:
            match = ShownMatch(item_id=first.item_id, position=0, similarity=0.9, band="duplicate")
            session.add(
                Answer(
                    item_id=one.item_id, channel_id=added.id, thread_ts=str(one.item_id),
                    created_at=START, matches=[match],
                )
            )  # fmt: skip
        session.flush()
        for one in others:
            pair = (one.item_id, first.item_id)
            decide(session, workspace.id, pair, "distinct", by="U1", now=START)
    return added


def told(*arguments: str) -> str:
    """Return the output of a command."""
    return CliRunner().invoke(main, arguments).output


def test_an_exceeded_noise_budget_is_reported_everywhere(
    services: Services, quiet: Channel
) -> None:
    """In `deja budget`, `deja status`, `deja doctor` (with a remedy) and the channel."""
    line = json.loads(told("budget", "name-C1", "--json"))
    assert (line["decided"], line["right"], line["kept"]) == (12, 0, False)
    assert "not kept: quiet" in told("budget")
    assert json.loads(told("status", "--json"))["quiet channels"] == ["#name-C1"]
    findings = [json.loads(one) for one in told("doctor", "--offline", "--json").splitlines()]
    (budgets,) = [one for one in findings if one["check"] == "noise budget"]
    assert budgets["state"] == "warning"
    assert "quiet in #name-C1" in budgets["message"]
    assert "`deja review`" in budgets["message"]
    with services.database.read() as session:
        lines = _described(session, session.get_one(Channel, quiet.id))
    assert lines["In this channel"] == "quiet, because too many of my suggestions were wrong"


def _described(session: Session, channel: Channel) -> dict[str, str]:
    return {str(name): str(value) for name, value in describe_channel(session, channel)}


def test_a_new_model_gives_a_channel_another_chance(
    services: Services, workspace: Workspace, quiet: Channel
) -> None:
    """Earlier flags do not count; status and doctor name the model in use."""
    assert json.loads(told("status", "--json"))["judged by"] == ["the rule for a new team"]
    row = add_calibration(services, workspace.id, model_with_cut(0.9), at=START.replace(year=2027))
    judges = (
        f"calibration {row.id} of tickets: After 12 decisions: among the pairs with the "
        "strongest evidence, 12 of 12 were the same issue. What is at least this strong is called "
        "a duplicate."
    )
    numbers = json.loads(told("status", "--json"))
    assert (numbers["judged by"], numbers["quiet channels"]) == ([judges], [])
    assert f"kept in every channel; judged by {judges}" in told("doctor", "--offline", "--json")
    with services.database.read() as session:
        lines = _described(session, session.get_one(Channel, quiet.id))
    assert lines["In this channel"] == "I answer repeated and similar tickets"
