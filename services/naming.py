"""What a topic is called: the terms that tell it apart, a title in its tickets' own words, and the
tickets that show best what it is about.

Nothing here knows a language: words that say nothing come from public lists, and a title is cut out
of what somebody wrote.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from services.keyphrases import SEVERAL, goodness, phrases_of, trails, usual
from services.lexical import fold
from services.wording import (
    Lists,
    Reading,
    is_empty,
    languages_of_stops,
    masked,
    read,
    repeated,
    shape,
    written,
)

# Words of a term, and of a title; more than five nobody reads at a glance.
MOST_WORDS = 3
SHORTEST_TITLE, LONGEST_TITLE = 2, 5

MOST_TERMS = 8

# Of a topic so many tickets are read: more would seldom change its name.
MOST_SOUGHT = 100

# Titles that are kept of each topic until one is free.
MOST_TITLES = 50

# A listed word tells something all the same ("order", "bill") in a topic that has this share of all
# its tickets, where it stands in few topics, and enough of them are in its language to see that.
OWN_SHARE, WIDESPREAD, ENOUGH_TOPICS = 0.3, 0.15, 20

# What is said alike in this share of the topics, and in so many at least, tells nothing of any.
STOCK_SHARE, LEAST_TOPICS = 0.1, 3

# A language counts in a topic from this share of its tickets on.
LEAST_SHARE = 0.2

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
    """A topic's tickets, in how many each word and phrase is, and what may be its title."""

    tickets: list[Reading]
    words: Counter[str] = field(default_factory=Counter)
    lists: Lists = field(default_factory=Lists)
    counts: dict[str, int] = field(default_factory=dict)
    forms: dict[str, str] = field(default_factory=dict)
    titles: list[str] = field(default_factory=list)

    @property
    def several(self) -> int:
        """How many tickets must say what counts as said by several."""
        return SEVERAL if len(self.tickets) > SEVERAL else 1


def name_topics(
    texts: Sequence[str], labels: NDArray[np.int64], *, most_terms: int = MOST_TERMS
) -> list[TopicName]:
    """Return the names of the topics 0, 1, … of `labels`, `(n,)`; -1 is none. No two titles equal.

    Terms are of one to three words, by class-based TF-IDF (after Grootendorst 2022,
    https://arxiv.org/abs/2203.05794), where a term counts once a ticket.
    """
    topics = _topics(texts, labels)
    number = sum(len(topic.tickets) for topic in topics)
    words = _total(topic.words for topic in topics)
    for topic in topics:
        _seek(topic, _weights(topic.words, words, len(topic.tickets), number))
    phrases = _total(topic.counts for topic in topics)
    taken: list[str] = []
    names = []
    for place, topic in enumerate(topics):
        weights = _weights(topic.counts, phrases, len(topic.tickets), number)
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


def _topics(texts: Sequence[str], labels: NDArray[np.int64]) -> list[_Topic]:
    """Return the topics with the tickets of each that are read."""
    members: list[list[str]] = [[] for _ in range(int(labels.max(initial=-1)) + 1)]
    for text, label in zip(texts, labels.tolist(), strict=True):
        if label >= 0:
            members[label].append(text)
    members = [_sought(of) for of in members]
    known = repeated(text for of in members for text in of)
    topics = [_Topic(_own([read(text, known) for text in of])) for of in members]
    stock = _stock(topics)
    for topic in topics:
        topic.words.update(word for ticket in topic.tickets for word in ticket.words())
    total = _total(topic.words for topic in topics)
    spread = Counter(word for topic in topics for word in topic.words)
    listed = [_listed(topic) for topic in topics]
    speaking = Counter(language for languages in listed for language in languages)
    for topic, languages in zip(topics, listed, strict=True):
        words = {word for some in languages.values() for word in some}
        words |= {word for word in stock if word in topic.words}
        own = {
            word: max((speaking[one] for one, some in languages.items() if word in some), default=0)
            for word in words
            if spread[word] < WIDESPREAD * len(topics)
            and topic.words[word] >= OWN_SHARE * total[word]
        }
        stops = {word for word in words if own.get(word, 0) < ENOUGH_TOPICS}
        topic.lists = Lists(
            frozenset(words),
            frozenset(own),
            frozenset(word for word in topic.words if is_empty(word, stops)),
        )
    return topics


def _own(tickets: list[Reading]) -> list[Reading]:
    """Return a topic's tickets without the numbers that are single tickets' own ("Invoice 4711").

    A number, or a code that has one, is the topic's own ("iPhone 15", "0x80070005") where several
    tickets have it, and of those that have one of its shape at least half.
    """
    if len(tickets) < SEVERAL:
        return tickets
    words = [{word for word in ticket.words() if not word.isalpha()} for ticket in tickets]
    counts = Counter(word for some in words for word in some)
    shapes = Counter(one for some in words for one in {shape(word) for word in some})
    varying = {
        word
        for word, count in counts.items()
        if shape(word) != word or word == "0"
        if count < max(SEVERAL, shapes[shape(word)] / 2)
    }
    return [masked(ticket, varying) for ticket in tickets]


