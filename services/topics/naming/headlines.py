"""Headlines: the names of topics that a person would read aloud.

A headline is a question, a sentence, a clause or a noun phrase as somebody wrote it ("Why was my
card declined?", "password reset mail never arrives"), whose words most tickets of the topic share.
So it is neither a fragment nor the special case of one ticket. Where no phrase is such, two things
that they share make the name ("invoice PDF: VAT number"), and where they share a single one it says
so ("Hub 2: various").
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.text.folding import fold
from services.text.function_words import Language, language_of
from services.topics.naming.clauses import WHOLE, Phrase, phrases
from services.topics.naming.distinctive_words import MIN_SUPPORT, TopicWords
from services.topics.naming.headline_scores import (
    MAX_MEANINGS,
    HeadlineScores,
    is_contradicted,
    is_detail,
)
from services.topics.naming.headline_words import LINKS, PEOPLE
from services.topics.naming.term_names import (
    name_of_terms,
    name_of_two,
    plain_name,
    second_term,
)
from services.topics.naming.tokens import TokenisedText, as_written
from services.topics.naming.usage import Usage
from services.topics.naming.vocabulary import AllTickets, Vocabulary, is_one_side

# Words of a name that is only a thing, which gets a second term: one that this share of the tickets
# have, and that is so much more frequent in the topic than elsewhere (a logarithm).
MAX_BARE_WORDS, MIN_SECOND_SHARE, MIN_SECOND_DISTINCTION = 3, 0.4, 1.0
# What a phrase of the least typical ticket counts, where the most typical one's counts 1.
MIN_TYPICAL = 0.6
# Where no phrase is shared although the tickets are so near to their topic's centre on average,
# what one of so many of the most typical says stands for all.
MIN_FIT, MAX_TYPICAL = 0.6, 3
# A phrase is part of a longer one that is at least this share of its places.
MIN_WITHIN = 0.5
# With fewer tickets in one language a topic is mixed, and its tickets share words of no language.
MIN_LANGUAGE_SHARE = 0.75
# Phrases that are compared with the tickets that may say the contrary.
MAX_RANKED = 20


@dataclass(frozen=True)
class Names:
    """The names that suit a topic, the best first, and the language of most of its tickets.

    `is_telling` is false where its tickets share no word that means something, in one language.
    """

    found: list[str]
    language: Language
    is_telling: bool


def names_of_topic(words: TopicWords, terms: Sequence[str], everywhere: AllTickets) -> Names:
    """Return the names that suit a topic; `terms` are those that set it apart.

    A thing without what is the matter with it gets a second term: "Latchet Pro: batteries".
    """
    known = Vocabulary.of(words)
    usage = everywhere.usage(known.language)
    found = _headlines(words, known, everywhere) if known.is_understood else []
    made = name_of_terms(known, terms, usage) if known.is_understood else None
    if found and _is_bare(found[0], known, usage):
        distinctive = [term for term in terms if _is_distinctive(term, known, everywhere)]
        second = second_term(known, found[0], distinctive, usage, MIN_SECOND_SHARE)
        plain = plain_name(found[0], known)
        found = [plain if second is None else name_of_two(found[0], second, known), *found]
    found += [] if made is None else [made]
    is_alone = len({one.text for one in words.tickets}) < MIN_SUPPORT
    is_mixed = _share_of_language(known) < MIN_LANGUAGE_SHARE
    is_telling = bool(found or is_alone or is_mixed or _shares_any(words, known))
    return Names(found, known.language, is_telling)


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


def _is_bare(phrase: str, known: Vocabulary, usage: Usage) -> bool:
    """Say whether a phrase is only a thing: a few words that say nothing of what is the matter.

    Three words that are all that a ticket says are a clause ("parcel arrived late").
    """
    words = fold(phrase).split()
    functions = known.functions - LINKS[known.language]
    if len(words) > MAX_BARE_WORDS or not functions.isdisjoint(words):
        return False
    runs = ([token.key for token in run] for one in known.tickets for run in one.runs)
    is_clause = len(words) == MAX_BARE_WORDS and words in runs
    plain = (word for word in words if not is_detail(word, known))
    return not is_clause and usage.verbs.isdisjoint(map(known.stem, plain))


def _is_distinctive(term: str, known: Vocabulary, everywhere: AllTickets) -> bool:
    """Say whether a topic's tickets have a word of a term much more often than others."""
    most = max(everywhere.distinction(word, known) for word in fold(term).split())
    return most >= MIN_SECOND_DISTINCTION


