"""The known word nearest to a mistyped one."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from services.text.words.folding import fold


def nearest(typed: str, known: Iterable[str]) -> str | None:
    """Return the known word that a typed one most likely stands for, if any is near.

    Case and accents do not matter.
    """
    by_folded = {fold(word): word for word in known}
    found = get_close_matches(fold(typed), by_folded, 1)
    return by_folded[found[0]] if found else None
