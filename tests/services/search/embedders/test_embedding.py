"""The real model: checks before it is loaded, its vectors, and chunks of long texts."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from threading import Thread
from time import sleep

import numpy as np
import pytest
from numpy.typing import NDArray

from services.errors import ModelError
from services.search.embedders.default_model import DEFAULT_SHA256
from services.search.embedders.embedding import MAX_CHUNKS, SentenceTransformerEmbedder, chunk


@pytest.fixture(scope="module")
def model() -> SentenceTransformerEmbedder:
    """Give the model as it is: that of other tests keeps its vectors."""
    return SentenceTransformerEmbedder()


def test_vectors_have_unit_length_and_reflect_meaning(
    model: SentenceTransformerEmbedder,
) -> None:
    """Rows follow the order of the texts, and texts of similar meaning have similar vectors."""
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


def test_known_figures_of_the_default_model_are_right(model: SentenceTransformerEmbedder) -> None:
    """Dimensions and window that are known without loading are those of the loaded model."""
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
    """Every chunk has the title, which is cut if it is very long."""
    title = " ".join(f"title{n}" for n in range(words))
    text = title + "\n" + " ".join(f"line {n}: the hub went offline" for n in range(200)) + " end"
    pieces = chunk(model, text, title)
    assert len(pieces) > 4
    assert all(len(model.token_offsets(piece)) <= model.max_tokens - 2 for piece in pieces)
    assert all(piece.startswith("title0 title1 title2") for piece in pieces)
    assert all("line" in piece for piece in pieces)
    assert pieces[-1].endswith("end")


def test_a_missing_model_is_named() -> None:
    """The error names the path that does not exist, and the setting."""
    with pytest.raises(ModelError, match=r"There is no model folder at ./nowhere"):
        SentenceTransformerEmbedder("./nowhere").encode(["x"])
    with pytest.raises(ModelError, match="neither a folder nor a model"):
        SentenceTransformerEmbedder("nobody/nothing").encode(["x"])


def test_altered_weights_are_refused(model: SentenceTransformerEmbedder, tmp_path: Path) -> None:
    """Weights with an unexpected checksum are not loaded."""
    with pytest.raises(ModelError, match="not the expected ones"):
        SentenceTransformerEmbedder(str(model.folder), sha256="0" * 64).encode(["x"])
    altered = tmp_path / "model"
    shutil.copytree(model.folder, altered)
    with (altered / "model.safetensors").open("ab") as file:
        file.write(b"x")
    with pytest.raises(ModelError, match="not the expected ones"):
        SentenceTransformerEmbedder(str(altered), sha256=DEFAULT_SHA256).encode(["x"])


def test_pickled_weights_are_refused(model: SentenceTransformerEmbedder, tmp_path: Path) -> None:
    """A model without safetensors is not loaded, as pickles can run code."""
    pickled = tmp_path / "model"
    shutil.copytree(model.folder, pickled)
    (pickled / "model.safetensors").rename(pickled / "pytorch_model.bin")
    with pytest.raises(ModelError, match=r"no \.safetensors"):
        _ = SentenceTransformerEmbedder(str(pickled)).fingerprint


def test_a_folder_that_is_not_a_model_is_refused(tmp_path: Path) -> None:
    """The error says that the model cannot be loaded."""
    (tmp_path / "x.safetensors").write_bytes(b"no weights")
    with pytest.raises(ModelError, match="cannot be loaded"):
        SentenceTransformerEmbedder(str(tmp_path)).encode(["x"])


def test_the_fingerprint_needs_no_model() -> None:
    """The default model's fingerprint is known without importing PyTorch."""
    code = (
        "import sys; from services.search.embedders import embedding;"
        "e = embedding.SentenceTransformerEmbedder();"
        "assert e.fingerprint and e.dim; assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_of_a_very_long_text_the_beginning_and_the_end_are_read(
    model: SentenceTransformerEmbedder,
) -> None:
    """A text has a bounded number of chunks, and neither its first nor its last word is lost."""
    text = f"printer {'blank pages since monday ' * 2_000} scanner"
    pieces = chunk(model, text)
    assert len(pieces) == MAX_CHUNKS
    assert pieces[0].startswith("printer")
    assert pieces[-1].endswith("scanner")


def test_rows_are_in_the_order_of_the_texts(model: SentenceTransformerEmbedder) -> None:
    """Texts are encoded in batches by length, and each row is that of its text."""
    texts = [f"report {number}: {'paper jam ' * (number % 7)}" for number in range(40)]
    alone = np.concatenate([model.encode([text]) for text in texts[:20:5]])
    np.testing.assert_allclose(model.encode(texts)[:20:5], alone, atol=1e-5)


def test_a_short_text_does_not_wait_for_a_long_list(model: SentenceTransformerEmbedder) -> None:
    """Whoever waits for the model has their turn after the batch that runs."""
    page = ["the printer on floor three prints blank pages " * 5] * 96
    bulk = Thread(target=lambda: model.encode(page))
    bulk.start()
    sleep(0.05)
    model.encode(["scanner offline"])
    assert bulk.is_alive()  # most of its six batches are still to come
    bulk.join()


class CountingEmbedder(SentenceTransformerEmbedder):
    """Counts the texts between two turns, and reads none."""

    def __init__(self) -> None:
        super().__init__()
        self.turns: list[int] = []

    def _encode_batch(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.turns.append(len(texts))
        return np.zeros((len(texts), self.dim), dtype=np.float32)


def test_others_have_their_turn_after_a_quarter_of_a_long_message() -> None:
    """Of the chunks of a long text four are encoded at once, of short ones sixteen."""
    embedder = CountingEmbedder()
    pieces = chunk(embedder, "the printer on floor three prints blank pages again " * 800)
    assert len(pieces) == MAX_CHUNKS
    embedder.encode(pieces)
    assert max(embedder.turns) <= MAX_CHUNKS // 4
    embedder.turns.clear()
    embedder.encode([*pieces[:2], *["scanner offline"] * 32])
    assert embedder.turns == [2, 16, 16]


def test_texts_of_a_batch_are_about_as_long() -> None:
    """A text is padded by less than a half, and an empty one is read by itself."""
    embedder = CountingEmbedder()
    embedder.encode([*["x" * 100] * 3, *["x" * 71] * 2, *["x" * 69] * 2, "x" * 10, ""])
    assert embedder.turns == [5, 2, 1, 1]
