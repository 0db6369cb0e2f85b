"""What was measured of a model is kept for this machine, and read by all that start later."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.model_numerics import (
    FILE,
    apply_numerics,
    ensure_measured,
    find_measurement,
    measure_numerics,
    numerics_text,
)
from bot.settings import Settings
from services.search.embedders.embedding import SentenceTransformerEmbedder
from services.search.embedders.numerics import Numerics
from tests.hashing import HashingEmbedder
from tests.tiny_model import make_tiny_model


def _settings(folder: Path, **values: str) -> Settings:
    return Settings.from_mapping({"DEJA_DATA_DIR": str(folder), **values})


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a model that is measured at once."""
    return make_tiny_model(tmp_path_factory.mktemp("models") / "tiny", seed=1)


def _set_fastest(file: Path, precision: str, threads: int = 1) -> None:
    """Let the file say that this is fastest, whatever the machine of the test is like."""
    line = {"precision": precision, "threads": threads, "texts a second": 9.0, "fastest": True}
    kept = json.loads(file.read_text())
    file.write_text(json.dumps({key: [line] for key in kept}))


def test_what_was_measured_once_is_taken_by_later_processes(tiny: Path, tmp_path: Path) -> None:
    """They measure nothing; before, or on a busy machine, float32 is taken and that is said."""
    settings, model = _settings(tmp_path), SentenceTransformerEmbedder(str(tiny))
    apply_numerics(model, settings)
    assert model.numerics == Numerics()
    assert "not measured yet" in numerics_text(model, settings)
    ensure_measured(model, settings, may_measure=lambda: False)
    assert find_measurement(model, settings) is None
    ensure_measured(model, settings, may_measure=lambda: True)
    found = find_measurement(model, settings)
    assert found is not None
    assert model.numerics == found.fastest
    assert 1 in {one.threads for one in found.speeds}
    _set_fastest(tmp_path / FILE, "bfloat16")
    kept = (tmp_path / FILE).read_text()
    later = SentenceTransformerEmbedder(str(tiny))
    ensure_measured(later, settings)
    assert later.numerics == Numerics("bfloat16", 1)
    assert numerics_text(later, settings).startswith("bfloat16, 1 thread, the fastest here")
    assert (tmp_path / FILE).read_text() == kept


def test_the_setting_is_stronger_than_what_was_measured(tiny: Path, tmp_path: Path) -> None:
    """With a precision in DEJA_PRECISION nothing is measured."""
    settings = _settings(tmp_path, DEJA_PRECISION="bfloat16")
    model = SentenceTransformerEmbedder(str(tiny))
    ensure_measured(model, settings)
    assert model.numerics == Numerics("bfloat16")
    assert not (tmp_path / FILE).exists()
    assert numerics_text(model, settings) == "bfloat16, as DEJA_PRECISION says"


def test_a_damaged_file_is_as_good_as_none(tiny: Path, tmp_path: Path) -> None:
    """The model is measured again and the file is written anew."""
    settings, model = _settings(tmp_path), SentenceTransformerEmbedder(str(tiny))
    file = tmp_path / FILE
    measure_numerics(model, settings)
    (key,) = json.loads(file.read_text())
    other = json.dumps({key: [{"precision": "int3", "threads": 1, "fastest": True}]})
    for content in ("", "[]", "{", json.dumps({key: 5}), json.dumps({key: [{}]}), other):
        file.write_text(content)
        assert find_measurement(model, settings) is None
    measure_numerics(model, settings)
    assert find_measurement(model, settings) is not None


def test_a_folder_that_cannot_be_written_and_a_missing_model_stop_nothing(
    tiny: Path, tmp_path: Path
) -> None:
    """The first is measured again the next time; the second is told of by whoever reads a text."""
    gone = _settings(tmp_path / "no-such-folder")
    ensure_measured(SentenceTransformerEmbedder(str(tiny)), gone, may_measure=lambda: True)
    ensure_measured(
        SentenceTransformerEmbedder("/no/such/model", known=("x@1/32", 32)),
        gone,
        may_measure=lambda: True,
    )
    ensure_measured(HashingEmbedder(), gone, may_measure=lambda: True)
