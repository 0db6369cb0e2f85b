"""Another embedding model beside the hashing one, and the preparation of its vectors in tests."""

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
