"""The vectors of an archive, in place of the model where it made them."""

from __future__ import annotations

import json
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from services.errors import InputError
from services.exports.archive import ExportArchive
from services.exports.formats import BATCH, import_pyarrow
from services.exports.members import seekable_reader
from services.search.embedders.embedding import Embedder
from services.text.words.plain import text_hash

# Vectors have unit length; rounding to 32 bits makes it inexact.
LENGTH_TOLERANCE = 1e-3

# What damaged files raise, depending on where the damage is.
_DAMAGE = (ValueError, KeyError, TypeError, OSError, EOFError, zipfile.BadZipFile)


class StoredVectors:
    """An embedder that takes the vectors of texts that are stored, and computes the others.

    `rows` are the rows of `vectors`, shape `(rows, dim)`, by the hash of their text. `reused` and
    `computed` count texts.
    """

    def __init__(
        self, model: Embedder, rows: Mapping[str, int], vectors: NDArray[np.float32]
    ) -> None:
        self.model, self.rows, self.vectors = model, rows, vectors
        self.reused = self.computed = 0

    @property
    def fingerprint(self) -> str:
        return self.model.fingerprint

    @property
    def dim(self) -> int:
        return self.model.dim

    @property
    def max_tokens(self) -> int:
        return self.model.max_tokens

    def token_offsets(self, text: str) -> list[tuple[int, int]]:
        return self.model.token_offsets(text)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        found = np.empty((len(texts), self.dim), dtype=np.float32)
        missing = []
        for number, text in enumerate(texts):
            row = self.rows.get(text_hash(text))
            vector = None if row is None else self.vectors[row]
            # What is no vector of a model would spoil every comparison.
            if vector is None or not abs(float(np.linalg.norm(vector)) - 1) < LENGTH_TOLERANCE:
                missing.append(number)
            else:
                found[number] = vector
        if missing:
            found[missing] = self.model.encode([texts[number] for number in missing])
        self.reused += len(texts) - len(missing)
        self.computed += len(missing)
        return found


@contextmanager
def open_vectors(archive: ExportArchive, model: Embedder) -> Iterator[StoredVectors]:
    """Give an embedder that knows the vectors of an archive that the same model made.

    Raises `InputError` if they are damaged.
    """
    same = [
        one
        for one in archive.vectors
        if (one.get("fingerprint"), one.get("dim")) == (model.fingerprint, model.dim)
    ]
    rows: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "vectors"
        with file.open("wb") as copy:
            for one in same:
                _read(archive.archive, str(one.get("file")), model.dim, rows, copy)
        vectors: NDArray[np.float32] = np.empty((0, model.dim), dtype=np.float32)
        if rows:
            vectors = np.memmap(file, dtype="<f4", mode="r").reshape(-1, model.dim)
        yield StoredVectors(model, rows, vectors)
        del vectors


def _read(
    archive: zipfile.ZipFile, name: str, dim: int, rows: dict[str, int], copy: IO[bytes]
) -> None:
    try:
        if f"{name}.npy" in archive.namelist():
            _read_npy(archive, name, dim, rows, copy)
        else:
            _read_parquet(archive, name, dim, rows, copy)
    except _DAMAGE as error:
        raise InputError(f"the vectors in {name} are damaged: {error}") from error


def _read_npy(
    archive: zipfile.ZipFile, name: str, dim: int, rows: dict[str, int], copy: IO[bytes]
) -> None:
    first = copy.tell() // (4 * dim)
    with archive.open(f"{name}.npy") as file:
        np.lib.format.read_magic(file)
        shape, is_fortran, dtype = np.lib.format.read_array_header_1_0(file)
        if len(shape) != 2 or shape[1] != dim or is_fortran or dtype != np.dtype("<f4"):  # noqa: PLR2004 - a table
            raise ValueError(f"they have the shape {shape} and the type {dtype}")
        shutil.copyfileobj(file, copy)
    with archive.open(f"{name}.jsonl") as ids:
        hashes = [str(json.loads(line)["text_hash"]) for line in ids]
    if copy.tell() != 4 * dim * (first + len(hashes)) or shape[0] != len(hashes):
        raise ValueError(f"there are {shape[0]} vectors and {len(hashes)} ids")
    rows.update({hash_: number for number, hash_ in enumerate(hashes, first)})


def _read_parquet(
    archive: zipfile.ZipFile, name: str, dim: int, rows: dict[str, int], copy: IO[bytes]
) -> None:
    arrow, parquet = import_pyarrow()
    with seekable_reader(archive, f"{name}.parquet") as whole:
        try:
            for batch in parquet.ParquetFile(whole).iter_batches(
                batch_size=BATCH, columns=["text_hash", "vector"]
            ):
                first = copy.tell() // (4 * dim)
                hashes = batch.column("text_hash").to_pylist()
                copy.write(_table(batch.column("vector"), len(hashes), dim).tobytes())
                rows.update({hash_: number for number, hash_ in enumerate(hashes, first)})
        except arrow.ArrowException as error:
            raise ValueError(str(error)) from error


def _table(column: Any, count: int, dim: int) -> NDArray[np.float32]:
    values: NDArray[np.float32] = np.asarray(column.flatten(), dtype="<f4")
    return values.reshape(count, dim)
