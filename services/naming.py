"""What a topic is called: the terms that tell it apart, a title in its tickets' own words, and the
tickets that show best what it is about.

Nothing here knows a language: words that say nothing come from public lists, and a title is cut out
of what somebody wrote.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from services.lexical import fold

# Words of a term, and of a title; more than five nobody reads at a glance.
MOST_WORDS = 3
SHORTEST_TITLE, LONGEST_TITLE = 2, 5

MOST_TERMS = 8

# Words of a ticket that are read. What comes later is a log, or a thread.
MOST_READ = 120

# Of a topic's tickets: what may be its title is sought in so many, evenly spread.
MOST_SOUGHT = 200

# A listed word that stands in few of the topics tells something all the same ("order", "bill"),
# where there are enough topics to see that.
WIDESPREAD, ENOUGH_TOPICS = 0.15, 8

# A language counts in a topic from this share of its tickets on.
LEAST_SHARE = 0.2

# Title words that stand in this share of the other's tickets are taken as one term with it.
SAME_TERM = 0.7

# What is written as one stays so: PS-LX350H, 2.4.1, C++, user@host; also what an apostrophe parts
# from one or two letters that follow ("doesn't"), and not from those before ("l'accès").
_WORD = re.compile(r"\w+(?:[.\-_/:#+@]\w+|(?<=\w\w\w)['’]\w{1,2}(?!\w))*(?:\+\+|#)?")
# Between two words of one phrase stands nothing but this.
_JOINT = re.compile(r"[ \t'’\-/&]*")
_UNSPACED = re.compile(
    "[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u0e00-\u0eff\u1000-\u109f"
    "\u1780-\u17ff\U00020000-\U0003ffff]"
)
# A word of scripts without spaces is two characters in most cases.
PIECE = 2


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


@dataclass(frozen=True)
class _Token:
    key: str
    start: int
    end: int


@dataclass(frozen=True)
class _Ticket:
    """A ticket's text and its words, in runs that no punctuation cuts."""

    text: str
    runs: list[list[_Token]]

    def words(self) -> set[str]:
        return {token.key for run in self.runs for token in run}


@dataclass
class _Topic:
    """A topic's tickets, and in how many of them each term is, and how it is written there."""

    tickets: list[_Ticket]
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
            topics[label].tickets.append(_read(text))
    listed = [_listed(topic) for topic in topics]
    spread: Counter[str] = Counter()
    for topic in topics:
        spread.update({word for ticket in topic.tickets for word in ticket.words()})
    for topic, words in zip(topics, listed, strict=True):
        least = WIDESPREAD * len(topics) if len(topics) >= ENOUGH_TOPICS else 0
        topic.stops = frozenset(word for word in words if spread[word] >= least)
    return topics


def _read(text: str) -> _Ticket:
    tokens: list[_Token] = []
    for match in _WORD.finditer(text):
        if len(tokens) >= MOST_READ:
            break
        tokens += _tokens(match.group(), match.start())
    runs: list[list[_Token]] = [tokens[:1]] if tokens else []
    for before, token in pairwise(tokens):
        if _JOINT.fullmatch(text, before.end, token.start):
            runs[-1].append(token)
        else:
            runs.append([token])
    return _Ticket(text, runs)


def _tokens(word: str, start: int) -> Iterator[_Token]:
    """Return a word; of scripts without spaces its pieces, which stand side by side."""
    if not _UNSPACED.search(word):
        yield _Token(fold(word.replace("’", "'")), start, start + len(word))
        return
    for at in range(0, len(word), PIECE):
        piece = word[at : at + PIECE]
        yield _Token(fold(piece), start + at, start + at + len(piece))


def _listed(topic: _Topic) -> set[str]:
    """Return the words that say nothing in the languages of a topic, as far as they stand in it."""
    languages: Counter[str] = Counter()
    found: defaultdict[str, set[str]] = defaultdict(set)
    by_word = _languages()
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


@cache
def _languages() -> dict[str, tuple[str, ...]]:
    """Return the languages in which a word says nothing, by word."""
    from stopwordsiso import langs, stopwords

    found: defaultdict[str, list[str]] = defaultdict(list)
    for language in sorted(langs()):
        for word in stopwords(language):
            found[fold(word.replace("’", "'"))].append(language)
    return {word: tuple(dict.fromkeys(languages)) for word, languages in found.items()}


def _count(topics: Sequence[_Topic]) -> None:
    for topic in topics:
        for ticket in topic.tickets:
            seen: dict[str, list[_Token]] = {}
            for span in _spans(ticket, topic.stops, 1, MOST_WORDS):
                seen.setdefault(_key(span), span)
            for key, span in seen.items():
                topic.counts[key] += 1
                topic.written[key][_written(ticket, span)] += 1


def _spans(
    ticket: _Ticket, stops: frozenset[str], shortest: int, longest: int
) -> Iterator[list[_Token]]:
    """Return the phrases of a ticket that begin and end with a word that tells something."""
    for run in ticket.runs:
        telling = [not _is_empty(token.key, stops) for token in run]
        for start in range(len(run)):
            if not telling[start]:
                continue
            for end in range(start + shortest, min(start + longest, len(run)) + 1):
                if telling[end - 1]:
                    yield run[start:end]


def _is_empty(word: str, stops: frozenset[str]) -> bool:
    alone = len(word) == 1 and not _UNSPACED.match(word)
    return word in stops or alone or word.isdigit()


def _key(span: Sequence[_Token]) -> str:
    return " ".join(token.key for token in span)


def _written(ticket: _Ticket, span: Sequence[_Token]) -> str:
    return " ".join(ticket.text[span[0].start : span[-1].end].split())


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
    written: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for ticket in topic.tickets[::step]:
        for span in _spans(ticket, topic.stops, SHORTEST_TITLE, LONGEST_TITLE):
            written[_key(span)][_written(ticket, span)] += 1
    scores = {}
    for key, forms in written.items():
        words = key.split(" ")
        telling = sum(weights.get(word, 0.0) for word in set(words) - topic.stops)
        # Words that tell nothing cost a little, and so does what few have written.
        scores[key] = telling / len(words) ** 0.5 * (1 + math.log(forms.total()) / 4)
    ranked = sorted(scores, key=lambda key: (-scores[key], len(key), key))
    candidates = [_usual(written[key]) for key in ranked] + list(terms)
    return next((one for one in candidates if fold(one) not in taken), None)
