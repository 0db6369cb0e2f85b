"""How tickets use words: which do something, and which can end a sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from services.text.function_words import DECIDING, NEUTRAL, Language, language_of
from services.text.stems import stem
from services.topics.naming.headline_words import (
    ACTORS,
    ARTICLES,
    AUXILIARIES,
    CIRCUMSTANCES,
    CONJUNCTIONS,
    SUBJECTS,
)
from services.topics.naming.tokens import MASKED, Token, TokenisedText

# A word can end a phrase if this share of its places are at the end of a clause.
MIN_CLOSING_SHARE = 0.1


@dataclass(frozen=True)
class Usage:
    """The stems of words that somebody does, and the words that can end a clause."""

    verbs: frozenset[str]
    closing: frozenset[str]

    @classmethod
    def of(cls, tickets: Iterable[TokenisedText], language: Language) -> Usage:
        """Return how the tickets of one language use words."""
        functions = NEUTRAL[language] | DECIDING[language]
        doers = SUBJECTS[language] | ACTORS[language]
        ends = AUXILIARIES[language] | CONJUNCTIONS[language] | CIRCUMSTANCES[language]
        places: Counter[str] = Counter()
        closing: Counter[str] = Counter()
        done: Counter[str] = Counter()
        for before, word, after in _neighbours(tickets, language):
            if word in functions:
                continue
            places[word] += 1
            closing[word] += after is None or after in ends
            done[stem(word, language)] += (before in doers) - (before in ARTICLES[language])
        return cls(
            frozenset(word for word, count in done.items() if count > 0),
            frozenset(w for w, count in closing.items() if count >= MIN_CLOSING_SHARE * places[w]),
        )


def runs_in(
    tickets: Iterable[TokenisedText], language: Language
) -> Iterator[tuple[str, list[Token]]]:
    """Yield the runs of words of the tickets in a language, each with the text that it is in."""
    for ticket in tickets:
        if language_of(ticket.words()) == language:
            yield from ((ticket.text, run) for run in ticket.runs)


def _neighbours(
    tickets: Iterable[TokenisedText], language: Language
) -> Iterator[tuple[str | None, str, str | None]]:
    """Yield the words of the tickets in a language with those beside them."""
    for _, run in runs_in(tickets, language):
        keys = [token.key for token in run]
        for before, word, after in zip([None, *keys], keys, [*keys[1:], None], strict=False):
            if word != MASKED:
                yield before, word, after
