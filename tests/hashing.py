"""An embedder without a model, which hashes words, for tests in which meaning does not matter."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

_WORD = re.compile(r"\w+")


class HashingEmbedder:
    """Adds up a pseudo-random vector for each word: texts with the same words are similar."""

    fingerprint = "hashing@1/64/clean2"
    dim = 64
    max_tokens = 256

    def __init__(self) -> None:
        self.encoded: list[str] = []

    def token_offsets(self, text: str) -> list[tuple[int, int]]:
        """Return the offsets of the words."""
        return [match.span() for match in _WORD.finditer(text)]

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the normalised sums of the words' vectors, shape `(len(texts), 64)`."""
        self.encoded += texts
        rows = np.zeros((len(texts), self.dim), dtype=np.float32)
        for number, text in enumerate(texts):
            for word in _WORD.findall(text.lower()):
                rows[number] += _vector(word, self.dim)
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.asarray(rows / np.maximum(lengths, 1e-9), dtype=np.float32)


@lru_cache(maxsize=50_000)
def _vector(word: str, dim: int) -> NDArray[np.float32]:
    return np.random.default_rng(zlib.crc32(word.encode())).standard_normal(dim).astype(np.float32)
