"""`deja settings`: changes are shown first, applied together, and can be undone."""

from __future__ import annotations

import json
import os
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import select

from models import Change, Channel, Database, Workspace
from services.memory.channel_facts import ChannelFacts, save_channel
from tests.bot.cli.backlog import Run, lines
from tests.conftest import NOW

FILE = """
workspace: {time_zone: Europe/Berlin}
every_channel: {digest: off, quiet_hours: 22-6}
channels:
  C1: {mode: quiet, deciders: [U1, U2]}
  "#billing": {digest: on}
"""


@pytest.fixture
def deja(command_line: Run) -> Run:
    """Give the command line on a database with two Slack channels and an imported one."""
    assert command_line("db", "upgrade").exit_code == 0
    database = Database.connect(os.environ["DEJA_DATABASE_URL"])
    with closing(database), database.write() as session:
        session.add(Workspace(id=1, team_id="T1", created_at=NOW))
        session.flush()
        for slack_id, name in (("C1", "helpdesk"), ("C2", "billing")):
            save_channel(session, 1, ChannelFacts(slack_id, name, False, False), mode="full")
        session.add(Channel(workspace_id=1, name="archive"))
    return command_line


def stored(deja: Run) -> dict[str, dict[str, Any]]:
    """Return the settings of the channels, by id."""
    return {one["channel"]: one for one in lines(deja("settings", "export", "--json"))}


def apply(deja: Run, text: str, *more: str) -> Result:
    """Apply a file."""
    Path("channels.yaml").write_text(text, encoding="utf-8")
    return deja("settings", "apply", "channels.yaml", *more)


def test_a_file_is_applied_and_taken_back(deja: Run) -> None:
    """For named channels, all others and the workspace; the audit says who changed what."""
    before = stored(deja)
    result = apply(deja, FILE, "--yes", "--json")
    changes = [json.loads(line) for line in result.stdout.splitlines()]
    assert {(one["channel"], one["setting"]) for one in changes} == {
        ("", "time_zone"),
        ("C1", "mode"), ("C1", "deciders"), ("C1", "digest"), ("C1", "quiet_hours"),
        ("C2", "quiet_hours"),
    }  # fmt: skip
    after = stored(deja)
    assert set(after) == {"C1", "C2"}
    assert (after["C1"]["mode"], after["C1"]["deciders"]) == ("quiet", ["U1", "U2"])
    assert (after["C1"]["digest"], after["C2"]["digest"]) == (False, True)
    assert "time_zone: Europe/Berlin" in deja("settings", "export").stdout
    database = Database.connect(os.environ["DEJA_DATABASE_URL"])
    with closing(database), database.read() as session:
        assert len(session.scalars(select(Change)).all()) == len(changes)
    assert "time zone" in deja("audit").stdout
    undo = result.stderr.split("deja settings apply ")[1].strip()
    assert oct(Path(undo).stat().st_mode & 0o777) == "0o600"
    assert deja("settings", "apply", undo, "--yes").exit_code == 0
    assert stored(deja) == before
    assert "time_zone: ''" in deja("settings", "export").stdout


def test_an_export_changes_nothing_when_it_is_applied(deja: Run) -> None:
    """Whether it was written to a file or read from standard input."""
    assert deja("settings", "export", "all.yaml").exit_code == 0
    text = Path("all.yaml").read_text(encoding="utf-8")
    assert "# #helpdesk" in text
    assert "Nothing changes" in deja("settings", "apply", "all.yaml").stdout
    assert deja("settings", "apply", "-", "--json", stdin=text).stdout == ""


def test_nothing_changes_unless_somebody_says_so(deja: Run, tmp_path: Path) -> None:
    """Not with --dry-run, nor if the answer is no or missing."""
    before = stored(deja)
    shown = apply(deja, FILE, "--dry-run")
    assert shown.exit_code == 0
    assert "U1, U2" in shown.stdout
    assert apply(deja, FILE).exit_code == 1
    Path("channels.yaml").write_text(FILE, encoding="utf-8")
    assert deja("settings", "apply", "channels.yaml", stdin="n\n").exit_code == 1
    assert stored(deja) == before
    assert list((tmp_path / "data").glob("settings-before-*")) == []
    assert deja("settings", "apply", "channels.yaml", stdin="y\n").exit_code == 0
    assert stored(deja) != before


def test_mistakes_change_nothing(deja: Run) -> None:
    """Unknown or repeated channels and conflicting emoji get one line each."""
    before = stored(deja)
    result = apply(
        deja,
        """
channels:
  "#helpdsk": {mode: off}
  C1: {mode: off}
  "#helpdesk": {mode: full}
  C2: {ignore_emoji: pushpin}
""",
        "--yes",
    )
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        "Error: There is no channel #helpdsk. Do you mean #helpdesk?",
        "#helpdesk is there twice, by its id and by its name.",
        "#billing: ticket_emoji and ignore_emoji must differ.",
    ]
    assert stored(deja) == before
    for content in (b"\xff\xfe", b"channels: ["):
        Path("bad.yaml").write_bytes(content)
        result = deja("settings", "apply", "bad.yaml")
        assert (result.exit_code, len(result.output.splitlines())) == (1, 1)


def test_a_user_without_a_name_is_on_record(deja: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container that runs under a user id without a name."""
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("os.getuid", lambda: 2**31 - 2)
    assert apply(deja, FILE, "--yes").exit_code == 0
    assert deja("budget", "helpdesk", "2").exit_code == 0
    database = Database.connect(os.environ["DEJA_DATABASE_URL"])
    with closing(database), database.read() as session:
        assert set(session.scalars(select(Change.changed_by))) == {"deja"}
