"""The words and phrases of a text as they are written there, in any language.

Words that say nothing come from public lists; nothing here knows a grammar. Where a script has no
spaces, words are what is repeated.
"""

from __future__ import annotations

import math
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from services.text.terms import fold

# Words of a ticket that are read. What comes later is a log, or a thread.
MAX_READ = 120

# Vowel signs and the like are a part of their word, though `\w` has them not.
_MARKS = "".join(
    chr(code) for code in range(0x300, 0x3000) if unicodedata.category(chr(code))[0] == "M"
)
_LETTER = rf"[\w{_MARKS}]"
# What is written as one stays so: PS-LX350H, 2.4.1, C++, user@host; also what an apostrophe parts
# from one or two letters that follow ("doesn't"), and not from those before ("l'accès").
_WORD = re.compile(
    rf"{_LETTER}+(?:[.\-_/:#+@]{_LETTER}+|(?<=\w\w\w)['’]\w{{1,2}}(?!\w))*(?:\+\+|#)?"
)
# Between two words of one phrase stands nothing but this.
_JOINT = re.compile(r"[ \t'’\-/&]*")

_HAN, _KATAKANA, _HIRAGANA = (
    "\u3005\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff",
    "\u30a0-\u30ff",
    "\u3040-\u309f",
)
_SPACELESS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
_UNSPACED = re.compile(f"[{_HAN}{_KATAKANA}{_HIRAGANA}{_SPACELESS}]")
# Where the script changes, a word ends.
_SCRIPTS = re.compile(
    f"[{_HAN}]+|[{_KATAKANA}]+|[{_HIRAGANA}]+|[{_SPACELESS}]+"
    f"|[^{_HAN}{_KATAKANA}{_HIRAGANA}{_SPACELESS}]+"
)
_REPEATING = re.compile(f"[{_HAN}]+|[{_SPACELESS}]+")
# In Japanese these are endings and particles; what a sentence is about is in other characters.
_ENDINGS = re.compile(f"[{_HIRAGANA}]+")

# The key of a word that phrases pass over.
MASKED = ""

_NUMBER = re.compile(r"\d+")
_OPENING, _CLOSING = re.compile(r"(?<!\w)['\"“„‘«](?=\w)"), re.compile(r"(?<=\w)['\"”’“»](?!\w)")

# Of scripts without spaces: the characters of a word, and of a text that are searched for them.
MAX_WORD_LENGTH, MAX_SEARCHED = 8, 200


class Token(NamedTuple):
    """A word: how it is counted, and where it stands."""

    key: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class TokenisedText:
    """A text and its words, in runs that no punctuation cuts."""

    text: str
    runs: list[list[Token]]

    def words(self) -> set[str]:
        """Return its different words."""
        return {token.key for run in self.runs for token in run if token.key != MASKED}


class Span(NamedTuple):
    """A phrase: what it is counted by, where it stands, and whether it is cut out there.

    `begins` and `ends` say whether it does so there: where the sentence does, or beside a word that
    tells nothing. Not before one that ends the sentence: "card stopped (working)" goes on.
    """

    key: str
    start: int
    end: int
    begins: bool
    ends: bool


def repeated_substrings(texts: Iterable[str]) -> dict[str, int]:
    """Return what is said in two texts or more in scripts without spaces, and in how many."""
    counts: Counter[str] = Counter()
    for text in texts:
        runs = _REPEATING.findall(text[:MAX_SEARCHED])
        if runs:
            counts.update({
                run[start:end]
                for run in runs
                for start in range(len(run))
                for end in range(start + 2, min(start + MAX_WORD_LENGTH, len(run)) + 1)
            })  # fmt: skip
    return {piece: count for piece, count in counts.items() if count > 1}


def tokenise(text: str, known: Mapping[str, int]) -> TokenisedText:
    """Return the words of a text in order, the first `MAX_READ` of them.

    `known` is what is `repeated_substrings` where nothing parts words.
    """
    tokens: list[Token] = []
    for match in _WORD.finditer(text):
        if len(tokens) >= MAX_READ:
            break
        tokens += _tokens(match.group(), match.start(), known)
    runs: list[list[Token]] = [tokens[:1]] if tokens else []
    for before, token in pairwise(tokens):
        gap = text[before.end : token.start]
        if gap == " " or _JOINT.fullmatch(gap):
            runs[-1].append(token)
        else:
            runs.append([token])
    return TokenisedText(text, runs)


def _tokens(word: str, start: int, known: Mapping[str, int]) -> Iterator[Token]:
    """Return a word; of scripts without spaces its pieces, which stand side by side."""
    if word.isascii() or not _UNSPACED.search(word):
        yield Token(_key(word), start, start + len(word))
        return
    for run in _SCRIPTS.finditer(word):
        parts = _parted(run.group(), known) if _REPEATING.match(run.group()) else [run.group()]
        at = start + run.start()
        for part in parts:
            yield Token(fold(part), at, at + len(part))
            at += len(part)


