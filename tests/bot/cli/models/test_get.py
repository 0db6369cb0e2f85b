"""`deja model get` and what `deja model list` says of known models."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from services.search.embedders.model_table import known_models
from tests.tiny_model import make_tiny_model

Deja = Callable[..., Result]
DEFAULT = "all-MiniLM-L6-v2"


@pytest.fixture
def deja(command_line: Deja, tmp_path: Path) -> Deja:
    """Give the command line on one ticket, with the default model."""
    file = tmp_path / "tickets.jsonl"
    file.write_text(json.dumps({"id": "T-1", "text": "the printer prints blank pages"}))
    assert command_line("import", str(file)).exit_code == 0
    return command_line


def test_a_model_is_brought_here_and_used_with_another_one(deja: Deja, tmp_path: Path) -> None:
    """A folder on a stick becomes a model of this machine, and answers beside the default one."""
    make_tiny_model(tmp_path / "stick" / "tiny", seed=1)
    got = deja("model", "get", "somebody/tiny", "--from", str(tmp_path / "stick"))
    assert got.exit_code == 0, got.output
    assert "`deja model use somebody/tiny` brings it into use" in got.stderr
    both = f"{DEFAULT} + somebody/tiny"
    used = deja("model", "use", both, "--now", "--yes")
    assert used.exit_code == 0, used.output
    assert f"{both} is in use now" in used.stderr
    status = json.loads(deja("model", "status", "--json").stdout)
    assert status["model"] == both
    assert status["without vectors"] == 0
    (line,) = deja("similar", "blank pages from the printer", "--json").stdout.splitlines()
    assert [match["item"] for match in json.loads(line)["matches"]] == ["T-1"]
    alone = deja("model", "use", "tiny", "--now", "--yes")
    assert f"`deja model use '{both}'` goes back" in alone.stderr  # as a shell takes it
    back = deja("model", "use", DEFAULT, "--yes")
    assert f"{DEFAULT} is in use again" in back.stderr


def test_known_models_are_listed(deja: Deja) -> None:
    """Each with what it is for, its license and whether it is here."""
    lines = list(map(json.loads, deja("model", "list", "--json").stdout.splitlines()))
    assert [line["state"] for line in lines if line["model"] == DEFAULT] == ["in use"]
    (mpnet,) = [line for line in lines if line["model"] == "all-mpnet-base-v2"]
    assert mpnet["state"] is None
    assert mpnet["dimensions"] == 768
    assert not mpnet["on this machine"]
    shown = deja("model", "list").stdout
    assert "Known models" in shown
    assert "query: " not in shown


def test_known_models_are_listed_before_there_is_a_database(command_line: Deja) -> None:
    """What Déjà knows of models needs no tables, and what is on this machine neither."""
    listed = command_line("model", "list", "--json")
    assert listed.exit_code == 0, listed.output
    lines = list(map(json.loads, listed.stdout.splitlines()))
    assert [line["model"] for line in lines] == [one.name for one in known_models()]
    shown = command_line("model", "list")
    assert "Known models" in shown.stdout
    assert "No vectors are stored yet." in shown.stderr


def test_a_model_of_the_same_name_by_somebody_else_is_another_one(
    deja: Deja, tmp_path: Path
) -> None:
    """It neither counts as downloaded, nor is it taken in the other one's place."""
    make_tiny_model(tmp_path / "stick" / "tiny", seed=1)
    make_tiny_model(tmp_path / "other" / "tiny", seed=2)
    assert deja("model", "get", "somebody/tiny", "--from", str(tmp_path / "stick")).exit_code == 0
    got = deja("model", "get", "another/tiny", "--from", str(tmp_path / "other"))
    assert got.exit_code == 1
    assert "somebody/tiny is in" in got.stderr
    used = deja("model", "use", "another/tiny", "--now", "--yes")
    assert used.exit_code == 1
    assert "another/tiny" in used.stderr
    for name in ("somebody/tiny", "tiny"):
        assert deja("model", "get", "somebody/tiny").exit_code == 0
        assert deja("model", "use", name, "--now", "--yes").exit_code == 0


def test_no_name_of_a_model_is_broken_at_80_columns(
    deja: Deja, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every known model stands in one line, and no line is wider than the terminal."""
    monkeypatch.setenv("COLUMNS", "80")
    lines = deja("model", "list").stdout.splitlines()
    assert [one.name for one in known_models() if f" {one.name} " not in "\n".join(lines)] == []
    assert max(map(len, lines)) == 80


def test_speed_is_measured_here(deja: Deja, tmp_path: Path) -> None:
    """It is measured when asked for, and shown from then on."""
    assert deja("model", "list", "--measure").exit_code == 0
    lines = map(json.loads, deja("model", "list", "--json").stdout.splitlines())
    speeds = {line["model"]: line["texts a second"] for line in lines}
    assert speeds[DEFAULT] > 1
    assert speeds["all-mpnet-base-v2"] is None
    shown = deja("model", "list").stdout
    assert f"{speeds[DEFAULT]:.0f}/s" in shown
    assert f"{speeds[DEFAULT]:.0f} texts a second" in shown


def test_what_cannot_be_got_is_one_line(deja: Deja) -> None:
    """No traceback, and exit code 1."""
    failed = deja("model", "get", "no-such-model")
    assert failed.exit_code == 1
    assert failed.stderr.count("\n") == 1
    assert "deja model list" in failed.stderr
