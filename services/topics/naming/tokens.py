"""Tokens and phrases of a text as they are written there, in any language.

Stop words come from public lists; nothing here knows a grammar. In scripts without spaces, words
are the strings that several texts repeat.
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

from services.text.words.folding import fold
from services.topics.naming.quotations import (
    cuts_quotation,
    find_quotations,
    with_marks,
    without_empty_quotations,
)

# Words of a ticket that are read; later ones are logs or threads.
MAX_TOKENS = 120

# Vowel signs and the like, which are parts of words but not in `\w`.
_MARKS = "".join(
    chr(code) for code in range(0x300, 0x3000) if unicodedata.category(chr(code))[0] == "M"
)
_LETTER = rf"[\w{_MARKS}]"
# Names like PS-LX350H, 2.4.1, C++ and user@host are one word. An apostrophe belongs to a word with
# one or two letters after it ("doesn't"), not with letters before it ("l'accès").
_WORD = re.compile(
    rf"{_LETTER}+(?:[.\-_/:#+@]{_LETTER}+|(?<=\w\w\w)['’]\w{{1,2}}(?!\w))*(?:\+\+|#)?"
)
# What may stand between two words of one phrase.
_JOINT = re.compile(r"[ \t'’\-/&]*")

_HAN, _KATAKANA, _HIRAGANA = (
    "\u3005\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff",
    "\u30a0-\u30ff",
    "\u3040-\u309f",
)
_SPACELESS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
_UNSPACED = re.compile(f"[{_HAN}{_KATAKANA}{_HIRAGANA}{_SPACELESS}]")
# A word ends where the script changes.
_SCRIPTS = re.compile(
    f"[{_HAN}]+|[{_KATAKANA}]+|[{_HIRAGANA}]+|[{_SPACELESS}]+"
    f"|[^{_HAN}{_KATAKANA}{_HIRAGANA}{_SPACELESS}]+"
)
_REPEATING = re.compile(f"[{_HAN}]+|[{_SPACELESS}]+")
# In Japanese, Hiragana alone are endings and particles; nouns and verb stems use other characters.
_ENDINGS = re.compile(f"[{_HIRAGANA}]+")

# The key of a masked word: phrases skip it.
MASKED = ""

_NUMBER = re.compile(r"\d+")

# In scripts without spaces: characters of a word, and of a text that are searched for words.
MAX_WORD_LENGTH, MAX_SEARCHED = 8, 200


class Token(NamedTuple):
    """A word: the key that it is counted by, and its offsets."""

    key: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class TokenisedText:
    """A text and its words, in runs that punctuation separates."""

    text: str
    runs: list[list[Token]]

    def words(self) -> set[str]:
        """Return its different words."""
        return {token.key for run in self.runs for token in run if token.key != MASKED}


class Span(NamedTuple):
    """A phrase: the key that it is counted by, its offsets, and whether it ends on both sides.

    `begins` and `ends` are true at the start and end of a sentence, and beside a word that carries
    no meaning. The last such word of a sentence continues it: "card stopped" does not end before
    "working".
    """

    key: str
    start: int
    end: int
    begins: bool
    ends: bool


def repeated_substrings(texts: Iterable[str]) -> dict[str, int]:
    """Return the strings that two or more texts have in scripts without spaces, with counts."""
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


def tokenise(text: str, repeated: Mapping[str, int]) -> TokenisedText:
    """Return the words of a text in order, the first `MAX_TOKENS` of them.

    `repeated` are the `repeated_substrings` that count as words where there are no spaces.
    """
    tokens: list[Token] = []
    for match in _WORD.finditer(text):
        if len(tokens) >= MAX_TOKENS:
            break
        tokens += _tokens(match.group(), match.start(), repeated)
    runs: list[list[Token]] = [tokens[:1]] if tokens else []
    for before, token in pairwise(tokens):
        gap = text[before.end : token.start]
        if gap == " " or _JOINT.fullmatch(gap):
            runs[-1].append(token)
        else:
            runs.append([token])
    return TokenisedText(text, runs)


def _tokens(word: str, start: int, repeated: Mapping[str, int]) -> Iterator[Token]:
    """Return a word as tokens: one, or several in scripts without spaces."""
    if word.isascii() or not _UNSPACED.search(word):
        yield Token(_key(word), start, start + len(word))
        return
    for run in _SCRIPTS.finditer(word):
        is_segmented = _REPEATING.match(run.group()) is not None
        parts = _segmented(run.group(), repeated) if is_segmented else [run.group()]
        at = start + run.start()
        for part in parts:
            yield Token(fold(part), at, at + len(part))
            at += len(part)


@cache
def _key(word: str) -> str:
    return sys.intern(fold(word.replace("’", "'")))


def _segmented(run: str, repeated: Mapping[str, int]) -> list[str]:
    """Return the words of a run without spaces.

    Single characters that are no word stay together. A stop word separates its neighbours.
    """
    stops = stop_word_languages()
    words: list[str] = []
    is_loose = False
    for piece in _best_pieces(run, repeated):
        is_mark = unicodedata.category(piece[0])[0] == "M"
        if words and (is_mark or (is_loose and len(piece) == 1 and piece not in stops)):
            words[-1] += piece
        else:
            words.append(piece)
            is_loose = len(piece) == 1 and piece not in stops
    return words


def _best_pieces(run: str, repeated: Mapping[str, int]) -> list[str]:
    """Return a run cut where its pieces are longest and most often repeated.

    By dynamic programming: a piece gains its length times the logarithm of its count.
    """
    stops = stop_word_languages()
    best: list[tuple[float, int]] = [(0.0, 0)]
    for end in range(1, len(run) + 1):
        ways = [(best[end - 1][0], -1)]
        for length in range(2, min(MAX_WORD_LENGTH, end) + 1):
            piece = run[end - length : end]
            count = max(repeated.get(piece, 1), 2 if piece in stops else 1)
            if count > 1:
                ways.append((best[end - length][0] + length * math.log(count), -length))
        gain, length = max(ways, key=lambda way: (round(way[0], 9), -way[1]))
        best.append((gain, -length))
    pieces: list[str] = []
    end = len(run)
    while end:
        pieces.append(run[end - best[end][1] : end])
        end -= best[end][1]
    return pieces[::-1]


@cache
def stop_word_languages() -> dict[str, tuple[str, ...]]:
    """Return the languages that have a word in their list of stop words, by word."""
    from stopwordsiso import langs, stopwords

    found: defaultdict[str, list[str]] = defaultdict(list)
    for language in sorted(langs()):
        for word in stopwords(language):
            found[fold(word.replace("’", "'"))].append(language)
    return {word: tuple(dict.fromkeys(languages)) for word, languages in found.items()}


def mask(text: TokenisedText, words: Collection[str]) -> TokenisedText:
    """Return a text with these words masked: they keep their offsets, and phrases skip them."""
    runs = [
        [token._replace(key=MASKED) if token.key in words else token for token in run]
        for run in text.runs
    ]
    return TokenisedText(text.text, runs)


@cache
def number_pattern(word: str) -> str | None:
    """Return a word with 0 in place of each number, None if it has no number.

    Words of one pattern differ only in their numbers.
    """
    return _NUMBER.sub("0", word) if _NUMBER.search(word) else None


@dataclass(frozen=True, slots=True)
class StopWords:
    """The words that carry no meaning in a topic.

    `listed` are those of public lists of its languages, `empty` all that say nothing about it.
    """

    listed: frozenset[str] = frozenset()
    empty: frozenset[str] = frozenset()


def spans(text: TokenisedText, stops: StopWords, max_words: int) -> Iterator[Span]:
    """Return the phrases of a text that begin and end with meaning.

    They begin with a word that is neither empty nor a number; with a listed one only before one
    that is not ("second monitor", not "when is"). They end with such a word or a number, or with a
    listed one that ends its sentence ("does not work", but never "from"). Masked words are skipped
    ("invoice 4711 was paid twice"), and no phrase has only a part of a quotation.
    """
    quotations = find_quotations(text.text)
    for whole in text.runs:
        run = [token for token in whole if token.key != MASKED]
        keys = [token.key for token in run]
        has_meaning = [key not in stops.empty for key in keys]
        last = len(run) - 1
        # No sentence ends before a masked word: "jammed on (4711)".
        end_of_sentence = last if whole[-1].key != MASKED else None
        may_end = [
            at == end_of_sentence if key in stops.listed else key not in stops.empty
            for at, key in enumerate(keys)
        ]
        for start in range(len(run)):
            if not has_meaning[start] or keys[start].isdigit():
                continue
            if {keys[start], *keys[start + 1 : start + 2]} <= stops.listed:
                continue
            begins = not (start and has_meaning[start - 1])
            for end in range(start, min(start + max_words, len(run))):
                cut = quotations and cuts_quotation(run[start].start, run[end].end, quotations)
                if may_end[end] and not cut:
                    ends = end == last or not (has_meaning[end + 1] or end + 1 == last)
                    key = " ".join(keys[start : end + 1])
                    yield Span(key, run[start].start, run[end].end, begins, ends)


def is_empty(word: str, stops: Collection[str]) -> bool:
    """Say whether a word carries no meaning: it is a stop word, a sign or an ending."""
    is_sign = len(word) == 1 and not word.isdigit() and not _UNSPACED.match(word)
    return word in stops or is_sign or bool(_ENDINGS.fullmatch(word))


def as_written(text: TokenisedText, start: int, end: int) -> str:
    """Return a phrase as it is written in its text, without masked words."""
    start, end = with_marks(start, end, text.text)
    inside = (token for run in text.runs for token in run if start <= token.start < end)
    pieces, at = [], start
    for token in inside:
        if token.key == MASKED:
            pieces.append(text.text[at : token.start])
            at = token.end
    phrase = " ".join([*pieces, text.text[at:end]])
    return " ".join((without_empty_quotations(phrase) if pieces else phrase).split())
