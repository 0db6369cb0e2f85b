"""Which words of a topic say something about it.

These do not: stop words of public lists, in the languages of its tickets; stock phrases that many
topics have; and numbers that only single tickets have.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from services.text.small_talk.talk import is_courtesy
from services.text.words.function_words import Language
from services.topics.naming.tokens import (
    MASKED,
    StopWords,
    Token,
    TokenisedText,
    is_empty,
    mask,
    number_pattern,
    repeated_substrings,
    stop_word_languages,
    tokenise,
)

# Tickets of a topic that are read; more would seldom change its title.
MAX_SAMPLED = 100

# The number of tickets from which a word or phrase is shared.
MIN_SUPPORT = 2

# A listed word ("order", "bill") still has a meaning in a topic with this share of all its tickets
# if it is in few topics, and enough topics are in its language to tell.
MIN_OWN_SHARE, MAX_SPREAD, MIN_TOPICS_OF_LANGUAGE = 0.3, 0.15, 20

# A phrase between two punctuation marks is a stock phrase if this share of the topics has it, and
# at least so many.
MIN_STOCK_SHARE, MIN_STOCK_TOPICS = 0.1, 3

# What this share of the topics ends with is about none of them, with or without punctuation
# ("… please help"). At most 0.42 of labelled topics end alike ("my account", of a bank).
MIN_TAIL_SHARE, MAX_TAIL_LENGTH = 0.5, 5

# A language counts in a topic from this share of its tickets on.
MIN_LANGUAGE_SHARE = 0.2

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class TopicWords:
    """The sampled tickets of a topic, how many have each word, and the words without meaning.

    `rows`, `(tickets, d)`, are the vectors of the tickets, if these are known, and `spoken` is the
    language of the channels that most of them are from, if these have one.
    """

    tickets: list[TokenisedText]
    counts: Counter[str]
    stops: StopWords
    rows: NDArray[np.float32] | None = None
    spoken: Language | None = None


def read_topics(
    texts: Sequence[str],
    labels: NDArray[np.int64],
    vectors: NDArray[np.float32] | None = None,
    spoken: Sequence[Language | None] = (),
) -> list[TopicWords]:
    """Return the words of the topics 0, 1, … of `labels`, `(n,)`; -1 is no topic.

    `vectors`, `(n, d)`, are those of the tickets, and `spoken` the languages of their channels.
    """
    places: list[list[int]] = [[] for _ in range(int(labels.max(initial=-1)) + 1)]
    for place, label in enumerate(labels.tolist()):
        if label >= 0:
            places[label].append(place)
    places = [_sampled(of, texts) for of in places]
    rows = [None if vectors is None else vectors[of] for of in places]
    languages = [_most(spoken[place] for place in of) if spoken else None for of in places]
    members = [[texts[place] for place in of] for of in places]
    repeated = repeated_substrings(text for of in members for text in of)
    tickets = _with_tails_apart([[tokenise(text, repeated) for text in of] for of in members])
    tickets = [_with_varying_masked(of) for of in tickets]
    counts = [Counter(word for one in of for word in one.words()) for of in tickets]
    stops = _stop_words(counts, [_listed_words(of) for of in tickets], _stock_words(tickets))
    topics = zip(tickets, counts, stops, rows, languages, strict=True)
    return [TopicWords(*row) for row in topics]


def _most(spoken: Iterable[Language | None]) -> Language | None:
    """Return the most frequent language, however many have none; None if all have none."""
    counts = Counter(one for one in spoken if one is not None)
    return max(sorted(counts), key=lambda one: counts[one], default=None)


def _stop_words(
    counts: Sequence[Counter[str]],
    listed: Sequence[Mapping[str, set[str]]],
    stock: set[str],
) -> Iterator[StopWords]:
    """Return for each topic which of its words carry no meaning."""
    everywhere = sum_counts(counts)
    spread = Counter(word for words in counts for word in words)
    topics_of = Counter(language for languages in listed for language in languages)
    max_topics = MAX_SPREAD * len(counts)
    for words, languages in zip(counts, listed, strict=True):
        # How many topics are in the language of a listed word; 0 for words of stock phrases.
        among = dict.fromkeys(stock & words.keys(), 0)
        for language, some in languages.items():
            among |= {word: max(among.get(word, 0), topics_of[language]) for word in some}
        own = {
            word
            for word in among
            if spread[word] < max_topics and words[word] >= MIN_OWN_SHARE * everywhere[word]
        }
        stops = {word for word in among if word not in own or among[word] < MIN_TOPICS_OF_LANGUAGE}
        empty = frozenset(word for word in words if is_empty(word, stops))
        yield StopWords(frozenset(among), empty)


def _with_tails_apart(topics: Sequence[Sequence[TokenisedText]]) -> list[list[TokenisedText]]:
    """Return the topics' tickets with what most topics end with in runs of its own."""
    spread = Counter(
        tail for tickets in topics for tail in {tail for one in tickets for tail in _tails(one)}
    )
    min_topics = max(MIN_STOCK_TOPICS, MIN_TAIL_SHARE * len(topics))
    # All topics may be about a single word ("covid").
    common = {
        tail
        for tail, count in spread.items()
        if count >= min_topics and (len(tail) > 1 or is_courtesy(tail[0]))
    }
    return [_all_tails_apart(tickets, common) for tickets in topics]


