"""The real model, loaded once a process however many commands ask for it."""

from __future__ import annotations

from functools import cache

from services.search.default_model import DEFAULT_MODEL
from services.search.embedding import SentenceTransformerEmbedder


def loaded_model(
    model: str = DEFAULT_MODEL, sha256: str | None = None
) -> SentenceTransformerEmbedder:
    """Return the embedder of a model; a second one of the same model is the first."""
    return _embedder(model, sha256)


@cache
def _embedder(model: str, sha256: str | None) -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder(model, sha256)
