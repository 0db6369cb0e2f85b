"""What is said of a text that begins with no command: which one was meant, or how to search."""

from __future__ import annotations

from collections.abc import Iterable

from services.phrases import Phrase, phrase
from services.text.cleaning.headline import TITLE_LENGTH
from services.text.slack.markup import clean_slack
from services.text.words.folding import fold
from services.text.words.nearest import nearest
from services.text.words.plain import first_word, shorten

WORD_LENGTH = 30

# What people call the commands who do not know their names, in English, German and Spanish.
_NAMES = {
    "similar": "ähnlich ähnliche parecido parecidos similares",
    "search": "find look query suche suchen finden busca buscar búsqueda",
    "product": "produkt produkte producto productos",
    "duplicates": "duplikate doppelte duplicados repetidos",
    "cluster": "group gruppieren agrupar",
    "topics": "themen temas",
    "trends": "tendencias",
    "why": "warum wieso explain erkläre explica",
    "resolve": "solve solved close erledigt gelöst lösen resuelto resolver cerrado cerrar",
    "status": "info stats statistik estado estadísticas",
    "settings": "config configure options preferences setup einstellung einstellungen "
    "konfiguration ajustes configuración",
}
OTHER_NAMES = {fold(name): command for command, names in _NAMES.items() for name in names.split()}


def unknown_command(text: str, known: Iterable[str]) -> Phrase:
    """Return what to say of a text in Slack's markup whose first word is none of `known`."""
    text = clean_slack(text)
    first, rest = first_word(text)
    word = shorten(first, WORD_LENGTH)
    if (meant := OTHER_NAMES.get(fold(first)) or nearest(first, known)) is not None:
        return phrase(
            "There is no command “{word}”. Do you mean “{command}”?",
            word=word,
            command=f"/deja {meant}",
        )
    if rest:
        return phrase(
            "There is no command “{word}”. To look for tickets like that: “{command}”",
            word=word,
            command=f"/deja similar {shorten(text, TITLE_LENGTH)}",
        )
    return phrase("There is no command “{word}”.", word=word)
