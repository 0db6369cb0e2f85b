"""A file of vectors that the real model made, shared by the workers of a run and by later runs.

Reading texts takes most of the model's time, and most tests read the same ones. A vector is kept
for a text and what made it: for tests a model, the code and the libraries, so that whatever changes
one of them makes its vectors anew.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import services.search

FILE = Path(__file__).parents[1] / ".cache" / "vectors.db"
LIBRARIES = ("numpy", "sentence-transformers", "tokenizers", "torch", "transformers")

# Another worker writes for milliseconds.
PATIENCE_SECONDS = 60.0

Rows = dict[str, NDArray[np.float32]]


class KeptVectors:
    """The vectors in a file that one maker made of texts."""

    def __init__(self, made_by: str, file: Path = FILE) -> None:
        self._made_by = made_by
        file.parent.mkdir(parents=True, exist_ok=True)
        self._file = file
        with closing(self._open()) as connection, connection:
            connection.execute(
                "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, row BLOB) WITHOUT ROWID"
            )

    def find(self, texts: Sequence[str]) -> Rows:
        """Return the kept vectors among those of `texts`."""
        select = "SELECT row FROM vectors WHERE key = ?"
        with closing(self._open()) as connection:
            found = {
                text: connection.execute(select, [self._key(text)]).fetchone() for text in texts
            }
        return {text: np.frombuffer(one[0], np.float32) for text, one in found.items() if one}

    def add(self, rows: Mapping[str, NDArray[np.float32]]) -> None:
        """Keep vectors."""
        values = [(self._key(text), row.tobytes()) for text, row in rows.items()]
        with closing(self._open()) as connection, connection:
            connection.executemany("INSERT OR IGNORE INTO vectors VALUES (?, ?)", values)

    def _key(self, text: str) -> bytes:
        return hashlib.sha256(f"{self._made_by}\0{text}".encode()).digest()

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._file, timeout=PATIENCE_SECONDS)
        connection.execute("PRAGMA synchronous=OFF")
        return connection


def code_version() -> str:
    """Return a checksum of what turns a text into a vector, beside the weights."""
    checksum = hashlib.sha256()
    for name in LIBRARIES:
        checksum.update(version(name).encode())
    for file in sorted(Path(next(iter(services.search.__path__))).glob("*.py")):
        checksum.update(file.read_bytes())
    return checksum.hexdigest()
