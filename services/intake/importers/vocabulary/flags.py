"""Values that say yes or no."""

from __future__ import annotations

from services.text.words.folding import fold
from services.text.words.word_lists import words

_YES = words("true 1 1.0 yes t y ja j wahr si s verdadero oui vrai sim tak ano")
_NO = words("false 0 0.0 no f n nein falsch falso non faux nao nee nie")


def flag(value: object) -> bool | None:
    """Return what a value says, in any of the languages; None if it is neither yes nor no."""
    word = fold(str(value).strip())
    return word in _YES if word in _YES | _NO else None
