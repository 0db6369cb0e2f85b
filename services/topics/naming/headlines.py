"""Headlines: the names of topics that a person would read aloud.

A headline is a question, a sentence, a clause or a noun phrase as somebody wrote it ("Why was my
card declined?", "password reset mail never arrives"): the one that is nearest in meaning to all
tickets of the topic and reads well. Where others ask for the contrary, both are said ("turn the
lights on / off"). Where no phrase is near the tickets, or the nearest has details of one, things
that they share make the name ("invoice PDF: VAT number", "Hub 2: various").
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from services.text.words.folding import fold
from services.text.words.function_words import Language
from services.topics.grouping.knn_graph import unit
from services.topics.naming.candidates import NameCandidate, find_candidates
from services.topics.naming.clauses import is_question
from services.topics.naming.contraries import is_contradicted, is_one_side, other_way
from services.topics.naming.coverage import (
    is_shapeless,
    is_weak,
    measure_fit,
    names_instead,
    things_to_name,
)
from services.topics.naming.distinctive_words import MIN_SUPPORT, TopicWords
from services.topics.naming.headline_words import ARTICLES
from services.topics.naming.nearness import (
    MANY_TICKETS,
    FloatArray,
    Meanings,
    WordVectors,
    covered,
    nearness,
)
from services.topics.naming.noun_phrases import NounPhrases
from services.topics.naming.readability import hushed, is_shouted, readability
from services.topics.naming.slots import Slots
from services.topics.naming.term_names import (
    MIN_COMMON_SHARE,
    name_of_terms,
    plain_name,
    share_a_thing,
    share_any_word,
)
from services.topics.naming.vocabulary import (
    UNMIXED,
    AllTickets,
    Vocabulary,
    share_of_language,
)

# Phrases that a model reads: those nearest by their words. And those of the best that are compared
# with tickets that may say the contrary.
MAX_READ, MAX_RANKED, MAX_FAR = 32, 24, 3
# A phrase that is less near to its topic says too little of it, and so does one that is not as near
# as this to so many of the other tickets. Without a model these say so much of its words.
MIN_NEAR, COVERING, MIN_COVERED, CONTAINED = 0.55, 0.4, 0.5, 0.7
# Of `MANY_TICKETS` a phrase that is so near to their centre is near enough.
MIN_NEAR_OF_MANY = 0.5
# How much a phrase gains that many tickets have.
REPEATED = 0.05
# What tickets share of a phrase is as near to them as the whole; below this share of its nearness
# it has lost what is the matter. Names and numbers make phrases near that have others.
MIN_KEPT, MIN_KEPT_OF_DETAILS = 0.97, 0.9
# What a phrase loses that is nobody's words.
MADE = 0.98
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


@dataclass(frozen=True)
class _Headlines:
    """The phrases that may name a topic: near ones, ones that say too little, and bare things.

    The best first. Beside a near name is its phrase; None beside one that says both of two sides.
    """

    near: Mapping[str, NameCandidate | None] = field(default_factory=dict)
    far: Sequence[str] = ()
    things: Sequence[str] = ()

    @property
    def best(self) -> NameCandidate | None:
        """The phrase of the best near name, if there is one."""
        return next(iter(self.near.values()), None)


def names_of_topic(
    words: TopicWords,
    terms: Sequence[str],
    everywhere: AllTickets,
    meanings: Meanings | None,
) -> Names:
    """Return the names that suit a topic; `terms` are those that set it apart."""
    known = Vocabulary.of(words, everywhere.language)
    usage = everywhere.usage(known.language)
    found, is_coherent = list[str](), True
    is_mixed = share_of_language(known.tickets, known.language) < UNMIXED
    is_chosen = is_mixed and words.spoken == known.language
    if known.is_understood or is_chosen:
        read = _headlines(words, known, everywhere, meanings)
        telling = [term for term in terms if everywhere.is_distinctive(term, known)]
        things, weak = list[str](), list[str | None]()
        if meanings is not None and words.rows is not None:
            shared = things_to_name(telling, read.things, known, everywhere)
            things = names_instead(read.near, shared, known, words.rows, meanings)
            if is_weak(read.best, known):  # what is shared says more
                weak = [name_of_terms(known, shared, usage)]
        made = [name_of_terms(known, some, usage) for some in (telling, terms)]
        far = read.far if meanings is not None or is_chosen else []
        # Shared words of a mixed topic are of no language, or of another one.
        ranked = [*things, *weak, *read.near, *([*far, *made] if is_mixed else [*made, *far])]
        found = list(dict.fromkeys(_as_heading(name, known) for name in ranked if name is not None))
        is_named = bool(read.near) and not (weak or is_shapeless(read.near, known))
        is_shared = bool(things) or share_a_thing(known, telling, usage)
        is_coherent = meanings is None or is_named or is_shared
    is_alone = len({one.text for one in words.tickets}) < MIN_SUPPORT
    is_said = bool(found) or share_any_word(known)
    return Names(found, known.language, is_alone or is_mixed or (is_coherent and is_said))


def _as_heading(name: str, known: Vocabulary) -> str:
    """Return a name with a capital, and with a question mark if it asks; none is shouted."""
    is_unmarked = name[-1].isalnum() and is_question(fold(name).split(), known.language)
    name += "?" * is_unmarked
    return known.as_heading(hushed(name, known) if is_shouted(name) else known.spelled(name))


def _headlines(
    words: TopicWords, known: Vocabulary, everywhere: AllTickets, meanings: Meanings | None
) -> _Headlines:
    """Return the phrases that may name a topic."""
    usage = everywhere.usage(known.language)
    slots = None if meanings is None else Slots(NounPhrases(known, usage))
    candidates = find_candidates(words, known, usage, slots)
    if not candidates:
        return _Headlines()
    near, says_much = _by_words(candidates, known, everywhere)
    things: list[str] = []
    if meanings is not None and words.rows is not None:
        worths = [one.phrase.worth for one in candidates]
        ranked = np.argsort(-near * worths, kind="stable").tolist()
        things = [candidates[at].text for at in ranked if candidates[at].is_thing]
        order = _to_read(candidates, ranked)
        candidates = [candidates[at] for at in order]
        near, is_near = _read(candidates, words.rows, meanings, known, everywhere)
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
    found = _uncontradicted(enough[:MAX_RANKED], known, everywhere)
    far = _uncontradicted(too_little[:MAX_FAR], known, everywhere)
    return _Headlines(found, list(far), things)


def _by_words(
    found: Sequence[NameCandidate], known: Vocabulary, everywhere: AllTickets
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Return how near phrases are to their topic by their words, and whether they say enough."""
    by_words = WordVectors(known, everywhere)
    owners = [one.owners for one in found]
    made = by_words.of([one.words for one in found])
    said = by_words.contained(made)
    for one, row in zip(found, said, strict=True):
        one.said = row
    shares = covered(said, owners, CONTAINED)
    return nearness(by_words.rows, made, owners), np.array(shares) >= MIN_COVERED


