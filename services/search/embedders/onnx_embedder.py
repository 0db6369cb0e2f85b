"""A model in ONNX Runtime (`deja[fast]`), as `deja model optimise` makes it: without PyTorch."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from services.errors import ModelError
from services.search.embedders.batched import BatchedEmbedder
from services.search.embedders.model_files import check_weights, noted_checksum
from services.search.embedders.optimised_names import source_name
from services.search.embedders.reduced import unit_rows
from services.search.embedders.tokens import Subwords
from services.text.cleaning.chunks import CLEANING_VERSION

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

# What an optimised model consists of: all that decides what its vectors are.
GRAPH, TOKENIZER, READING = "model.onnx", "tokenizer.json", "reading.json"
FILES = (GRAPH, TOKENIZER, READING)

# Of a name, in a fingerprint: as much as others have of one.
MAX_NAME = 64

Opened = TypeVar("Opened")

NOT_INSTALLED = "Optimised models need ONNX Runtime: run `pip install 'deja[fast]'`."


@dataclass(frozen=True)
class Reading:
    """How an optimised model reads a text.

    `inputs` are those of its graph, `unknown` the id of the token for what it has no other for.
    """

    source: str
    source_sha256: str
    dim: int
    max_tokens: int
    prompt: str
    unknown: int | None
    inputs: tuple[str, ...]

    def write(self, folder: Path) -> None:
        """Write it beside the graph."""
        text = json.dumps(asdict(self), indent=2, ensure_ascii=False)
        (folder / READING).write_text(text, encoding="utf-8")


def read_reading(folder: Path) -> Reading:
    """Return how the model of a folder reads. Raises `ModelError` if the file is damaged."""
    try:
        found = json.loads((folder / READING).read_text(encoding="utf-8"))
        return Reading(**{**found, "inputs": tuple(found["inputs"])})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(folder) from error


def checksum_of_files(folder: Path) -> str:
    """Return the SHA-256 of all files of an optimised model. Raises `ModelError` if one is gone."""
    digest = hashlib.sha256()
    try:
        for name in FILES:
            with (folder / name).open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    except OSError as error:
        raise _damaged(folder) from error
    return digest.hexdigest()


def optimised_folder(name: str, downloads: Path | None) -> Path:
    """Return the folder of an optimised model. Raises `ModelError` if it is not here."""
    folder = Path(name) if downloads is None else downloads / name
    if folder.is_dir():
        return folder
    raise ModelError(
        f"{name} is not on this machine: `deja model optimise {source_name(name)}` makes it, or "
        f"copy its folder from a machine that has it to {folder.parent}."
    )


def inputs_of(
    texts: Sequence[str], tokenizer: Tokenizer, reading: Reading
) -> dict[str, NDArray[np.int64]]:
    """Return what a graph is given to read texts: a row of tokens for each, padded."""
    import numpy as np

    read = tokenizer.encode_batch([reading.prompt + text for text in texts])
    every = {
        "input_ids": [one.ids for one in read],
        "attention_mask": [one.attention_mask for one in read],
        "token_type_ids": [one.type_ids for one in read],
    }
    return {name: np.array(every[name], dtype=np.int64) for name in reading.inputs}


class OnnxEmbedder(BatchedEmbedder):
    """An optimised model, by its name; onnxruntime and tokenizers read, PyTorch is not imported.

    Raises `ModelError` when it or ONNX Runtime is missing, or a file does not match `sha256`, or
    without it what was noted when it was made.
    """

    @cached_property
    def fingerprint(self) -> str:
        if self._known is not None:
            return self._known[0]
        # The prompt is in one of the files.
        name = Path(self.model).name[-MAX_NAME:]
        return f"{name}@{self.checksum[:16]}/{self.dim}/clean{CLEANING_VERSION}"

    @cached_property
    def checksum(self) -> str:
        """One of all files that decide what the vectors are."""
        return checksum_of_files(self.folder)

    @cached_property
    def folder(self) -> Path:
        """The folder of the model's files."""
        return optimised_folder(self.model, self._downloads)

    @property
    def dim(self) -> int:
        return self._reading.dim if self._known is None else self._known[1]

    @property
    def max_tokens(self) -> int:
        return self._reading.max_tokens

    @property
    def threads(self) -> int:
        """With how many threads it computes."""
        from joblib import cpu_count  # it knows the limits of containers

        return int(cpu_count())

    def token_offsets(self, text: str) -> list[tuple[int, int]]:
        return self._tokens.offsets(text)

    def unknown_share(self, text: str) -> float:
        """Return the share of a text's letters that the model has no token for."""
        return self._tokens.unknown_share(text)

    def _read_batch(self, texts: list[str]) -> NDArray[np.float32]:
        session, tokenizer = self._loaded
        rows: Any = session.run(None, inputs_of(texts, tokenizer, self._reading))[0]
        return unit_rows(rows)

    @cached_property
    def _checked(self) -> Path:
        """The folder, once its files are found to be the expected ones."""
        check_weights(self.model, self.checksum, self._sha256 or noted_checksum(self.folder))
        return self.folder

    @cached_property
    def _reading(self) -> Reading:
        return read_reading(self._checked)

    @cached_property
    def _tokens(self) -> Subwords:
        return Subwords(self._open(open_tokenizer), self._reading.unknown)

    @cached_property
    def _loaded(self) -> tuple[InferenceSession, Tokenizer]:
        if importlib.util.find_spec("onnxruntime") is None:
            raise ModelError(NOT_INSTALLED)
        return self._open(partial(_open_session, threads=self.threads)), self._open(open_tokenizer)

    def _open(self, opens: Callable[[Path], Opened]) -> Opened:
        folder = self._checked
        try:
            return opens(folder)
        except Exception as error:  # neither library has an exception of its own for a bad file
            raise _damaged(self.folder) from error


def _open_session(folder: Path, threads: int) -> InferenceSession:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    # Threads that wait by computing take the cores from everybody else.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(
        str(folder / GRAPH), options, providers=["CPUExecutionProvider"]
    )


def open_tokenizer(folder: Path) -> Tokenizer:
    """Return the tokenizer of an optimised model's folder."""
    from tokenizers import Tokenizer

    return Tokenizer.from_file(str(folder / TOKENIZER))


def _damaged(folder: Path) -> ModelError:
    return ModelError(
        f"The optimised model in {folder} is damaged: delete the folder, and make it again with "
        f"`deja model optimise {source_name(folder.name)}`."
    )
