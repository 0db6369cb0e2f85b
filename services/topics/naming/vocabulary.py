"""The words of a topic that mean something, and how many tickets have each in any form."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from services.text.comparing.opposites import Senses
from services.text.words.folding import fold
from services.text.words.function_words import (
    DECIDING,
    LANGUAGES,
    NEUTRAL,
    Language,
    decided_language,
    language_of,
)
from services.text.words.plain import with_capital
from services.text.words.stems import stem
from services.topics.naming.distinctive_words import MIN_SUPPORT, TopicWords, sum_counts
from services.topics.naming.headline_words import NEGATIONS
from services.topics.naming.tokens import MASKED, TokenisedText
from services.topics.naming.usage import Usage

# Of the tickets, this share have a function word of the language that they are taken to be in.
MIN_UNDERSTOOD = 0.5
# With fewer tickets in one language a topic is mixed, and its tickets share words of no language.
UNMIXED = 0.75
# Words that mean something in the first line that says something.
MIN_HEADING_WORDS = 2
# What a word counts at least, however many other topics have it, and from what on it sets a topic
# apart: the logarithm of how much more frequent it is there.
MIN_DISTINCTION, DISTINCTIVE = 0.1, 1.0


def main_language(tickets: Sequence[TokenisedText], usual: Language = "en") -> Language:
    """Return the language of most tickets; of two with as many the `usual` one, if it is one.

    Tickets without a function word are in any language.
    """
    counts = Counter(decided_language(one.words()) for one in tickets)
    del counts[None]
    if not counts or counts[usual] == max(counts.values()):
        return usual
    return max(LANGUAGES, key=lambda language: counts[language])


def share_of_language(tickets: Sequence[TokenisedText], language: Language) -> float:
    """Return the share of some tickets in a language, or without a function word of any."""
    found = (decided_language(one.words()) for one in tickets)
    return sum(one in (None, language) for one in found) / max(len(tickets), 1)


def _naming_language(words: TopicWords, usual: Language) -> Language:
    """Return the language of most tickets, or that of their channel where they are mixed.

    If one of them is in it, so that there are words for a name.
    """
    language, spoken = main_language(words.tickets, usual), words.spoken
    if spoken in (None, language) or share_of_language(words.tickets, language) >= UNMIXED:
        return language
    is_said = any(decided_language(one.words()) == spoken for one in words.tickets)
    return spoken if is_said else language


@dataclass(frozen=True)
class Vocabulary:
    """How many tickets have each word that means something, in any of its forms (`stems`).

    `spellings` are those of words that have a capital letter within most sentences.
    """

    language: Language
    tickets: Sequence[TokenisedText]
    functions: frozenset[str]
    empty: frozenset[str]
    stems: Counter[str]
    spellings: Mapping[str, str]
    ticket_stems: Sequence[frozenset[str]]

    @classmethod
    def of(cls, words: TopicWords, usual: Language = "en") -> Vocabulary:
        """Return the vocabulary of a topic; `usual` is the language of most tickets of all."""
        language = _naming_language(words, usual)
        functions = NEUTRAL[language] | DECIDING[language]
        by_ticket = [
            frozenset(stem(word, language) for word in one.words()) for one in words.tickets
        ]
        stems = Counter(key for one in by_ticket for key in one)
        empty = words.stops.empty | functions
        spellings = _spellings(words.tickets)
        return cls(language, words.tickets, functions, empty, stems, spellings, by_ticket)

    @cached_property
    def names(self) -> frozenset[str]:
        """The words that are mostly written with a capital letter within a sentence."""
        return frozenset(self.spellings)

    @cached_property
    def nouns(self) -> frozenset[str]:
        """The words that are written with a capital letter and are no codes: German nouns."""
        return frozenset(word for word in self.spellings if word.isalpha())

    @cached_property
    def senses(self) -> list[Senses]:
        """What in each ticket has an opposite."""
        found = (frozenset(ticket.words()) for ticket in self.tickets)
        return [Senses(" ".join(sorted(words)), words) for words in found]

    def end_of_heading(self, ticket: TokenisedText) -> int:
        """Return where the first line of a ticket ends that says something; greetings do not."""
        end, meant = -1, 0
        for run in ticket.runs:
            if run[0].start > end:
                after = ticket.text.find("\n", run[-1].end)
                end, meant = after if after >= 0 else len(ticket.text), 0
            meant += sum(one.key != MASKED and self.is_meaningful(one.key) for one in run)
            if meant >= MIN_HEADING_WORDS:
                return end
        return len(ticket.text)

    @cached_property
    def ticket_headings(self) -> Sequence[frozenset[str]]:
        """The stems in the heading of each ticket, not only in a form below it."""
        ends = ((one, self.end_of_heading(one)) for one in self.tickets)
        return [
            frozenset(
                self.stem(token.key) for run in ticket.runs for token in run if token.start < end
            )
            for ticket, end in ends
        ]

    @cached_property
    def heading_stems(self) -> Counter[str]:
        """How many tickets have each stem in their heading."""
        return Counter(key for stems in self.ticket_headings for key in stems)

    @property
    def is_understood(self) -> bool:
        """Whether most tickets are in a language whose function words are known."""
        own = NEUTRAL[self.language] | DECIDING[self.language]
        found = sum(not own.isdisjoint(one.words()) for one in self.tickets)
        return found >= MIN_UNDERSTOOD * len(self.tickets)

    def stem(self, word: str) -> str:
        """Return the stem of a word."""
        return stem(word, self.language)

    def stems_of(self, term: str) -> list[str]:
        """Return the stems of a term's words, in their order."""
        return [self.stem(word) for word in fold(term).split()]

    def spelled(self, name: str) -> str:
        """Return a name with its words as several tickets write them."""
        return " ".join(self._spelled(word) for word in name.split(" "))

    def as_heading(self, name: str) -> str:
        """Return a name with a capital first; a Spanish question begins with its mark as well."""
        heading = with_capital(name)
        lacks_mark = self.language == "es" and heading.endswith("?") and "¿" not in heading
        return f"¿{heading}" if lacks_mark else heading

    def _spelled(self, word: str) -> str:
        if self.language == "en" and word == "i":
            return "I"
        is_lower = word == fold(word) and self.is_shared(word)
        return self.spellings.get(word, word) if is_lower else word

    def share(self, word: str) -> float:
        """Return the share of the tickets that have a word in any form."""
        return self.stems[self.stem(word)] / max(len(self.tickets), 1)

    def is_meaningful(self, word: str) -> bool:
        """Say whether a word means something, or denies it."""
        return word not in self.empty or word in NEGATIONS[self.language]

    def is_shared(self, word: str) -> bool:
        """Say whether several tickets have a word; of very few tickets, one is enough."""
        return self.stems[self.stem(word)] >= self._needed

    def is_in_headings(self, word: str) -> bool:
        """Say whether several tickets have a word in their heading."""
        return self.heading_stems[self.stem(word)] >= self._needed

    def is_in_any_heading(self, word: str) -> bool:
        """Say whether a word is in the heading of a ticket; function words need not be."""
        return word in self.functions or self.heading_stems[self.stem(word)] > 0

    @property
    def _needed(self) -> int:
        return MIN_SUPPORT if len(self.tickets) > MIN_SUPPORT else 1


