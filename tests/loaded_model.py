"""The real model, loaded once a process, which reads no text twice in a run."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.model_choice import ModelChoice, embedder_of
from bot.settings import Settings
from services.search.embedders.default_model import DEFAULT_MODEL, DEFAULT_SHA256
from services.search.embedders.embedding import LocalEmbedder, SentenceTransformerEmbedder
from services.search.embedders.numerics import Numerics
from tests.kept_vectors import KeptVectors, Rows, code_version


class RememberingModel(SentenceTransformerEmbedder):
    """The same model, which keeps the vector of every text: many tests embed the same tickets.

    Those of the default model are kept for the other workers and later runs, too.
    """

    def __init__(
        self,
        model: str = DEFAULT_MODEL,
        sha256: str | None = None,
        known: tuple[str, int] | None = None,
    ) -> None:
        super().__init__(model, sha256, known)
        self._rows: Rows = {}

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return a row for each text, shape `(len(texts), dim)`; only new ones are computed."""
        new = [text for text in dict.fromkeys(texts) if text not in self._rows]
        if new and self._kept is not None:
            self._rows |= self._kept.find(new)
            new = [text for text in new if text not in self._rows]
        if new:
            made = dict(zip(new, super().encode(new), strict=True))
            self._rows |= made
            if self._kept is not None:
                self._kept.add(made)
        return np.array([self._rows[text] for text in texts]).reshape(-1, self.dim)

    def compute_with(self, numerics: Numerics) -> None:
        """Compute so from now on; vectors of another precision are forgotten."""
        if numerics.precision != self.numerics.precision:
            self._rows.clear()
            self.__dict__.pop("_kept", None)
        super().compute_with(numerics)

    @cached_property
    def _kept(self) -> KeptVectors | None:
        if not self._is_default:
            return None
        return KeptVectors(f"{self.fingerprint} {self.numerics.precision} {code_version()}")


def loaded_model(
    model: str = DEFAULT_MODEL,
    sha256: str | None = None,
    known: tuple[str, int] | None = None,
) -> SentenceTransformerEmbedder:
    """Return the embedder of a model; a second one of the same model is the first."""
    if model == DEFAULT_MODEL and sha256 in {None, DEFAULT_SHA256}:
        return _embedder(model, None, None)
    return _embedder(model, sha256, known)


def loaded_embedder(settings: Settings, choice: ModelChoice) -> LocalEmbedder:
    """Do the same in place of `embedder_of`, for the default model and for folders."""
    if choice.name == DEFAULT_MODEL or Path(choice.name).is_dir():
        return loaded_model(choice.name, choice.sha256, choice.known)
    return embedder_of(settings, choice)


@cache
def _embedder(
    model: str, sha256: str | None, known: tuple[str, int] | None
) -> SentenceTransformerEmbedder:
    return RememberingModel(model, sha256, known)
