"""The parts of a mail that its writer did not write for this matter, so nothing is compared by
them: quoted mail, signatures, disclaimers.

They are cut from what is compared and kept in what is shown. Only what has a sure mark is cut: a
`>` alone also quotes logs, and "Best" alone begins sentences.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterator

from services.text.words.hinted_patterns import contains_any

# "On Mon, 4 May 2026, Kim wrote:", also over two lines, and behind quote marks.
_ATTRIBUTION = (
    r"^[ \t>]*(?:"
    r"on [^\n]{4,120}(?:\n[ \t>]*[^\n]{0,120})? wrote:"
    r"|am [^\n]{4,120}(?:\n[ \t>]*[^\n]{0,120})? schrieb[^\n:]{0,80}:"
    r"|el [^\n]{4,120}(?:\n[ \t>]*[^\n]{0,120})? escribi[oó]:"
    r"|le [^\n]{4,120}(?:\n[ \t>]*[^\n]{0,120})? a [eé]crit ?:)[ \t]*$"
)
_SEPARATOR = (
    r"^[ \t>]*(?:[-_]{2,} ?(?:original message|forwarded message"
    r"|urspr[uü]ngliche nachricht|mensaje original|message d'origine) ?[-_]{2,}"
    r"|#{2,}[- ]*please type your reply above this line[^\n]*"
    r"|please type your reply above this line)[ \t]*$"
)
# Outlook's block of header lines above the mail it quotes.
_HEADER_BLOCK = (
    r"^[ \t>*]*(?:from|von|de)\*? ?:[^\n]+\n[ \t>*]*(?:sent|date|gesendet|datum|enviado(?: el)?"
    r"|fecha|envoy[eé])\*? ?:"
    r"[^\n]+\n(?:[^\n]*\n){0,3}?[ \t>*]*(?:subject|betreff|asunto|objet)\*? ?:[^\n]*$"
)
_QUOTE = re.compile(
    f"(?:{_ATTRIBUTION})|(?:{_SEPARATOR})|(?:{_HEADER_BLOCK})", re.IGNORECASE | re.MULTILINE
)
# Every quotation has one of these: to look for them is fast. So with the other parts.
_QUOTE_MARKS = (
    " wrote:", "schrieb", "escribi", "crit", "original message", "forwarded message",
    "ngliche nachricht", "mensaje original", "message d'origine", "above this line",
)  # fmt: skip
_SUBJECTS = ("subject", "betreff", "asunto", "objet")
_SUBJECT_MARKS = tuple(one + end for one in _SUBJECTS for end in (":", "*:", " :", "* :"))
_QUOTED_LINE = re.compile(r"[ \t]*>")
_SIGNATURE = re.compile(r"^-- ?$", re.MULTILINE)
_MAX_SIGNATURE_LINES = 15
_PHONE = re.compile(
    r"^(?:sent from my |get outlook for |von meinem .{2,30} gesendet|gesendet von |"
    r"enviado desde mi )[^\n]*$",
    re.IGNORECASE | re.MULTILINE,
)
_PHONE_MARKS = ("sent from my", "get outlook", "gesendet", "enviado desde")
_DISCLAIMER = re.compile(
    r"^[^\S\n*_]*[*_]*(?:confidentiality (?:notice|note)|disclaimer|legal notice"
    r"|th(?:is|e information (?:contained )?in this) (?:e-?mail|message)"
    r"(?: (?:and|including) any (?:attachments?|files?)[^\n]{0,40})? (?:is|are|may be|contains?)"
    r" (?:strictly )?(?:confidential|intended|privileged)"
    r"|this (?:e-?mail|message) (?:and any|may contain|contains)[^\n]{0,60}"
    r"(?:confidential|privileged|intended)"
    r"|diese (?:e-?mail|nachricht) (?:und|enth[aä]lt|kann|ist)[^\n]{0,60}vertraulich"
    r"|este (?:mensaje|correo)[^\n]{0,80}confidencial"
    r"|aviso (?:de confidencialidad|legal)|vertraulichkeitshinweis|haftungsausschluss)",
    re.IGNORECASE | re.MULTILINE,
)
_DISCLAIMER_MARKS = (
    "confiden", "disclaimer", "legal", "intended", "privileged", "vertraulich",
    "haftungsausschluss",
)  # fmt: skip
_GOODBYE = re.compile(
    r"^(?:(?:with )?(?:kind|best|warm|many) (?:regards|wishes)|regards|sincerely(?: yours)?"
    r"|yours (?:sincerely|faithfully|truly)|mit (?:freundlichen|besten|vielen|sch[oö]nen)"
    r" gr[uü](?:ß|ss)en|(?:viele|beste|liebe|sch[oö]ne|freundliche) gr[uü](?:ß|ss)e|mfg|vg|lg"
    r"|(?:un )?(?:cordial |atento )?saludos?(?: cordiales)?|atentamente)[,.!]?[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
_GOODBYE_MARKS = (
    "regards", "wishes", "sincerely", "yours", "gruß", "grüß", "gruss", "grüss", "mfg", "vg", "lg",
    "saludo", "atentamente",
)  # fmt: skip
# Below a goodbye there are a name, a job, a company, a telephone number; longer is a text again.
_MAX_NAME_LINES = 8
_MAX_NAME_LINE = 80


def without_mail_parts(text: str) -> str:
    """Return `text` without quoted mail, signature and disclaimer.

    Where no word would be left it is returned unchanged.
    """
    if len(text) < MIN_LENGTH or "\n" not in text:
        return text
    lower = _lower(text)
    rest = _without_quotes(text) if _may_quote(lower) else text
    for marks, cut in ((_DISCLAIMER_MARKS, _DISCLAIMER), (_PHONE_MARKS, _PHONE)):
        found = next(_outside_code(cut, rest), None) if contains_any(lower, marks) else None
        if found:
            rest = rest[: found.start()]
    rest = _without_signature(rest) if "--" in rest else rest
    rest = (_without_goodbye(rest) if contains_any(lower, _GOODBYE_MARKS) else rest).rstrip()
    return rest if any(character.isalnum() for character in rest) else text


def _lower(text: str) -> str:
    """Return a text in lower case, with the letters that patterns take for an "i" or "s" as these.

    Programs set to Turkish write "DİSCLAİMER" and "dısclaımer".
    """
    if text.isascii():
        return text.lower()
    for letter, plain in _PLAIN:  # not `translate`, which goes through all letters
        text = text.replace(letter, plain)
    return text.lower()


_PLAIN = (("İ", "i"), ("ı", "i"), ("ſ", "s"))


def _may_quote(lower: str) -> bool:
    if contains_any(lower, _QUOTE_MARKS):
        return True
    return contains_any(lower, _SUBJECTS) and contains_any(lower, _SUBJECT_MARKS)


# Nothing shorter has room for a text and one of these parts.
MIN_LENGTH = 20


def _outside_code(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Yield what is found outside of marks of code, in which "--" begins a comment."""
    if _CODE not in text:
        yield from pattern.finditer(text)
        return
    marks = [mark.start() for mark in re.finditer(_CODE, text)]
    for found in pattern.finditer(text):
        before = bisect(marks, found.start())
        if before % 2 == 0 or before == len(marks):  # the last one alone begins no code
            yield found