def _all_tails_apart(
    tickets: Sequence[TokenisedText], tails: Collection[tuple[str, ...]]
) -> list[TokenisedText]:
    """Return a topic's tickets with each of `tails` in a run of its own."""
    endings = {run[-1].key for ticket in tickets for run in ticket.runs}
    return [_tails_apart(one, tails, endings) for one in tickets]


def _tails(ticket: TokenisedText) -> Iterator[tuple[str, ...]]:
    """Return the last words of each run, from one to `MAX_TAIL_LENGTH`."""
    for run in ticket.runs:
        keys = tuple(token.key for token in run[-MAX_TAIL_LENGTH:])
        yield from (keys[-length:] for length in range(1, len(keys) + 1))


def _tails_apart(
    ticket: TokenisedText, tails: Collection[tuple[str, ...]], endings: Collection[str]
) -> TokenisedText:
    """Return a ticket with the longest of `tails` that each run ends with as a run of its own.

    What is left ends a sentence only with a word that ends one somewhere else, too: "the printer is
    not working" may end there, but "printer with" may not. A masked word after it says so.
    """
    runs = []
    for run in ticket.runs:
        keys = tuple(token.key for token in run)
        longest = min(MAX_TAIL_LENGTH, len(run))
        tail = next((n for n in range(longest, 0, -1) if keys[-n:] in tails), 0)
        head, apart = run[: len(run) - tail], run[len(run) - tail :]
        if head and apart and head[-1].key not in endings:
            head = [*head, Token(MASKED, head[-1].end, head[-1].end)]
        runs += [part for part in (head, apart) if part]
    return TokenisedText(ticket.text, runs)


def _with_varying_masked(tickets: list[TokenisedText]) -> list[TokenisedText]:
    """Return a topic's tickets with the numbers masked that belong to single tickets ("No. 4711").

    A number or code belongs to the topic ("iPhone 15", "0x80070005") if several tickets have it,
    and at least half of those that have one of its pattern.
    """
    if len(tickets) < MIN_SUPPORT:
        return tickets
    numbers = [
        {word for word in one.words() if number_pattern(word) is not None} for one in tickets
    ]
    counts = Counter(word for some in numbers for word in some)
    patterns = Counter(one for some in numbers for one in {number_pattern(word) for word in some})
    varying = {
        word
        for word, count in counts.items()
        if count < max(MIN_SUPPORT, patterns[number_pattern(word)] / 2)
    }
    return [mask(one, varying) for one in tickets]


def _stock_words(topics: Sequence[Sequence[TokenisedText]]) -> set[str]:
    """Return the words that are mostly in stock phrases, which many topics have between two marks.

    These are greetings, thanks, "any idea?", the names of people who sign.
    """
    min_topics = max(MIN_STOCK_TOPICS, MIN_STOCK_SHARE * len(topics))
    counts = [
        Counter(
            tuple(token.key for token in run if token.key != MASKED)
            for one in tickets
            for run in one.runs
        )
        for tickets in topics
    ]
    spread = Counter(run for some in counts for run in some)
    everywhere: Counter[str] = Counter()
    in_stock: Counter[str] = Counter()
    for run, count in sum_counts(counts).items():
        words = dict.fromkeys(run, count)
        everywhere.update(words)
        if spread[run] >= min_topics:
            in_stock.update(words)
    return {word for word, count in in_stock.items() if count > everywhere[word] / 2}


def _sampled(places: Sequence[int], texts: Sequence[str]) -> list[int]:
    """Return a random sample of a topic's tickets, as their order may have a pattern.

    Equal tickets are kept twice: that several people write the same says something, but one ticket
    sent over and over does not.
    """
    by_text: dict[str, list[int]] = {}
    for place in places:
        by_text.setdefault(texts[place], []).append(place)
    kept = [place for of in by_text.values() for place in of[:MIN_SUPPORT]]
    if len(kept) <= MAX_SAMPLED:
        return kept
    chosen = np.random.default_rng(0).choice(len(kept), MAX_SAMPLED, replace=False)
    return [kept[place] for place in np.sort(chosen)]


def sum_counts(counts: Iterable[Mapping[Key, int]]) -> Counter[Key]:
    """Return the sum of several counts."""
    found: Counter[Key] = Counter()
    for one in counts:
        found.update(one)
    return found


def _listed_words(tickets: Sequence[TokenisedText]) -> dict[str, set[str]]:
    """Return the stop words of a topic's tickets, by language that the topic is in."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    candidates: list[set[str]] = []
    by_word = stop_word_languages()
    for ticket in tickets:
        hits: Counter[str] = Counter()
        for word in ticket.words():
            for language in by_word.get(word, ()):
                hits[language] += 1
                found[language].add(word)
        most = max(hits.values(), default=0)
        candidates.append({language for language, count in hits.items() if count == most})
    chosen: dict[str, set[str]] = {}
    # Languages share words. Take the likeliest language, drop its tickets, and begin again.
    while counts := Counter(language for languages in candidates for language in languages):
        most = max(counts.values())
        if most < MIN_LANGUAGE_SHARE * len(tickets):
            break
        likeliest = {language for language, count in counts.items() if count == most}
        chosen |= {language: found[language] for language in likeliest}
        candidates = [languages for languages in candidates if not languages & likeliest]
    return chosen
