"""Reads texts in small batches, so that others who wait for the model have their turn."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from threading import Lock, RLock
from time import perf_counter
from typing import TYPE_CHECKING

from services.search.embedders.letter_vectors import MAX_UNKNOWN, letter_vectors

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# On 2 cores all-MiniLM-L6-v2 gains nothing from larger batches: by padding, each of 32 texts of 10
# to 250 tokens takes a fifth more processor time (benchmarks/README.md).
BATCH_SIZE = 16

# Between two batches others have their turn, so one of long texts has fewer: padded to the longest,
# at most these bytes of UTF-8, or 4 texts of 256 tokens. It takes no more than 16 of them at once.
MAX_BATCH_BYTES = 6_000

# How long each text of a batch is at least, as a share of the longest: padding costs as much as
# words.
MIN_LENGTH_SHARE = 0.7


class BatchedEmbedder(ABC):
    """A model that reads one batch at a time; texts without its letters are read by theirs.

    With `known`, the fingerprint and the dimensions of its vectors, it is loaded only to read
    texts. `sha256` is that of its weights, and `downloads` the folder of the models that Déjà
    downloaded or made. `texts_read` and `seconds_read` count what it has read, and the seconds that
    took.
    """

    def __init__(
        self,
        model: str,
        sha256: str | None = None,
        known: tuple[str, int] | None = None,
        downloads: Path | None = None,
    ) -> None:
        self.model = model
        self._sha256 = sha256
        self._known = known
        self._downloads = downloads
        self._lock = RLock()
        self._turn = Lock()
        self.texts_read = 0
        self.seconds_read = 0.0

    @property
    @abstractmethod
    def dim(self) -> int:
        """The number of dimensions."""

    @abstractmethod
    def unknown_share(self, text: str) -> float:
        """Return the share of a text's letters that the model has no token for."""

    @abstractmethod
    def _read_batch(self, texts: list[str]) -> NDArray[np.float32]:
        """Return the unit vectors of a batch; no other thread reads meanwhile."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        import numpy as np  # the fingerprint alone takes none

        if not texts:
            return np.empty((0, self.dim), dtype=np.float32)
        rows = np.empty((len(texts), self.dim), dtype=np.float32)
        unread = [at for at, text in enumerate(texts) if self.unknown_share(text) > MAX_UNKNOWN]
        if unread:
            rows[unread] = letter_vectors([texts[at] for at in unread], self.dim)
        # By length, as texts of one batch are padded to the longest.
        order = sorted({*range(len(texts))}.difference(unread), key=lambda at: -len(texts[at]))
        while order:
            longest = texts[order[0]]
            size = min(max(MAX_BATCH_BYTES // len(longest.encode() or b" "), 1), BATCH_SIZE)
            min_length = MIN_LENGTH_SHARE * len(longest)
            some = [at for at in order[:size] if len(texts[at]) >= min_length]
            rows[some] = self._encode_batch([texts[index] for index in some])
            order = order[len(some) :]
        return rows

    def _encode_batch(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Encode a few texts; between two batches others who wait have their turn."""
        # Whoever waits for the model holds the turn, so a long list cannot go on before them.
        with self._turn:
            self._lock.acquire()
        try:  # threads must not share the tokenizer's truncation state
            start = perf_counter()
            rows = self._read_batch(list(texts))
            self.texts_read += len(texts)
            self.seconds_read += perf_counter() - start
        finally:
            self._lock.release()
        return rows
