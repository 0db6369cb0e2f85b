"""Texts in a script that the model has no tokens for: compared by their letters, not by meaning.

All that such a model sees of a Thai word is "unknown", so that any two Thai tickets are one to it.
Their vectors are made of character trigrams instead: the cosine of two such texts is near 1 where
they are worded alike, and near 0 otherwise, as to every text that the model can read.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from services.text.words.folding import fold

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Of a text with more unknown letters than known ones, the known ones do not say what it is about.
# all-MiniLM-L6-v2 knows every letter of Cyrillic, Arabic, Hebrew, Greek and Devanagari words, most
# of Kana and Hangul, a third of Chinese and none of Thai or Ethiopic ones.
MAX_UNKNOWN = 0.5

NGRAM = 3


def unknown_share(text: str, unknown: Iterable[tuple[int, int]]) -> float:
    """Return the share of a text's letters that are in its unknown tokens, given by offsets."""
    letters = sum(map(str.isalpha, text))
    inside = sum(sum(map(str.isalpha, text[start:end])) for start, end in unknown)
    return inside / letters if letters else 0.0


def letter_vectors(texts: Sequence[str], dim: int) -> NDArray[np.float32]:
    """Return the trigram counts of texts, hashed to unit-length rows, shape `(len(texts), dim)`."""
    import numpy as np  # commands that read no text start without it

    rows = np.zeros((len(texts), dim), dtype=np.float32)
    for row, text in zip(rows, texts, strict=True):
        # Spaces are no letters, and many scripts set none.
        letters = f" {''.join(fold(text).split())} "
        for at in range(len(letters) - NGRAM + 1):
            hashed = zlib.crc32(letters[at : at + NGRAM].encode())
            row[(hashed >> 1) % dim] += 1 if hashed & 1 else -1
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-9), dtype=np.float32)
