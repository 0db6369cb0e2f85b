"""`deja tune`: what is kept, what is told of it, and everything that goes wrong, in one line."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from click.testing import Result

from services.errors import InputError
from services.search.embedders.model_workshop import making_model
from services.search.embedders.tuned_models import PART
from tests.remembering import START
from tests.tiny_model import make_tiny_model
from tests.tiny_models import make_static

TUNING, LOCK = (PART, "deja tune"), f"{PART}.lock"

Deja = Callable[..., Result]

GROUPS, SIZE = 60, 3
TALK = ("please", "hello", "again", "today", "somebody", "help", "thanks", "since", "morning")


@pytest.fixture(scope="session")
def impressionable(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a model of random weights, so small that a few steps of learning change them much."""
    from safetensors.torch import load_file, save_file

    folder = make_tiny_model(tmp_path_factory.mktemp("models") / "tiny", seed=1)
    file = folder / "model.safetensors"
    weights = load_file(file)
    small = {name: one / 20 if "word_embeddings" in name or "position" in name else one
             for name, one in weights.items()}  # fmt: skip
    save_file(small, file, {"format": "pt"})
    return folder


@pytest.fixture
def deja(
    command_line: Deja, impressionable: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Deja:
    """Give the command line on sixty groups of three, each about a number, amid much talk."""
    monkeypatch.setenv("DEJA_MODEL", str(impressionable))
    lines = [
        {
            "id": f"T-{number}",
            "text": " ".join([*(TALK[(number * 7 + n * n) % len(TALK)] for n in range(6)),
                              str(1_000 + 37 * (number // SIZE))]),
            "created": START.timestamp() + number,
        }
        for number in range(GROUPS * SIZE)
    ]  # fmt: skip
    (tmp_path / "tickets.jsonl").write_text("\n".join(map(json.dumps, lines)))
    assert command_line("import", str(tmp_path / "tickets.jsonl")).exit_code == 0
    return command_line


def _decide(deja: Deja, tmp_path: Path, groups: int = GROUPS) -> None:
    """Confirm all pairs with the first of their group, and reject some of the next group."""
    lines = [
        {"a": f"T-{SIZE * group}", "b": f"T-{SIZE * group + more}", "label": int(more < SIZE)}
        for group in range(groups)
        for more in range(1, SIZE + 1)
    ]
    file = tmp_path / "verdicts.jsonl"
    file.write_text("\n".join(map(json.dumps, lines[:-1])))
    assert deja("verdicts", "import", str(file)).exit_code == 0


def _json(deja: Deja, *arguments: str) -> dict[str, Any]:
    result = deja(*arguments, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
    return found


def _check(deja: Deja) -> tuple[str, str]:
    lines = map(json.loads, deja("doctor", "--offline", "--json").stdout.splitlines())
    return next((one["state"], one["message"]) for one in lines if one["check"] == "tuned models")


def _check_private(folder: Path) -> None:
    """Nobody else may read the model, and nothing is left of the work."""
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in folder.rglob("*") if file.is_file()} == {0o600}
    assert not (folder.parent / PART).exists()


def _erase_what_was_learned(deja: Deja, name: str) -> None:
    """Who erases is told of the model, and so is the doctor."""
    erased = deja("erase", "--item", "T-3", "--yes")
    assert f"{name} learned from it" in erased.stderr
    assert "learned from it" not in deja("erase", "--item", "T-179", "--dry-run").stderr
    state, message = _check(deja)
    assert state == "warning"
    assert f"{name} learned on" in message
    assert "from 1 ticket erased or deleted since" in message


def test_a_better_model_is_kept_used_told_of_and_dropped(deja: Deja, tmp_path: Path) -> None:
    """One story: every step of it needs a model that has learned."""
    _decide(deja, tmp_path)
    found = _json(deja, "tune", "--margin", "0.005")
    name = found["kept"]
    assert name is not None, found
    assert name.startswith("tiny-tuned-")
    assert found["map_after"] - found["map_before"] == pytest.approx(found["gain"])
    assert 0 < found["low"] <= found["gain"] <= found["high"]
    assert (found["queries"], found["groups"]) == (36, 12)
    folder = tmp_path / "data" / "models" / name
    _check_private(folder)
    listed = deja("model", "list")
    assert "Learned from the team" in listed.stdout
    assert name in listed.stdout
    assert _check(deja)[0] == "ok"

    used = deja("model", "use", name, "--now", "--yes")
    assert used.exit_code == 0, used.output
    assert "verdicts that the tuned model has learned from" in used.stderr
    assert f"{name} is in use now" in used.stderr
    status = _json(deja, "model", "status")
    assert status["model"] == name
    assert status["tuned"]["map after"] == found["map_after"]

    _erase_what_was_learned(deja, name)
    again = _json(deja, "tune", "--dry-run")
    assert again["model"].endswith("/tiny")  # what was erased is forgotten

    in_use = deja("model", "drop", name, "--yes")
    assert "is in use" in in_use.stderr
    assert folder.is_dir()
    assert deja("model", "use", "tiny", "--yes").exit_code == 0
    dropped = deja("model", "drop", name, "--yes")
    assert f"the weights of {name}" in dropped.stderr
    assert not folder.exists()
    assert "Learned from the team" not in deja("model", "list").stdout


def test_what_is_not_better_is_not_kept(deja: Deja, tmp_path: Path) -> None:
    """Figures are told either way; a dry run only counts."""
    _decide(deja, tmp_path)
    counts = _json(deja, "tune", "--dry-run")
    assert 80 < counts["confirmed_pairs"] + counts["pairs_to_stop_by"] <= 96
    assert (counts["held_out_tickets"], counts["held_out_groups"]) == (36, 12)
    assert counts["rejected_pairs"] > 0
    assert counts["minutes"] <= 30
    (tmp_path / "data" / "models" / PART).mkdir(parents=True)  # of one that was killed
    result = deja("tune", "--margin", "1")
    assert result.exit_code == 0, result.output
    assert "MAP, of 36 tickets in 12 groups held out" in result.stdout
    assert "Nothing was kept: it must rise by 1.0" in result.stderr
    assert [one.name for one in (tmp_path / "data" / "models").iterdir()] == [LOCK]


def test_a_model_that_was_never_used_is_dropped(deja: Deja, tmp_path: Path) -> None:
    """It has no vectors, only weights."""
    _decide(deja, tmp_path)
    name = _json(deja, "tune", "--margin", "0.005")["kept"]
    dropped = deja("model", "drop", name, "--yes").stderr
    assert dropped == f"Deleted: the weights of {name}.\n"
    assert not (tmp_path / "data" / "models" / name).exists()
    assert "There is no model" in deja("model", "drop", name, "--yes").stderr


def test_too_little_and_a_full_disk_are_told(
    deja: Deja, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is learned."""
    few = deja("tune")
    assert few.exit_code == 1
    assert "0 confirmed pairs in 0 groups. It takes 100 in 50" in few.stderr
    _decide(deja, tmp_path)

    class Full(NamedTuple):
        total: int = 10**9
        used: int = 10**9
        free: int = 0

    monkeypatch.setattr(shutil, "disk_usage", lambda _: Full())
    full = deja("tune")
    assert full.exit_code == 1
    assert "has no room for a model" in full.stderr


def test_models_that_cannot_learn_are_refused(
    command_line: Deja, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one line each, with nothing made."""
    static = str(make_static(tmp_path / "static"))
    for name in (static, "use-multilingual", "all-MiniLM-L6-v2 + use-multilingual"):
        monkeypatch.setenv("DEJA_MODEL", name)
        monkeypatch.setenv("DEJA_DATA_DIR", str(tmp_path / f"data-{len(name)}"))
        assert command_line("db", "upgrade").exit_code == 0
        result = command_line("tune")
        assert result.exit_code == 1
        assert "cannot learn from the team" in result.stderr
        assert len(result.stderr.strip().splitlines()) == 1


def test_one_tunes_at_a_time_and_leaves_nothing_when_interrupted(tmp_path: Path) -> None:
    """The lock ends with its process, and what was begun is deleted."""

    def interrupted() -> None:
        with making_model(tmp_path, *TUNING) as part:
            (part / "model.safetensors").write_bytes(b"half")
            with pytest.raises(InputError, match="is running"), making_model(tmp_path, *TUNING):
                pass
            assert part.is_dir()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert [one.name for one in tmp_path.iterdir()] == [LOCK]
    with making_model(tmp_path, *TUNING) as again:
        assert not list(again.iterdir())
