"""Headlines: the names of topics that a person would read aloud.

A headline is a clause or a noun phrase as somebody wrote it ("password reset mail never arrives",
"MFA prompt on the VPN"), of which several tickets share each word that means something. So it is
neither a fragment nor the special case of one ticket. Where the tickets share words but no such
phrase, two of these words make the name ("invoice PDF: VAT number"), and where they share a single
one it says so ("Various: Hub 2").
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.text.folding import fold
from services.text.function_words import DECIDING, Language, language_of
from services.topics.naming.distinctive_words import MIN_SUPPORT, TopicWords
from services.topics.naming.headline_words import (
    ACTORS,
    ARTICLES,
    CIRCUMSTANCES,
    CONJUNCTIONS,
    INVERSIONS,
    LINKS,
    NEGATIONS,
    PEOPLE,
    TRAILING,
)
from services.topics.naming.term_names import joined, name_of_terms, second_term
from services.topics.naming.tokens import MASKED, Token, TokenisedText, as_written
from services.topics.naming.vocabulary import AllTickets, Vocabulary, is_one_side

# Words of a headline, and of those that mean something.
MIN_WORDS, MAX_WORDS, MAX_MEANINGS = 2, 8, 5
# One of its words is in this share of the topic's tickets, and on average they are in that one; in
# the third where only a single ticket has the phrase.
MIN_SHARE, MIN_MEAN_SHARE, MIN_SINGLE_SHARE = 0.4, 0.34, 0.5
# Words of a name that is only a thing, which gets a second term: one that is so much more frequent
# in the topic than elsewhere (a logarithm).
MAX_BARE_WORDS, MIN_SECOND_DISTINCTION = 3, 1.0
# What a function word inside takes from a phrase's score, how much its length does, and what it
# gains if it says what does not work, where most tickets say so.
FUNCTION_WORD_COST, LENGTH_COST, DENIAL_GAIN = 0.9, 0.4, 1.3
# Where no clause or noun phrase is shared, any phrase that this share of the tickets have will do,
# or so many of them.
MIN_COMMON_SHARE, MIN_COMMON_TICKETS = 0.3, 3
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


def names_of_topic(
    words: TopicWords, terms: Sequence[str], phrases: Sequence[str], everywhere: AllTickets
) -> Names:
    """Return the names that suit a topic; `terms` and `phrases` are those that set it apart.

    A thing without what is the matter with it gets a second term: "Latchet Pro: batteries".
    """
    known = Vocabulary.of(words)
    found = _headlines(words, known, everywhere) if known.is_understood else []
    made = name_of_terms(known, terms) if known.is_understood else None
    if found and _is_bare(found[0], known) and _is_name(found[0], known):
        distinctive = [term for term in terms if _is_distinctive(term, known, everywhere)]
        second = second_term(known, found[0], distinctive, MIN_SHARE)
        found = [*([] if second is None else [joined(found[0], second, known)]), *found]
    found += [one for one in phrases if _is_common(one, known)][:1]
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


def _is_common(phrase: str, known: Vocabulary) -> bool:
    """Say whether several tickets have a phrase, which ends with no number, as it is."""
    key = f" {fold(phrase)} "
    texts = (" ".join(token.key for run in one.runs for token in run) for one in known.tickets)
    needed = min(max(MIN_SUPPORT, MIN_COMMON_SHARE * len(known.tickets)), MIN_COMMON_TICKETS)
    return not phrase[-1].isdigit() and sum(key in f" {text} " for text in texts) >= needed


def _is_bare(phrase: str, known: Vocabulary) -> bool:
    """Say whether a phrase is only a thing: a few words, none of which is a function word."""
    words = fold(phrase).split()
    return len(words) <= MAX_BARE_WORDS and known.functions.isdisjoint(words)


def _is_name(phrase: str, known: Vocabulary) -> bool:
    """Say whether a phrase has a name or a code in it."""
    return any(map(str.isdigit, phrase)) or not known.names.isdisjoint(fold(phrase).split())


def _is_distinctive(term: str, known: Vocabulary, everywhere: AllTickets) -> bool:
    """Say whether a topic's tickets have a word of a term much more often than others."""
    most = max(everywhere.distinction(word, known) for word in fold(term).split())
    return most >= MIN_SECOND_DISTINCTION


def _headlines(words: TopicWords, known: Vocabulary, everywhere: AllTickets) -> list[str]:
    """Return the phrases that may name a topic, the best first."""
    scores: dict[str, float] = {}
    forms: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for ticket in words.tickets:
        if language_of(ticket.words()) != known.language:
            continue
        for run in ticket.runs:
            for phrase in _phrases(run, known):
                key = " ".join(token.key for token in phrase)
                forms[key][as_written(ticket, phrase[0].start, phrase[-1].end)] += 1
                if key not in scores:
                    scores[key] = _score(phrase, known, everywhere)
    ranked = sorted(
        (key for key in scores if _is_good(key, scores[key], forms[key].total(), known)),
        key=lambda key: (-scores[key] * (1 + math.log(forms[key].total()) / 4), len(key), key),
    )
    kept = [key for key in ranked[:MAX_RANKED] if not is_one_side(key, known)]
    whole = dict.fromkeys(_whole(key, kept, words.tickets) for key in kept)
    return [_commonest(forms[key]) for key in whole]


