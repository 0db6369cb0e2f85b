"""Which words of a topic tell something.

Nothing do those of public lists, by the languages that its tickets are in; what is said alike in
many topics; and numbers that only single tickets have.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from services.text.small_talk import why_chitchat
from services.topics.naming.tokens import (
    StopWords,
    TokenisedText,
    is_empty,
    languages_of_stops,
    masked,
    repeated_substrings,
    shape,
    tokenise,
)

# Of a topic so many tickets are read: more would seldom change its name.
MAX_SOUGHT = 100

# So many tickets are several.
SEVERAL = 2

# A listed word tells something all the same ("order", "bill") in a topic that has this share of all
# its tickets, where it stands in few topics, and enough of them are in its language to see that.
OWN_SHARE, WIDESPREAD, ENOUGH_TOPICS = 0.3, 0.15, 20

# What is said alike in this share of the topics, and in so many at least, tells nothing of any.
STOCK_SHARE, MIN_TOPICS = 0.1, 3

# What so large a share of the topics ends with has nothing to do with any, marks or no marks
# ("… please help"). Labelled topics end alike in 0.42 at most ("my account", of a bank).
TAIL_SHARE, MAX_TAIL_LENGTH = 0.5, 5

# A language counts in a topic from this share of its tickets on.
MIN_SHARE = 0.2

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class TopicWords:
    """The tickets of a topic that are read, in how many each word is, and which tell nothing."""

    tickets: list[TokenisedText]
    counts: Counter[str]
    lists: StopWords


def read_topics(texts: Sequence[str], labels: NDArray[np.int64]) -> list[TopicWords]:
    """Return the words of the topics 0, 1, … of `labels`, `(n,)`; -1 is none."""
    members: list[list[str]] = [[] for _ in range(int(labels.max(initial=-1)) + 1)]
    for text, label in zip(texts, labels.tolist(), strict=True):
        if label >= 0:
            members[label].append(text)
    members = [_sought(of) for of in members]
    known = repeated_substrings(text for of in members for text in of)
    tickets = _without_tails([[tokenise(text, known) for text in of] for of in members])
    tickets = [_without_varying(of) for of in tickets]
    counts = [Counter(word for one in of for word in one.words()) for of in tickets]
    lists = _lists(counts, [_listed(of) for of in tickets], _stock(tickets))
    return [TopicWords(*row) for row in zip(tickets, counts, lists, strict=True)]


def _lists(
    counts: Sequence[Counter[str]],
    listed: Sequence[Mapping[str, set[str]]],
    stock: set[str],
) -> Iterator[StopWords]:
    """Return for each topic which of its words tell nothing."""
    everywhere = total(counts)
    spread = Counter(word for words in counts for word in words)
    speaking = Counter(language for languages in listed for language in languages)
    few = WIDESPREAD * len(counts)
    for words, languages in zip(counts, listed, strict=True):
        # How many topics are in the language of a listed word.
        among = dict.fromkeys(stock & words.keys(), 0)
        for language, some in languages.items():
            among |= {word: max(among.get(word, 0), speaking[language]) for word in some}
        own = {
            word
            for word in among
            if spread[word] < few and words[word] >= OWN_SHARE * everywhere[word]
        }
        stops = {word for word in among if word not in own or among[word] < ENOUGH_TOPICS}
        empty = frozenset(word for word in words if is_empty(word, stops))
        yield StopWords(frozenset(among), empty)


def _without_tails(topics: Sequence[Sequence[TokenisedText]]) -> list[list[TokenisedText]]:
    """Return the topics' tickets with what most topics end with parted from what they say."""
    spread = Counter(
        tail for tickets in topics for tail in {tail for one in tickets for tail in _tails(one)}
    )
    least = max(MIN_TOPICS, TAIL_SHARE * len(topics))
    # One word may be what all is about ("covid").
    common = {
        tail
        for tail, count in spread.items()
        if count >= least and (len(tail) > 1 or why_chitchat(tail[0]))
    }
    return [[_parted(one, common) for one in tickets] for tickets in topics]


