"""How a name says that the tickets of its topic share little ("payroll letter: various")."""

from __future__ import annotations

import re
from collections.abc import Mapping

from services.text.words.function_words import Language

VARIOUS: Mapping[Language, str] = {"en": "various", "de": "Verschiedenes", "es": "varios"}

_SUFFIX = re.compile(rf": (?:{'|'.join(VARIOUS.values())})$", re.IGNORECASE)
# How names that are still stored began before.
_PREFIX = re.compile(r"^(?:Various|Verschiedenes|Varios): ")


def name_of_various(term: str, language: Language) -> str:
    """Return the name of a topic whose tickets share a term and little else."""
    return f"{term}: {VARIOUS[language]}"


def without_various(name: str) -> str:
    """Return the words of tickets in a name."""
    return _PREFIX.sub("", _SUFFIX.sub("", name))
