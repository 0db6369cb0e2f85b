"""What a topic is called: the terms that tell it apart, a title in its tickets' own words, and the
tickets that show best what it is about.

Nothing here knows a language: words that say nothing come from public lists, and a title is cut out
of what somebody wrote.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from services.lexical import fold
from services.wording import Reading, Token, key_of, languages_of_stops, read, spans, written

# Words of a term, and of a title; more than five nobody reads at a glance.
MOST_WORDS = 3
SHORTEST_TITLE, LONGEST_TITLE = 2, 5

MOST_TERMS = 8

# Of a topic's tickets: what may be its title is sought in so many, evenly spread.
MOST_SOUGHT = 200

# A listed word that stands in few of the topics tells something all the same ("order", "bill"),
# where there are enough topics to see that.
WIDESPREAD, ENOUGH_TOPICS = 0.15, 8

# A language counts in a topic from this share of its tickets on.
LEAST_SHARE = 0.2

# Title words that stand in this share of the other's tickets are taken as one term with it.
SAME_TERM = 0.7


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
    """A topic's tickets, and in how many of them each term is, and how it is written there."""

    tickets: list[Reading]
    stops: frozenset[str] = frozenset()
    counts: Counter[str] = field(default_factory=Counter)
    written: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))


def name_topics(
    texts: Sequence[str], labels: NDArray[np.int64], *, most_terms: int = MOST_TERMS
) -> list[TopicName]:
    """Return the names of the topics 0, 1, … of `labels`, `(n,)`; -1 is none. No two titles equal.

    Terms are of one to three words, by class-based TF-IDF (Grootendorst 2022,
    https://arxiv.org/abs/2203.05794), where a term counts once a ticket.
    """
    topics = _topics(texts, labels)
    _count(topics)
    totals: Counter[str] = Counter()
    for topic in topics:
        totals.update(topic.counts)
    mean = sum(totals.values()) / max(len(topics), 1)
    taken: set[str] = set()
    names = []
    for number, topic in enumerate(topics):
        size = len(topic.tickets)
        weights = {
            term: count / size * math.log1p(mean / totals[term])
            for term, count in topic.counts.items()
        }
        terms = _terms(topic, weights, most_terms)
        title = _title(topic, weights, terms, taken) or f"#{number + 1}"
        taken.add(fold(title))
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


def _topics(texts: Sequence[str], labels: NDArray[np.int64]) -> list[_Topic]:
    topics = [_Topic([]) for _ in range(int(labels.max(initial=-1)) + 1)]
    for text, label in zip(texts, labels.tolist(), strict=True):
        if label >= 0:
            topics[label].tickets.append(read(text))
    listed = [_listed(topic) for topic in topics]
    spread: Counter[str] = Counter()
    for topic in topics:
        spread.update({word for ticket in topic.tickets for word in ticket.words()})
    for topic, words in zip(topics, listed, strict=True):
        least = WIDESPREAD * len(topics) if len(topics) >= ENOUGH_TOPICS else 0
        topic.stops = frozenset(word for word in words if spread[word] >= least)
    return topics


def _listed(topic: _Topic) -> set[str]:
    """Return the words that say nothing in the languages of a topic, as far as they stand in it."""
    languages: Counter[str] = Counter()
    found: defaultdict[str, set[str]] = defaultdict(set)
    by_word = languages_of_stops()
    for ticket in topic.tickets:
        hits: Counter[str] = Counter()
        for word in ticket.words():
            for language in by_word.get(word, ()):
                hits[language] += 1
                found[language].add(word)
        if hits:
            most = max(hits.values())
            # Languages share words; what only one has decides over many tickets.
            languages.update(language for language, count in hits.items() if count == most)
    least = LEAST_SHARE * len(topic.tickets)
    return {word for one, count in languages.items() if count >= least for word in found[one]}


def _count(topics: Sequence[_Topic]) -> None:
    for topic in topics:
        for ticket in topic.tickets:
            seen: dict[str, list[Token]] = {}
            for span in spans(ticket, topic.stops, 1, MOST_WORDS):
                seen.setdefault(key_of(span), span)
            for key, span in seen.items():
                topic.counts[key] += 1
                topic.written[key][written(ticket, span)] += 1


def _terms(topic: _Topic, weights: dict[str, float], most: int) -> list[str]:
    """Return the most telling terms as most tickets write them; none says what another says."""
    chosen: list[str] = []
    least = 2 if len(topic.tickets) > 2 else 1  # noqa: PLR2004
    ranked = sorted(
        (term for term, count in topic.counts.items() if count >= least),
        key=lambda term: (-weights[term] * _bonus(term), term),
    )
    for term in ranked:
        if len(chosen) == most:
            break
        if not any(_covers(topic, other, term) for other in chosen):
            chosen = [one for one in chosen if not _covers(topic, term, one)] + [term]
    return [_usual(topic.written[term]) for term in chosen]


def _bonus(term: str) -> float:
    """A phrase says more than its words, and is rarer."""
    return 1 + 0.5 * term.count(" ")


def _covers(topic: _Topic, wide: str, narrow: str) -> bool:
    """Say whether one term stands in another, and seldom elsewhere."""
    if f" {narrow} " not in f" {wide} ":
        return wide != narrow and f" {wide} " in f" {narrow} " and topic.counts[narrow] < 2  # noqa: PLR2004
    return topic.counts[wide] >= SAME_TERM * topic.counts[narrow]


def _usual(written: Counter[str]) -> str:
    return min(written, key=lambda form: (-written[form], form))


def _title(
    topic: _Topic, weights: dict[str, float], terms: Sequence[str], taken: set[str]
) -> str | None:
    """Return the phrase of two to five words whose words tell most, and that is not taken."""
    step = max(len(topic.tickets) // MOST_SOUGHT, 1)
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for ticket in topic.tickets[::step]:
        for span in spans(ticket, topic.stops, SHORTEST_TITLE, LONGEST_TITLE):
            found[key_of(span)][written(ticket, span)] += 1
    scores = {}
    for key, forms in found.items():
        words = key.split(" ")
        telling = sum(weights.get(word, 0.0) for word in set(words) - topic.stops)
        # Words that tell nothing cost a little, and so does what few have written.
        scores[key] = telling / len(words) ** 0.5 * (1 + math.log(forms.total()) / 4)
    ranked = sorted(scores, key=lambda key: (-scores[key], len(key), key))
    # Where no word tells anything ("hello"), a title is how a ticket begins.
    begins = [written(one, run[:LONGEST_TITLE]) for one in topic.tickets for run in one.runs[:1]]
    candidates = [*(_usual(found[key]) for key in ranked), *terms, *begins]
    return next((one for one in candidates if fold(one) not in taken), None)