def _headlines(words: TopicWords, known: Vocabulary, everywhere: AllTickets) -> list[str]:
    """Return the phrases that may name a topic, the best first."""
    usage, judge = everywhere.usage(known.language), HeadlineScores(known, everywhere)
    ranks = _ranks(words.fits)
    scores: defaultdict[str, float] = defaultdict(float)
    forms: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for ticket in words.tickets:
        if language_of(ticket.words()) != known.language:
            continue
        typical = MIN_TYPICAL + (1 - MIN_TYPICAL) * ranks.get(ticket.text, 1.0)
        for phrase in phrases(ticket, known, usage):
            forms[phrase.key][_written(ticket, phrase)] += 1
            scores[phrase.key] = max(scores[phrase.key], judge.score(phrase) * typical)
    ranked = sorted(
        (key for key in scores if scores[key] > 0),
        key=lambda key: (-scores[key] * (1 + math.log(forms[key].total()) / 4), len(key), key),
    )
    kept = [
        key
        for key in ranked[:MAX_RANKED]
        if not is_one_side(key, known) and not is_contradicted(key, known, usage)
    ]
    whole = dict.fromkeys(_whole(key, kept, words.tickets) for key in kept)
    found = [_commonest(forms[key]) for key in whole]
    return found or _typical_sentences(words.fits, known, usage)


def _written(ticket: TokenisedText, phrase: Phrase) -> str:
    """Return a phrase as its ticket has it; a sentence with a capital and its question mark."""
    first, last = phrase.tokens[0], phrase.tokens[-1]
    text = as_written(ticket, first.start, last.end)
    if not phrase.is_sentence:
        return text
    mark = "?" if ticket.text[last.end :].lstrip().startswith("?") else ""
    return f"{text[:1].upper()}{text[1:]}{mark}"


def _ranks(fits: Mapping[str, float]) -> dict[str, float]:
    """Return how typical of a topic each ticket is: from 0 for the least to 1 for the most."""
    ordered = sorted(fits, key=lambda text: (fits[text], text))
    return {text: at / max(len(ordered) - 1, 1) for at, text in enumerate(ordered)}


def _typical_sentences(fits: Mapping[str, float], known: Vocabulary, usage: Usage) -> list[str]:
    """Return the whole sentences of the most typical tickets, where all are much alike."""
    if not fits or sum(fits.values()) < MIN_FIT * len(fits):
        return []
    ordered = sorted(known.tickets, key=lambda one: -fits.get(one.text, 0.0))
    return [
        _written(ticket, phrase)
        for ticket in ordered[:MAX_TYPICAL]
        for phrase in phrases(ticket, known, usage)
        if phrase.worth >= WHOLE and phrase.says_matter and _is_plain(phrase, known)
    ]


def _is_plain(phrase: Phrase, known: Vocabulary) -> bool:
    """Say whether a phrase is short and has no names and numbers."""
    meanings = [one.key for one in phrase.tokens if known.is_meaningful(one.key)]
    return len(meanings) <= MAX_MEANINGS and not any(is_detail(one, known) for one in meanings)


def _whole(key: str, kept: Sequence[str], tickets: Sequence[TokenisedText]) -> str:
    """Return the longer phrase that a phrase is mostly a part of, or else itself."""
    texts = [" ".join(token.key for run in one.runs for token in run) for one in tickets]
    places = {one: sum(f" {one} " in f" {text} " for text in texts) for one in kept}
    wider = [one for one in kept if f" {key} " in f" {one} " and one != key]
    often = [one for one in wider if places[one] >= MIN_WITHIN * places[key]]
    return max(often, key=lambda one: (places[one], len(one)), default=key)


def _commonest(forms: Counter[str]) -> str:
    return min(forms, key=lambda form: (-forms[form], sum(map(str.isupper, form)), form))
