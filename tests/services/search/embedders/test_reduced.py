"""Fewer dimensions: fitted on a team's vectors, or the first ones of a model trained for that."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from services.errors import ModelError
from services.search.embedders.by_name import open_embedder
from services.search.embedders.embedding import LocalEmbedder
from services.search.embedders.reduced import (
    ReducedEmbedder,
    fit_directions,
    read_directions,
    reduced_name,
    split_name,
    unit_rows,
)
from tests.tiny_models import make_static

TEXTS = ["the printer prints blank pages", "blank pages", "a day of holiday"]


@pytest.fixture
def base(tmp_path: Path) -> LocalEmbedder:
    """Give a model of 32 dimensions."""
    return open_embedder(str(make_static(tmp_path / "static-similarity-mrl-multilingual-v1")))


def _vectors(count: int, dim: int, kept: int) -> NDArray[np.float32]:
    """Return unit vectors that differ in a few directions, with a little noise in all."""
    random = np.random.default_rng(3)
    rows = random.normal(size=(count, kept)) @ random.normal(size=(kept, dim))
    return unit_rows(np.asarray(rows + random.normal(size=(count, dim)) / 100, dtype=np.float32))


def test_directions_keep_the_cosines() -> None:
    """What vectors do not differ in can go; what they do differ in changes cosines."""
    vectors = _vectors(300, 64, 8)
    directions = read_directions(fit_directions(vectors, 8))
    np.testing.assert_allclose(directions.T @ directions, np.eye(8), atol=1e-5)
    small = unit_rows(vectors @ directions)
    np.testing.assert_allclose(small @ small.T, vectors @ vectors.T, atol=0.01)
    fewer = unit_rows(vectors @ read_directions(fit_directions(vectors, 2)))
    assert np.abs(fewer @ fewer.T - vectors @ vectors.T).max() > 0.1


def test_the_same_vectors_give_the_same_directions() -> None:
    """Directions have no sign of chance, so that two fits give one fingerprint."""
    vectors = _vectors(300, 64, 8)
    again = read_directions(fit_directions(vectors[::-1], 8))
    np.testing.assert_allclose(read_directions(fit_directions(vectors, 8)), again, atol=1e-4)


def test_a_reduced_model_has_unit_vectors_and_its_own_fingerprint(base: LocalEmbedder) -> None:
    """The directions are part of the fingerprint, and never compared with the default model's."""
    whole = base.encode(TEXTS)
    stored = fit_directions(_vectors(100, 32, 8), 8)
    reduced = ReducedEmbedder(base, 8, stored)
    rows = reduced.encode(TEXTS)
    assert rows.shape == (3, 8)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(rows, unit_rows(whole @ read_directions(stored)), atol=1e-5)
    other = ReducedEmbedder(base, 8, fit_directions(_vectors(101, 32, 8), 8))
    assert len({base.fingerprint, reduced.fingerprint, other.fingerprint}) == 3
    assert reduced.fingerprint.startswith("static-similarity-mrl-multilingual-v1:8@")
    assert (reduced.max_tokens, reduced.checksum) == (base.max_tokens, base.checksum)
    default = ReducedEmbedder(open_embedder("all-MiniLM-L6-v2"), 128, stored)
    assert not default.fingerprint.startswith("all-MiniLM-L6-v2@")


def test_a_model_that_was_trained_for_it_is_cut(base: LocalEmbedder) -> None:
    """Its first dimensions are taken, with unit length again."""
    cut = ReducedEmbedder(base, 16)
    np.testing.assert_allclose(cut.encode(TEXTS), unit_rows(base.encode(TEXTS)[:, :16]), atol=1e-5)
    assert cut.fingerprint.endswith("/cut")


def test_the_name_has_the_dimensions() -> None:
    """Names of models with all dimensions stay as they are."""
    assert split_name(reduced_name("A + B", 256)) == ("A + B", 256)
    assert split_name("/srv/model") == ("/srv/model", None)


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04"])
def test_damaged_directions_are_one_line(base: LocalEmbedder, content: bytes) -> None:
    """Nothing is unpickled, and nothing is compared by half of them."""
    with pytest.raises(ModelError, match="are damaged"):
        ReducedEmbedder(base, 8, content).encode(TEXTS)


def test_pickles_are_refused(base: LocalEmbedder) -> None:
    """A file that could run code is not read; directions of another model do not fit."""
    file = io.BytesIO()
    np.savez(file, directions=np.array([{"a": 1}], dtype=object))
    with pytest.raises(ModelError, match="are damaged"):
        ReducedEmbedder(base, 8, file.getvalue()).encode(TEXTS)
    with pytest.raises(ModelError, match="of another model"):
        ReducedEmbedder(base, 8, fit_directions(_vectors(50, 64, 8), 8)).encode(TEXTS)
