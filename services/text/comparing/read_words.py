"""Whether what was read in two pictures is the same, as far as a reading can be trusted."""

from __future__ import annotations

from collections.abc import Collection
from difflib import SequenceMatcher

from services.text.comparing.identifiers import contradictions, identifiers
from services.text.comparing.terms import has_digit, terms

# With fewer words a reading says nothing of its picture.
MIN_WORDS = 4

# Shorter words are mostly guesses at icons and edges.
MIN_LETTERS = 4

# The share of the words that only one reading may have: those of a margin that was cut off.
MAX_ONE_SIDED = 0.25

# For each so many words one may be misread on both sides.
WORDS_AN_ERROR = 50

# `SequenceMatcher.ratio` of a word and its misreading: "server" and "sever" have .91, "online" and
# "offline" .77.
MIN_ALIKE = 0.8
# The share of a word that a cut leaves.
MIN_LEFT = 0.4

# A word with one of these more is another word, and no cut one: "connected", "disconnected".
_REVERSING = frozenset(
    {"un", "dis", "in", "im", "ir", "il", "de", "non", "mis", "re", "ent", "des"}
)

# Characters that are read for each other in codes.
_CONFUSED = str.maketrans("olisbz", "011582")


def says_enough(read: str) -> bool:
    """Say whether a reading has so many words that pictures can be compared by them."""
    return len(_words(read)) >= MIN_WORDS


def read_the_same(one: str, other: str) -> bool:
    """Say whether two readings are of one text, of which a margin may be cut off.

    Words may be misread a little, figures and codes may not.
    """
    ours, theirs = _words(one), _words(other)
    most = max(len(ours), len(theirs))
    only_ours, only_theirs = _unexplained(ours, theirs), _unexplained(theirs, ours)
    fewer, more = sorted((only_ours, only_theirs))
    return (
        min(len(ours), len(theirs)) >= MIN_WORDS
        and fewer <= most // WORDS_AN_ERROR
        and more <= most * MAX_ONE_SIDED
        and not contradictions(identifiers(one), identifiers(other))
    )


def _words(read: str) -> set[str]:
    return {word for term in terms(read) if (word := _normal(term))}


def _normal(term: str) -> str:
    """Return a word as readings have it in common; "" of one that is too short."""
    if has_digit(term):
        return term.translate(_CONFUSED)
    return term.replace("rn", "m") if len(term) >= MIN_LETTERS else ""


def _unexplained(words: Collection[str], others: Collection[str]) -> int:
    """Count the words that the other reading has in no form."""
    return sum(
        word not in others and not any(_is_misread(word, other) for other in others)
        for word in words
    )


def _is_misread(one: str, other: str) -> bool:
    if has_digit(one) or has_digit(other):
        return False
    part, whole = sorted((one, other), key=len)
    if whole.endswith(part) or whole.startswith(part):
        rest = whole.removesuffix(part)
        return rest not in _REVERSING and len(part) >= MIN_LEFT * len(whole)
    return SequenceMatcher(None, part, whole, autojunk=False).ratio() >= MIN_ALIKE
