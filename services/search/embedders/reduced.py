"""Fewer dimensions than a model has: smaller vectors, and a faster search.

Either the first dimensions alone, of a model that was trained for that (Matryoshka), or the
directions in which a team's own vectors differ most (PCA). What is left out can be measured:
`deja model status --dimensions`.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from services.errors import ModelError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from services.search.embedders.embedding import LocalEmbedder

# Directions that are fitted on fewer vectors are those of these texts, not of the team's.
MIN_VECTORS = 2_000

# More of them change the directions no more.
MAX_VECTORS = 20_000

_NAME = re.compile(r"(.+) \((\d+)\)")

# Names of models, in the fingerprint of a reduced one: so long that the whole has 128 characters.
MAX_NAME = 58


def reduced_name(base: str, dim: int) -> str:
    """Return the name of a model with fewer dimensions, as `deja model` shows it."""
    return f"{base} ({dim})"


def split_name(name: str) -> tuple[str, int | None]:
    """Return the name of a model without its dimensions, and these; None: all."""
    match = _NAME.fullmatch(name)
    return (name, None) if match is None else (match[1], int(match[2]))


def fit_directions(vectors: NDArray[np.float32], dim: int) -> bytes:
    """Return the `dim` directions that keep most of unit vectors `(n, d)`, as an `.npz` file.

    They are eigenvectors of the second moment, not of the covariance: cosines are about the origin.
    """
    import numpy as np

    wide = np.asarray(vectors, dtype=np.float64)
    _, axes = np.linalg.eigh(wide.T @ wide)
    kept = axes[:, ::-1][:, :dim]
    # An eigenvector's sign is chance: the largest part of each is positive.
    signs = np.sign(kept[np.abs(kept).argmax(axis=0), np.arange(dim)])
    file = io.BytesIO()
    np.savez_compressed(file, directions=np.asarray(kept * signs, dtype=np.float32))
    return file.getvalue()


def read_directions(stored: bytes) -> NDArray[np.float32]:
    """Return fitted directions, shape `(d, dim)`. Raises `ModelError` if they are damaged."""
    import numpy as np

    try:
        with np.load(io.BytesIO(stored), allow_pickle=False) as file:
            directions: NDArray[np.float32] = np.asarray(file["directions"], dtype=np.float32)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise ModelError("The stored directions of the model in use are damaged.") from error
    if directions.ndim != 2 or not np.isfinite(directions).all():  # noqa: PLR2004 - a table
        raise ModelError("The stored directions of the model in use are damaged.")
    return directions


def unit_rows(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return rows with unit length; one of zeros stays."""
    import numpy as np

    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-9), dtype=np.float32)


class ReducedEmbedder:
    """A model's vectors in fewer dimensions, of unit length again.

    `stored` are fitted directions; without them the first dimensions are taken.
    """

    def __init__(
        self,
        base: LocalEmbedder,
        dim: int,
        stored: bytes | None = None,
        known: tuple[str, int] | None = None,
    ) -> None:
        self.base = base
        self.dim = dim
        self.directions = stored
        self._known = known

    @cached_property
    def fingerprint(self) -> str:
        if self._known is not None:
            return self._known[0]
        name, _, rest = self.base.fingerprint.partition("@")
        how = "cut"
        if self.directions is not None:
            how = f"pca{hashlib.sha256(self.directions).hexdigest()[:8]}"
        return f"{name[:MAX_NAME]}:{self.dim}@{rest}/{how}"

    @property
    def checksum(self) -> str:
        """That of the model."""
        return self.base.checksum

    @property
    def max_tokens(self) -> int:
        """The window of the model."""
        return self.base.max_tokens

    @property
    def texts_read(self) -> int:
        """How many texts the model has read."""
        return self.base.texts_read

    @property
    def seconds_read(self) -> float:
        """How many seconds that took."""
        return self.base.seconds_read

    def token_offsets(self, text: str) -> list[tuple[int, int]]:
        return self.base.token_offsets(text)

    def unknown_share(self, text: str) -> float:
        """Return the share of a text's letters that the model has no token for."""
        return self.base.unknown_share(text)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = self.base.encode(texts)
        if self.directions is None:
            return unit_rows(rows[:, : self.dim])
        if self._matrix.shape != (rows.shape[1], self.dim):
            raise ModelError("The stored directions of the model in use are of another model.")
        return unit_rows(rows @ self._matrix)

    @cached_property
    def _matrix(self) -> NDArray[np.float32]:
        return read_directions(self.directions or b"")
