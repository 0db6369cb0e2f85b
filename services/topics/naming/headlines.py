"""Headlines: the names of topics that a person would read aloud.

A headline is a question, a sentence, a clause or a noun phrase as somebody wrote it ("Why was my
card declined?", "password reset mail never arrives"): the one that is nearest in meaning to all
tickets of the topic and reads well. Where others ask for the contrary, both are said ("turn the
lights on / off"). Where no phrase is near the tickets, two things that they share make the name
("invoice PDF: VAT number"), or one of them ("Hub 2: various").
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from services.text.folding import fold
from services.text.function_words import Language, language_of
from services.topics.grouping.knn_graph import unit
from services.topics.naming.clauses import Phrase, asks, is_question, phrases
from services.topics.naming.contraries import is_contradicted, is_one_side, other_way
from services.topics.naming.distinctive_words import MIN_SUPPORT, TopicWords
from services.topics.naming.headline_words import PEOPLE
from services.topics.naming.nearness import FloatArray, Meanings, WordVectors, covered, nearness
from services.topics.naming.quotations import cuts_quotation, find_quotations
from services.topics.naming.readability import readability
from services.topics.naming.term_names import (
    MIN_COMMON_SHARE,
    name_of_terms,
    plain_name,
    share_a_thing,
)
from services.topics.naming.tokens import TokenisedText, as_written
from services.topics.naming.vocabulary import AllTickets, Vocabulary

# With fewer tickets in one language a topic is mixed, and its tickets share words of no language.
MIN_LANGUAGE_SHARE = 0.75
# Characters of a headline, fewer than a title may have.
MAX_LENGTH = 72
# Phrases that a model reads: those nearest by their words. And those of the best that are compared
# with tickets that may say the contrary.
MAX_READ, MAX_RANKED, MAX_FAR = 32, 24, 3
# A phrase that is less near to its topic says too little of it, and so does one that is not as near
# as this to so many of the other tickets. Without a model these say so much of its words.
MIN_NEAR, COVERING, MIN_COVERED = 0.55, 0.4, 0.5
CONTAINED = 0.7
# How much it counts against a phrase that it is near to all tickets of all topics.
GENERAL = 0.25
# A term that is so much more frequent in a topic than elsewhere sets it apart (a logarithm).
MIN_DISTINCTION = 1.0
# So many tickets differ in what they say of one matter, and their centre is no single ticket's: a
# phrase that is so near to it is near enough.
MIN_NEAR_OF_MANY, VERY_MANY_TICKETS = 0.5, 20
# How much a phrase gains that many tickets have.
REPEATED = 0.05
# Words of a thing that says nothing of what is the matter with it.
MAX_BARE = 3
# A phrase without any direction wins over "increase / decrease …" if it is nearly as near.
NEARLY = 0.85

_UNIT = re.compile(r" ?[%€$£°]")


@dataclass(frozen=True)
class Names:
    """The names that suit a topic, the best first, and the language of most of its tickets.

    `is_telling` is false where tickets in one language share no word that means something, or, to a
    model, no phrase is near to them and no thing is shared by half of them.
    """

    found: list[str]
    language: Language
    is_telling: bool


@dataclass
class _Candidate:
    """A phrase: how tickets write it, and the places of those that have it."""

    phrase: Phrase
    forms: Counter[str] = field(default_factory=Counter)
    owners: list[int] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The commonest form; of equal ones a question's, or that with the fewest capitals."""

        def rank(form: str) -> tuple[int, bool, int, str]:
            return -self.forms[form], form[-1] != "?", sum(map(str.isupper, form)), form

        return min(self.forms, key=rank)

    @property
    def words(self) -> list[str]:
        """Its words as keys."""
        return [token.key for token in self.phrase.tokens]


def names_of_topic(
    words: TopicWords,
    terms: Sequence[str],
    everywhere: AllTickets,
    meanings: Meanings | None = None,
) -> Names:
    """Return the names that suit a topic; `terms` are those that set it apart."""
    known = Vocabulary.of(words)
    usage = everywhere.usage(known.language)
    found: list[str] = []
    is_held = True
    if known.is_understood:
        near, far = _headlines(words, known, everywhere, meanings)
        telling = [term for term in terms if _is_distinctive(term, known, everywhere)]
        made = [name_of_terms(known, some, usage) for some in (telling, terms)]
        ranked = [*near, *made, *(far if meanings is not None else [])]
        found = list(dict.fromkeys(_as_heading(name, known) for name in ranked if name is not None))
        is_held = meanings is None or bool(near or share_a_thing(known, telling, usage))
    is_alone = len({one.text for one in words.tickets}) < MIN_SUPPORT
    is_mixed = _share_of_language(known) < MIN_LANGUAGE_SHARE
    is_telling = is_alone or is_mixed or (is_held and bool(found or _shares_any(words, known)))
    return Names(found, known.language, is_telling)


def _as_heading(name: str, known: Vocabulary) -> str:
    """Return a name with a capital, and with a question mark if it asks."""
    is_unmarked = name[-1].isalnum() and is_question(fold(name).split(), known.language)
    return known.spelled(f"{name}?" if is_unmarked else name)


def _shares_any(words: TopicWords, known: Vocabulary) -> bool:
    """Say whether several tickets have a word that means something."""
    return any(
        known.is_shared(word) and word not in known.empty and word not in PEOPLE
        for word in words.counts
    )


def _share_of_language(known: Vocabulary) -> float:
    """Return the share of the tickets in the language of most of them."""
    same = sum(language_of(one.words()) == known.language for one in known.tickets)
    return same / max(len(known.tickets), 1)


