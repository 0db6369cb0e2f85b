"""How the tickets of one language use words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from services.text.words.function_words import DECIDING, NEUTRAL, Language, language_of
from services.text.words.stems import stem
from services.topics.naming.headline_words import ACTORS, ARTICLES, SUBJECTS
from services.topics.naming.tokens import MASKED, Token, TokenisedText


@dataclass(frozen=True)
class Usage:
    """The stems of the words that somebody does, and of those in noun phrases after an article."""

    verbs: frozenset[str]
    things: frozenset[str]

    @classmethod
    def of(cls, tickets: Iterable[TokenisedText], language: Language) -> Usage:
        """Return how the tickets of one language use words."""
        skipped = NEUTRAL[language] | DECIDING[language] | {MASKED}
        doers = SUBJECTS[language] | ACTORS[language]
        articles = ARTICLES[language]
        done: Counter[str] = Counter()
        things: set[str] = set()
        for text, run in runs_in(tickets, language):
            for (before, *_), (word, start, _) in pairwise(run):
                if word not in skipped:
                    key = stem(word, language)
                    # A name is nothing that somebody does: "upgrade to Ubuntu".
                    is_done = before in doers and text[start].islower()
                    done[key] += is_done - (before in articles)
                    if before in articles:
                        things.add(key)
        verbs = frozenset(word for word, count in done.items() if count > 0)
        return cls(verbs, frozenset(things))


def runs_in(
    tickets: Iterable[TokenisedText], language: Language
) -> Iterator[tuple[str, list[Token]]]:
    """Yield the runs of words of the tickets in a language, each with the text that it is in."""
    for ticket in tickets:
        if language_of(ticket.words()) == language:
            yield from ((ticket.text, run) for run in ticket.runs)