def _to_read(found: Sequence[NameCandidate], order: Sequence[int]) -> list[int]:
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


def _read(
    candidates: Sequence[NameCandidate],
    rows: FloatArray,
    meanings: Meanings,
    known: Vocabulary,
    everywhere: AllTickets,
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
        measure_fit(one, row, known, everywhere)
    if len(rows) >= MANY_TICKETS:
        is_near = near >= MIN_NEAR_OF_MANY
    else:
        is_near = (near >= MIN_NEAR) & (shares >= MIN_COVERED)
    near = near - meanings.generality(made)
    return np.where(_keeps_matter(candidates, near), near, -np.inf).astype(np.float32), is_near


def _keeps_matter(found: Sequence[NameCandidate], near: FloatArray) -> NDArray[np.bool_]:
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


def _worth(one: NameCandidate, known: Vocabulary) -> float:
    """Return how well a phrase names many tickets."""
    said = 1 + REPEATED * math.log(one.forms.total())
    made = 1.0 if one.phrase.whole is None else MADE
    return one.phrase.worth * readability(one.words, known) * said * made


def _uncontradicted(
    scored: Sequence[tuple[float, NameCandidate]], known: Vocabulary, everywhere: AllTickets
) -> dict[str, NameCandidate | None]:
    """Return the names that no tickets contradict, the best first, with their phrases.

    None for those that say both of two opposites.
    """
    usage = everywhere.usage(known.language)
    found: dict[str, tuple[float, NameCandidate | None]] = {}
    for score, one in scored:
        one.score = score
        key = one.phrase.key
        if is_contradicted(key, known, usage):
            continue
        if not is_one_side(key, known):
            if name := _named(one, known):
                found.setdefault(name, (score, one))
        elif both := _with_both(one.text, other_way(key, known)):
            found.setdefault(both, (score * NEARLY, None))
    order = sorted(found, key=lambda text: (-round(found[text][0], 5), len(text), text))
    return {text: found[text][1] for text in order}


def _named(one: NameCandidate, known: Vocabulary) -> str | None:
    """Return a phrase as a name: a thing that most tickets say something else of is "various".

    None for one of various things that few tickets have, or that begins as a part of one.
    """
    if not one.is_thing:
        return one.text
    if one.words[0] in known.functions - ARTICLES[known.language]:
        return None
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
