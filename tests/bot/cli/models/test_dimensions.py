"""Fewer dimensions on the command line: fitted once there are enough vectors, and measured."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from sqlalchemy import select

from models import Database, Embedding, ModelDirections
from services.search.embedders.reduced import MIN_VECTORS
from tests.tiny_models import DIM, WORDS, make_static

Deja = Callable[..., Result]


@pytest.fixture
def static(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Bring static vectors into use, which take no time."""
    folder = str(make_static(tmp_path / "static"))
    monkeypatch.setenv("DEJA_MODEL", folder)
    return folder


def _import(deja: Deja, tmp_path: Path, count: int) -> None:
    """Import tickets of a few words each."""
    random, words = np.random.default_rng(1), WORDS.split()
    file = tmp_path / "tickets.jsonl"
    with file.open("w") as lines:
        for number in range(count):
            text = " ".join(random.choice(words, 5))
            lines.write(json.dumps({"id": f"T-{number}", "text": f"{text} {number}"}) + "\n")
    result = deja("import", str(file))
    assert result.exit_code == 0, result.output


def test_dimensions_are_fitted_measured_and_taken_back(
    command_line: Deja,
    static: str,
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One story, because it needs two thousand tickets."""
    _import(command_line, tmp_path, MIN_VECTORS)
    monkeypatch.setenv("DEJA_DIMENSIONS", "16")
    used = command_line("model", "use", static, "--now", "--yes")
    assert used.exit_code == 0, used.output
    assert f"{static} (16) is in use now" in used.stderr
    assert f"`deja model use {static} --dimensions 0` goes back" in used.stderr
    status = json.loads(command_line("model", "status", "--dimensions", "--json").stdout)
    assert status["model"] == f"{static} (16)"
    assert [one["dim"] for one in status["dimensions"]] == [16]
    assert status["dimensions"][0]["bytes_per_item"] == 64
    (line,) = command_line("similar", "the printer prints 7", "--json").stdout.splitlines()
    assert json.loads(line)["matches"]
    database = Database.connect(database_url)
    with database.read() as session:
        directions = session.scalars(select(ModelDirections)).one()
        dims = session.scalars(select(Embedding.dim).distinct()).all()
    assert directions.fingerprint == status["fingerprint"]
    assert sorted(dims) == [16, DIM]
    back = command_line("model", "use", static, "--dimensions", "0", "--yes")
    assert f"{static} is in use again" in back.stderr, back.output
    again = command_line("model", "use", static, "--dimensions", "16", "--yes")
    assert f"{static} (16) is in use again" in again.stderr
    assert command_line("model", "use", static, "--dimensions", "0", "--yes").exit_code == 0
    dropped = command_line("model", "drop", f"{static} (16)", "--yes")
    assert dropped.exit_code == 0, dropped.output
    with database.read() as session:
        assert not session.scalars(select(ModelDirections)).all()
    database.close()


def test_too_few_vectors_are_told(
    command_line: Deja, static: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The setting is told of by the doctor until there are enough."""
    _import(command_line, tmp_path, 3)
    refused = command_line("model", "use", static, "--dimensions", "16")
    assert refused.exit_code == 1
    assert "at least 2,000 vectors" in refused.stderr
    assert "there are 3" in refused.stderr
    more = command_line("model", "use", static, "--dimensions", "64")
    assert "has 32 dimensions" in more.stderr
    monkeypatch.setenv("DEJA_DIMENSIONS", "16")
    assert "DEJA_DIMENSIONS is 16" in command_line("doctor", "--json").stdout


def test_figures_of_fewer_dimensions_are_shown(command_line: Deja, tmp_path: Path) -> None:
    """Bytes, MAP lost on the team's verdicts, and the time of a search, for each number."""
    file = tmp_path / "tickets.jsonl"
    texts = ["blank pages from the printer", "the printer prints blank pages", "VPN drops",
             "where is my badge?"]  # fmt: skip
    rows = [json.dumps({"id": f"T-{n}", "text": text}) for n, text in enumerate(texts)]
    file.write_text("\n".join(rows))
    assert command_line("import", str(file)).exit_code == 0
    verdict = json.dumps({"a": "T-0", "b": "T-1", "verdict": "duplicate"})
    assert command_line("verdicts", "import", "-", stdin=verdict).exit_code == 0
    status = json.loads(command_line("model", "status", "--dimensions", "--json").stdout)
    figures = status["dimensions"]
    assert [one["dim"] for one in figures] == [64, 128, 256, 384]
    assert [one["bytes_per_item"] for one in figures] == [256, 512, 1024, 1536]
    assert all(one["map"] == 1 and one["milliseconds"] > 0 for one in figures)
    shown = command_line("model", "status", "--dimensions").stdout
    assert "MAP lost" in shown
