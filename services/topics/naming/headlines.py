"""Headlines: the names of topics that a person would read aloud.

A headline is a question, a sentence, a clause or a noun phrase as somebody wrote it ("Why was my
card declined?", "password reset mail never arrives"): the one that is nearest in meaning to all
tickets of the topic and reads well. Where others ask for the contrary, both are said ("turn the
lights on / off"). Where no phrase is near the tickets, two things that they share make the name
("invoice PDF: VAT number"), or one of them ("Hub 2: various").
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.text.folding import fold
from services.text.function_words import Language, decided_language
from services.topics.grouping.knn_graph import unit
from services.topics.naming.candidates import Candidate, find_candidates
from services.topics.naming.clauses import is_question
from services.topics.naming.contraries import is_contradicted, is_one_side, other_way
from services.topics.naming.distinctive_words import MIN_SUPPORT, TopicWords
from services.topics.naming.headline_words import PEOPLE
from services.topics.naming.nearness import FloatArray, Meanings, WordVectors, covered, nearness
from services.topics.naming.noun_phrases import NounPhrases
from services.topics.naming.readability import readability
from services.topics.naming.slots import Slots
from services.topics.naming.term_names import (
    MIN_COMMON_SHARE,
    held_thing,
    name_of_terms,
    plain_name,
    share_a_thing,
)
from services.topics.naming.usage import Usage
from services.topics.naming.vocabulary import AllTickets, Vocabulary

# With fewer tickets in one language a topic is mixed, and its tickets share words of no language.
MIN_LANGUAGE_SHARE = 0.75
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
# What tickets share of a phrase is as near to them as the whole; below this share of its nearness
# it has lost what is the matter. Names and numbers make phrases near that have others.
MIN_KEPT, MIN_KEPT_OF_DETAILS = 0.97, 0.9
# What a phrase loses that is nobody's words.
MADE = 0.98
# A phrase whose median cosine to the tickets is less, and of whose words no more than this share of
# them have any but a thing that nearly all have, is one ticket's: that thing is the name. Of so
# many tickets; very many say one matter in many ways.
MIN_TYPICAL, MIN_TYPICAL_OF_MANY, MAX_OTHER_SHARE, MIN_VARIOUS = 0.55, 0.45, 0.4, 5
# A phrase without any direction wins over "increase / decrease …" if it is nearly as near.
NEARLY = 0.9


@dataclass(frozen=True)
class Names:
    """The names that suit a topic, the best first, and the language of most of its tickets.

    `is_telling` is false where tickets in one language share no word that means something, or, to a
    model, no phrase is near to them and no thing is shared by half of them.
    """

    found: list[str]
    language: Language
    is_telling: bool


def names_of_topic(
    words: TopicWords,
    terms: Sequence[str],
    everywhere: AllTickets,
    meanings: Meanings | None = None,
) -> Names:
    """Return the names that suit a topic; `terms` are those that set it apart."""
    known = Vocabulary.of(words, everywhere.language)
    usage = everywhere.usage(known.language)
    found: list[str] = []
    is_held = True
    if known.is_understood:
        near, far, best = _headlines(words, known, everywhere, meanings)
        telling = [term for term in terms if _is_distinctive(term, known, everywhere)]
        made = [name_of_terms(known, some, usage) for some in (telling, terms)]
        thing = None if best is None else _thing_instead(best, known, telling, usage)
        ranked = [thing, *near, *made, *(far if meanings is not None else [])]
        found = list(dict.fromkeys(_as_heading(name, known) for name in ranked if name is not None))
        is_held = meanings is None or bool(near or share_a_thing(known, telling, usage))
    is_alone = len({one.text for one in words.tickets}) < MIN_SUPPORT
    is_mixed = _share_of_language(known) < MIN_LANGUAGE_SHARE
    is_telling = is_alone or is_mixed or (is_held and bool(found or _shares_any(words, known)))
    return Names(found, known.language, is_telling)


def _thing_instead(
    best: Candidate, known: Vocabulary, telling: Sequence[str], usage: Usage
) -> str | None:
    """Return the name of a thing that nearly all tickets share, if the best phrase is one's alone.

    That is, if it is near to few of them, and few have what it says besides the thing.
    """
    thing = held_thing(known, telling, usage)
    count = len(known.tickets)
    least = MIN_TYPICAL_OF_MANY if count >= VERY_MANY_TICKETS else MIN_TYPICAL
    if thing is None or best.typical >= least or count < MIN_VARIOUS:
        return None
    stems = {known.stem(word) for word in fold(thing).split()}
    others = (word for word in best.words if known.stem(word) not in stems)
    if any(known.is_meaningful(one) and known.share(one) > MAX_OTHER_SHARE for one in others):
        return None
    return plain_name(thing, known)


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
    found = (decided_language(one.words()) for one in known.tickets)
    same = sum(language in (None, known.language) for language in found)
    return same / max(len(known.tickets), 1)


def _headlines(
    words: TopicWords, known: Vocabulary, everywhere: AllTickets, meanings: Meanings | None
) -> tuple[list[str], list[str], Candidate | None]:
    """Return the phrases that may name a topic, the best first, and those that say too little.

    And the very best one as its tickets have it, if any says enough.
    """
    usage = everywhere.usage(known.language)
    slots = None if meanings is None else Slots(NounPhrases(known, usage))
    candidates = find_candidates(words, known, usage, slots)
    if not candidates:
        return [], [], None
    near, says_much = _by_words(candidates, known, everywhere)
    if meanings is not None and words.rows is not None:
        worths = [one.phrase.worth for one in candidates]
        order = _to_read(candidates, np.argsort(-near * worths, kind="stable").tolist())
        candidates = [candidates[at] for at in order]
        near, is_near = _read(candidates, words.rows, meanings)
        says_much = is_near & (says_much[order] | (not everywhere.is_one_of_language(known)))
    scored = sorted(
        (-round(float(value) * _worth(one, known), 5), len(one.words), one.text, at)
        for at, (one, value) in enumerate(zip(candidates, near, strict=True))
        if np.isfinite(value)
    )
    enough, too_little = (
        [(-score, candidates[at]) for score, _, _, at in scored if bool(says_much[at]) == is_enough]
        for is_enough in (True, False)
    )
    return (
        _uncontradicted(enough[:MAX_RANKED], known, everywhere),
        _uncontradicted(too_little[:MAX_FAR], known, everywhere),
        enough[0][1] if enough else None,
    )


def _by_words(
    found: Sequence[Candidate], known: Vocabulary, everywhere: AllTickets
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Return how near phrases are to their topic by their words, and whether they say enough."""
    by_words = WordVectors(known, everywhere)
    owners = [one.owners for one in found]
    made = by_words.of([one.words for one in found])
    shares = covered(by_words.contained(made), owners, CONTAINED)
    return nearness(by_words.rows, made, owners), np.array(shares) >= MIN_COVERED


