"""What a theme is called: the topics of one subject together, by what all of their tickets say."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from models import Topic, TopicRun
from services.text.terms import fold
from services.topics.grouping.knn_graph import IntArray
from services.topics.naming.titles import TopicName, name_topics

# Of something so wide a phrase tells one corner; three terms around it are read at a glance, none
# of which is longer than a name.
MAX_TERMS, MAX_WORDS = 3, 2


def theme_titles(
    texts: Sequence[str], labels: IntArray, themes: Sequence[int], hidden: Sequence[bool]
) -> dict[int, str]:
    """Return the titles of themes by their numbers: the terms that tell each apart from the others.

    `labels`, `(n,)`, are the topics of the tickets, -1 none. `themes` and `hidden`, `(topics,)`,
    say of each topic which theme it is of and whether somebody hid it: then it names none. Where
    each topic is a theme of its own they have the topics' titles, and nothing is returned.
    """
    numbers, places = np.unique(np.array(themes, dtype=np.int64), return_inverse=True)
    if len(numbers) == len(themes):
        return {}
    naming = np.where(hidden, -1, places)
    # Of a ticket in no topic the last topic's is read, and not used.
    names = name_topics(texts, np.where(labels >= 0, naming[labels], -1))
    return {
        int(number): _title(name)
        for number, name in zip(numbers, names, strict=False)
        if name.terms
    }


def _title(name: TopicName) -> str:
    """Return the first terms that do not repeat each other, as "train" and "train ticket" do."""
    chosen: list[str] = []
    for term in name.terms:
        is_short = len(term.split()) <= MAX_WORDS
        if is_short and not any(_is_repeated(term, other) for other in chosen):
            chosen.append(term)
    return ", ".join(chosen[:MAX_TERMS] or name.terms[:1])


def _is_repeated(term: str, other: str) -> bool:
    """Say whether a word of one begins as a word of the other does: "alarm" and "alarms"."""
    return any(
        one.startswith(two) or two.startswith(one)
        for one in fold(term).split()
        for two in fold(other).split()
    )


def titles_of(run: TopicRun) -> dict[int, str]:
    """Return the titles of themes that a run has on record; one of an older version has none."""
    return run.theme_titles


def theme_of(topic: Topic, run: TopicRun) -> int:
    """Return a topic's theme in a run; a part that was split off since has that of the other."""
    known = run.topics.get(topic.id) or run.topics.get(topic.parent_id or 0)
    # Without a theme it is one of its own: no theme has a negative number.
    return -topic.id if known is None or known.theme is None else known.theme


def titles_shown(run: TopicRun, topics: Sequence[Topic], lost: Collection[str]) -> dict[int, str]:
    """Return a run's titles of themes that are not `lost`, nor may be of a topic hidden since."""
    hidden = [one for one in topics if one.hidden_at and one.hidden_at >= run.made_at]
    barred = {theme_of(one, run) for one in hidden}
    return {
        number: title
        for number, title in titles_of(run).items()
        if title not in lost and number not in barred
    }
