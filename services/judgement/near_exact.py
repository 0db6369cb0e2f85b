"""Near-exact: two tickets that are one said twice.

Similar is not the same: in every language model "the client crashed the server" and "the server
crashed the client" are nearly one vector, and so are two bug reports of one template. Near-exact
are two tickets whose content words are the same in the same order, with the same figures, signs and
denials (`normalised_text`). What may differ is listed, and all else forbids.

How often it is right on the public sets: `python -m benchmarks cold`.
"""

from __future__ import annotations

from collections.abc import Sequence

from models.items import ItemKind
from services.judgement.normalised_text import (
    MOVABLE,
    SIGN,
    NormalisedText,
    normalise_pair,
    say_enough,
)
from services.text.comparing.identifiers import contradictions, identifiers
from services.text.comparing.terms import has_digit, terms
from services.text.words.folding import fold
from services.text.words.function_words import DECIDING, LANGUAGES

# Cosines of all-MiniLM-L6-v2. With the same words said, less than this is another kind of sentence:
# an order instead of a question, or words in another sense.
MIN_SIMILARITY = 0.85
# So alike a text with one word more is only where that word adds nothing: "the minimum age", "get
# spread". Words that matter ("admin users", "foreign fees", "not") cost more.
ONE_MORE_SIMILARITY = 0.97

# In a longer text one word is too little of it to show in the cosine.
MAX_ONE_MORE_LENGTH = 12

# Shorter ones tell plans, types and grades apart: "plan B", "type II".
MIN_ONE_MORE_LENGTH = 3

# One of these more is another thing said, however alike.
_DECIDING = MOVABLE.union(*(DECIDING[language] for language in LANGUAGES))


def is_near_exact(ours: str, theirs: str, similarity: float, kind: ItemKind = "ticket") -> bool:
    """Say whether two texts are one ticket, or one product, said twice.

    `similarity` is their raw cosine, of the best chunk pair. Products are one only where all words
    are the same: one letter more is another model, and what a name leaves out is another edition.
    """
    if similarity < MIN_SIMILARITY:
        return False
    if kind == "product":
        return _is_spelled_alike(ours, theirs)
    one, other = normalise_pair(ours, theirs)
    return say_the_same(one, other, similarity) and (
        _is_equal(one, other) or not contradictions(identifiers(ours), identifiers(theirs))
    )


def say_the_same(one: NormalisedText, other: NormalisedText, similarity: float) -> bool:
    """Say whether two tickets have the same words at a raw cosine, or nearly.

    With one word more they may still contradict each other by it.
    """
    return (
        similarity >= MIN_SIMILARITY
        and say_enough(one, other)
        and one.signs == other.signs
        and not swap_roles(one, other)
        and (
            _is_equal(one, other)
            or (similarity >= ONE_MORE_SIMILARITY and _is_one_more(one.words, other.words))
        )
    )


def swap_roles(one: NormalisedText, other: NormalisedText) -> bool:
    """Say whether "I" and "you" change places: "can I call you", "can you call me"."""
    both = {1, 2}
    return set(one.persons) == set(other.persons) == both and one.persons != other.persons


def _is_spelled_alike(ours: str, theirs: str) -> bool:
    one, other = (
        NormalisedText(tuple(terms(text)), (), (), tuple(SIGN.findall(fold(text))), ())
        for text in (ours, theirs)
    )
    return bool(one.words) and one.signs == other.signs and one.spelled == other.spelled


def _is_equal(one: NormalisedText, other: NormalisedText) -> bool:
    if one.spelled == other.spelled:
        return True
    return one.unmoved == other.unmoved and sorted(one.words) == sorted(other.words)


def _is_one_more(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    """Say whether the one has one word more than the other, and it is one that may differ."""
    fewer, more = sorted((ours, theirs), key=len)
    if len(more) != len(fewer) + 1 or len(more) > MAX_ONE_MORE_LENGTH:
        return False
    at = next(
        (n for n, (mine, yours) in enumerate(zip(fewer, more, strict=False)) if mine != yours),
        len(fewer),
    )
    extra = more[at]
    return (
        more[at + 1 :] == fewer[at:]
        and len(extra) >= MIN_ONE_MORE_LENGTH
        and extra not in _DECIDING
        and not has_digit(extra)
    )
