"""A topic about a calendar, and what its phrases mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from services.topics.naming.nearness import Meanings
from services.topics.naming.titles import TopicName, name_topics
from tests.services.topics.naming.examples import PRINTER, VPN, labels

# So many that words of single topics stand out.
OTHERS = [*PRINTER * 4, *VPN * 4]
CALENDAR = [
    "Holidays of the calendar are missing",
    "Share a calendar with a partner of the factory",
    "Does the calendar work offline?",
    "Print the calendar of a whole year",
    "Colours of the calendar hurt my eyes",
    "Move the calendar to another account",
]


def meanings_by(count: int, others: int, cosines: Mapping[str, float], usual: float) -> Meanings:
    """Return what tickets mean that are all alike, and phrases by their cosine to each of them."""
    rows = np.zeros((count + others, 2), dtype=np.float32)
    rows[:count, 0] = rows[count:, 1] = 1

    def encode(phrases: Sequence[str]) -> NDArray[np.float32]:
        keys = [one.casefold().rstrip("?") for one in phrases]
        near = np.array([cosines.get(one, usual) for one in keys], dtype=np.float32)
        return np.stack([near, np.sqrt(1 - near**2)], axis=1)

    return Meanings(rows, encode)


def name_of(
    texts: Sequence[str],
    cosines: Mapping[str, float] | None = None,
    usual: float = 0.56,
    others: Sequence[str] = OTHERS,
) -> TopicName:
    """Return the name of a topic of some tickets, whose phrases are so near to each of them."""
    of = labels(len(texts), len(others))
    meanings = meanings_by(len(texts), len(others), cosines or {}, usual)
    return name_topics([*texts, *others], of, meanings)[0]
