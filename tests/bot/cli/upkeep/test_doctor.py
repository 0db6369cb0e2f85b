"""The doctor makes and shows the nightly proof, and checks the alert channel."""

from __future__ import annotations

import json
import os
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from bot.clock import utc_now
from models import Database, Embedding, Item, Job, Proof
from services.memory.workspaces import find_workspace
from tests.bot.cli.backlog import Run
from tests.slack_standin import TOKEN, SlackStandIn


def finding(run: Run, check: str, *more: str) -> dict[str, str]:
    """Return one finding of the doctor."""
    lines = run("doctor", "--json", *more).stdout.splitlines()
    return next(one for one in map(json.loads, lines) if one["check"] == check)


def test_the_doctor_makes_and_shows_the_nightly_proof(run: Run) -> None:
    """Before the first night it says there is none; a failed check is a problem with details."""
    proof = ("nightly proof", "--offline")
    assert "none yet" in finding(run, *proof)["message"]
    made = finding(run, *proof, "--prove")
    assert (made["state"], finding(run, *proof)) == ("ok", made)
    assert "the index finds 100% of the nearest" in made["message"]
    long_ago = utc_now() - timedelta(days=3)
    database = Database.connect(os.environ["DEJA_DATABASE_URL"])
    with closing(database), database.write() as session:
        session.execute(update(Item).values(updated_at=long_ago))
        session.execute(delete(Embedding))
        session.execute(update(Proof).values(made_at=long_ago))
    assert finding(run, *proof)["state"] == "warning"
    failed = finding(run, *proof, "--prove")
    assert failed["state"] == "problem"
    assert "18 tickets have no vectors. See docs/monitoring.md" in failed["message"]


def test_a_proof_that_cannot_be_made_is_one_of_the_problems(
    command_line: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without tables the doctor makes the checks that need none, and says once what is missing."""
    monkeypatch.setenv("DEJA_DATABASE_URL", f"sqlite:///{tmp_path / 'new.db'}")
    found = command_line("doctor", "--offline", "--prove", "--json").stdout.splitlines()
    findings = {one["check"]: one for one in map(json.loads, found)}
    checks = ("model", "nightly proof", "sources")
    assert [findings[check]["state"] for check in checks] == ["ok", "problem", "problem"]
    assert "deja db upgrade" in findings["database"]["message"]
    assert findings["sources"]["message"] == "not checked, see database"


def test_the_doctor_tells_of_work_that_waits(run: Run) -> None:
    """Too long is what the settings say; what was given up is a warning."""
    assert finding(run, "queue", "--offline")["state"] == "ok"
    long_ago = utc_now() - timedelta(days=3)
    database = Database.connect(os.environ["DEJA_DATABASE_URL"])
    with closing(database), database.write() as session:
        workspace_id = find_workspace(session).id
        for key, state in (("a", "failed"), ("b", "ready")):
            session.add(
                Job(
                    workspace_id=workspace_id, kind="message", key=key, payload={}, state=state,
                    run_at=long_ago, created_at=long_ago,
                )
            )  # fmt: skip
    late = finding(run, "queue", "--offline")
    assert late["state"] == "problem"
    assert "waiting for 3 days" in late["message"]
    assert "1 job was given up" in late["message"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_damaged_database_is_one_of_the_findings(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The checks that need none are made, and what to do is said once."""
    file = tmp_path / "damaged.db"
    assert run("backup", str(file)).exit_code == 0
    with file.open("r+b") as stream:
        stream.seek(8192)
        stream.write(b"\xff" * (file.stat().st_size - 8192))
    monkeypatch.setenv("DEJA_DATABASE_URL", f"sqlite:///{file}")
    lines = [json.loads(one) for one in run("doctor", "--offline", "--json").stdout.splitlines()]
    found = {one["check"]: one["state"] for one in lines}
    assert (found["model"], found["database"]) == ("ok", "problem")
    broken = [one["message"] for one in lines if "damaged" in one["message"]]
    assert len(broken) == 1, lines
    assert "`deja restore` a backup" in broken[0]


@pytest.mark.parametrize(
    ("to", "state"),
    [
        ("C1", "ok"),
        ("CUNKNOWN", "problem"),
        ("U7", "ok"),
        ("UBOT", "problem"),
    ],
)
def test_the_doctor_checks_where_problems_are_reported(
    run: Run, slack: SlackStandIn, monkeypatch: pytest.MonkeyPatch, to: str, state: str
) -> None:
    """It must be a channel that the bot is in, or a person."""
    slack.users = {"U7": {}, "UBOT": {"is_bot": True}}
    for name, value in {
        "SLACK_BOT_TOKEN": TOKEN,
        "SLACK_SIGNING_SECRET": "secret",
        "SLACK_API_URL": f"{slack.url}/api",
        "DEJA_ALERT_CHANNEL": to,
    }.items():
        monkeypatch.setenv(name, value)
    found = finding(run, "alerts")
    assert (found["state"], to in found["message"]) == (state, True)