def _to_read(found: Sequence[Candidate], order: Sequence[int]) -> list[int]:
    """Return which phrases a model reads: the first of `order`, with what they were cut out of."""
    places = {one.key: at for at, one in enumerate(found)}
    rank = {at: number for number, at in enumerate(order)}
    chosen: dict[int, None] = {}
    for at in order:
        wholes = [places[key] for key in found[at].wholes if key in places]
        added = [at, *sorted(wholes, key=lambda whole: rank[whole])[:1]]
        if len(chosen.keys() | set(added)) > MAX_READ:
            break
        chosen |= dict.fromkeys(added)
    return list(chosen)


def _is_distinctive(term: str, known: Vocabulary, everywhere: AllTickets) -> bool:
    """Say whether a topic's tickets have a word of a term much more often than others."""
    most = max(everywhere.distinction(word, known) for word in fold(term).split())
    return most >= MIN_DISTINCTION


def _read(
    candidates: Sequence[Candidate], rows: FloatArray, meanings: Meanings
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Return how near phrases are to their topic by a model, and whether that is near enough.

    Minus infinity for a phrase that says less of the matter than what it was cut out of.
    """
    made = unit(meanings.encode([one.text for one in candidates]))
    owners = [one.owners for one in candidates]
    near = meanings.to_default(nearness(rows, made, owners))
    cosines = meanings.to_default(made @ rows.T)
    shares = np.array(covered(cosines, owners, COVERING))
    for one, row in zip(candidates, cosines, strict=True):
        others = np.delete(row, one.owners[:1])
        one.typical = float(np.median(others)) if len(others) else 1.0
    if len(rows) >= VERY_MANY_TICKETS:
        is_near = near >= MIN_NEAR_OF_MANY
    else:
        is_near = (near >= MIN_NEAR) & (shares >= MIN_COVERED)
    near = near - GENERAL * (made @ meanings.mean)
    return np.where(_keeps_matter(candidates, near), near, -np.inf).astype(np.float32), is_near


def _keeps_matter(found: Sequence[Candidate], near: FloatArray) -> NDArray[np.bool_]:
    """Say which phrases are nearly as near to the tickets as what they were cut out of."""
    known = {one.key: value for one, value in zip(found, near.tolist(), strict=True)}
    least = [
        max(
            known.get(key, 0.0) * (MIN_KEPT_OF_DETAILS if is_detail else MIN_KEPT)
            for key, is_detail in {**one.wholes, one.key: False}.items()
        )
        for one in found
    ]
    return np.asarray(near >= least)


def _worth(one: Candidate, known: Vocabulary) -> float:
    """Return how well a phrase names many tickets."""
    said = 1 + REPEATED * math.log(one.forms.total())
    made = 1.0 if one.phrase.whole is None else MADE
    return one.phrase.worth * readability(one.words, known) * said * made


def _uncontradicted(
    scored: Sequence[tuple[float, Candidate]], known: Vocabulary, everywhere: AllTickets
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


def _named(one: Candidate, known: Vocabulary) -> str | None:
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
