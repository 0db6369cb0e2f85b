"""Other embedding models beside the hashing one, and the preparation of its vectors in tests."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bot.tasks.model_preparation import Preparation
from bot.wiring import Services, build
from services.memory import embedding_models
from tests.conftest import NOW
from tests.hashing import HashingEmbedder
from tests.remembering import START


class OtherEmbedder(HashingEmbedder):
    """Another model: the same texts are alike, and no number is the same."""

    fingerprint = "other@1/64/clean2"

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the first model's vectors, mirrored and in another order of dimensions."""
        return np.ascontiguousarray(-super().encode(texts)[:, ::-1])


NARROW = 0.8


class NarrowEmbedder(HashingEmbedder):
    """A model to which all is alike: the cosines of the first one, pressed into 0.28 to 1."""

    fingerprint, dim = "narrow@1/65/clean2", 65

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the hashing embedder's vectors, `0.6` long, beside one number that all share."""
        hashed = HashingEmbedder().encode(texts)
        shared = np.full((len(texts), 1), NARROW, dtype=np.float32)
        return np.hstack([hashed * np.float32(np.sqrt(1 - NARROW**2)), shared])


def narrowed(cosine: float) -> float:
    """Return what that model makes of a cosine of the first one."""
    return NARROW**2 + (1 - NARROW**2) * cosine


def beside(services: Services) -> Services:
    """Return services by another model, while that of `services` is in use."""
    with services.database.write() as session:
        embedding_models.adopt(session, services.vectors.identity, by="deja", now=START)
    return build(services.settings, OtherEmbedder(), services.database)


def begin(target: Services) -> None:
    """Let the vectors of a model be made."""
    with target.database.write() as session:
        embedding_models.begin_preparation(
            session, target.vectors.identity, switches=False, by="ana", now=START
        )


def prepare(target: Services) -> None:
    """Make all vectors of a model."""
    begin(target)
    preparation = Preparation(target, lambda: NOW)
    while preparation.step():
        pass
