"""The words and phrases of a text as they are written there, in any language.

Words that say nothing come from public lists; nothing here knows a grammar.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from services.lexical import fold

# Words of a ticket that are read. What comes later is a log, or a thread.
MOST_READ = 120

# What is written as one stays so: PS-LX350H, 2.4.1, C++, user@host; also what an apostrophe parts
# from one or two letters that follow ("doesn't"), and not from those before ("l'accès").
_WORD = re.compile(r"\w+(?:[.\-_/:#+@]\w+|(?<=\w\w\w)['’]\w{1,2}(?!\w))*(?:\+\+|#)?")
# Between two words of one phrase stands nothing but this.
_JOINT = re.compile(r"[ \t'’\-/&]*")
_UNSPACED = re.compile(
    "[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u0e00-\u0eff\u1000-\u109f"
    "\u1780-\u17ff\U00020000-\U0003ffff]"
)
# A word of scripts without spaces is two characters in most cases.
PIECE = 2


@dataclass(frozen=True)
class Token:
    """A word: how it is counted, and where it stands."""

    key: str
    start: int
    end: int


@dataclass(frozen=True)
class Reading:
    """A text and its words, in runs that no punctuation cuts."""

    text: str
    runs: list[list[Token]]

    def words(self) -> set[str]:
        """Return its different words."""
        return {token.key for run in self.runs for token in run}


def read(text: str) -> Reading:
    """Return the words of a text in order, the first `MOST_READ` of them."""
    tokens: list[Token] = []
    for match in _WORD.finditer(text):
        if len(tokens) >= MOST_READ:
            break
        tokens += _tokens(match.group(), match.start())
    runs: list[list[Token]] = [tokens[:1]] if tokens else []
    for before, token in pairwise(tokens):
        if _JOINT.fullmatch(text, before.end, token.start):
            runs[-1].append(token)
        else:
            runs.append([token])
    return Reading(text, runs)


def _tokens(word: str, start: int) -> Iterator[Token]:
    """Return a word; of scripts without spaces its pieces, which stand side by side."""
    if not _UNSPACED.search(word):
        yield Token(fold(word.replace("’", "'")), start, start + len(word))
        return
    for at in range(0, len(word), PIECE):
        piece = word[at : at + PIECE]
        yield Token(fold(piece), start + at, start + at + len(piece))


@cache
def languages_of_stops() -> dict[str, tuple[str, ...]]:
    """Return the languages in which a word says nothing, by word."""
    from stopwordsiso import langs, stopwords

    found: defaultdict[str, list[str]] = defaultdict(list)
    for language in sorted(langs()):
        for word in stopwords(language):
            found[fold(word.replace("’", "'"))].append(language)
    return {word: tuple(dict.fromkeys(languages)) for word, languages in found.items()}


def spans(
    reading: Reading, stops: frozenset[str], shortest: int, longest: int
) -> Iterator[list[Token]]:
    """Return the phrases of a ticket that begin and end with a word that tells something."""
    for run in reading.runs:
        telling = [not _is_empty(token.key, stops) for token in run]
        for start in range(len(run)):
            if not telling[start]:
                continue
            for end in range(start + shortest, min(start + longest, len(run)) + 1):
                if telling[end - 1]:
                    yield run[start:end]


def _is_empty(word: str, stops: frozenset[str]) -> bool:
    alone = len(word) == 1 and not _UNSPACED.match(word)
    return word in stops or alone or word.isdigit()


def key_of(span: Sequence[Token]) -> str:
    """Return what a phrase is counted by: without case and accents."""
    return " ".join(token.key for token in span)


def written(reading: Reading, span: Sequence[Token]) -> str:
    """Return a phrase as it stands in its text."""
    return " ".join(reading.text[span[0].start : span[-1].end].split())
