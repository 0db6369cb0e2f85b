"""Lists of words in source code, written as running text."""

from __future__ import annotations


def words(listed: str) -> frozenset[str]:
    """Return the words of a text that are separated by spaces."""
    return frozenset(listed.split())
