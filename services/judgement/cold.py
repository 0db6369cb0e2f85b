"""What is called a duplicate and what similar before a team has given verdicts.

A duplicate is what is said twice in the same words (`near_exact`), and what is very close in
meaning and says nothing different: no other figures, codes, versions, denials or directions
(`identifiers`), no other person or place (`slots`), no chore of another time (`chores`). With the
same picture in both (`same_pictures`), less closeness is enough, and with an error that a program
printed in both and that is called the same way (`services.text.stack_traces.traces`), none.

Similarities are cosines of all-MiniLM-L6-v2, less what all tickets of a team have in common.
Chosen on covidq, banking77, hwu64 and dstc11_banking: `python -m benchmarks cold`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Literal

from services.judgement.chores import are_of_other_times
from services.judgement.compared_items import ComparedItem
from services.judgement.features import PairFeatures
from services.judgement.near_exact import (
    MIN_SIMILARITY,
    is_near_exact,
    say_the_same,
    swap_roles,
)
from services.judgement.normalised_text import NormalisedText, normalise_pair, say_enough
from services.judgement.shown_similarity import SIMILAR_SIMILARITY
from services.judgement.slots import differ_in_slot, lacks_slot
from services.text.comparing.terms import Lexicon
from services.text.words.function_words import DATES
from services.text.words.patterns import SOMEBODY

# What two tickets of the same words may differ in: they contradict each other, are about other
# persons, places or things, or are a chore of two times.
Difference = Literal["contradiction", "slot", "time"]

# Tickets are long where `verbosity` (0 for one-liners, 1 for long ones) is this or more.
LONG = 0.5

# From this similarity on another wording says the same, in one-liners and in long tickets; long
# ones must have the same title, too, but for this share of its words.
CLOSE, CLOSE_LONG = 0.88, 0.95
MAX_TITLE_ONLY = 0.05
# With the same words in another order less is enough.
CLOSE_SAME_WORDS = 0.80

# Of longer texts, in distinct terms, only those are read closely, which takes long, that have most
# of their terms in common.
MAX_READ, MIN_COMMON = 20, 0.8

# Two things and what is between them.
MIN_EXCHANGED = 3

# Who does it, in the passive voice.
_AGENTS = frozenset({"by", "von", "durch", "por"})


@dataclass(frozen=True)
class ColdPair:
    """A query and a candidate for it; `cosine` is raw, the last two are those of their corpus."""

    query: ComparedItem
    other: ComparedItem
    features: PairFeatures
    cosine: float
    verbosity: float
    lexicon: Lexicon

    @property
    def is_duplicate(self) -> bool:
        """Whether the candidate is called a duplicate without verdicts."""
        if self.query.kind == "product":
            return self._is_one_product
        # Compared first because texts are cleaned only when they are read.
        closest = CLOSE_LONG if self.verbosity >= LONG else CLOSE_SAME_WORDS
        is_alike = self.cosine >= MIN_SIMILARITY or self._similarity >= closest
        says_the_same = is_alike and (self._has_same_words or self._is_close)
        says_the_same = says_the_same and self.difference is None
        return says_the_same or self.is_pictured or self.has_same_error

    @property
    def is_repeated(self) -> bool:
        """Whether the candidate says the same in the same words; this holds beside a cut, too."""
        if self.query.kind == "product":
            return self._is_one_product
        return self.cosine >= MIN_SIMILARITY and self._has_same_words and self.difference is None

    @property
    def is_pictured(self) -> bool:
        """Whether both show the same rare picture, and what they say of it is alike."""
        return (
            self.features.same_picture > 0
            and self.cosine >= SIMILAR_SIMILARITY
            and self.features.conflict == 0
            and self.difference is None
        )

    @property
    def has_same_error(self) -> bool:
        """Whether both show an error that is called the same way, and nothing contradicts it.

        Slots are those of the same words, and people say other words around an error.
        """
        return self.features.same_error == 1 and self.features.contradiction == 0

    @property
    def _similarity(self) -> float:
        """The similarity; at most the raw cosine, which it exceeds where tickets are few."""
        return min(self.features.similarity, self.cosine)

    @property
    def _is_one_product(self) -> bool:
        return self.cosine >= MIN_SIMILARITY and is_near_exact(
            self.query.text, self.other.text, self.cosine, "product"
        )

    @cached_property
    def _wordings(self) -> tuple[NormalisedText, NormalisedText]:
        return normalise_pair(self.query.text, self.other.text)

    @property
    def _has_same_words(self) -> bool:
        return self._may_have_same_words and say_the_same(*self._wordings, self.cosine)

    @property
    def _may_have_same_words(self) -> bool:
        one, other = self.query.term_counts.keys(), self.other.term_counts.keys()
        fewer = min(len(one), len(other))
        return fewer <= MAX_READ or len(one & other) >= MIN_COMMON * fewer

    @property
    def _is_close(self) -> bool:
        """Whether the two are so close in meaning that other words make no difference."""
        features, is_long = self.features, self.verbosity >= LONG
        if features.conflict > 0 or self._similarity < (
            CLOSE_LONG if is_long else CLOSE_SAME_WORDS
        ):
            return False
        one, other = self._wordings
        has_same_words = sorted(one.words) == sorted(other.words)
        if (
            not say_enough(one, other)
            or swap_roles(one, other)
            or (has_same_words and _exchange_places(one, other))
        ):
            return False
        if is_long:
            return features.title_only <= MAX_TITLE_ONLY
        if one.figures != other.figures or _differ(set(one.words), set(other.words), DATES):
            return False
        return self._similarity >= (CLOSE_SAME_WORDS if has_same_words else CLOSE)

    @property
    def difference(self) -> Difference | None:
        """In what the two differ, however alike they are."""
        ours, theirs = self.query.text, self.other.text
        if self.features.contradiction > 0:
            return "contradiction"
        if lacks_slot(ours) or lacks_slot(theirs) or differ_in_slot(ours, theirs, self.lexicon):
            return "slot"
        if SOMEBODY in self.query.body or SOMEBODY in self.other.body:
            return "slot"
        if are_of_other_times(_headline(self.query), _headline(self.other), self._gap):
            return "time"
        return None

    @property
    def _gap(self) -> timedelta | None:
        if self.query.created_at is None or self.other.created_at is None:
            return None
        return abs(self.query.created_at - self.other.created_at)


def _differ(ours: set[str], theirs: set[str], among: frozenset[str]) -> bool:
    """Say whether each text has words of a kind that the other lacks."""
    return bool(among & (ours - theirs)) and bool(among & (theirs - ours))


def _exchange_places(ours: NormalisedText, theirs: NormalisedText) -> bool:
    """Say whether two things change places around a third: "the client crashed the server".

    In "the server was crashed by the client" they do so, too, and all stays the same.
    """
    if len(_AGENTS.intersection(ours.whole)) != len(_AGENTS.intersection(theirs.whole)):
        return False
    one, other = list(ours.content), list(theirs.content)
    while one and other and one[0] == other[0]:
        one, other = one[1:], other[1:]
    while one and other and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    return len(one) >= MIN_EXCHANGED and len(one) == len(other) and _are_exchanged(one, other)


def _are_exchanged(one: Sequence[str], other: Sequence[str]) -> bool:
    """Say whether one text is `x m y` and the other `y m x`, `m` not being empty."""
    if one[0] not in other or other[0] not in one:
        return False
    size = len(one)
    first, last = size - other.index(one[0]), size - one.index(other[0])
    return (
        first + last < size
        and one[:first] == other[size - first :]
        and one[size - last :] == other[:last]
        and one[first : size - last] == other[last : size - first]
    )


def _headline(item: ComparedItem) -> str:
    return item.title or item.text.split("\n", 1)[0]
