"""Comments that only say where a ticket goes on: it was merged, is a duplicate, or is stale.

Help desks and trackers write them as public comments of whoever merged the tickets.
"""

from __future__ import annotations

import re

from services.text.words.hinted_patterns import contains_any

# What a ticket is called.
NOUN = (
    r"(?:ticket|issue|request|case|incident|conversation|bug|task|thread|anfrage|vorgang|fall"
    r"|konversation|solicitud|caso|incidencia|conversaci[oó]n|demande)s?"
)
# "#12", "SD-12", "request #12", "another conversation", "Anfrage Nr. 12", "https://…/issues/12"
_TICKET = (
    rf"(?:(?:(?:the|this|another|an|dieser?|diesem|der|dem|einer?|la|el|est[ae]|otr[ao]|cette|le)"
    rf" )?(?:{NOUN}\b|(?:#|\b[A-Z][A-Z0-9_]+-)\d+|https?://\S+))"
)
# "In this case", "in dem Fall", "en este caso": of no ticket, unless a number stands behind it.
_CASE = (
    r"(?! (?:(?:the|this|diesem|dem|el|este) )?(?:case|fall|caso)\b"
    r"(?!\W{0,3}(?:(?:nr|n|no|nro|n[uú]m|number|nummer)\b\W{0,3})?\d))"
)
_DUPLICATE = r"\b(?:duplicate|dupe?|duplikat|duplicad[oa]|doublon)"
# Of one sentence, in which "Nr.", "4.2.1", ".env" and a title in quotes end nothing.
_NUMBER = r"(?:(?<=\bnr)|(?<=\bn)|(?<=\bno)|(?<=\bnro)|(?<=\bn[uú]m))"
_ANY = (
    r"(?>[^.!?\n\"„“«]|\"[^\"\n]{1,200}\"|[„“][^“”\n]{1,200}[“”]|«[^»\n]{1,200}»|[\"„“«]"
    rf"|[.!?](?=(?-i:[a-z\d]))|{_NUMBER}\.|(?<=\s)\.(?=\w))"
)
# A fix that was merged goes nowhere else: it is the answer. Titles in quotes do not count.
_UNQUOTED = r"[^.!?\n\"“„«]{0,60}?"
_CODE = r"(?:(?:hot|bug)?fix(?:es|ed)?|patch(?:es)?|(?:pull|merge) requests?|prs?|commits?)"
_FIX = rf"{_UNQUOTED}\b{_CODE}\b{_UNQUOTED}\bmerged\b"
_POINTER = re.compile(
    rf"(?!{_FIX}){_ANY}{{0,90}}?(?:"
    rf"\bmerged (?:in ?to|with|in{_CASE}) {_TICKET}"
    rf"|\b(?:in{_CASE}|mit) {_TICKET}{_ANY}{{0,80}}?\bzusammengef(?:ü|ue)hrt"
    rf"|\bzusammengef(?:ü|ue)hrt (?:mit|in{_CASE}) {_TICKET}"
    rf"|\bfusion(?:[oó]|ad[oa]s?|n[ée]e?) (?:con|en{_CASE}|avec|dans) {_TICKET}"
    rf"|{_DUPLICATE}(?:,? (?:of|to|see|from|von|zu|siehe|de|del|a|v[eé]ase|voir)|:) {_TICKET}"
    r"|\bclos(?:e|ed|ing) (?:\w+ ){0,3}?as (?:an? )?(?:duplicate|dupe?)\b"
    r"|(?P<by_bot>\b(?:been|was) automatically (?:locked|closed|marked))\b"
    rf"){_ANY}*[.!?]*",
    re.IGNORECASE,
)
# What each of them has, in a text of ASCII.
_MARKS = ("merged", "zusammengef", "fusion", "dup", "doublon", "automatically")
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
    # Hardly any has one of the words, which are found at a tenth of the cost.
    may_point = not text.isascii() or contains_any(text.lower(), _MARKS)
    found = _POINTER.match(stripped) if may_point else None
    if found is None:
        return text
    rest = stripped[found.end() :]
    return "" if found["by_bot"] or _QUOTE.match(rest) else rest
