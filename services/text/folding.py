"""Text folded for comparing: without case, width and accents."""

from __future__ import annotations

import re
import unicodedata

# Accents of Latin, Greek and Cyrillic letters; in other scripts, marks distinguish letters.
_ACCENTS = re.compile("[\u0300-\u036f]")


def fold(text: str) -> str:
    """Return `text` without case, width and accents."""
    if text.isascii():  # most texts, at a tenth of the cost
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFC", _ACCENTS.sub("", decomposed))