def _stock(topics: Sequence[_Topic]) -> set[str]:
    """Return the words that stand mostly in what is said alike in many topics, between two marks:
    greetings, thanks, "any idea?", the names of people who sign.
    """
    least = max(LEAST_TOPICS, STOCK_SHARE * len(topics))
    runs = [
        Counter(
            tuple(token.key for token in run)
            for ticket in topic.tickets
            for run in ticket.runs
            if len(run) <= LONGEST_TITLE
        )
        for topic in topics
    ]
    spread = Counter(run for some in runs for run in some)
    within: Counter[str] = Counter()
    for run, count in _total(runs).items():
        if spread[run] >= least:
            within.update(dict.fromkeys(run, count))
    everywhere = Counter(
        token.key
        for topic in topics
        for ticket in topic.tickets
        for run in ticket.runs
        for token in run
    )
    return {word for word, count in within.items() if count > everywhere[word] / 2}


def _sought(texts: list[str]) -> list[str]:
    """Return the tickets of a topic that are read: by chance, as their order may have a rhythm.

    Of equal ones two: that several say the same tells something, that one is sent over and over
    does not.
    """
    texts = [text for text, times in Counter(texts).items() for _ in range(min(times, SEVERAL))]
    if len(texts) <= MOST_SOUGHT:
        return texts
    chosen = np.random.default_rng(0).choice(len(texts), MOST_SOUGHT, replace=False)
    return [texts[place] for place in np.sort(chosen)]


def _total(counts: Iterable[Mapping[str, int]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for one in counts:
        total.update(one)
    return total


def _weights(
    counts: Mapping[str, int], total: Mapping[str, int], size: int, number: int
) -> dict[str, float]:
    """Return how much each term tells: its share of the topic's tickets, by how much that is more
    than its share of all `number` tickets.
    """
    return {
        term: count / size * math.log1p(count / size / (total[term] / number))
        for term, count in counts.items()
    }


def _listed(topic: _Topic) -> dict[str, set[str]]:
    """Return the words of a topic that say nothing, by language that it is in."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    spoken: list[set[str]] = []
    by_word = languages_of_stops()
    for ticket in topic.tickets:
        hits: Counter[str] = Counter()
        for word in ticket.words():
            for language in by_word.get(word, ()):
                hits[language] += 1
                found[language].add(word)
        most = max(hits.values(), default=0)
        spoken.append({language for language, count in hits.items() if count == most})
    chosen = {}
    # Languages share words: one counts by the tickets that are in none that more of them speak.
    while counts := Counter(language for languages in spoken for language in languages):
        most = max(counts.values())
        if most < LEAST_SHARE * len(topic.tickets):
            break
        likeliest = {language for language, count in counts.items() if count == most}
        chosen |= {language: found[language] for language in likeliest}
        spoken = [languages for languages in spoken if not languages & likeliest]
    return chosen


def _seek(topic: _Topic, weights: Mapping[str, float]) -> None:
    """Find a topic's phrases: what several tickets say, and what may be its title, best first."""
    empty = topic.lists.empty
    found = phrases_of(topic.tickets, topic.lists, LONGEST_TITLE)
    for key, phrase in found.items():
        if phrase.tickets >= topic.several and key.count(" ") < MOST_WORDS:
            topic.counts[key] = phrase.tickets
            topic.forms[key] = usual(topic.tickets, phrase)
    scores = {
        key: goodness(key, phrase, empty, weights)
        for key, phrase in found.items()
        if key.count(" ") >= SHORTEST_TITLE - 1
    }
    trailing = {key for key in scores if trails(key, found, empty)}
    ranked = sorted(scores, key=lambda key: (key in trailing, -scores[key], len(key), key))
    ranked = [key for key in ranked if key not in trailing or found[key].tickets >= SEVERAL]
    topic.titles = [usual(topic.tickets, found[key]) for key in ranked[:MOST_TITLES]]


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
    """Return the best phrase that is no other topic's title, not even with other endings."""
    # Where no word tells anything ("hello"), a title is how a ticket begins.
    begins = [
        written(one, run[0].start, run[:LONGEST_TITLE][-1].end)
        for one in topic.tickets
        for run in one.runs[:1]
    ]
    candidates = [*topic.titles, *terms, *begins]
    folded = {one: fold(one) for one in candidates}
    free = [one for one in candidates if folded[one] not in taken]
    differing = (one for one in free if not any(_is_alike(folded[one], other) for other in taken))
    return next(differing, next(iter(free), None))


def _is_alike(title: str, other: str) -> bool:
    """Say whether two titles have the same words in some order, but for their endings."""
    words, others = sorted(title.split()), sorted(other.split())
    return len(words) == len(others) and all(map(_has_one_beginning, words, others))


def _has_one_beginning(word: str, other: str) -> bool:
    least = max(len(word) - ENDING, len(other) - ENDING, BEGINNING)
    return word == other or word[:least] == other[:least]
