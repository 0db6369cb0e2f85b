"""Phrases that may name a topic: those of its tickets, whole and without one ticket's details."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from services.text.words.folding import fold
from services.text.words.function_words import decided_language
from services.topics.naming.clauses import TicketPhrase, asks, phrases
from services.topics.naming.distinctive_words import TopicWords
from services.topics.naming.headline_words import ARTICLES
from services.topics.naming.nearness import FloatArray
from services.topics.naming.quotations import cuts_quotation, find_quotations, opens_quotation
from services.topics.naming.readability import is_detail
from services.topics.naming.slots import Slots
from services.topics.naming.tokens import TokenisedText, as_written
from services.topics.naming.usage import Usage
from services.topics.naming.vocabulary import Vocabulary

# Characters of a headline, fewer than a title may have.
MAX_LENGTH = 72
# Words of a thing that says nothing of what is the matter with it.
MAX_BARE = 3

_UNIT = re.compile(r" ?[%€$£°]")


@dataclass
class NameCandidate:
    """A phrase: how tickets write it, and the places of those that have it.

    `wholes` are the keys of the phrases that it is what the tickets share of, and whether it lacks
    nothing of these but names and numbers. `said` is how much of it each ticket says, `(n,)`, from
    0 to 1. Once a model has read it, `coverage` is the share of the other tickets that it fits,
    `typical` the median of its cosines to them, `own_words` how many of its words are details of
    few tickets, `has_rare_detail` whether one of these is a name, code or number, and `score` how
    well it names them all.
    """

    key: str
    phrase: TicketPhrase
    forms: Counter[str] = field(default_factory=Counter)
    owners: list[int] = field(default_factory=list)
    wholes: dict[str, bool] = field(default_factory=dict)
    said: FloatArray = field(default_factory=lambda: np.zeros(0, dtype=np.float32))
    coverage: float = 1.0
    typical: float = 1.0
    own_words: int = 0
    has_rare_detail: bool = False
    score: float = 0.0

    @property
    def text(self) -> str:
        """The commonest form; of equal ones a question's, fewest capitals, then the longest.

        None with the same word twice is taken if there is another one.
        """

        def rank(form: str) -> tuple[bool, int, bool, int, int, str]:
            words = fold(form).split()
            is_doubled = any(one == after for one, after in pairwise(words))
            capitals = sum(map(str.isupper, form))
            return is_doubled, -self.forms[form], form[-1] != "?", capitals, -len(form), form

        return min(self.forms, key=rank)

    @property
    def is_thing(self) -> bool:
        """Whether it is a thing of few words, without what is the matter with it."""
        is_bare = not (self.phrase.says_matter or self.phrase.is_sentence)
        return is_bare and len(self.phrase.tokens) <= MAX_BARE

    @property
    def words(self) -> list[str]:
        """Its words as keys."""
        return [token.key for token in self.phrase.tokens]


def find_candidates(
    words: TopicWords, known: Vocabulary, usage: Usage, slots: Slots | None
) -> list[NameCandidate]:
    """Return the phrases of the tickets in a topic's language, each once.

    With `slots` also what the tickets share of each. That may say less, so that something has to
    compare what both mean.
    """
    found: dict[str, NameCandidate] = {}
    for place, ticket in enumerate(words.tickets):
        if decided_language(ticket.words()) not in (None, known.language):
            continue
        for phrase in _phrases(ticket, known, usage, slots):
            text = _written(ticket, phrase)
            if text is None or len(text) > MAX_LENGTH:
                continue
            key = _key(phrase, known)
            one = found.setdefault(key, NameCandidate(key, phrase))
            one.phrase = max(one.phrase, phrase, key=lambda other: other.worth)
            one.forms[text] += 1
            one.owners.append(place)
            if phrase.whole is not None:
                left = {token.start for token in phrase.tokens}
                lost = (token.key for token in phrase.whole.tokens if token.start not in left)
                meant = filter(known.is_meaningful, lost)
                one.wholes[_key(phrase.whole, known)] = all(is_detail(w, known) for w in meant)
    return [one for one in found.values() if any(map(known.is_meaningful, one.words))]


def _phrases(
    ticket: TokenisedText, known: Vocabulary, usage: Usage, slots: Slots | None
) -> Iterator[TicketPhrase]:
    for phrase in phrases(ticket, known, usage):
        yield phrase
        reduced = None if slots is None else slots.reduced(ticket, phrase)
        if reduced is not None:
            yield reduced


def _key(phrase: TicketPhrase, known: Vocabulary) -> str:
    """Return the words by which phrases are one: "cancel my order" and "cancel an order" are."""
    articles = ARTICLES[known.language]
    return " ".join(token.key for token in phrase.tokens if token.key not in articles)


def _written(ticket: TokenisedText, phrase: TicketPhrase) -> str | None:
    """Return a phrase as its ticket has it; a sentence with its question mark.

    None for one that cuts a quotation.
    """
    first, last = phrase.tokens[0], phrase.tokens[-1]
    if cuts_quotation(first.start, last.end, find_quotations(ticket.text)):
        return None
    sign = _UNIT.match(ticket.text, last.end)
    text = phrase.wording or as_written(ticket, first.start, sign.end() if sign else last.end)
    if opens_quotation(text):
        return None
    if not phrase.is_sentence:
        return text
    said = phrase if phrase.whole is None else phrase.whole
    return f"{text}?" if asks(ticket, said.tokens) else text
