"""Titles that say what another one says, with other endings or articles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from services.text.words.folding import fold
from services.text.words.function_words import Language
from services.topics.naming.headline_words import ARTICLES

# Two words differ only in their endings if they share all but so many letters, and at least so
# many.
MAX_ENDING, MIN_STEM = 2, 4


def differing_titles(
    titles: Iterable[str], taken: Iterable[str], language: Language
) -> Iterator[str]:
    """Return those of some titles that say something else than all that are taken."""
    others = [_said(one, language) for one in taken]
    for title in titles:
        said = _said(fold(title), language)
        if not any(_is_alike(said, other) for other in others):
            yield title


def _said(title: str, language: Language) -> list[str]:
    """Return the words of a folded title in order of the alphabet, without articles."""
    words = title.split()
    return sorted(word for word in words if word not in ARTICLES[language]) or sorted(words)


def _is_alike(words: Sequence[str], others: Sequence[str]) -> bool:
    """Say whether two titles have the same words, with any endings."""
    return len(words) == len(others) and all(map(_have_one_stem, words, others))


def _have_one_stem(word: str, other: str) -> bool:
    length = max(len(word) - MAX_ENDING, len(other) - MAX_ENDING, MIN_STEM)
    return word == other or word[:length] == other[:length]
