"""Slots: where two requests of the same words differ in whom or what they are about.

"Reset the password of Anna Meyer" and "… of Tom Baker" are two tasks. Such a slot shows where a
text has other words in the place of the other's: after a preposition, a form of address or a verb
of giving; with capitals amid a sentence; or with words that are rare in the team's tickets, as
names and places are. Synonyms seldom look so: of the pairs of public sets that were otherwise
called duplicates this rules out 1 to 7 in a hundred right ones (benchmarks/README.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise

from services.judgement.normalised_text import stem_of, without_courtesies
from services.text.comparing.terms import Lexicon
from services.text.words.folding import fold
from services.text.words.function_words import DECIDING, NEUTRAL, Language, language_of

# A term is rare in at most so many tickets, or in this share of them.
MAX_RARE, MAX_RARE_SHARE = 2, 0.002

# Longer texts are compared by their beginnings: alignment takes the product of the lengths.
MAX_WORDS = 300

# Where more words than this have capitals, capitals say nothing: titles, shouting.
MAX_CAPITAL_SHARE = 0.6

# What stands before a slot, English, German and Spanish.
_BEFORE_SLOTS = """
    of for to from in into at by with on about under via between against named called
    user username account customer client employee colleague mr mrs ms dr
    give gives grant add remove invite onboard offboard let
    von vom fur an am zu zum zur in im ins bei beim mit auf aus uber um namens
    benutzer nutzer konto kunde kundin kunden mitarbeiter mitarbeiterin kollege kollegin kollegen
    herr herrn frau gib gebt
    de del para a al en con por desde hacia sobre llamado llamada
    usuario usuaria cuenta cliente empleado empleada companero companera sr sra don dona senor
    senora dale da agrega anade
"""
_MARKERS = frozenset(_BEFORE_SLOTS.split())
_WORD = re.compile(r"[^\W_]+(?:[._@'’`´][^\W_]+)*")
# "Isn't", "I'd"; names with an apostrophe have a capital after it.
_SHORT_FORM = re.compile(r"[^\W_]+['’`´][a-z]{1,2}")
_SENTENCE_END = re.compile(r"[.!?:\n¿¡\"“„(]")
# What a message says where Slack's mention of a person was taken out: "reset the password of".
_DANGLING = re.compile(
    r"\b(?:of|for|from|with|by|named|user|fur|von|mit|bei|namens|de|para|con|por|usuario)\s*"
    r"(?=[.,;!\n]|$)"
)
_QUESTION = re.compile(r"\?|\b(?:what|who|which|where|how|was|wer|wo|que|quien|donde)\b")


@dataclass(frozen=True)
class _Word:
    """A word of a text: folded, its stem, and whether it has a capital amid a sentence."""

    folded: str
    stem: str
    has_capital: bool


def differ_in_slot(ours: str, theirs: str, lexicon: Lexicon) -> bool:
    """Say whether two texts are about different persons, places or things in the same words.

    `lexicon` is that of the corpus, with the frequencies of the words of both.
    """
    one, other = _read_pair(ours, theirs)
    language = language_of([word.folded for word in (*one, *other)])
    return any(
        _is_slot(mine, yours, lexicon) for mine, yours in _replacements(one, other, language)
    )


def lacks_slot(text: str) -> bool:
    """Say whether a person was named who is not in the text any more: "reset the password of"."""
    folded = fold(without_courtesies(text))
    return _DANGLING.search(folded) is not None and _QUESTION.search(folded) is None


@dataclass(frozen=True)
class _Filling:
    """The words of one text in the place of others, and the word before them (empty: the start)."""

    words: Sequence[_Word]
    before: str


def _is_slot(ours: _Filling, theirs: _Filling, lexicon: Lexicon) -> bool:
    both = (ours, theirs)
    return (
        all(one.before in _MARKERS for one in both)
        or all(any(word.has_capital for word in one.words) for one in both)
        or all(any(_is_rare(word.folded, lexicon) for word in one.words) for one in both)
    )


def _is_rare(word: str, lexicon: Lexicon) -> bool:
    return lexicon.frequencies.get(word, 0) <= max(MAX_RARE, MAX_RARE_SHARE * lexicon.documents)


def _replacements(
    ours: Sequence[_Word], theirs: Sequence[_Word], language: Language
) -> Iterator[tuple[_Filling, _Filling]]:
    """Yield what each text has in the place of words of the other, where both say something."""
    one, other = [word.stem for word in ours], [word.stem for word in theirs]
    said = set(one), set(other)
    for kind, start, end, at, until in SequenceMatcher(None, one, other, False).get_opcodes():
        if kind == "replace":
            mine = _filling(ours, start, end, said[1], language)
            yours = _filling(theirs, at, until, said[0], language)
            if mine.words and yours.words:
                yield mine, yours


def _filling(
    words: Sequence[_Word], start: int, end: int, known: set[str], language: Language
) -> _Filling:
    """Return the words of a place that say something and are not in the other text, `known`."""
    empty = NEUTRAL[language] | DECIDING[language]
    own = [word for word in words[start:end] if word.folded not in empty and word.stem not in known]
    at = words.index(own[0]) if own else start
    before = [word.folded for word in words[:at]]
    while before and before[-1] in empty and before[-1] not in _MARKERS:
        before.pop()
    return _Filling(own, before[-1] if before else "")


def _read_pair(ours: str, theirs: str) -> tuple[list[_Word], list[_Word]]:
    both = [[*_tokens(without_courtesies(text))][:MAX_WORDS] for text in (ours, theirs)]
    language = language_of(fold(word) for tokens in both for word, _ in tokens)
    one, other = (_read(tokens, language) for tokens in both)
    return one, other


def _read(tokens: Sequence[tuple[str, bool]], language: Language) -> list[_Word]:
    capitals = sum(word[:1].isupper() for word, _ in tokens)
    is_plain = capitals <= MAX_CAPITAL_SHARE * max(len(tokens), 1)
    return [
        _Word(
            fold(word),
            stem_of(fold(word), language),
            word[:1].isupper() and is_plain and not starts_sentence,
        )
        for word, starts_sentence in tokens
    ]


def _tokens(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the words of a text, and whether each starts a sentence."""
    matches = [one for one in _WORD.finditer(text) if not _SHORT_FORM.fullmatch(one.group())]
    if matches:
        yield matches[0].group(), True
    for last, match in pairwise(matches):
        between = text[last.end() : match.start()]
        yield match.group(), _SENTENCE_END.search(between) is not None
