"""The real model: what is checked before it is used, and what its vectors are like."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from services.errors import ModelError
from services.search.embedding import DEFAULT_SHA256, SentenceTransformerEmbedder, chunk


def test_vectors_are_unit_length_and_alike_for_alike_texts(
    model: SentenceTransformerEmbedder,
) -> None:
    """Rows have length one, in the order of the texts, and meaning decides their similarity."""
    vectors = model.encode(
        ["the printer does not work", "printing is broken", "I love strawberry cake"]
    )
    assert vectors.shape == (3, model.dim)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.3


def test_no_texts_give_no_rows(model: SentenceTransformerEmbedder) -> None:
    """An empty batch is an empty matrix."""
    assert model.encode([]).shape == (0, 384)


def test_what_is_said_without_loading_is_true(model: SentenceTransformerEmbedder) -> None:
    """The default model's known dimensions and window are the loaded model's own."""
    loaded = SentenceTransformerEmbedder(str(model.folder))
    assert (loaded.dim, loaded.max_tokens) == (model.dim, model.max_tokens)
    assert loaded.fingerprint.split("@")[1] == model.fingerprint.split("@")[1]


def test_long_texts_are_chunked_not_cut(model: SentenceTransformerEmbedder) -> None:
    """Every chunk fits the model's window, and the last words of a long text are in one."""
    text = " ".join(f"line {n}: the hub went offline again, código ERR-{n}" for n in range(400))
    pieces = chunk(model, text + " the very last words")
    assert len(pieces) > 10
    assert all(len(model.token_offsets(piece)) <= model.max_tokens - 2 for piece in pieces)
    assert pieces[-1].endswith("the very last words")
    assert chunk(model, "short") == ["short"]
    assert chunk(model, "short\ntext", "short") == ["short\ntext"]
    assert chunk(model, "") == []


@pytest.mark.parametrize("words", [3, 300])
def test_every_chunk_begins_with_the_title(model: SentenceTransformerEmbedder, words: int) -> None:
    """A chunk from the middle says what the ticket is about; a very long title is cut for it."""
    title = " ".join(f"title{n}" for n in range(words))
    text = title + "\n" + " ".join(f"line {n}: the hub went offline" for n in range(200)) + " end"
    pieces = chunk(model, text, title)
    assert len(pieces) > 4
    assert all(len(model.token_offsets(piece)) <= model.max_tokens - 2 for piece in pieces)
    assert all(piece.startswith("title0 title1 title2") for piece in pieces)
    assert all("line" in piece for piece in pieces)
    assert pieces[-1].endswith("end")


def test_a_missing_model_is_one_clear_line() -> None:
    """A path that does not exist is named, with what sets it."""
    with pytest.raises(ModelError, match=r"DEJA_MODEL: there is no model folder at ./nowhere"):
        SentenceTransformerEmbedder("./nowhere").encode(["x"])
    with pytest.raises(ModelError, match="neither a folder nor a model"):
        SentenceTransformerEmbedder("nobody/nothing").encode(["x"])


def test_altered_weights_are_refused(model: SentenceTransformerEmbedder, tmp_path: Path) -> None:
    """Weights with another checksum than the expected one are never loaded."""
    with pytest.raises(ModelError, match="not the expected ones"):
        SentenceTransformerEmbedder(str(model.folder), sha256="0" * 64).encode(["x"])
    altered = tmp_path / "model"
    shutil.copytree(model.folder, altered)
    with (altered / "model.safetensors").open("ab") as file:
        file.write(b"x")
    with pytest.raises(ModelError, match="not the expected ones"):
        SentenceTransformerEmbedder(str(altered), sha256=DEFAULT_SHA256).encode(["x"])


def test_pickled_weights_are_refused(model: SentenceTransformerEmbedder, tmp_path: Path) -> None:
    """A model without safetensors is not loaded: pickles can run code."""
    pickled = tmp_path / "model"
    shutil.copytree(model.folder, pickled)
    (pickled / "model.safetensors").rename(pickled / "pytorch_model.bin")
    with pytest.raises(ModelError, match=r"no \.safetensors"):
        _ = SentenceTransformerEmbedder(str(pickled)).fingerprint


def test_a_broken_model_folder_is_one_clear_line(tmp_path: Path) -> None:
    """A folder that is no model says so."""
    (tmp_path / "x.safetensors").write_bytes(b"no weights")
    with pytest.raises(ModelError, match="cannot be loaded"):
        SentenceTransformerEmbedder(str(tmp_path)).encode(["x"])


def test_looking_at_stored_vectors_loads_no_model() -> None:
    """The default model's fingerprint is known without importing PyTorch."""
    code = (
        "import sys; from services.search.embedding import SentenceTransformerEmbedder as E;"
        "e = E(); assert e.fingerprint and e.dim; assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
