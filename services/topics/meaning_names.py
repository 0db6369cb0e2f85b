"""Names of topics by what their tickets mean to the model in use, or by their words without it."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from services.errors import ModelError, ModelUnreachableError
from services.memory.similarity_scale import SimilarityScale
from services.search.embedding import Embedder
from services.topics.naming.nearness import Meanings
from services.topics.naming.titles import TopicName, name_topics

logger = logging.getLogger(__name__)


def name_by_meaning(
    texts: Sequence[str],
    labels: NDArray[np.int64],
    vectors: NDArray[np.float32],
    embedder: Embedder,
    scale: SimilarityScale,
) -> list[TopicName]:
    """Return the names of the topics 0, 1, … of `labels`, `(n,)`; -1 is no topic.

    `vectors`, `(n, d)`, are those of the tickets by the embedder, and `scale` that of its cosines.
    """
    try:
        return name_topics(texts, labels, Meanings(vectors, embedder.encode, scale.to_default))
    except (ModelError, ModelUnreachableError) as error:
        logger.warning("topics are named by their words alone: %s", error)
        return name_topics(texts, labels)
