"""How a name says that the tickets of its topic share little ("Various: Hub 2")."""

from __future__ import annotations

from collections.abc import Mapping

from services.text.function_words import Language

VARIOUS: Mapping[Language, str] = {"en": "Various", "de": "Verschiedenes", "es": "Varios"}
