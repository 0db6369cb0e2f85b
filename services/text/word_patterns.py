"""Lists of words as patterns: whole words end with a bar, of others the beginning is listed."""

from __future__ import annotations

import re


def word_pattern(listed: str) -> re.Pattern[str]:
    """Return a pattern that matches each listed word, to be used with `fullmatch`."""
    return re.compile(word_alternatives(listed))


def word_alternatives(listed: str) -> str:
    """Return the source of such a pattern, to be put into another."""
    return "|".join(
        re.escape(word[:-1]) if word.endswith("|") else rf"{re.escape(word)}\w*"
        for word in listed.split()
    )
