"""Tickets that differ only by a number ("order 4711 is late") are of one topic."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from services.text.words.folding import fold
from services.topics.grouping.knn_graph import IntArray
from services.topics.grouping.tracking import UNCLUSTERED

_NUMBER = re.compile(r"\d+")
# A text of fewer letters is no sentence, such as "R2" and "R3".
MIN_LETTERS = 8


def join_numbered(texts: Sequence[str], labels: IntArray) -> IntArray:
    """Return the topics of tickets, `(n,)`, with those that differ only by numbers in one.

    That is the topic of most of them, or a new one where all of several are in none.
    """
    groups: dict[str, list[int]] = defaultdict(list)
    for at, text in enumerate(texts):
        shape = " ".join(_NUMBER.sub("0", text).split())
        if "0" in shape and sum(map(str.isalpha, shape)) >= MIN_LETTERS:
            groups[fold(shape)].append(at)
    labels, fresh = labels.copy(), int(labels.max(initial=UNCLUSTERED)) + 1
    for places in groups.values():
        if len(places) == 1 or len({texts[at] for at in places}) == 1:
            continue
        votes = Counter(int(labels[at]) for at in places if labels[at] != UNCLUSTERED)
        if not votes:
            votes[fresh], fresh = 1, fresh + 1
        labels[places] = max(votes, key=lambda label: (votes[label], -label))
    return np.asarray(labels)
