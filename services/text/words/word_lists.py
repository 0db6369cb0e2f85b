"""Lists of words and phrases, in source code or in the TOML files of a package."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

from services.text.words.folding import fold


@cache
def read_lists(name: str, package: str) -> dict[str, Any]:
    """Return the tables of a package's file `name`, which is read once."""
    return tomllib.loads(files(package).joinpath(name).read_text(encoding="utf-8"))


def words(listed: str) -> frozenset[str]:
    """Return the words of a text that are separated by spaces."""
    return frozenset(listed.split())


def spaced_phrases(lists: Iterable[str]) -> tuple[str, ...]:
    """Return the phrases of lists, folded and between spaces; line ends and bars separate them."""
    return tuple(
        f" {fold(phrase.strip())} "
        for listed in lists
        for phrase in re.split(r"[\n|]", listed)
        if phrase.strip()
    )


def word_pattern(listed: str) -> re.Pattern[str]:
    """Return a pattern that matches each listed word, to be used with `fullmatch`.

    Whole words end with a bar, of others the beginning is listed.
    """
    return re.compile(word_alternatives(listed))


def word_alternatives(listed: str) -> str:
    """Return the source of a `word_pattern`, to be put into another."""
    return "|".join(
        re.escape(word[:-1]) if word.endswith("|") else rf"{re.escape(word)}\w*"
        for word in listed.split()
    )
