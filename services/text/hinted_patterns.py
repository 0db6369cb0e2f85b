"""Patterns that are looked for only where a text has what every match has: that is far faster."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class HintedPattern:
    """A pattern; every match of it contains one of the `marks` or a match of the `hint`.

    Marks and hints are found at ten times the speed: a hint begins with a sign or with figures.
    """

    pattern: re.Pattern[str]
    marks: tuple[str, ...] = ()
    hint: re.Pattern[str] | None = None

    def findall(self, text: str) -> list[str]:
        """Return what `re.Pattern.findall` does."""
        return self.pattern.findall(text) if self._may_match(text) else []

    def sub(self, replacement: str, text: str) -> str:
        """Return what `re.Pattern.sub` does."""
        return self.pattern.sub(replacement, text) if self._may_match(text) else text

    def _may_match(self, text: str) -> bool:
        for mark in self.marks:  # not `any`: that takes longer than to look for one
            if mark in text:
                return True
        return self.hint is not None and self.hint.search(text) is not None
