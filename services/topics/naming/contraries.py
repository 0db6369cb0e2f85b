"""Phrases that some tickets of a topic say and others say the contrary of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from services.text.comparing.opposites import Senses
from services.topics.naming.clauses import clauses_of
from services.topics.naming.headline_words import DIRECTIONS, FAILING, NEGATIONS, PLACE_QUESTIONS
from services.topics.naming.usage import Usage
from services.topics.naming.vocabulary import Vocabulary

# Of one of two opposites, this share of the tickets may say the other; and of a denial, which
# people word in many ways, this share need not deny.
MAX_CONTRARY_SHARE, MAX_UNDENIED_SHARE = 0.25, 0.6
# No name is what more tickets than this share say the contrary of.
MAX_CONTRADICTED = 0.34


def is_one_side(key: str, known: Vocabulary) -> bool:
    """Say whether a phrase is one of two opposites, or denies, and other tickets say the other."""
    words = frozenset(key.split()) - known.names
    denials = NEGATIONS[known.language]
    if not denials.isdisjoint(words):
        undenied = sum(one.words.isdisjoint(denials) for one in known.senses)
        return undenied > MAX_UNDENIED_SHARE * len(known.tickets)
    ours = _poles(Senses(key, words))
    contrary = 0
    for theirs in map(_poles, known.senses):
        contrary += any((pair, 1 - side) in theirs for pair, side in ours - theirs)
    return contrary > MAX_CONTRARY_SHARE * len(known.tickets) or bool(other_way(key, known))


def _poles(found: Senses) -> set[tuple[int, int]]:
    return {(one.pair, one.side) for one in found.contrary | found.ways}


def other_way(key: str, known: Vocabulary) -> dict[str, str]:
    """Return the directions in a phrase, where many tickets go the other way, with how these do."""
    found: dict[str, str] = {}
    # "Out" may be a part of a name.
    for word, side, other in _directions(frozenset(key.split()) - known.names):
        said = [other & one.words for one in known.senses if side.isdisjoint(one.words)]
        counts = Counter(one for some in said for one in some)
        if sum(map(bool, said)) > MAX_CONTRARY_SHARE * len(known.tickets):
            found[word] = min(counts, key=lambda one: (-counts[one], one))
    return found


def _directions(
    words: frozenset[str],
) -> Iterator[tuple[str, frozenset[str], frozenset[str]]]:
    """Yield the directions in a phrase: the word, those of its side, and those of the other."""
    for pair in DIRECTIONS:
        for side, other in (pair, pair[::-1]):
            if other.isdisjoint(words):
                yield from ((word, side, other) for word in sorted(side & words))


def is_contradicted(key: str, known: Vocabulary, usage: Usage) -> bool:
    """Say whether many tickets deny what a phrase says, or say what it denies.

    Who asks where something is denies nothing by not having it, and what fails is said in many
    ways.
    """
    words, failing = key.split(), FAILING[known.language]
    if words[0] in PLACE_QUESTIONS or not failing.isdisjoint(words):
        return False
    denials = NEGATIONS[known.language] | failing
    verbs = {known.stem(word) for word in words if word not in known.functions} & usage.verbs
    is_denied = not denials.isdisjoint(words)
    contrary = 0
    for ticket in known.tickets:
        clauses = ({token.key for token in clause} for clause in clauses_of(ticket))
        same = next((one for one in clauses if not verbs.isdisjoint(map(known.stem, one))), None)
        contrary += same is not None and denials.isdisjoint(same) == is_denied
    return contrary > MAX_CONTRADICTED * len(known.tickets)
