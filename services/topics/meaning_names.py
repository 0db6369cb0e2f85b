"""Names of topics by what their tickets mean to the model in use, or by their words without it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.errors import ModelError, ModelUnreachableError
from services.memory.similarity_scale import SimilarityScale
from services.search.embedders.embedding import Embedder
from services.text.words.function_words import Language
from services.topics.naming.nearness import Meanings
from services.topics.naming.titles import TopicName, name_topics

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class TicketTexts:
    """Tickets: texts, topics 0, 1, … as `labels`, `(n,)`, -1 for none, languages of channels."""

    texts: Sequence[str]
    labels: NDArray[np.int64]
    spoken: Sequence[Language | None]


def name_by_meaning(
    tickets: TicketTexts,
    vectors: NDArray[np.float32],
    embedder: Embedder,
    scale: SimilarityScale,
) -> list[TopicName]:
    """Return the names of topics, those of several languages in the language of their channel.

    `vectors`, `(n, d)`, are those of the tickets by the embedder, and `scale` that of its cosines.
    """
    try:
        meanings = Meanings(vectors, embedder.encode, scale.to_default)
        return name_topics(tickets.texts, tickets.labels, meanings, tickets.spoken)
    except (ModelError, ModelUnreachableError) as error:
        logger.warning("topics are named by their words alone: %s", error)
        return name_topics(tickets.texts, tickets.labels, spoken=tickets.spoken)
