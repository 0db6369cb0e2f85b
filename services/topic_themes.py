"""What a theme is called: the topics of one subject together, named by all of their tickets."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from services.alike_graph import IntArray
from services.naming import name_topics


def theme_titles(
    texts: Sequence[str], labels: IntArray, themes: Sequence[int], hidden: Sequence[bool]
) -> dict[int, str]:
    """Return the titles of themes by their numbers, of those whose tickets have a word in common.

    `labels`, `(n,)`, are the topics of the tickets, -1 none. `themes` and `hidden`, `(topics,)`, say
    of each topic which theme it is of and whether somebody hid it: then it names none. Where each
    topic is a theme of its own they have the topics' titles, and nothing is returned.
    """
    numbers, places = np.unique(np.array(themes, dtype=np.int64), return_inverse=True)
    if len(numbers) == len(themes):
        return {}
    naming = np.where(hidden, -1, places)
    # Of a ticket in no topic the last topic's is read, and not used.
    names = name_topics(texts, np.where(labels >= 0, naming[labels], -1))
    return {
        int(number): name.title for number, name in zip(numbers, names, strict=False) if name.terms
    }