def _tails(ticket: TokenisedText) -> Iterator[tuple[str, ...]]:
    """Return the last words of each run."""
    for run in ticket.runs:
        keys = tuple(token.key for token in run[-MAX_TAIL_LENGTH:])
        yield from (keys[-length:] for length in range(1, len(keys) + 1))


def _parted(ticket: TokenisedText, tails: Collection[tuple[str, ...]]) -> TokenisedText:
    """Return a ticket with the longest of its runs' `tails` as runs of their own."""
    runs = []
    for run in ticket.runs:
        keys = tuple(token.key for token in run)
        longest = min(MAX_TAIL_LENGTH, len(run))
        tail = next((n for n in range(longest, 0, -1) if keys[-n:] in tails), 0)
        runs += [part for part in (run[: len(run) - tail], run[len(run) - tail :]) if part]
    return TokenisedText(ticket.text, runs)


def _without_varying(tickets: list[TokenisedText]) -> list[TokenisedText]:
    """Return a topic's tickets with the numbers masked that are single tickets' own ("No. 4711").

    A number, or a code with one in it, is the topic's own ("iPhone 15", "0x80070005") where several
    tickets have it, and at least half of those that have one of its shape.
    """
    if len(tickets) < SEVERAL:
        return tickets
    numbers = [{word for word in one.words() if shape(word) is not None} for one in tickets]
    counts = Counter(word for some in numbers for word in some)
    shapes = Counter(one for some in numbers for one in {shape(word) for word in some})
    varying = {
        word for word, count in counts.items() if count < max(SEVERAL, shapes[shape(word)] / 2)
    }
    return [masked(one, varying) for one in tickets]


def _stock(topics: Sequence[Sequence[TokenisedText]]) -> set[str]:
    """Return the words that stand mostly in what many topics say alike between two marks:
    greetings, thanks, "any idea?", the names of those who sign.
    """
    least = max(MIN_TOPICS, STOCK_SHARE * len(topics))
    counts = [
        Counter(tuple(token.key for token in run) for one in tickets for run in one.runs)
        for tickets in topics
    ]
    spread = Counter(run for some in counts for run in some)
    everywhere: Counter[str] = Counter()
    alike: Counter[str] = Counter()
    for run, count in total(counts).items():
        words = dict.fromkeys(run, count)
        everywhere.update(words)
        if spread[run] >= least:
            alike.update(words)
    return {word for word, count in alike.items() if count > everywhere[word] / 2}


def _sought(texts: list[str]) -> list[str]:
    """Return the tickets of a topic that are read: by chance, as their order may have a rhythm.

    Of equal ones two: that several say the same tells something, that one is sent over and over
    does not.
    """
    texts = [text for text, times in Counter(texts).items() for _ in range(min(times, SEVERAL))]
    if len(texts) <= MAX_SOUGHT:
        return texts
    chosen = np.random.default_rng(0).choice(len(texts), MAX_SOUGHT, replace=False)
    return [texts[place] for place in np.sort(chosen)]


def total(counts: Iterable[Mapping[Key, int]]) -> Counter[Key]:
    """Return the sum of counts."""
    found: Counter[Key] = Counter()
    for one in counts:
        found.update(one)
    return found


def _listed(tickets: Sequence[TokenisedText]) -> dict[str, set[str]]:
    """Return the words of a topic that say nothing, by language that it is in."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    spoken: list[set[str]] = []
    by_word = languages_of_stops()
    for ticket in tickets:
        hits: Counter[str] = Counter()
        for word in ticket.words():
            for language in by_word.get(word, ()):
                hits[language] += 1
                found[language].add(word)
        most = max(hits.values(), default=0)
        spoken.append({language for language, count in hits.items() if count == most})
    chosen: dict[str, set[str]] = {}
    # Languages share words: one counts by the tickets that none speaks which more of them speak.
    while counts := Counter(language for languages in spoken for language in languages):
        most = max(counts.values())
        if most < MIN_SHARE * len(tickets):
            break
        likeliest = {language for language, count in counts.items() if count == most}
        chosen |= {language: found[language] for language in likeliest}
        spoken = [languages for languages in spoken if not languages & likeliest]
    return chosen
