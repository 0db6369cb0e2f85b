"""Opposites: where two texts of the same words say the reverse of each other.

They deny what the other says ("not", "without"), want the contrary ("enable", "disable"), or go
the other way ("log in", "log out"; "from Mac to Windows", "from Windows to Mac"). Words are folded
(`terms.fold`), English, German and Spanish. States are compared with states alone: "my account is
locked" does not contradict "please unlock my account".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from services.text.function_words import LANGUAGES, NEUTRAL
from services.text.word_lists import read_lists, word_alternatives, words

# The share of the other words that two texts must have in common for opposites to matter.
MIN_OVERLAP = 0.6

# How many words after "to" say where to.
MAX_GOAL = 3

# Words looked up are kept, up to this number.
MAX_KNOWN = 50_000

_TABLES = read_lists("opposites.toml")
_NEGATIONS = words(_TABLES["negations"])

_STATE = re.compile(r"\w+(?:ed|[ai]d[oa]s?|iert)|\w{0,6}ge\w+(?:t|en)|hidden|verbunden")

# "Turn on", "turn off", "turn up": where each text has one that the other lacks.
_PARTICLES = frozenset(
    {"off", "up", "down", "out", "away", "aus", "hoch", "runter", "raus", "rein", "ab"}
)
# "On", "in" and "an" are said everywhere, and count against these alone.
_AGAINST = {
    "on": frozenset({"off", "up", "down"}),
    "in": frozenset({"out"}),
    "an": frozenset({"aus", "ab"}),
}

# "to my account", but not "to open": only what follows tells a way from an infinitive.
_TO = re.compile(
    r"\b(?:in)?to (?=(?:my|the|a|an|your|our|his|her|their|this|that|another|any|all)\b)"
)
# Each with the words that a text must have one each of.
_ROUTES = tuple(
    (
        frozenset(start.split("|")),
        frozenset(end.split("|")),
        re.compile(rf"\b(?:{start})\b([^.!?\n]{{1,60}}?)\b(?:{end})\b([^.!?,\n]{{1,60}})"),
    )
    for start, end in (
        ("from", "to|into|onto"),
        ("von|vom|aus", "nach|auf|zu|zum|zur|in|ins"),
        ("de|del|desde", "a|al|hacia|hasta"),
    )
)
_WORD = re.compile(r"[^\W_]+")
_NEUTRAL = frozenset().union(*(NEUTRAL[language] for language in LANGUAGES))

Sides = tuple[tuple[str, ...], tuple[str, ...]]


class Pole(NamedTuple):
    """A word with an opposite: the number of its pair, its side, and whether it is a state."""

    pair: int
    side: int
    is_state: bool
    word: str


@dataclass(frozen=True)
class Senses:
    """What in a text has an opposite.

    - `negations`: its denials
    - `contrary`, `ways`: the words that want something, and those that go somewhere
    - `particles`: "on", "off", "up"
    - `origin`, `goal`: the words after "from" and "to", where a text has both
    - `words`: all its words
    """

    negations: frozenset[str]
    contrary: frozenset[Pole]
    ways: frozenset[Pole]
    particles: frozenset[str]
    origin: frozenset[str]
    goal: frozenset[str]
    words: frozenset[str]

    @cached_property
    def content(self) -> frozenset[str]:
        """The words that are no function words."""
        return self.words - _NEUTRAL


def senses(folded: str, words: frozenset[str]) -> Senses:
    """Return what in a text has an opposite; `words` are the terms of the folded text."""
    origin, goal = _route(folded, words)
    has_goal = not words.isdisjoint(("to", "into")) and _TO.search(folded) is not None
    directed = words | {"to+"} if has_goal else words
    return Senses(
        negations=words & _NEGATIONS,
        contrary=_CONTRARY.find(words),
        ways=_WAYS.find(directed),
        particles=words & _PARTICLES.union(_AGAINST),
        origin=origin - goal,
        goal=goal - origin,
        words=words,
    )


def find_denial(ours: Senses, theirs: Senses) -> Sides | None:
    """Return the words by which one text denies the other or wants the contrary; None for none."""
    found = _opposed(ours.contrary, theirs.contrary)
    if found is None and bool(ours.negations) != bool(theirs.negations):
        found = tuple(sorted(ours.negations)), tuple(sorted(theirs.negations))
    return found if _say_alike(ours.words, theirs.words, found) else None


def find_reversal(ours: Senses, theirs: Senses) -> Sides | None:
    """Return the words by which one text goes the other way than the other; None for none."""
    if ours.origin & theirs.goal and ours.goal & theirs.origin:
        return _route_words(ours), _route_words(theirs)
    found = _opposed(ours.ways, theirs.ways) or _other_particles(ours.particles, theirs.particles)
    # "Turn on my light" and "turn the light off" have few words in common but those that count.
    return found if found and _say_alike(ours.content, theirs.content, found) else None


@dataclass(frozen=True)
class _Poles:
    """A pattern of all listed words, the pair and side of its groups, and words looked up."""

    pattern: re.Pattern[str]
    places: Mapping[str, tuple[int, int]]
    known: dict[str, Pole | None] = field(default_factory=dict)
    plain: set[str] = field(default_factory=set)

    @classmethod
    def read(cls, table: str) -> _Poles:
        """Return the pairs of opposites of a table of `opposites.toml`."""
        groups, places = [], {}
        for pair, sides in enumerate(_TABLES[table]):
            for side, name in enumerate(("one", "other")):
                group = f"p{pair}_{side}"
                groups.append(f"(?P<{group}>{word_alternatives(sides[name])})")
                places[group] = pair, side
        return cls(re.compile("|".join(groups)), places)

    def find(self, words: frozenset[str]) -> frozenset[Pole]:
        """Return those of the words that are listed."""
        # Nearly all words have no opposite, and a difference of sets takes no time.
        others = words.difference(self.plain)
        return frozenset(pole for word in others if (pole := self._pole(word)) is not None)

    def _pole(self, word: str) -> Pole | None:
        if word not in self.known:
            match = self.pattern.fullmatch(word)
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


_CONTRARY, _WAYS = _Poles.read("contrary"), _Poles.read("ways")


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
    return (one, other) if one and other else None


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
    one, other = ours - aside, theirs - aside
    return len(one & other) >= MIN_OVERLAP * max(len(one | other), 1)


def _route(folded: str, words: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
    for starts, ends, pattern in _ROUTES:
        if words.isdisjoint(starts) or words.isdisjoint(ends):
            continue
        match = pattern.search(folded)
        if match is not None:
            origin, goal = (
                [word for word in _WORD.findall(part) if word not in _NEUTRAL]
                for part in match.groups()
            )
            return frozenset(origin), frozenset(goal[:MAX_GOAL])
    return frozenset(), frozenset()


def _route_words(senses_of: Senses) -> tuple[str, ...]:
    return (*sorted(senses_of.origin), *sorted(senses_of.goal))
