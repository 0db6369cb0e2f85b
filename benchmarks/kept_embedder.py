"""Models whose vectors are kept by text, so that a benchmark of hours goes on where it was."""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks import corpus
from bot.model_choice import places_of
from bot.model_numerics import apply_numerics
from bot.settings import Settings
from services.search.embedders.by_name import ModelPlaces, names_of, open_embedder
from services.search.embedders.embedding import LocalEmbedder
from services.search.embedders.joined import JoinedEmbedder
from tests.kept_vectors import KeptVectors

# Texts whose vectors are written at once: what is lost when a run is ended.
AT_ONCE = 32


def places_here() -> ModelPlaces:
    """Return where the models are: those that were downloaded are in DEJA_DATA_DIR."""
    return places_of(_settings_here())


def open_kept(name: str) -> LocalEmbedder:
    """Return a model by its name; of models side by side, the vectors of each are kept.

    It computes as DEJA_PRECISION says, or as was measured on this machine.
    """
    parts = [open_embedder(one, places=places_here()) for one in names_of(name)]
    for part in parts:
        apply_numerics(part, _settings_here())
    kept = [KeptEmbedder(part) for part in parts]
    return kept[0] if len(kept) == 1 else JoinedEmbedder(kept)


def _settings_here() -> Settings:
    names = ("DEJA_DATA_DIR", "DEJA_PRECISION")
    return Settings.from_mapping({name: os.environ.get(name) for name in names})


class KeptEmbedder:
    """A model that reads each text once, in all runs with the same weights and cleaning."""

    def __init__(self, embedder: LocalEmbedder) -> None:
        self._embedder = embedder
        self.fingerprint, self.checksum = embedder.fingerprint, embedder.checksum
        self.dim, self.max_tokens = embedder.dim, embedder.max_tokens
        self._kept = KeptVectors(self.fingerprint, corpus.CACHE / "vectors.db")

    @property
    def texts_read(self) -> int:
        """How many texts the model itself has read."""
        return self._embedder.texts_read

    @property
    def seconds_read(self) -> float:
        """How many seconds that took."""
        return self._embedder.seconds_read

    def token_offsets(self, text: str) -> list[tuple[int, int]]:
        """Return the offsets by the model itself."""
        return self._embedder.token_offsets(text)

    def unknown_share(self, text: str) -> float:
        """Return the share by the model itself."""
        return self._embedder.unknown_share(text)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors, shape `(len(texts), dim)`; those that are not kept are made."""
        rows = self._kept.find(texts)
        # Texts of one length are read together, as the model itself would sort them.
        missing = sorted({text for text in texts if text not in rows}, key=len)
        for start in range(0, len(missing), AT_ONCE):
            batch = missing[start : start + AT_ONCE]
            made = dict(zip(batch, self._embedder.encode(batch), strict=True))
            self._kept.add(made)
            rows |= made
        return np.array([rows[text] for text in texts], dtype=np.float32)