def _headlines(
    words: TopicWords, known: Vocabulary, everywhere: AllTickets, meanings: Meanings | None
) -> tuple[list[str], list[str]]:
    """Return the phrases that may name a topic, the best first, and those that say too little."""
    candidates = _candidates(words, known, everywhere)
    if not candidates:
        return [], []
    by_words = WordVectors(known, everywhere)
    owners = [one.owners for one in candidates]
    made = by_words.of([one.words for one in candidates])
    near = nearness(by_words.rows, made, owners)
    says_much = np.array(covered(by_words.contained(made), owners, CONTAINED)) >= MIN_COVERED
    if meanings is not None and words.rows is not None:
        worths = [one.phrase.worth for one in candidates]
        order = np.argsort(-near * worths, kind="stable")[:MAX_READ]
        candidates = [candidates[at] for at in order]
        near, is_near = _read(candidates, words.rows, meanings)
        says_much = is_near & (says_much[order] | (not everywhere.is_one_of_language(known)))
    scored = sorted(
        (-round(float(value) * _worth(one, known), 5), len(one.words), one.text, at)
        for at, (one, value) in enumerate(zip(candidates, near, strict=True))
    )
    enough, too_little = (
        [(-score, candidates[at]) for score, _, _, at in scored if bool(says_much[at]) == is_enough]
        for is_enough in (True, False)
    )
    return (
        _uncontradicted(enough[:MAX_RANKED], known, everywhere),
        _uncontradicted(too_little[:MAX_FAR], known, everywhere),
    )


def _is_distinctive(term: str, known: Vocabulary, everywhere: AllTickets) -> bool:
    """Say whether a topic's tickets have a word of a term much more often than others."""
    most = max(everywhere.distinction(word, known) for word in fold(term).split())
    return most >= MIN_DISTINCTION


def _read(
    candidates: Sequence[_Candidate], rows: FloatArray, meanings: Meanings
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Return how near phrases are to their topic by a model, and whether that is near enough."""
    made = unit(meanings.encode([one.text for one in candidates]))
    owners = [one.owners for one in candidates]
    near = meanings.to_default(nearness(rows, made, owners))
    shares = np.array(covered(meanings.to_default(made @ rows.T), owners, COVERING))
    if len(rows) >= VERY_MANY_TICKETS:
        is_near = near >= MIN_NEAR_OF_MANY
    else:
        is_near = (near >= MIN_NEAR) & (shares >= MIN_COVERED)
    return near - GENERAL * (made @ meanings.mean), is_near


def _candidates(words: TopicWords, known: Vocabulary, everywhere: AllTickets) -> list[_Candidate]:
    """Return the phrases of the tickets in a topic's language, each once."""
    usage = everywhere.usage(known.language)
    found: dict[str, _Candidate] = {}
    for place, ticket in enumerate(words.tickets):
        if language_of(ticket.words()) != known.language:
            continue
        for phrase in phrases(ticket, known, usage):
            text = _written(ticket, phrase)
            if text is None or len(text) > MAX_LENGTH:
                continue
            one = found.setdefault(phrase.key, _Candidate(phrase))
            one.phrase = max(one.phrase, phrase, key=lambda other: other.worth)
            one.forms[text] += 1
            one.owners.append(place)
    return [one for one in found.values() if any(map(known.is_meaningful, one.words))]


def _written(ticket: TokenisedText, phrase: Phrase) -> str | None:
    """Return a phrase as its ticket has it; a sentence with its question mark.

    None for one that cuts a quotation.
    """
    first, last = phrase.tokens[0], phrase.tokens[-1]
    if cuts_quotation(first.start, last.end, find_quotations(ticket.text)):
        return None
    sign = _UNIT.match(ticket.text, last.end)
    text = as_written(ticket, first.start, sign.end() if sign else last.end)
    if not phrase.is_sentence:
        return text
    return f"{text}?" if asks(ticket, phrase.tokens) else text


def _worth(one: _Candidate, known: Vocabulary) -> float:
    """Return how well a phrase names many tickets."""
    said = 1 + REPEATED * math.log(one.forms.total())
    return one.phrase.worth * readability(one.words, known) * said


def _uncontradicted(
    scored: Sequence[tuple[float, _Candidate]], known: Vocabulary, everywhere: AllTickets
) -> list[str]:
    """Return the names that no tickets contradict, and those that say both of two opposites."""
    usage = everywhere.usage(known.language)
    found: dict[str, float] = {}
    for score, one in scored:
        key = one.phrase.key
        if is_contradicted(key, known, usage):
            continue
        if not is_one_side(key, known):
            if name := _named(one, known):
                found.setdefault(name, score)
        elif both := _with_both(one.text, other_way(key, known)):
            found.setdefault(both, score * NEARLY)
    return sorted(found, key=lambda text: (-round(found[text], 5), len(text), text))


def _named(one: _Candidate, known: Vocabulary) -> str | None:
    """Return a phrase as a name: a thing that most tickets say something else of is "various".

    None for one of various things that few tickets have.
    """
    is_bare = not (one.phrase.says_matter or one.phrase.is_sentence)
    if not is_bare or len(one.words) > MAX_BARE:
        return one.text
    name = plain_name(one.text, known)
    is_shared = min(map(known.share, one.words)) >= MIN_COMMON_SHARE
    return name if name == one.text or is_shared else None


def _with_both(text: str, contrary: Mapping[str, str]) -> str | None:
    """Return a phrase with both of two opposites, "turn the lights on / off"; None for several."""
    words = text.split()
    places = [at for at, word in enumerate(words) if fold(word) in contrary]
    if len(places) != 1:
        return None
    words[places[0]] += f" / {contrary[fold(words[places[0]])]}"
    return " ".join(words)
