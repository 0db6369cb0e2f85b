"""Optimised models: their vectors are those of their source, and PyTorch is not needed for them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from services.errors import ModelError
from services.memory.similarity_scale import is_default
from services.search.embedders.by_name import (
    ModelPlaces,
    absolute_name,
    is_on_this_machine,
    open_embedder,
    reads_english_only,
)
from services.search.embedders.embedding import MAX_CHUNKS, SentenceTransformerEmbedder, chunk
from services.search.embedders.onnx_embedder import GRAPH, READING, TOKENIZER, OnnxEmbedder
from services.search.embedders.onnx_export import check_export, export, quantise
from tests.tiny_models import (
    MAKERS,
    make_bert,
    make_model2vec,
    make_mpnet,
    make_multilingual_bert,
    make_roberta,
    make_words,
)

Maker = Callable[[Path], Path]

NAME = "multilingual-e5-small"  # it has a prompt
TEXTS = [
    "the printer on floor two prints blank pages",
    "der drucker druckt leere seiten",
    "a",
    "  the  printer\n" * 60,
]


def _export(source: Path, downloads: Path) -> OnnxEmbedder:
    folder = downloads / f"{source.name} (float32)"
    folder.mkdir(parents=True)
    export(SentenceTransformerEmbedder(str(source)), folder)
    return OnnxEmbedder(folder.name, downloads=downloads)


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> SentenceTransformerEmbedder:
    """Make a small model with a prompt."""
    return SentenceTransformerEmbedder(str(MAKERS[NAME](tmp_path_factory.mktemp("source") / NAME)))


@pytest.fixture(scope="session")
def downloads(
    source: SentenceTransformerEmbedder, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Make both forms of it."""
    folder = tmp_path_factory.mktemp("optimised")
    exported = _export(Path(source.model), folder)
    (folder / f"{NAME} (int8)").mkdir()
    quantise(exported.folder, folder / f"{NAME} (int8)")
    return folder


def _opened(downloads: Path, form: str = "float32") -> OnnxEmbedder:
    found = open_embedder(f"{NAME} ({form})", places=ModelPlaces(downloads))
    assert isinstance(found, OnnxEmbedder)
    return found


@pytest.mark.parametrize(
    "make",
    [
        make_mpnet,
        *(pytest.param(one, marks=pytest.mark.thorough)
          for one in (make_bert, make_multilingual_bert, make_roberta)),
    ],
)  # fmt: skip
def test_an_export_of_each_architecture_has_the_same_vectors(make: Maker, tmp_path: Path) -> None:
    """With padding and without, of a letter and of more than the window."""
    folder = make(tmp_path / "model")
    exported = _export(folder, tmp_path)
    own = SentenceTransformerEmbedder(str(folder))
    assert check_export(own, exported) > 0.99999
    np.testing.assert_allclose(exported.encode(TEXTS), own.encode(TEXTS), atol=1e-4)


@pytest.mark.parametrize("form", ["float32", "int8"])
def test_it_reads_as_its_source_does(
    source: SentenceTransformerEmbedder, downloads: Path, form: str
) -> None:
    """Prompt, window, tokens, unknown letters, order and length of the rows are the same."""
    model = _opened(downloads, form)
    assert (model.dim, model.max_tokens) == (source.dim, source.max_tokens)
    rows = model.encode(TEXTS)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert rows.dtype == np.float32
    assert (rows * source.encode(TEXTS)).sum(axis=1).min() > 0.999
    alone = np.concatenate([model.encode([text]) for text in TEXTS])
    np.testing.assert_allclose(rows, alone, atol=1e-2 if form == "int8" else 1e-5)
    assert model.encode([]).shape == (0, source.dim)
    long = "\n".join(f"{n} {TEXTS[0]}" for n in range(200))
    assert chunk(model, long, TEXTS[0]) == chunk(source, long, TEXTS[0])
    assert len(chunk(model, long)) == MAX_CHUNKS
    for text in (*TEXTS, "ปริ้นเตอร์พิมพ์หน้าว่าง", "the ปริ้นเตอร์"):
        assert model.token_offsets(text) == source.token_offsets(text)
        assert model.unknown_share(text) == source.unknown_share(text)
    thai = ["ปริ้นเตอร์พิมพ์หน้าว่าง"]
    np.testing.assert_array_equal(model.encode(thai), source.encode(thai))
    assert model.texts_read >= 2 * len(TEXTS)
    assert model.seconds_read > 0


def test_it_is_a_model_of_its_own(source: SentenceTransformerEmbedder, downloads: Path) -> None:
    """Its name, checksum and fingerprint are; its cosines are those of its source."""
    both = [_opened(downloads, form) for form in ("float32", "int8")]
    assert len({source.fingerprint, *(one.fingerprint for one in both)}) == 3
    assert both[1].fingerprint.startswith(f"{NAME} (int8)@{both[1].checksum[:16]}/32/")
    name, places = f"{NAME} (int8)", ModelPlaces(downloads)
    assert absolute_name(f"{name} (16)", places) == f"{name} (16)"
    assert is_on_this_machine(name, places)
    assert open_embedder(f"{name} + {NAME} (float32)", places=places).encode(["x"]).shape == (1, 64)
    assert reads_english_only("all-MiniLM-L6-v2 (int8)")
    assert is_default("all-MiniLM-L6-v2 (int8)@0123456789abcdef/384/clean2")
    assert not is_default(both[1].fingerprint)


