"""What a topic is called: the terms that tell it apart, a title in its tickets' own words, and the
tickets that show best what it is about.

Nothing here knows a language: words that say nothing come from public lists, and a title is cut out
of what somebody wrote.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, takewhile

import numpy as np
from numpy.typing import NDArray

from services.text.terms import fold
from services.topics.naming.distinctive_words import SEVERAL, TopicWords, read_topics, total
from services.topics.naming.keyphrases import phrases_of, title_score, trails, usual
from services.topics.naming.tokens import MASKED, written

# Words of a term, and of a title; more than five nobody reads at a glance.
MAX_WORDS = 3
MIN_TITLE_LENGTH, MAX_TITLE_LENGTH = 2, 5

MAX_TERMS = 8

# Titles that are kept of each topic until one is free.
MAX_TITLES = 50

# Title words that stand in this share of the other's tickets are taken as one term with it.
SAME_TERM = 0.7

# Words differ by their endings alone where all but so many letters are the same, and so many are.
ENDING, BEGINNING = 2, 4


@dataclass(frozen=True)
class TopicName:
    """The terms that tell a topic apart, the most telling first, and its title."""

    terms: tuple[str, ...]
    title: str


@dataclass(frozen=True)
class Representatives:
    """Places of tickets: the one nearest to its topic's mean, and ones that differ from it."""

    exemplar: int
    others: tuple[int, ...]


@dataclass
class _Topic:
    """What a topic says: in how many tickets each phrase is, how most write it, and its titles."""

    read: TopicWords
    counts: dict[str, int] = field(default_factory=dict)
    forms: dict[str, str] = field(default_factory=dict)
    titles: list[str] = field(default_factory=list)


def name_topics(
    texts: Sequence[str], labels: NDArray[np.int64], *, most_terms: int = MAX_TERMS
) -> list[TopicName]:
    """Return the names of the topics 0, 1, … of `labels`, `(n,)`; -1 is none. No two titles equal.

    Terms are of one to three words, by class-based TF-IDF (after Grootendorst 2022,
    https://arxiv.org/abs/2203.05794), where a term counts once a ticket.
    """
    read = read_topics(texts, labels)
    number = sum(len(topic.tickets) for topic in read)
    words = total(topic.counts for topic in read)
    topics = [
        _seek(topic, _weights(topic.counts, words, len(topic.tickets), number)) for topic in read
    ]
    phrases = total(topic.counts for topic in topics)
    taken: list[str] = []
    names = []
    for place, topic in enumerate(topics):
        weights = _weights(topic.counts, phrases, len(topic.read.tickets), number)
        terms = _terms(topic, weights, most_terms)
        title = _title(topic, terms, taken) or f"#{place + 1}"
        taken.append(fold(title))
        names.append(TopicName(tuple(terms), title))
    return names


def representatives(
    vectors: NDArray[np.float32],
    labels: NDArray[np.int64],
    centroids: NDArray[np.float32],
    *,
    differing: int = 3,
) -> list[Representatives | None]:
    """Return what shows each topic best: the exemplar, and up to `differing` others.

    Maximal marginal relevance (Carbonell and Goldstein 1998, https://doi.org/10.1145/290941.291025)
    with both halves weighted alike; equal tickets are shown once. `vectors`, `(n, d)`, and
    `centroids`, `(topics, d)`, are of unit length. None for a topic that has no ticket.
    """
    return [
        _representatives(vectors, np.flatnonzero(labels == topic), centroids[topic], differing)
        for topic in range(len(centroids))
    ]


def _representatives(
    vectors: NDArray[np.float32],
    places: NDArray[np.int64],
    centroid: NDArray[np.float32],
    differing: int,
) -> Representatives | None:
    if not len(places):
        return None
    rows = vectors[places]
    relevance = rows @ centroid
    chosen = [int(np.argmax(relevance))]
    alike = rows @ rows[chosen[0]]
    while len(chosen) <= differing:
        gain = np.where(alike < 1 - 1e-3, relevance - alike, -np.inf)
        best = int(np.argmax(gain))
        if not np.isfinite(gain[best]):
            break
        chosen.append(best)
        alike = np.maximum(alike, rows @ rows[best])
    return Representatives(int(places[chosen[0]]), tuple(int(places[one]) for one in chosen[1:]))


def _weights(
    counts: Mapping[str, int], whole: Mapping[str, int], size: int, number: int
) -> dict[str, float]:
    """Return how much each term tells: its share of the topic's tickets, by how much that is more
    than its share of all `number` tickets.
    """
    return {
        term: count / size * math.log1p(count / size / (whole[term] / number))
        for term, count in counts.items()
    }


