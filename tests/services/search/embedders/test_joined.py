"""Several models side by side are one embedder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from services.errors import ModelError
from services.search.embedders.by_name import ANYWHERE, absolute_name, names_of, open_embedder
from services.search.embedders.embedding import chunk
from tests.tiny_model import make_tiny_model

TEXTS = ["the printer prints blank pages", "how do I book a day of holiday?", "ปริ้นเตอร์พิมพ์หน้าว่าง"]


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give the name of two models side by side."""
    folder = tmp_path_factory.mktemp("models")
    one = make_tiny_model(folder / "one", seed=1)
    return f"{one} + {make_tiny_model(folder / 'other', seed=2, dim=16)}"


def test_the_cosine_is_the_mean_of_both(two: str) -> None:
    """Vectors have unit length, and both models the same weight whatever their dimensions."""
    joined = open_embedder(two)
    rows = joined.encode(TEXTS)
    assert rows.shape == (3, 48) == (3, joined.dim)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    parts = [open_embedder(name).encode(TEXTS) for name in names_of(two)]
    mean = np.mean([part @ part.T for part in parts], axis=0)
    np.testing.assert_allclose(rows @ rows.T, mean, atol=1e-5)


def test_each_model_reads_each_text_once(two: str) -> None:
    """Two models cost as much as both, and no more."""
    joined = open_embedder(two)
    joined.encode(TEXTS[:2])
    assert joined.texts_read == 2
    assert joined.seconds_read > 0


def test_the_fingerprint_is_one_and_knows_all(two: str) -> None:
    """It has both names, and differs by the order of the models and by their weights."""
    fingerprint = open_embedder(two).fingerprint
    assert fingerprint.startswith("one+other@")
    one, other = names_of(two)
    assert open_embedder(f"{other} + {one}").fingerprint != fingerprint
    assert open_embedder(f"{one} + all-MiniLM-L6-v2").fingerprint.startswith("one+all-MiniLM-L6-v2")
    assert open_embedder(two, known=("x@1/48/clean2", 48)).fingerprint == "x@1/48/clean2"


def test_pieces_fit_the_smallest_window(two: str) -> None:
    """No model cuts off what another one reads."""
    name = f"all-MiniLM-L6-v2 + {names_of(two)[0]}"
    joined = open_embedder(name)
    assert joined.max_tokens == 128
    for piece in chunk(joined, "the hub went offline again, código ERR-7 " * 60):
        for part in names_of(name):
            embedder = open_embedder(part)
            assert len(embedder.token_offsets(piece)) + 2 <= embedder.max_tokens


def test_other_weights_than_those_of_the_vectors_are_refused(two: str) -> None:
    """A joined model has one checksum of all its weights."""
    joined = open_embedder(two)
    assert open_embedder(two, joined.checksum).encode(TEXTS[:1]).shape == (1, 48)
    with pytest.raises(ModelError, match="not those that made the vectors"):
        open_embedder(two, "0" * 64).encode(TEXTS[:1])


@pytest.mark.parametrize("name", ["A + ", " + A", "A + A"])
def test_names_that_are_none_are_refused(name: str) -> None:
    """Each model is named, and once."""
    with pytest.raises(ModelError, match="side by side"):
        names_of(name)


def test_folders_are_noted_in_full(
    two: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database can be used from another working folder."""
    one, other = (Path(name) for name in names_of(two))
    monkeypatch.chdir(one.parent)
    assert open_embedder("./one + other").encode(TEXTS[:1]).shape == (1, 48)
    assert absolute_name("one + other", ANYWHERE) == f"{one} + {other}"
