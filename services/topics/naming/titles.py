"""Names topics: the terms that set each apart, and a title in the words of its tickets.

Nothing here knows a language: stop words come from public lists, and titles are cut out of what
people wrote.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, dropwhile, takewhile

import numpy as np
from numpy.typing import NDArray

from services.text.words.folding import fold
from services.text.words.function_words import Language
from services.text.words.plain import with_capital
from services.topics.naming.differing_titles import differing_titles
from services.topics.naming.distinctive_words import (
    MIN_SUPPORT,
    TopicWords,
    read_topics,
    sum_counts,
)
from services.topics.naming.headlines import Names, names_of_topic
from services.topics.naming.keyphrases import (
    commonest_form,
    find_phrases,
    title_score,
    trails_off,
)
from services.topics.naming.nearness import Meanings
from services.topics.naming.tokens import (
    MASKED,
    StopWords,
    Token,
    TokenisedText,
    as_written,
    stop_word_languages,
)
from services.topics.naming.vocabulary import AllTickets

# Words of a term, and of a title: nobody reads more than five at a glance.
MAX_WORDS = 3
MIN_TITLE_WORDS, MAX_TITLE_WORDS = 2, 5

MAX_TERMS = 8

# Candidates for the title of a topic, in case other topics already have the best ones.
MAX_TITLES = 50

# A term is left out if a longer one that contains it is in this share of its tickets.
MIN_COVERED_SHARE = 0.7

# How much a term gains for each word after the first: phrases say more and are rarer.
WORD_BONUS = 0.5


@dataclass(frozen=True)
class TopicName:
    """The terms that set a topic apart, the most distinctive first, and its title.

    `language` is that of most of its tickets. `is_telling` is false where these share no word that
    means something, so that they are no topic.
    """

    terms: tuple[str, ...]
    title: str
    language: Language = "en"
    is_telling: bool = True


@dataclass
class _TopicPhrases:
    """The shared phrases of a topic: how many tickets have each, its usual form, and titles."""

    words: TopicWords
    counts: dict[str, int] = field(default_factory=dict)
    forms: dict[str, str] = field(default_factory=dict)
    titles: list[str] = field(default_factory=list)


def name_topics(
    texts: Sequence[str],
    labels: NDArray[np.int64],
    meanings: Meanings | None = None,
    spoken: Sequence[Language | None] = (),
) -> list[TopicName]:
    """Return the names of the topics 0, 1, … of `labels`, `(n,)`, as `names_of_topics` does.

    -1 is no topic. By `meanings` the names are nearest in meaning to the tickets, and without them
    by the words that they share. `spoken` are the languages of the tickets' channels, if known.
    """
    vectors = None if meanings is None else meanings.vectors
    return names_of_topics(read_topics(texts, labels, vectors, spoken), meanings=meanings)


def names_of_topics(
    read: Sequence[TopicWords], max_terms: int = MAX_TERMS, meanings: Meanings | None = None
) -> list[TopicName]:
    """Return the names of topics whose tickets were read, with titles that all differ.

    Terms have one to three words and are ranked by class-based TF-IDF (after Grootendorst 2022,
    https://arxiv.org/abs/2203.05794), where a term counts once a ticket.
    """
    everywhere = AllTickets(read)
    tickets, words = len(everywhere.tickets), everywhere.counts
    topics = [
        _topic_phrases(topic, _weights(topic.counts, words, len(topic.tickets), tickets))
        for topic in read
    ]
    phrases = sum_counts(topic.counts for topic in topics)
    found = []
    for topic in topics:
        weights = _weights(topic.counts, phrases, len(topic.words.tickets), tickets)
        terms = _choose_terms(topic, weights, max_terms)
        found.append((terms, names_of_topic(topic.words, terms, everywhere, meanings)))
    titles = _choose_titles(topics, found)
    return [
        TopicName(tuple(terms), title, best.language, best.is_telling)
        for (terms, best), title in zip(found, titles, strict=True)
    ]


def _choose_titles(
    topics: Sequence[_TopicPhrases], found: Sequence[tuple[list[str], Names]]
) -> list[str]:
    """Return titles that all differ; what is no topic takes none from the others."""
    titles: dict[int, str] = {}
    taken: list[str] = []
    for place in sorted(range(len(topics)), key=lambda place: not found[place][1].is_telling):
        terms, best = found[place]
        title = with_capital(_choose_title(topics[place], terms, taken, best) or f"#{place + 1}")
        titles[place] = title
        taken.append(fold(title))
    return [titles[place] for place in range(len(topics))]


def _weights(
    counts: Mapping[str, int], whole: Mapping[str, int], size: int, tickets: int
) -> dict[str, float]:
    """Return how distinctive each term is of a topic with `size` of all `tickets`.

    That is its share of the topic's tickets, times the logarithm of how much higher that is than
    its share of all.
    """
    return {
        term: count / size * math.log1p(count / size / (whole[term] / tickets))
        for term, count in counts.items()
    }


def _topic_phrases(words: TopicWords, weights: Mapping[str, float]) -> _TopicPhrases:
    """Return a topic's phrases that several tickets have, and its candidate titles, best first."""
    topic, tickets, empty = _TopicPhrases(words), words.tickets, words.stops.empty
    found = find_phrases(tickets, words.stops, MAX_TITLE_WORDS)
    min_support = MIN_SUPPORT if len(tickets) > MIN_SUPPORT else 1
    for key, phrase in found.items():
        if phrase.tickets >= min_support and key.count(" ") < MAX_WORDS:
            topic.counts[key] = phrase.tickets
            topic.forms[key] = commonest_form(tickets, phrase)
    scores = {
        key: title_score(key, phrase, empty, weights)
        for key, phrase in found.items()
        if key.count(" ") >= MIN_TITLE_WORDS - 1
    }
    trailing = {key for key in scores if trails_off(key, found, empty)}
    # Phrases that trail off come last, just before single words.
    ranked = sorted(
        (key for key in scores if key not in trailing or found[key].tickets >= min_support),
        key=lambda key: (key in trailing, -scores[key], len(key), key),
    )
    topic.titles = [commonest_form(tickets, found[key]) for key in ranked[:MAX_TITLES]]
    return topic


def _choose_terms(topic: _TopicPhrases, weights: dict[str, float], max_terms: int) -> list[str]:
    """Return the most distinctive terms as most tickets write them, none covered by another."""

    def rank(term: str) -> tuple[float, str]:
        return -weights[term] * (1 + WORD_BONUS * term.count(" ")), term

    chosen: list[str] = []
    for term in sorted(weights, key=rank):
        if len(chosen) == max_terms:
            break
        if not any(_covers(topic, other, term) for other in chosen):
            chosen = [one for one in chosen if not _covers(topic, term, one)] + [term]
    return [topic.forms[term] for term in chosen]


def _covers(topic: _TopicPhrases, wide: str, narrow: str) -> bool:
    """Say whether one term contains the other and makes it redundant."""
    if f" {narrow} " not in f" {wide} ":
        contains = wide != narrow and f" {wide} " in f" {narrow} "
        return contains and topic.counts[narrow] < MIN_SUPPORT
    return topic.counts[wide] >= MIN_COVERED_SHARE * topic.counts[narrow]


def _choose_title(
    topic: _TopicPhrases, terms: Sequence[str], taken: Sequence[str], best: Names
) -> str | None:
    """Return the best candidate that no other topic has, not even with other endings or articles.

    If all are taken the best one gets a number; None if the tickets have no word.
    """
    phrases = [one for one in terms if " " in one]
    candidates = [*best.found, *topic.titles, *phrases, *_phrases_around(topic, terms), *terms]
    candidates = candidates or _beginnings(topic)
    folded = {one: fold(one) for one in candidates}
    free = [one for one in candidates if folded[one] not in taken]
    differing = differing_titles(free, taken, best.language)
    return next(differing, next(iter(free), _numbered(candidates, taken)))


def _beginnings(topic: _TopicPhrases) -> list[str]:
    """Return how the tickets begin: titles for a topic without any meaningful word ("hello")."""
    for skipped in (stop_word_languages(), ()):
        begins = [(one, _beginning(one, skipped)) for one in topic.words.tickets]
        found = [as_written(one, some[0].start, some[-1].end) for one, some in begins if some]
        if found:
            return found
    return []


def _beginning(ticket: TokenisedText, skipped: Container[str]) -> list[Token]:
    """Return the first words of a ticket from one on that is not to be skipped."""
    for run in ticket.runs:
        words = list(dropwhile(lambda token: token.key == MASKED or token.key in skipped, run))
        if words:
            unmasked = takewhile(lambda token: token.key != MASKED, words[:MAX_TITLE_WORDS])
            return _trimmed(list(unmasked), run, MIN_TITLE_WORDS)
    return []


def _numbered(candidates: Sequence[str], taken: Sequence[str]) -> str | None:
    """Return the best candidate with the first number that nobody has."""
    numbers = (f"{one} {number}" for one in candidates[:1] for number in count(2))
    return next((one for one in numbers if fold(one) not in taken), None)


def _phrases_around(topic: _TopicPhrases, terms: Sequence[str]) -> list[str]:
    """Return the words around single terms, the commonest first ("wifi does not show up").

    They are titles where no phrase can be one.
    """
    found: Counter[str] = Counter()
    single = {fold(one) for one in terms if " " not in one}
    for ticket in topic.words.tickets:
        for run in ticket.runs:
            words = _words_around(run, single, topic.words.stops)
            if words:
                found[as_written(ticket, words[0].start, words[-1].end)] += 1
    return [one for one, _ in found.most_common() if " " in one]


def _words_around(run: Sequence[Token], single: Container[str], stops: StopWords) -> list[Token]:
    """Return the words of a run around the first of some single terms; none without such a term.

    Words without meaning before it are left out, unless it would then stand alone.
    """
    tokens = [token for token in run if token.key != MASKED]
    at = next((at for at, token in enumerate(tokens) if token.key in single), None)
    if at is None:
        return []
    before, rest = tokens[max(0, at + 1 - MAX_TITLE_WORDS) : at], tokens[at:]
    words: list[Token] = []
    for skipped in (stops.empty, stop_word_languages()):
        start = next((n for n, one in enumerate(before) if one.key not in skipped), len(before))
        words = [*before[start:], *rest][:MAX_TITLE_WORDS]
        # Of so many words any are better than one ("wifi does not show up").
        words = _trimmed(words, run, 1 if len(words) < MAX_TITLE_WORDS else MIN_TITLE_WORDS)
        if len(words) >= MIN_TITLE_WORDS:
            break
    return words


def _trimmed(words: list[Token], run: Sequence[Token], min_words: int) -> list[Token]:
    """Return words of a run without the stop words at their end, unless they end the run.

    All of them where fewer than `min_words` would be left.
    """
    length = len(words)
    while words[length - 1] != run[-1] and words[length - 1].key in stop_word_languages():
        length -= 1
        if length < min_words:
            return words
    return words[:length]
