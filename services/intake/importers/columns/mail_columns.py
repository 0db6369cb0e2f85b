"""Columns of the people that a mail is from or goes to."""

from __future__ import annotations

import re
from functools import lru_cache

from services.intake.importers.records import normalized
from services.text.words.word_lists import words

# The first words of their names.
FROM = words("from von de da sender absender remitente expediteur")
TO = words(
    "to cc bcc an para a recipient recipients empfanger destinatario destinatarios destinataire"
    " destinataires torecipients ccrecipients"
)
# What may follow, as in "To: (Name)" or `toRecipients.emailAddress.address`; not in "To do".
_PARTS = words(
    "name names nom nombre address addresses adresse adressen direccion email emails mail e display"
    " type typ tipo recipient recipients users user"
)
_WORD = re.compile(r"\w+")


@lru_cache(maxsize=4096)
def names_people(column: str, kinds: frozenset[str]) -> bool:
    """Say whether a column of this name has people whom a mail is from, or goes to."""
    first, *rest = _WORD.findall(normalized(column)) or [""]
    return first in kinds and _PARTS.issuperset(rest)
