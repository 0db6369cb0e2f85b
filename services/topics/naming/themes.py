"""Titles of themes, which are topics of one subject: by the terms of all their tickets."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from services.text.folding import fold
from services.topics.grouping.knn_graph import IntArray
from services.topics.naming.headline_words import AND, PEOPLE
from services.topics.naming.titles import TopicName, name_topics

# A theme is named by two of its terms, "cameras and motion", if none is longer than a name.
MAX_TERMS, MAX_WORDS = 2, 2


def name_themes(
    texts: Sequence[str], labels: IntArray, themes: Sequence[int], hidden: Sequence[bool]
) -> dict[int, str]:
    """Return the titles of themes by number: the terms that set each apart from the others.

    `labels`, `(n,)`, are the topics of the tickets, -1 for none. `themes` and `hidden`,
    `(topics,)`, are the theme of each topic and whether somebody hid it; hidden topics name no
    theme. If each topic is a theme of its own, themes have the titles of topics and nothing is
    returned.
    """
    numbers, places = np.unique(np.array(themes, dtype=np.int64), return_inverse=True)
    if len(numbers) == len(themes):
        return {}
    theme_of_topic = np.where(hidden, -1, places)
    # The label -1 reads the theme of the last topic, which `where` then drops.
    names = name_topics(texts, np.where(labels >= 0, theme_of_topic[labels], -1))
    return {
        int(number): _title(name)
        for number, name in zip(numbers, names, strict=False)
        if name.terms
    }


def _title(name: TopicName) -> str:
    """Return the first terms that do not repeat each other, as "train" and "train ticket" do.

    Nobody reads aloud more than two of them.
    """
    chosen: list[str] = []
    for term in name.terms:
        is_short = len(term.split()) <= MAX_WORDS
        is_new = not any(_share_stem(term, other) for other in chosen)
        if is_short and is_new and fold(term) not in PEOPLE:
            chosen.append(term)
    return f" {AND[name.language]} ".join(chosen[:MAX_TERMS] or name.terms[:1])


def _share_stem(term: str, other: str) -> bool:
    """Say whether a word of one term begins with a word of the other: "alarm" and "alarms"."""
    return any(
        one.startswith(two) or two.startswith(one)
        for one in fold(term).split()
        for two in fold(other).split()
    )
