"""Chit-chat: what is said in a support channel and is no ticket ("thanks!", "good morning").

A message is left out only where every word of it is one of those listed here, or where it says a
phrase that the channel itself leaves out. What has a figure or a question mark is never small talk,
and neither is what this list does not know: one ticket too many costs less than one that is lost.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from services.phrases import Phrase, phrase
from services.text.cleaning import plain_text
from services.text.terms import fold

# Longer ones say something.
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
# Of these alone nothing is small talk: "it works now" or "help" may be news of a problem.
_NOT_ALONE = """
    it that this is was did now again for the your a and to me too here my same no so have help
    hilfe ayuda problem support reply response team works worked funktioniert fixed solved all alles
    todo die de la por listo
"""
# Whom a greeting is for.
_EVERYBODY = """
    all everyone everybody team folks guys there zusammen allerseits equipo todos
"""
_ADDRESSED = frozenset(_EVERYBODY.split())
_SMALL = _ADDRESSED.union(_SMALL_TALK.split())
_SMALLEST = frozenset(_NOT_ALONE.split())

_WORD = re.compile(r"[^\W_]+")


def why_chitchat(text: str, ignored: Sequence[str] = ()) -> Phrase | None:
    """Return why a message is no ticket, or None where it may be one.

    `ignored` are phrases that a channel leaves out, wherever in a message they stand.
    """
    folded = _words(text)
    for said in ignored:
        wanted = _words(said)
        if wanted and f" {' '.join(wanted)} " in f" {' '.join(folded)} ":
            return phrase("it contains “{said}”, which this channel ignores", said=said)
    if not folded or len(folded) > MAX_WORDS or "?" in text:
        return None
    if set(folded) <= _SMALL and not set(folded) <= _SMALLEST:
        return phrase("it is small talk")
    return None


def is_addressed(word: str) -> bool:
    """Say whether a word after a greeting is whom it is for: "hi there"."""
    return fold(word) in _ADDRESSED


def _words(text: str) -> list[str]:
    return _WORD.findall(fold(plain_text(text).replace("'", "").replace("’", "")))
