"""The two topics that a split makes: the tickets of a topic where they differ most."""

from __future__ import annotations

import numpy as np
from sqlalchemy.orm import Session

from models import Topic
from services.errors import InputError
from services.phrases import phrase
from services.topics.grouping.clustering import cluster
from services.topics.members import item_ids_of
from services.topics.vectors import duplicate_cosine, mean_vectors

TOO_FEW = phrase("This topic has too few different tickets to be split.")


def parts_of(session: Session, topic: Topic) -> tuple[list[int], list[int]]:
    """Return the tickets (ids) of the two parts of a topic, the larger first.

    Raises `InputError` where there are too few different tickets.
    """
    ids, vectors = mean_vectors(session, item_ids_of(topic), topic.fingerprint)
    same = duplicate_cosine(session, topic.fingerprint)
    labels = cluster(vectors, k=2, same=same).nearest if len(ids) > 1 else np.zeros(0, np.int64)
    if len(np.unique(labels)) < 2:  # noqa: PLR2004
        raise InputError(TOO_FEW)
    kept, part = (
        [one for one, label in zip(ids, labels, strict=True) if label == at] for at in (0, 1)
    )
    return kept, part