@cache
def _key(word: str) -> str:
    return sys.intern(fold(word.replace("’", "'")))


def _parted(run: str, known: Mapping[str, int]) -> list[str]:
    """Return the pieces of a run: what is said most often, the longer the better.

    What is said once stays in one piece with its neighbours of the kind. A word that says nothing
    parts what is beside it.
    """
    stops = languages_of_stops()
    best: list[tuple[float, int]] = [(0.0, 0)]
    for end in range(1, len(run) + 1):
        ways = [(best[end - 1][0], -1)]
        for length in range(2, min(MAX_WORD_LENGTH, end) + 1):
            piece = run[end - length : end]
            count = max(known.get(piece, 1), 2 if piece in stops else 1)
            if count > 1:
                ways.append((best[end - length][0] + length * math.log(count), -length))
        gain, length = max(ways, key=lambda way: (round(way[0], 9), -way[1]))
        best.append((gain, -length))
    cut: list[str] = []
    end = len(run)
    while end:
        cut.append(run[end - best[end][1] : end])
        end -= best[end][1]
    parts: list[str] = []
    is_loose = False
    for piece in reversed(cut):
        is_mark = unicodedata.category(piece[0])[0] == "M"
        if parts and (is_mark or (is_loose and len(piece) == 1 and piece not in stops)):
            parts[-1] += piece
        else:
            parts.append(piece)
            is_loose = len(piece) == 1 and piece not in stops
    return parts


@cache
def languages_of_stops() -> dict[str, tuple[str, ...]]:
    """Return the languages in which a word says nothing, by word."""
    from stopwordsiso import langs, stopwords

    found: defaultdict[str, list[str]] = defaultdict(list)
    for language in sorted(langs()):
        for word in stopwords(language):
            found[fold(word.replace("’", "'"))].append(language)
    return {word: tuple(dict.fromkeys(languages)) for word, languages in found.items()}


def masked(reading: TokenisedText, hidden: Collection[str]) -> TokenisedText:
    """Return a text with some of its words masked: they stand where they stood, and phrases pass
    them over.
    """
    runs = [
        [token._replace(key=MASKED) if token.key in hidden else token for token in run]
        for run in reading.runs
    ]
    return TokenisedText(reading.text, runs)


@cache
def shape(word: str) -> str | None:
    """Return a word with each number in it as 0, or None where it has none.

    Words of one shape differ by numbers alone.
    """
    return _NUMBER.sub("0", word) if _NUMBER.search(word) else None


@dataclass(frozen=True, slots=True)
class StopWords:
    """Words of a topic: `listed` ones say nothing in their language, `empty` is whatever tells
    nothing of it.
    """

    listed: frozenset[str] = frozenset()
    empty: frozenset[str] = frozenset()


def spans(reading: TokenisedText, words: StopWords, longest: int) -> Iterator[Span]:
    """Return the phrases of a text that begin and end where something is said.

    They begin with a word that is not empty, nor a number; with a listed one only before one that
    is not ("second monitor", not "when is"). They end with such a word or a number, or with a
    listed one that ends its sentence ("does not work"; with "from" no sentence ends). What is
    masked is passed over ("invoice 4711 was paid twice").
    """
    for whole in reading.runs:
        run = [token for token in whole if token.key != MASKED]
        keys = [token.key for token in run]
        telling = [key not in words.empty for key in keys]
        last = len(run) - 1
        # No sentence ends before what is masked: "jammed on (4711)".
        end_of_sentence = last if whole[-1].key != MASKED else None
        may_end = [
            at == end_of_sentence if key in words.listed else key not in words.empty
            for at, key in enumerate(keys)
        ]
        for start in range(len(run)):
            if not telling[start] or keys[start].isdigit():
                continue
            if {keys[start], *keys[start + 1 : start + 2]} <= words.listed:
                continue
            begins = not (start and telling[start - 1])
            for end in range(start, min(start + longest, len(run))):
                if may_end[end]:
                    ends = end == last or not (telling[end + 1] or end + 1 == last)
                    key = " ".join(keys[start : end + 1])
                    yield Span(key, run[start].start, run[end].end, begins, ends)


def is_empty(word: str, stops: Collection[str]) -> bool:
    """Say whether a word tells nothing: it is listed, a sign or an ending."""
    alone = len(word) == 1 and not word.isdigit() and not _UNSPACED.match(word)
    return word in stops or alone or bool(_ENDINGS.fullmatch(word))


def written(reading: TokenisedText, start: int, end: int) -> str:
    """Return a phrase as it stands in its text, but for what is masked.

    And for quotation marks, of which it may have one.
    """
    inside = (token for run in reading.runs for token in run if start <= token.start < end)
    pieces, at = [], start
    for token in inside:
        if token.key == MASKED:
            pieces.append(reading.text[at : token.start])
            at = token.end
    said = " ".join(" ".join([*pieces, reading.text[at:end]]).split())
    bare = _OPENING.sub("", said)
    return said if bare == said else _CLOSING.sub("", bare)