_CODE = "```"


def _without_quotes(text: str) -> str:
    """Cut from the first attribution on; quoted lines below it may be followed by an answer."""
    found = next(_outside_code(_QUOTE, text), None)
    if not found:
        return text
    above, below = text[: found.start()], text[found.end() :].lstrip("\n")
    lines = below.split("\n")
    if not any(map(_QUOTED_LINE.match, lines)):
        return above
    if not _is_quoted(found.group(), lines):
        return text
    answers = [line for line in lines if not _QUOTED_LINE.match(line)]
    return "\n".join([above.rstrip(), *answers]).strip("\n")


def _is_quoted(attribution: str, lines: list[str]) -> bool:
    first = next((line for line in lines if line.strip()), "")
    return bool(_QUOTED_LINE.match(first) or _QUOTED_LINE.match(attribution))


def _without_signature(text: str) -> str:
    marks = list(_outside_code(_SIGNATURE, text))
    if not marks or text.count("\n", marks[-1].end()) > _MAX_SIGNATURE_LINES:
        return text
    return text[: marks[-1].start()]


def _without_goodbye(text: str) -> str:
    marks = list(_GOODBYE.finditer(text))
    if not marks:
        return text
    below = [line for line in text[marks[-1].end() :].split("\n") if line.strip()]
    if len(below) > _MAX_NAME_LINES or any(len(line) > _MAX_NAME_LINE for line in below):
        return text
    return text[: marks[-1].start()]