def _seek(read: TopicWords, weights: Mapping[str, float]) -> _Topic:
    """Find a topic's phrases: what several tickets say, and what may be its title, best first."""
    topic, tickets, empty = _Topic(read), read.tickets, read.lists.empty
    found = phrases_of(tickets, read.lists, MAX_TITLE_LENGTH)
    several = SEVERAL if len(tickets) > SEVERAL else 1
    for key, phrase in found.items():
        if phrase.tickets >= several and key.count(" ") < MAX_WORDS:
            topic.counts[key] = phrase.tickets
            topic.forms[key] = usual(tickets, phrase)
    scores = {
        key: title_score(key, phrase, empty, weights)
        for key, phrase in found.items()
        if key.count(" ") >= MIN_TITLE_LENGTH - 1
    }
    trailing = {key for key in scores if trails(key, found, empty)}
    # What trails off is a title only before a single word is.
    ranked = sorted(
        (key for key in scores if key not in trailing or found[key].tickets >= several),
        key=lambda key: (key in trailing, -scores[key], len(key), key),
    )
    topic.titles = [usual(tickets, found[key]) for key in ranked[:MAX_TITLES]]
    return topic


def _terms(topic: _Topic, weights: dict[str, float], most: int) -> list[str]:
    """Return the most telling terms as most tickets write them; none says what another says."""
    chosen: list[str] = []
    for term in sorted(weights, key=lambda term: (-weights[term] * _bonus(term), term)):
        if len(chosen) == most:
            break
        if not any(_covers(topic, other, term) for other in chosen):
            chosen = [one for one in chosen if not _covers(topic, term, one)] + [term]
    return [topic.forms[term] for term in chosen]


def _bonus(term: str) -> float:
    """A phrase says more than its words, and is rarer."""
    return 1 + 0.5 * term.count(" ")


def _covers(topic: _Topic, wide: str, narrow: str) -> bool:
    """Say whether one term stands in another, and seldom elsewhere."""
    if f" {narrow} " not in f" {wide} ":
        return wide != narrow and f" {wide} " in f" {narrow} " and topic.counts[narrow] < SEVERAL
    return topic.counts[wide] >= SAME_TERM * topic.counts[narrow]


def _title(topic: _Topic, terms: Sequence[str], taken: Sequence[str]) -> str | None:
    """Return the best phrase that is no other topic's title, not even with other endings.

    Where all are taken the best has a number; None where nobody says a word.
    """
    # Where no word tells anything ("hello"), a title is how a ticket begins.
    begins = [
        written(one, begin[0].start, begin[-1].end)
        for one in topic.read.tickets
        for run in one.runs[:1]
        if (begin := list(takewhile(lambda token: token.key != MASKED, run[:MAX_TITLE_LENGTH])))
    ]
    wide = [one for one in terms if " " in one]
    candidates = [*topic.titles, *wide, *_around(topic, terms), *terms, *begins]
    folded = {one: fold(one) for one in candidates}
    free = [one for one in candidates if folded[one] not in taken]
    differing = (one for one in free if not any(_is_alike(folded[one], other) for other in taken))
    return next(differing, next(iter(free), _numbered(candidates, taken)))


def _numbered(candidates: Sequence[str], taken: Sequence[str]) -> str | None:
    """Return the best candidate with the first number that makes it differ."""
    numbers = (f"{one} {number}" for one in candidates[:1] for number in count(2))
    return next((one for one in numbers if fold(one) not in taken), None)


def _around(topic: _Topic, terms: Sequence[str]) -> list[str]:
    """Return what stands around single words that tell most, as several tickets have it.

    Where no phrase may be a title ("wifi does not show up on my …").
    """
    found: Counter[str] = Counter()
    telling = {fold(one) for one in terms if " " not in one}
    for ticket in topic.read.tickets:
        for run in ticket.runs:
            tokens = [token for token in run if token.key != MASKED]
            at = next((at for at, token in enumerate(tokens) if token.key in telling), None)
            if at is not None:
                start = max(0, at + 1 - MAX_TITLE_LENGTH)
                while tokens[start].key in topic.read.lists.empty:
                    start += 1
                some = tokens[start : start + MAX_TITLE_LENGTH]
                found[written(ticket, some[0].start, some[-1].end)] += 1
    return [one for one, _ in found.most_common() if " " in one]


def _is_alike(title: str, other: str) -> bool:
    """Say whether two titles have the same words in some order, but for their endings."""
    words, others = sorted(title.split()), sorted(other.split())
    return len(words) == len(others) and all(map(_has_one_beginning, words, others))


def _has_one_beginning(word: str, other: str) -> bool:
    least = max(len(word) - ENDING, len(other) - ENDING, BEGINNING)
    return word == other or word[:least] == other[:least]