def _spellings(tickets: Sequence[TokenisedText]) -> dict[str, str]:
    """Return the words that are mostly written with a capital letter within a sentence, and how."""
    inside: Counter[str] = Counter()
    forms: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for ticket in tickets:
        for run in ticket.runs:
            for token in run[1:]:
                inside[token.key] += 1
                written = ticket.text[token.start : token.end]
                if any(map(str.isupper, written)):
                    forms[token.key][written] += 1
    return {
        word: min(found, key=lambda form: (-found[form], form))
        for word, found in forms.items()
        if found.total() > inside[word] / 2
    }


class AllTickets:
    """The `tickets` of all topics: how many have each word, `counts`, and how they use words."""

    def __init__(self, topics: Sequence[TopicWords]) -> None:
        self.counts = sum_counts(topic.counts for topic in topics)
        self.tickets = [one for topic in topics for one in topic.tickets]
        self._stems: dict[Language, Counter[str]] = {}
        self._usage: dict[Language, Usage] = {}

    @cached_property
    def language(self) -> Language:
        """The language of most tickets."""
        return main_language(self.tickets)

    @cached_property
    def _languages(self) -> Counter[Language]:
        """How many tickets are in each language."""
        return Counter(language_of(one.words()) for one in self.tickets)

    def usage(self, language: Language) -> Usage:
        """Return how the tickets in a language use words."""
        if language not in self._usage:
            self._usage[language] = Usage.of(self.tickets, language)
        return self._usage[language]

    def is_one_of_language(self, known: Vocabulary) -> bool:
        """Say whether a topic has most tickets of a language that few tickets are in.

        They are alike by their language, whatever they are about.
        """
        own = sum(language_of(one.words()) == known.language for one in known.tickets)
        whole = self._languages[known.language]
        return whole < len(self.tickets) / 2 and own > whole / 2

    def distinction(self, word: str, known: Vocabulary) -> float:
        """Return how much more of a topic's tickets have a word than of all: a logarithm, > 0."""
        if known.language not in self._stems:
            stems = self._stems[known.language] = Counter()
            for other, count in self.counts.items():
                stems[known.stem(other)] += count
        share = self._stems[known.language][known.stem(word)] / max(len(self.tickets), 1)
        return max(math.log(known.share(word) / share) if share else 0.0, MIN_DISTINCTION)

    def is_distinctive(self, term: str, known: Vocabulary) -> bool:
        """Say whether a topic's tickets have a word of a term much more often than others."""
        return max(self.distinction(word, known) for word in fold(term).split()) >= DISTINCTIVE
