"""A model takes memory for as long as it is used, and what is wrong with it is said in one line."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Iterator
from logging.handlers import BufferingHandler
from pathlib import Path
from shutil import copyfile
from weakref import ref

import pytest

from services.errors import ModelError
from services.search.embedders.model_loading import load_model
from tests.tiny_model import make_tiny_model
from tests.tiny_models import make_static, make_words


def test_a_model_that_is_used_no_more_is_freed(tmp_path: Path) -> None:
    """Whoever goes over to another model, years after the start, gets the memory of the first."""
    folder = make_tiny_model(tmp_path / "tiny", seed=1)
    model, tokens = load_model("tiny", folder)
    is_used = ref(model)
    other, _ = load_model("tiny", folder)
    del model, tokens
    gc.collect()
    assert is_used() is None
    assert other is not None


@pytest.fixture
def libraries_words() -> Iterator[BufferingHandler]:
    """What transformers logs, which it prints itself on the standard error."""
    handler = BufferingHandler(1_000)
    logger = logging.getLogger("transformers")
    logger.addHandler(handler)
    yield handler
    logger.removeHandler(handler)


def _other_sizes(folder: Path) -> Path:
    return make_tiny_model(folder, seed=2, dim=64)


def _other_names(folder: Path) -> Path:
    from safetensors.numpy import load_file, save_file

    file = make_tiny_model(folder, seed=2) / "model.safetensors"
    weights = load_file(file)
    save_file({key.replace("attention", "attn"): one for key, one in weights.items()}, file)
    return folder


@pytest.mark.parametrize(
    ("make_other", "said"),
    [(_other_sizes, "of other sizes than its config.json says"),
     (_other_names, "of another architecture than its config.json")],
)  # fmt: skip
def test_one_line_tells_of_weights_of_another_architecture(
    make_other: Callable[[Path], Path], said: str, tmp_path: Path, libraries_words: BufferingHandler
) -> None:
    folder = make_tiny_model(tmp_path / "tiny", seed=1)
    other = make_other(tmp_path / "other")
    copyfile(other / "model.safetensors", folder / "model.safetensors")
    with pytest.raises(ModelError, match=said):
        load_model("tiny", folder)
    assert libraries_words.buffer == []


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [("model.safetensors", b"version https://git-lfs.github.com/spec/v1", "damaged"),
     ("tokenizer.json", None, "its tokenizer is empty"),
     ("1_Pooling/config.json", b"{}", "cannot be loaded")],
)  # fmt: skip
def test_one_line_tells_of_a_damaged_folder(
    file: str, content: bytes | None, said: str, tmp_path: Path, libraries_words: BufferingHandler
) -> None:
    """Copied by half, left out, or the pointer of a repository with large files in its place."""
    folder = make_tiny_model(tmp_path / "tiny", seed=1)
    (folder / file).unlink()
    if content is not None:
        (folder / file).write_bytes(content)
    with pytest.raises(ModelError, match=said) as failure:
        load_model("tiny", folder)
    assert len(str(failure.value).splitlines()) == 1
    assert libraries_words.buffer == []


@pytest.mark.parametrize(
    ("make", "file", "said"),
    [(make_static, "tokenizer.json", "cannot be loaded"),
     (make_words, "wordembedding_config.json", "its configuration lacks 'tokenizer_class'")],
)  # fmt: skip
def test_one_line_tells_of_damaged_word_vectors(
    make: Callable[[Path], Path], file: str, said: str, tmp_path: Path
) -> None:
    folder = make(tmp_path / "words")
    (folder / file).write_text("{}")
    with pytest.raises(ModelError, match=said):
        load_model("words", folder)
