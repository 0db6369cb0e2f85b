"""Words that are opposites by their beginnings: "follow", "unfollow"; "einblenden", "ausblenden".

Only between texts that are otherwise alike: "ein" and "aus" begin many words.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import product

# Without its beginning a word has at least so many letters, and so many of them may be an ending.
MIN_STEM, MIN_PLAIN_STEM, MAX_ENDING = 3, 4, 2

# More differing words than these are other texts.
MAX_DIFFERING = 12

# Each beginning and those that turn it round; "-" is none, as in "known" and "unknown".
_PAIRS = """
un/- dis/- de/- des/- in/- im/- ir/- ent/- en/de be/ent ver/ent auf/ent zu/ent
ein/aus an/ab an/aus auf/zu auf/ab hoch/runter hoch/herunter rauf/runter herauf/herunter
hinauf/hinunter rein/raus herein/heraus hinein/hinaus vor/nach ober/unter
in/out up/down on/off over/under in/ex pre/post inter/exter sobre/sub
"""
_AGAINST: dict[str, set[str]] = {}
for _pair in _PAIRS.split():
    _one, _other = (side.strip("-") for side in _pair.split("/"))
    _AGAINST.setdefault(_one, set()).add(_other)
    _AGAINST.setdefault(_other, set()).add(_one)
MAX_BEGINNING = max(map(len, _AGAINST))

# Words whose beginnings are kept in memory.
MAX_KEPT = 50_000


def opposite_words(
    ours: frozenset[str], theirs: frozenset[str]
) -> tuple[tuple[str], tuple[str]] | None:
    """Return two words, each of one text alone, of which one is the other turned round."""
    only_ours, only_theirs = ours - theirs, theirs - ours
    if max(len(only_ours), len(only_theirs)) > MAX_DIFFERING:
        return None
    pairs = product(sorted(only_ours), sorted(only_theirs))
    return next((((one,), (other,)) for one, other in pairs if _are_opposite(one, other)), None)


def _are_opposite(one: str, other: str) -> bool:
    beginnings, others = _beginnings(one), _beginnings(other)
    if len(beginnings) == len(others) == 1:  # in most pairs neither has any but the empty one
        return False
    return any(
        _is_one_stem(one[len(beginning) :], other[len(opposite) :], bool(beginning and opposite))
        for beginning in beginnings
        for opposite in others
        if opposite in _AGAINST[beginning]
    )


@lru_cache(MAX_KEPT)
def _beginnings(word: str) -> tuple[str, ...]:
    """Return the beginnings of a word that are listed in `_PAIRS`, the empty one first."""
    return tuple(
        word[:length]
        for length in range(min(MAX_BEGINNING, len(word)) + 1)
        if word[:length] in _AGAINST
    )


def _is_one_stem(one: str, other: str, have_both: bool) -> bool:
    shorter = min(len(one), len(other))
    least = MIN_STEM if have_both else MIN_PLAIN_STEM
    if shorter < least or abs(len(one) - len(other)) > MAX_ENDING:
        return False
    length = max(least, shorter - MAX_ENDING)
    return one[:length] == other[:length]
