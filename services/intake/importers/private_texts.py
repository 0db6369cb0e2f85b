"""Titles and texts that say of themselves that they are for the team alone."""

from __future__ import annotations

import re

from services.intake.importers.audience_words import MESSAGES, PRIVATE
from services.intake.importers.records import normalized
from services.text.word_lists import words

_LISTED = words("tickets issues cases requests incidents list liste lista anfragen vorgange casos")
_OF_TEAM = r"internal|private|interne?|privat|priv[eé]e?|interna|privada"
# How people mark what they write in one text with what is for the customer. A word alone in
# brackets may say something of an error or a network.
_MARKED = re.compile(
    rf"\[(?:{_OF_TEAM})\]|\((?:{_OF_TEAM})\):"
    r"|[\[(](?:(?:internal|private) (?:note|comment)|interne (?:notiz|note)"
    r"|note (?:interne|priv[eé]e)|nota (?:interna|privada)|nur intern|internal only|solo interno)s?"
    r"[\])]",
    re.IGNORECASE,
)


def is_title_of_team(title: str) -> bool:
    """Say whether a sheet or a list of this title is for the team alone: "Intern", "Private"."""
    said = set(normalized(title).split())
    return bool(said & PRIVATE) and said <= MESSAGES | _LISTED


def is_text_of_team(text: str) -> bool:
    """Say whether a text has a part that is marked as a note of the team."""
    return ("[" in text or "(" in text) and _MARKED.search(text) is not None
