"""Small talk: messages in a support channel that are not tickets ("thanks!", "good morning").

A message is small talk only if every word of it is listed here. A number or a question mark rules
it out, and so does any word that is not listed: one ticket too many costs less than one lost.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from services.phrases import Phrase, phrase
from services.text.cleaning import plain_text
from services.text.terms import fold

# A longer message says something.
MAX_WORDS = 8

# English, German, Spanish: thanks; greetings and farewells; assent and praise; reactions in words.
_SMALL_TALK = """
    thanks thank thx ty tysm cheers appreciated appreciate much very many lot lots million so danke
    dankeschon dank vielen herzlichen schon dir euch ihnen besten merci gracias muchas mil

    hi hello hey heya hiya howdy yo morning afternoon evening night good day weekend week bye
    goodbye later tomorrow see you youre ya happy nice great have enjoy welcome back hallo guten
    morgen tag abend moin servus tschuss schones wochenende feierabend bis morgen spater hola buenos
    buenas dias tardes noches adios hasta luego manana feliz finde

    ok okay okey k kk yes yep yup yeah sure right cool awesome perfect brilliant excellent super
    amazing wonderful fantastic lovely done noted understood roger alright fine lgtm np no problem
    worries worked works it that this is was did trick fixed solved now again for the your help
    quick fast reply response support a and to me too same here my pleasure sorry oops please agreed
    ja jo genau passt klar gerne kein keine ursache hat geklappt funktioniert jetzt super top prima
    alles hilfe fur die de nada si vale perfecto genial claro listo por la ayuda

    lol haha hahaha hehe wow yay hooray woohoo congrats congratulations ha hm hmm hmmm ah oh ooh xd
    jaja jajaja brb afk gtg
"""
# These alone are not small talk: "it works now" or "help" may be about a problem.
_NOT_ALONE = """
    it that this is was did now again for the your a and to me too here my same no so have help
    hilfe ayuda problem support reply response team works worked funktioniert fixed solved all alles
    todo die de la por listo
"""
# Who a greeting is addressed to.
_EVERYBODY = """
    all everyone everybody team folks guys there zusammen allerseits equipo todos
"""
_ADDRESSEES = frozenset(_EVERYBODY.split())
_SMALL = _ADDRESSEES.union(_SMALL_TALK.split())
_INCONCLUSIVE = frozenset(_NOT_ALONE.split())

_WORD = re.compile(r"[^\W_]+")


def is_small_talk(text: str) -> bool:
    """Say whether a message is small talk."""
    words = _words(text)
    if not words or len(words) > MAX_WORDS or "?" in text:
        return False
    return set(words) <= _SMALL and not set(words) <= _INCONCLUSIVE


def reason_to_ignore(text: str, ignored: Sequence[str] = ()) -> Phrase | None:
    """Return why a message is not a ticket, or None where it may be one.

    `ignored` are phrases that rule out a ticket wherever they occur in a message.
    """
    message = f" {' '.join(_words(text))} "
    for one in ignored:
        wanted = _words(one)
        if wanted and f" {' '.join(wanted)} " in message:
            return phrase("it contains “{said}”, which this channel ignores", said=one)
    return phrase("it is small talk") if is_small_talk(text) else None


def is_addressed(word: str) -> bool:
    """Say whether a word after a greeting is who it is addressed to: "hi there"."""
    return fold(word) in _ADDRESSEES


def _words(text: str) -> list[str]:
    return _WORD.findall(fold(plain_text(text).replace("'", "").replace("’", "")))
