"""Phrases that a channel ignores."""

from __future__ import annotations

import re
from collections.abc import Sequence

from services.text.words.folding import fold_joined
from services.text.words.plain import plain_text

_WORD = re.compile(r"[^\W_]+")


def ignored_phrase(text: str, ignored: Sequence[str]) -> str | None:
    """Return the first of the phrases that a text contains, as whole words; None if it has none."""
    if not ignored:
        return None
    message = f" {_spaced_words(text)} "
    for one in ignored:
        wanted = _spaced_words(one)
        if wanted and f" {wanted} " in message:
            return one
    return None


def _spaced_words(text: str) -> str:
    return " ".join(_WORD.findall(fold_joined(plain_text(text))))
