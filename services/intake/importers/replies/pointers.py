"""Comments that only say where a ticket goes on: it was merged, is a duplicate, or is stale.

Help desks and trackers write them as public comments of whoever merged the tickets.
"""

from __future__ import annotations

import re

_NOUN = (
    r"(?:ticket|issue|request|case|incident|conversation|bug|task|thread|anfrage|vorgang|fall"
    r"|konversation|solicitud|caso|incidencia|conversaci[oó]n|demande)s?"
)
# "#12", "SD-12", "request #12", "another conversation", "Anfrage Nr. 12", "https://…/issues/12"
_TICKET = (
    rf"(?:(?:(?:the|this|another|an|dieser?|diesem|der|dem|einer?|la|el|est[ae]|otr[ao]|cette|le)"
    rf" )?(?:{_NOUN}\b|(?:#|\b[A-Z][A-Z0-9_]+-)\d+|https?://\S+))"
)
_DUPLICATE = r"\b(?:duplicate|dupe?|duplikat|duplicad[oa]|doublon)"
# Of one sentence, in which "Nr." and "n.º" end nothing.
_ANY = r"(?:\b(?:nr|n|no|nro|n[uú]m)\.|[^.!?\n])"
# A fix that was merged goes nowhere else: it is the answer. Titles in quotes do not count.
_UNQUOTED = r"[^.!?\n\"“„«]{0,60}?"
_FIX = rf"{_UNQUOTED}\b(?:fix|fixed|patch|pr|pull request|commit)\b{_UNQUOTED}\bmerged\b"
_POINTER = re.compile(
    rf"(?!{_FIX}){_ANY}{{0,90}}?(?:"
    rf"\bmerged (?:in ?to|with|in) {_TICKET}"
    rf"|\b(?:in|mit) {_TICKET}{_ANY}{{0,80}}?\bzusammengef(?:ü|ue)hrt"
    rf"|\bzusammengef(?:ü|ue)hrt (?:mit|in) {_TICKET}"
    rf"|\bfusion(?:[oó]|ad[oa]s?|n[ée]e?) (?:con|en|avec|dans) {_TICKET}"
    rf"|{_DUPLICATE}(?:,? (?:of|to|see|from|von|zu|siehe|de|del|a|v[eé]ase|voir)|:) {_TICKET}"
    r"|\bclos(?:e|ed|ing) (?:\w+ ){0,3}?as (?:an? )?(?:duplicate|dupe?)\b"
    r"|(?P<by_bot>\b(?:been|was) automatically (?:locked|closed|marked))\b"
    rf"){_ANY}*[.!?]*",
    re.IGNORECASE,
)
# What stands behind it quotes the other ticket.
_QUOTE = re.compile(
    r"\s*(?:la(?:te)?st comment|letzter kommentar|[uú]ltimo comentario|dernier commentaire)",
    re.IGNORECASE,
)


def without_pointer(text: str) -> str:
    """Return a text without the sentence before it that says where its ticket goes on.

    Nothing of it is left where that is followed by words of the other ticket, or a bot wrote it.
    """
    stripped = text.strip()
    found = _POINTER.match(stripped)
    if found is None:
        return text
    rest = stripped[found.end() :]
    return "" if found["by_bot"] or _QUOTE.match(rest) else rest