def test_no_pytorch_is_imported_to_read(downloads: Path) -> None:
    """Everything that the worker asks of it takes onnxruntime and tokenizers alone."""
    code = (
        "import sys; from pathlib import Path\n"
        "from services.search.embedders.by_name import ModelPlaces, open_embedder\n"
        "from services.search.embedders.embedding import chunk\n"
        f"e = open_embedder('{NAME} (int8)', places=ModelPlaces(Path(sys.argv[1])))\n"
        "pieces = chunk(e, 'blank pages größe ' * 99, 'blank pages')\n"
        "assert len(pieces) > 1 and e.encode(pieces).shape == (len(pieces), 32)\n"
        "assert e.unknown_share('größe') < 1 and e.fingerprint\n"
        "heavy = {'torch', 'transformers', 'sentence_transformers', 'onnx'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code, str(downloads)], check=True)


@pytest.mark.parametrize("file", [GRAPH, TOKENIZER, READING])
def test_a_changed_file_is_refused(downloads: Path, tmp_path: Path, file: str) -> None:
    """Whether it is the graph, the tokenizer or how it reads; a missing one as well."""
    copied = tmp_path / f"{NAME} (int8)"
    shutil.copytree(downloads / copied.name, copied)
    with (copied / file).open("ab") as stream:
        stream.write(b" ")
    with pytest.raises(ModelError, match="not the expected ones"):
        _opened(tmp_path, "int8").encode(["x"])
    (copied / file).unlink()
    with pytest.raises(ModelError, match="is damaged"):
        _opened(tmp_path, "int8").encode(["x"])


def test_files_that_are_no_model_are_refused_in_one_line(downloads: Path, tmp_path: Path) -> None:
    """Even if their checksum is noted."""
    from services.search.embedders.model_files import RECORD
    from services.search.embedders.onnx_embedder import checksum_of_files

    copied = tmp_path / f"{NAME} (int8)"
    shutil.copytree(downloads / copied.name, copied)
    (copied / GRAPH).write_bytes(b"no graph")
    (copied / RECORD).write_text(json.dumps({"sha256": checksum_of_files(copied)}))
    with pytest.raises(ModelError, match=r"is damaged: delete the folder.*model optimise") as error:
        _opened(tmp_path, "int8").encode(["x"])
    assert "\n" not in str(error.value)


def test_other_weights_than_those_of_the_database_are_refused(downloads: Path) -> None:
    """An optimised model of another machine may be another one."""
    with pytest.raises(ModelError, match="not the expected ones"):
        OnnxEmbedder(f"{NAME} (int8)", "0" * 64, downloads=downloads).encode(["x"])


def test_a_missing_one_says_how_it_is_made(tmp_path: Path) -> None:
    """The command, and the folder to copy it to."""
    missing = open_embedder("ours (int8)", places=ModelPlaces(tmp_path))
    assert not is_on_this_machine("ours (int8)", ModelPlaces(tmp_path))
    with pytest.raises(ModelError, match=r"`deja model optimise ours` makes it, or copy"):
        missing.encode(["x"])


@pytest.mark.parametrize("make", [make_words, make_model2vec])
def test_models_without_a_transformer_stay_as_they_are(make: Maker, tmp_path: Path) -> None:
    """Averaged word vectors and static ones are refused in one line."""
    folder = make(tmp_path / "model")
    with pytest.raises(ModelError, match="it is no transformer"):
        export(SentenceTransformerEmbedder(str(folder)), tmp_path)


def test_an_export_that_differs_is_refused(
    source: SentenceTransformerEmbedder, tmp_path: Path
) -> None:
    """It is another model, whatever the exporter said."""
    other = _export(make_bert(tmp_path / "other"), tmp_path)
    with pytest.raises(ModelError, match="its export makes other vectors"):
        check_export(source, other)


@pytest.mark.thorough
def test_the_default_model_keeps_its_meaning(tmp_path: Path) -> None:
    """Its export has its vectors; rounded ones are near them, and on the same scale."""
    default = SentenceTransformerEmbedder()
    exact = _export(default.folder, tmp_path)
    rounded = tmp_path / "all-MiniLM-L6-v2 (int8)"
    rounded.mkdir()
    quantise(exact.folder, rounded)
    assert check_export(default, exact) > 0.99999
    int8 = OnnxEmbedder(rounded.name, downloads=tmp_path)
    texts = ["the printer does not work", "printing is broken", "I love strawberry cake"]
    own, other = default.encode(texts), int8.encode(texts)
    assert (own * other).sum(axis=1).min() > 0.98
    np.testing.assert_allclose(other @ other.T, own @ own.T, atol=0.03)
    size = sum(one.stat().st_size for one in rounded.iterdir())
    assert size < 25_000_000
