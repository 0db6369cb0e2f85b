"""Recognises replies which say that an answer did not help.

Only the phrases listed here count: one failure missed costs less than an answer that sinks because
somebody told a story.
"""

from __future__ import annotations

import re

from services.text.words.folding import fold_joined
from services.text.words.plain import plain_text

# A longer reply says more than that an answer failed.
MAX_WORDS = 25

# English, German, Spanish; without accents and apostrophes.
_PHRASES = """
    did not work|didnt work|does not work|doesnt work|not working|doesnt do it
    did not help|didnt help|does not help|doesnt help|did not fix|didnt fix|doesnt fix|not fixed
    still broken|still failing|still fails|still happening|still happens|still the same|no luck
    same problem|same error|same issue|no change|no difference
    geht nicht|geht immer noch nicht|geht leider nicht|funktioniert nicht|funktioniert leider nicht
    funktioniert immer noch nicht|klappt nicht|klappt leider nicht|klappt immer noch nicht
    hilft nicht|hilft leider nicht|nicht geholfen|nicht funktioniert|nicht geklappt
    immer noch kaputt|gleiche problem|selbe problem|gleiche fehler|selbe fehler|bringt nichts
    no funciona|no funciono|no ha funcionado|tampoco funciona|sigue sin funcionar|sigue igual
    sigue fallando|no sirve|no sirvio|no me sirvio|no ayuda|no ayudo|no me ayudo|no me ha ayudado
    mismo problema|mismo error
"""
_FAILED = tuple(
    f" {phrase.strip()} " for line in _PHRASES.split("\n") for phrase in line.split("|") if phrase
)

_WORD = re.compile(r"[^\W_]+")


def says_it_failed(text: str) -> bool:
    """Say whether a reply says that an answer did not help."""
    words = _WORD.findall(fold_joined(plain_text(text)))
    reply = f" {' '.join(words)} "
    return len(words) <= MAX_WORDS and any(phrase in reply for phrase in _FAILED)
