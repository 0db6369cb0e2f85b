"""The table of known models: every row works, by real weights or by a small model like it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from services.errors import ModelError
from services.search.embedders.by_name import ModelPlaces, is_on_this_machine, open_embedder
from services.search.embedders.default_model import DEFAULT_DIM, DEFAULT_MODEL, DEFAULT_SHA256
from services.search.embedders.embedding import SentenceTransformerEmbedder, chunk
from services.search.embedders.model_table import find_known, known_models
from tests.tiny_models import (
    DIM,
    MAKERS,
    make_bert,
    make_clip,
    make_model2vec,
    make_mpnet,
    make_multilingual_bert,
    make_words,
)

TEXTS = ["the printer on floor two prints blank pages", "der drucker druckt leere seiten"]


def test_the_table_agrees_with_the_default_model() -> None:
    """What is known of the default model without the table is what the table says."""
    known = find_known(DEFAULT_MODEL)
    assert known is not None
    assert (known.sha256, known.dimensions) == (DEFAULT_SHA256, DEFAULT_DIM)
    assert is_on_this_machine(DEFAULT_MODEL)


def test_every_model_of_the_hub_is_tested() -> None:
    """Each one for texts has a small model that is like it."""
    names = {one.name for one in known_models() if one.is_on_hub and one.task != "images"}
    assert names == set(MAKERS)


def test_checksums_and_revisions_are_whole() -> None:
    """They have as many digits as they must; a known one has a pinned revision, too."""
    for known in known_models():
        assert known.sha256 is None or len(bytes.fromhex(known.sha256)) == 32
        assert known.revision is None or len(bytes.fromhex(known.revision)) == 20
        if known.is_on_hub and known.sha256:
            assert known.revision


@pytest.mark.parametrize("name", MAKERS)
def test_a_model_of_each_architecture_reads_texts(name: str, tmp_path: Path) -> None:
    """A folder has unit vectors, tokens, a window, and the prompt of its name."""
    folder = MAKERS[name](tmp_path / name)
    embedder = open_embedder(str(folder))
    rows = embedder.encode([*TEXTS, TEXTS[0]])
    assert rows.shape == (3, DIM)
    assert embedder.dim == DIM
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(rows[0], rows[2], atol=1e-5)
    assert abs(rows[0] @ rows[1]) < 0.9999
    assert embedder.token_offsets(TEXTS[0])[-1][1] == len(TEXTS[0])
    assert 32 <= embedder.max_tokens <= 512
    assert embedder.fingerprint.startswith(f"{name}@")
    assert ("/prompt" in embedder.fingerprint) == (name == "multilingual-e5-small")


def test_the_prompt_is_read_before_each_text_and_has_room_in_the_window(tmp_path: Path) -> None:
    """Vectors are those of the text with its prompt, and pieces are shorter by the prompt."""
    folder = make_multilingual_bert(tmp_path / "multilingual-e5-small")
    plain = SentenceTransformerEmbedder(str(shutil.copytree(folder, tmp_path / "plain")))
    prompted = SentenceTransformerEmbedder(str(folder))
    assert prompted.prompt == "query: "
    np.testing.assert_allclose(
        prompted.encode(TEXTS), plain.encode([f"query: {text}" for text in TEXTS]), atol=1e-5
    )
    tokens = len(plain.token_offsets("query: "))
    assert tokens > 1
    assert prompted.max_tokens == plain.max_tokens - tokens
    pieces = chunk(prompted, " ".join(TEXTS * 20))
    assert len(pieces) > 2
    for piece in pieces:
        assert len(plain.token_offsets(f"query: {piece}")) + 2 <= plain.max_tokens


def test_the_default_prompt_of_any_folder_is_read(tmp_path: Path) -> None:
    """What a folder names as its default prompt counts as well, and makes other vectors."""
    folder = make_bert(tmp_path / "ours")
    before = SentenceTransformerEmbedder(str(folder)).fingerprint
    file = folder / "config_sentence_transformers.json"
    config = json.loads(file.read_text())
    file.write_text(json.dumps({**config, "prompts": {"q": "Find: "}, "default_prompt_name": "q"}))
    prompted = SentenceTransformerEmbedder(str(folder))
    assert prompted.prompt == "Find: "
    assert prompted.fingerprint.startswith(f"{before}/prompt")


def test_words_that_no_vector_is_known_for_are_compared_by_their_letters(tmp_path: Path) -> None:
    """Averaged word vectors of unknown words are no zeros."""
    embedder = open_embedder(str(make_words(tmp_path / "words")))
    rows = embedder.encode(["qwertz asdf", "qwertz asdf!", "yxcvb", TEXTS[0]])
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert rows[0] @ rows[1] > 0.8 > rows[0] @ rows[2]


def test_weights_in_half_precision_make_whole_vectors(tmp_path: Path) -> None:
    """They are smaller on disk; their vectors have unit length all the same."""
    from safetensors.numpy import load_file, save_file

    folder = make_model2vec(tmp_path / "half")
    weights = load_file(str(folder / "model.safetensors"))
    half = {name: array.astype(np.float16) for name, array in weights.items()}
    save_file(half, str(folder / "model.safetensors"))
    rows = open_embedder(str(folder)).encode(TEXTS)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)


def test_a_model_for_images_is_told(tmp_path: Path) -> None:
    """A CLIP folder is recognised, and reads no tickets."""
    folder = make_clip(tmp_path / "clip-ViT-B-32")
    with pytest.raises(ModelError, match="is a model for images"):
        open_embedder(str(folder)).encode(["x"])


@pytest.mark.parametrize("other", [make_mpnet, make_words])
def test_weights_of_another_architecture_are_refused(
    tmp_path: Path, other: Callable[[Path], Path]
) -> None:
    """Random numbers never stand in for what the weights lack."""
    folder = make_bert(tmp_path / "model")
    file = next(other(tmp_path / "other").rglob("*.safetensors"))
    (folder / "model.safetensors").write_bytes(file.read_bytes())
    with pytest.raises(ModelError, match=r"another architecture|cannot be loaded") as caught:
        open_embedder(str(folder)).encode(["x"])
    assert "\n" not in str(caught.value)


def test_a_known_model_that_is_not_here_says_how_to_get_it(tmp_path: Path) -> None:
    """The error has the command that downloads it."""
    with pytest.raises(ModelError, match="deja model get all-mpnet-base-v2"):
        open_embedder("all-mpnet-base-v2", places=ModelPlaces(tmp_path)).encode(["x"])


def test_a_downloaded_model_with_other_weights_is_not_loaded(tmp_path: Path) -> None:
    """Under the name of a known model only its own weights are loaded."""
    make_mpnet(tmp_path / "all-mpnet-base-v2")
    places = ModelPlaces(tmp_path)
    assert is_on_this_machine("all-mpnet-base-v2", places)
    with pytest.raises(ModelError, match="not the expected ones"):
        open_embedder("all-mpnet-base-v2", places=places).encode(["x"])
