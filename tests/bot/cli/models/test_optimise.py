"""`deja model optimise`: what is made, kept and brought into use."""

from __future__ import annotations

import fcntl
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from services.errors import InputError, ModelError
from services.evaluation.optimisation import FormFigures, find_best, grouped_texts, map_by_cosine
from services.search.embedders.embedding import SentenceTransformerEmbedder
from services.search.embedders.optimised_names import optimised_name
from services.search.embedders.optimiser import PART, keep_form, optimised_forms
from tests.bot.cli.backlog import with_tickets
from tests.hashing import HashingEmbedder
from tests.tiny_model import make_tiny_model
from tests.tiny_models import make_words

Deja = Callable[..., Result]
LOCK = f"{PART}.lock"
TICKETS = ("The printer prints blank pages", "Blank pages from the printer", "A day of holiday?")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a model of 32 dimensions with random weights."""
    return make_tiny_model(tmp_path_factory.mktemp("models") / "tiny", seed=1)


@pytest.fixture(scope="module")
def made(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make its int8 form, and give the folder of models that has it."""
    downloads = tmp_path_factory.mktemp("data") / "models"
    steps: list[str] = []
    with optimised_forms(SentenceTransformerEmbedder(str(tiny)), downloads, steps.append) as forms:
        folder = keep_form(forms["int8"], downloads)
    assert len(steps) == 2
    assert folder == downloads / "tiny (int8)"
    return downloads


@pytest.fixture
def deja(command_line: Deja, tmp_path: Path) -> Deja:
    """Give the command line on three tickets."""
    return with_tickets(command_line, tmp_path, TICKETS)


def test_what_is_kept_is_its_owners_alone(made: Path) -> None:
    """Nothing else stays in the folder."""
    kept = made / "tiny (int8)"
    assert {one.name for one in made.iterdir()} == {kept.name, LOCK}
    assert kept.stat().st_mode & 0o777 == 0o700
    assert {one.stat().st_mode & 0o777 for one in kept.iterdir()} == {0o600}


def test_an_optimised_model_comes_into_use_and_goes_back(
    deja: Deja, made: Path, tmp_path: Path
) -> None:
    """It is a model of its own: with vectors of its own, in all lists, and with a way back."""
    shutil.copytree(made, tmp_path / "data" / "models", dirs_exist_ok=True)
    result = deja("model", "use", "tiny (int8)", "--now", "--yes")
    assert result.exit_code == 0, result.output
    status = json.loads(deja("model", "status", "--json").stdout)
    assert (status["model"], status["without vectors"]) == ("tiny (int8)", 0)
    assert "ONNX Runtime" in status["computes in"]
    lines = map(json.loads, deja("model", "list", "--json").stdout.splitlines())
    assert {one["model"]: one["state"] for one in lines if one["state"]} == {
        "tiny (int8)": "in use",
        "all-MiniLM-L6-v2": "kept",
    }
    (found,) = deja("similar", "blank pages", "--json").stdout.splitlines()
    assert len(json.loads(found)["matches"]) == 3
    assert deja("model", "use", "all-MiniLM-L6-v2", "--yes").exit_code == 0


def test_a_changed_one_in_use_is_not_read_with(deja: Deja, made: Path, tmp_path: Path) -> None:
    """One line says so."""
    shutil.copytree(made, tmp_path / "data" / "models", dirs_exist_ok=True)
    assert deja("model", "use", "tiny (int8)", "--now", "--yes").exit_code == 0
    (tmp_path / "data" / "models" / "tiny (int8)" / "model.onnx").write_bytes(b"other")
    refused = deja("similar", "paper jam in the tray", "--json")
    assert refused.exit_code == 1
    assert "not the expected ones" in refused.stderr


def test_the_command_keeps_what_is_better_and_nothing_else(
    deja: Deja, tiny: Path, tmp_path: Path
) -> None:
    """It measures all forms on the sample's tickets; what it names is on the disk, alone."""
    result = deja("model", "optimise", str(tiny), "--json")
    assert result.exit_code == 0, result.output
    (line,) = map(json.loads, result.stdout.splitlines())
    assert [one["name"] for one in line["figures"]] == [
        str(tiny), "tiny (int8)", "tiny (float32)",
    ]  # fmt: skip
    assert line["measured on"] == "the sample company's tickets"
    assert line["figures"][2]["map"] == pytest.approx(line["figures"][0]["map"], abs=1e-3)
    models = tmp_path / "data" / "models"
    kept = {line["optimised"]} - {None}
    assert {one.name for one in models.iterdir()} - {LOCK} == kept
    assert json.loads(deja("model", "status", "--json").stdout)["model"] == "all-MiniLM-L6-v2"


def test_other_models_are_refused_in_one_line(command_line: Deja) -> None:
    """Nothing is made of them."""
    for name, line in (
        ("all-MiniLM-L6-v2 (int8)", "is an optimised model already"),
        ("api:text-embedding-3-small", "cannot be optimised"),
        ("use-multilingual", "cannot be optimised"),
        ("all-MiniLM-L6-v2 + use-multilingual", "cannot be optimised"),
        ("./nowhere", "There is no model folder at ./nowhere"),
    ):
        result = command_line("model", "optimise", name)
        assert result.exit_code == 1, name
        assert line in result.stderr, name


def test_what_cannot_be_made_leaves_nothing(made: Path, tiny: Path, tmp_path: Path) -> None:
    """Word vectors, a second run, a run beside another one; a killed one's rest is deleted."""

    def run(source: Path, downloads: Path) -> None:
        with optimised_forms(SentenceTransformerEmbedder(str(source)), downloads, print):
            pass

    with pytest.raises(ModelError, match="it is no transformer"):
        run(make_words(tmp_path / "words"), tmp_path / "models")
    with pytest.raises(InputError, match="was made before"):
        run(tiny, made)
    left = tmp_path / "models" / PART / "left"
    left.mkdir(parents=True)
    with (tmp_path / "models" / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(InputError, match="is running"):
            run(tiny, tmp_path / "models")
    assert left.exists()
    run(tiny, tmp_path / "models")
    assert {one.name for one in (tmp_path / "models").iterdir()} == {LOCK}


def test_a_form_is_kept_only_if_it_loses_little_and_is_faster() -> None:
    """The first that is good enough is taken, in the order of preference."""
    source = FormFigures("source", 0.7, 100, 10)
    rounded = FormFigures("int8", 0.696, 150, 6)
    exact = FormFigures("float32", 0.7, 120, 9)
    assert find_best(source, [rounded, exact]) is rounded
    worse = FormFigures("int8", 0.694, 300, 2)
    assert find_best(source, [worse, exact]) is exact
    assert find_best(source, [worse, FormFigures("float32", 0.7, 105, 9.5)]) is None
    at_once = FormFigures("float32", 0.7, 101, 5)  # as fast with many texts, not with one
    assert find_best(source, [worse, at_once]) is at_once
    assert find_best(source, [FormFigures("float32", 0.7, 95, 5)]) is None
    assert find_best(source, [FormFigures("int8", 0.7, 150, 11)]) is None


def test_map_is_that_of_the_duplicates_among_all_texts() -> None:
    """Texts of one group are duplicates of each other; one alone is never asked about."""
    labelled = grouped_texts("a test", ["a printer", "a printer", "holiday"], ["p", "p", "h"])
    assert labelled.relevant == {0: {1}, 1: {0}}
    assert map_by_cosine(HashingEmbedder(), labelled) == 1
    assert optimised_name("owner/ours", "int8") == "ours (int8)"
