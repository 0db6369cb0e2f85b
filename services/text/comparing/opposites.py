"""Opposites: where two texts of the same words say the reverse of each other.

They deny what the other says ("not", "without"), want or find the contrary ("enable", "disable";
"too hot", "too cold"), go the other way ("log in", "log out"), or have two things change places
(`reversals`). Words are folded (`folding.fold`), English, German and Spanish. States are compared
with states alone: "my account is locked" does not contradict "please unlock my account".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from services.text.comparing.opposite_prefixes import opposite_words
from services.text.comparing.reversals import NEGATIONS, Move, Sides, find_exchange, find_moves
from services.text.words.function_words import ALL_NEUTRAL
from services.text.words.word_lists import read_lists, word_alternatives

# The share of the other words that two texts must have in common for opposites to matter.
MIN_OVERLAP = 0.6

# Opposites are so many words at most; with more, texts need not be compared.
MAX_ASIDE = 8

# Words looked up are kept, up to this number.
MAX_KNOWN = 50_000

# No listed word has fewer letters.
MIN_LISTED = 3

_TABLES = read_lists("opposites.toml", "services.text.comparing")

_STATE = re.compile(r"(?!demasiad)\w+(?:ed|[ai]d[oa]s?|iert)|\w{0,6}ge\w+(?:t|en)|hidden|verbunden")

# "Turn on", "turn off", "turn up": where each text has one that the other lacks.
_PARTICLES = frozenset(
    {"off", "up", "down", "out", "away", "aus", "hoch", "runter", "raus", "rein", "ab"}
)
# "On", "in" and "an" are said everywhere, and count against these alone; "ein", "auf" and "zu"
# count at the end of a clause, where they are part of the verb.
_AGAINST = {
    "on": frozenset({"off", "up", "down"}),
    "in": frozenset({"out"}),
    "an": frozenset({"aus", "ab"}),
    "ein+": frozenset({"aus", "ab"}),
    "auf+": frozenset({"zu+"}),
    "zu+": frozenset({"auf+"}),
}
_CLAUSE_END = r"(?=\s*(?:$|[.,;:!?)\n]|(?:und|oder|aber|wenn|weil|obwohl|sobald)\b))"

# What is read as one more word, by a word that it contains.
_PHRASES = {
    "ein+": ("ein", re.compile(rf"\bein{_CLAUSE_END}")),
    "auf+": ("auf", re.compile(rf"\bauf{_CLAUSE_END}")),
    "zu+": ("zu", re.compile(rf"\bzu{_CLAUSE_END}")),
    # "To my account", but not "to open": only what follows tells a way from an infinitive.
    "to+": (
        "to",
        re.compile(r"\bto (?=(?:my|the|a|an|your|our|his|her|their|this|that|another|any|all)\b)"),
    ),
    # "I can't send", but not "send me a card": who is sent it receives it.
    "send+": ("send", re.compile(r"\b(?:i|we|to|can|cant|cannot|not|dont) send\b")),
    "login": ("sesion", re.compile(r"\b(?:inici\w+|abrir|abro) (?:la |mi |una )?sesion\b")),
    "logout": ("sesion", re.compile(r"\b(?:cerrar|cierr\w+|salir de) (?:la |mi |una )?sesion\b")),
}


class Pole(NamedTuple):
    """A word with an opposite: the number of its pair, its side, and whether it is a state."""

    pair: int
    side: int
    is_state: bool
    word: str


@dataclass(frozen=True)
class Senses:
    """What in a folded text has an opposite; `words` are all its terms.

    Found when it is asked for: most texts have too little in common for opposites to matter.
    """

    folded: str = field(repr=False)
    words: frozenset[str]

    @cached_property
    def negations(self) -> frozenset[str]:
        """The denials."""
        return self.words & NEGATIONS

    @cached_property
    def contrary(self) -> frozenset[Pole]:
        """The words that want or find something."""
        return _CONTRARY.find(self.words)

    @cached_property
    def ways(self) -> frozenset[Pole]:
        """The words that go somewhere."""
        return _WAYS.find(self._directed)

    @cached_property
    def particles(self) -> frozenset[str]:
        """Words such as "on", "off", "up"."""
        return self._directed & _PARTICLES.union(_AGAINST)

    @cached_property
    def moves(self) -> tuple[Move, ...]:
        """What comes first and what last, as in "from Mac to Windows"."""
        return find_moves(self.folded, self.words)

    @cached_property
    def content(self) -> frozenset[str]:
        """The words that are no function words."""
        return self.words - ALL_NEUTRAL

    @cached_property
    def undirected(self) -> frozenset[str]:
        """The words but for those that go somewhere."""
        return self.words - {pole.word for pole in self.ways}

    @cached_property
    def _directed(self) -> frozenset[str]:
        return self.words.union(
            name
            for name, (word, pattern) in _PHRASES.items()
            if word in self.words and pattern.search(self.folded)
        )


def find_denial(ours: Senses, theirs: Senses) -> Sides | None:
    """Return the words by which one text denies the other or says the contrary; None for none."""
    if not _have_much_in_common(ours.words, theirs.words, MAX_ASIDE):
        return None
    found = _opposed(ours.contrary, theirs.contrary)
    if found is None and bool(ours.negations) != bool(theirs.negations):
        found = tuple(sorted(ours.negations)), tuple(sorted(theirs.negations))
    if found is None and _have_much_in_common(ours.words, theirs.words, 2):
        found = opposite_words(ours.undirected, theirs.undirected)
    return found if _say_alike(ours.words, theirs.words, found) else None


def find_reversal(ours: Senses, theirs: Senses) -> Sides | None:
    """Return the words by which one text goes the other way than the other; None for none."""
    are_alike = _have_much_in_common(ours.content, theirs.content, MAX_ASIDE)
    moves = theirs.moves if ours.moves else ()
    if (exchanged := find_exchange(ours.moves, moves, are_alike)) is not None:
        return exchanged
    if not are_alike:
        return None
    found = _opposed(ours.ways, theirs.ways) or _other_particles(ours.particles, theirs.particles)
    # "Turn on my light" and "turn the light off" have few words in common but those that count.
    return found if found and _say_alike(ours.content, theirs.content, found) else None


@dataclass(frozen=True)
class _Poles:
    """A pattern of all listed words, the pair and side of its groups, and words looked up.

    `beginnings` are the first letters of the words, `MIN_LISTED` of each.
    """

    pattern: re.Pattern[str]
    beginnings: frozenset[str]
    places: Mapping[str, tuple[int, int]]
    known: dict[str, Pole | None] = field(default_factory=dict)
    plain: set[str] = field(default_factory=set)

    @classmethod
    def read(cls, table: str, first: int = 0) -> _Poles:
        """Return the pairs of opposites of a table of `opposites.toml`, counted from `first`."""
        groups, places = [], {}
        beginnings: set[str] = set()
        for pair, sides in enumerate(_TABLES[table], start=first):
            for side, name in enumerate(("one", "other")):
                group = f"p{pair}_{side}"
                groups.append(f"(?P<{group}>{word_alternatives(sides[name])})")
                places[group] = pair, side
                beginnings.update(word[:MIN_LISTED] for word in sides[name].split())
        return cls(re.compile("|".join(groups)), frozenset(beginnings), places)

    def find(self, words: frozenset[str]) -> frozenset[Pole]:
        """Return those of the words that are listed."""
        # Nearly all words have no opposite, and a difference of sets takes no time.
        others = words.difference(self.plain)
        return frozenset(pole for word in others if (pole := self._pole(word)) is not None)

    def _pole(self, word: str) -> Pole | None:
        if word not in self.known:
            may_be = word[:MIN_LISTED] in self.beginnings  # hardly any word: the pattern is long
            match = self.pattern.fullmatch(word) if may_be else None
            if len(self.known) >= MAX_KNOWN:
                self.known.clear()
                self.plain.clear()
            self.known[word] = None
            if match is None:
                self.plain.add(word)
            else:
                pair, side = self.places[str(match.lastgroup)]
                is_state = _STATE.fullmatch(word) is not None
                self.known[word] = Pole(pair, side, is_state, word.rstrip("+"))
        return self.known[word]


# No pair of one table has the number of a pair of the other.
_CONTRARY = _Poles.read("contrary")
_WAYS = _Poles.read("ways", first=len(_TABLES["contrary"]))


def _opposed(ours: frozenset[Pole], theirs: frozenset[Pole]) -> Sides | None:
    """Return the words of a pair of which each text has another side, and that side alone."""
    for pair, is_state in sorted({(one.pair, one.is_state) for one in ours | theirs}):
        one, other = (
            sorted(pole for pole in poles if (pole.pair, pole.is_state) == (pair, is_state))
            for poles in (ours, theirs)
        )
        sides = [{pole.side for pole in poles} for poles in (one, other)]
        if len(sides[0]) == len(sides[1]) == 1 and sides[0] != sides[1]:
            return tuple(pole.word for pole in one), tuple(pole.word for pole in other)
    return None


def _other_particles(ours: frozenset[str], theirs: frozenset[str]) -> Sides | None:
    only_ours, only_theirs = ours - theirs, theirs - ours
    one = tuple(sorted(word for word in only_ours if only_theirs & _against(word)))
    other = tuple(sorted(word for word in only_theirs if only_ours & _against(word)))
    # A mark of a phrase is no part of the word.
    plain = (tuple(word.rstrip("+") for word in side) for side in (one, other))
    return (next(plain), next(plain)) if one and other else None


def _against(particle: str) -> frozenset[str]:
    if particle in _AGAINST:
        return _AGAINST[particle]
    common = {word for word, others in _AGAINST.items() if particle in others}
    return (_PARTICLES - {particle}) | common


def _say_alike(ours: frozenset[str], theirs: frozenset[str], sides: Sides | None) -> bool:
    """Say whether the words but the opposites are alike enough for those to matter."""
    if sides is None:
        return False
    aside = {word for side in sides for word in side}
    return _have_much_in_common(ours - aside, theirs - aside, 0)


def _have_much_in_common(ours: frozenset[str], theirs: frozenset[str], aside: int) -> bool:
    """Say whether texts are alike enough for opposites to matter, `aside` of their words apart."""
    common = len(ours & theirs)
    return common >= MIN_OVERLAP * max(len(ours) + len(theirs) - common - aside, 1)