def _is_good(key: str, score: float, places: int, known: Vocabulary) -> bool:
    """Say whether a phrase may be a headline: that of a single ticket has words of most others."""
    if score <= 0 or places > 1 or len(known.tickets) <= MIN_SUPPORT:
        return score > 0
    shares = [known.share(word) for word in key.split() if known.is_meaningful(word)]
    return sum(shares) >= MIN_SINGLE_SHARE * len(shares)


def _whole(key: str, kept: Sequence[str], tickets: Sequence[TokenisedText]) -> str:
    """Return the longer phrase that a phrase is mostly a part of, or else itself."""
    texts = [" ".join(token.key for run in one.runs for token in run) for one in tickets]
    places = {one: sum(f" {one} " in f" {text} " for text in texts) for one in kept}
    wider = [one for one in kept if f" {key} " in f" {one} " and one != key]
    often = [one for one in wider if places[one] >= MIN_WITHIN * places[key]]
    return max(often, key=lambda one: (places[one], len(one)), default=key)


def _commonest(forms: Counter[str]) -> str:
    return min(forms, key=lambda form: (-forms[form], sum(map(str.isupper, form)), form))


def _phrases(whole: Sequence[Token], known: Vocabulary) -> Iterator[Sequence[Token]]:
    """Yield the clauses and noun phrases of a run, without the function words that lead to them.

    Masked words are skipped, but no sentence ends before one: "jammed on (4711)".
    """
    run = [token for token in whole if token.key != MASKED]
    is_ended = bool(whole) and whole[-1].key != MASKED
    links, conjunctions = LINKS[known.language], CONJUNCTIONS[known.language]
    for start in range(len(run)):
        if run[start].key in known.empty or run[start].key in links:
            continue
        is_clause = _begins_clause(run, start, known)
        if not (is_clause or run[start - 1].key in ARTICLES[known.language]):
            continue
        for end in range(start, min(start + MAX_WORDS, len(run))):
            key = run[end].key
            if key in conjunctions or _is_loose_number(run, start, end, known):
                break
            is_function = key in known.functions and key not in NEGATIONS[known.language]
            is_link = key in links or (
                key in ARTICLES[known.language] and run[end - 1].key in links
            )
            if is_function and not (is_clause or is_link):
                break
            if end - start + 1 >= MIN_WORDS and _may_end(run, end, known, is_ended=is_ended):
                yield run[start : end + 1]


def _begins_clause(run: Sequence[Token], start: int, known: Vocabulary) -> bool:
    """Say whether a clause begins with a word: after nothing, or after who does it."""
    before = [token.key for token in run[:start]]
    if before and before[-1] in ACTORS[known.language]:
        return True
    inverted = INVERSIONS[known.language]
    if before and before[-1] in CIRCUMSTANCES[known.language]:
        return False
    return all(key in known.functions and key not in inverted for key in before)


def _is_loose_number(run: Sequence[Token], start: int, at: int, known: Vocabulary) -> bool:
    """Say whether a word is a number that belongs to no word before it, as in "set to 200"."""
    if not run[at].key.isdigit():
        return False
    return at == start or run[at - 1].key not in known.names


def _may_end(run: Sequence[Token], end: int, known: Vocabulary, *, is_ended: bool) -> bool:
    """Say whether a phrase may end with a word: at the end, or before a function word."""
    word = run[end].key
    if word in TRAILING:
        return run[end - 1].key not in known.functions
    if end + 1 == len(run):
        is_shared = word not in known.empty or known.is_shared(word)
        return is_ended and word not in known.functions and is_shared
    after = run[end + 1].key
    if after in TRAILING:
        return False
    is_before_function = after in known.functions and after not in NEGATIONS[known.language]
    return word not in known.empty and is_before_function


def _score(phrase: Sequence[Token], known: Vocabulary, everywhere: AllTickets) -> float:
    """Return how good a phrase is as a headline, 0 if it is none."""
    meanings = {token.key for token in phrase if known.is_meaningful(token.key)}
    denials = meanings & NEGATIONS[known.language]
    distinctive = meanings - denials
    shares = [known.share(word) for word in meanings]
    if not (distinctive and len(meanings) <= MAX_MEANINGS and max(shares) >= MIN_SHARE):
        return 0.0
    if len({token.key for token in phrase}) < len(phrase):
        return 0.0  # "button button button"
    deciding = {token.key for token in phrase} & DECIDING[known.language]
    if not all(map(known.is_shared, meanings | deciding)):
        return 0.0
    if sum(shares) < MIN_MEAN_SHARE * len(shares):
        return 0.0
    worth = sum(known.share(word) * everywhere.distinction(word, known) for word in distinctive)
    inside = sum(token.key in known.functions for token in phrase)
    gain = DENIAL_GAIN if denials else 1.0
    return float(worth / len(distinctive) ** LENGTH_COST * FUNCTION_WORD_COST**inside * gain)
