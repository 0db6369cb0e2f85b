"""Titles and texts that say of themselves that they are for the team alone."""

from __future__ import annotations

import re
from functools import lru_cache

from services.intake.importers.records import normalized
from services.intake.importers.vocabulary.audience_words import (
    COMMENTS,
    CONFIDENTIAL,
    MESSAGES,
    NOTES,
    ONLY,
    PRIVATE,
    SENSITIVITY,
    STAFF,
    TO,
    VISIBILITY,
)
from services.intake.importers.vocabulary.reply_kinds import names_note
from services.text.words.folding import join_negations
from services.text.words.word_lists import words

_LISTED = words("tickets issues cases requests incidents list liste lista anfragen vorgange casos")
# A remark in brackets, or its beginning: "[Internal note: …]". Each is short.
_REMARK = re.compile(r"(?P<opening>[\[(])(?P<said>[^\[\]():\n]{5,40})(?P<end>\]|\):?|:)")
# A word alone may say something of an error or a network: it counts in "[internal]" and before
# the colon of "Ira (internal): …".
_ALONE = words(
    "internal private intern interne interner internes interno interna privat prive privee privado"
    " privada"
)
_NOTES = NOTES | COMMENTS | words("commentaire nur solo")


def is_title_of_team(title: str) -> bool:
    """Say whether a sheet or a list of this title is for the team alone: "Intern", "Private"."""
    said = set(normalized(title).split())
    return bool(said & PRIVATE) and said <= MESSAGES | _LISTED


# A line that begins as "Internal note by Kim", "Private comment:" or "Kim | 4 May | Private |". It
# is looked for from the end of the line before: that is faster than to try each character. A
# sentence is none: "Private messages from guests are blocked.".
_HEADING = re.compile(
    r"\n[ \t>*#=_-]{0,8}(?P<said>[^\W\d_]++(?:[ -][^\W\d_]++){1,3}?)"
    r"(?=[ \t*_]{0,4}(?:[:|\u2013\u2014]|-{1,3}[ \n])"
    r"| (?:by|from|on|von|vom|por|de|par|del)\b"
    r"(?! [^\W\d_]+ [^\W\d_A-Z][^\n:]*[.!?][ \t]*(?:\n|$)))"
)
# A line with more words before its colon: "Please do not share with the customer: …".
_LINE = re.compile(r"\n[ \t>*#=_-]{0,8}(?P<said>[^\n:|.,;!?()\d]{4,60})[:|]")
# All that such a line says of itself: "Visibility: private", as forms of help desks have it.
_VALUE = re.compile(r"[ \t*_]{1,4}([^\W\d_][^\n:]{3,24}?)[ \t*_]{0,4}\n")
# A word alone says so where a text begins with it: "INTERNAL: He has not paid."
_FIRST = re.compile(r"[\s*_>#=-]{0,8}(?P<said>[^\W\d_]{5,10})[*_]{0,2} ?:[*_]{0,2}\s")
_CELL = re.compile(r"\|[ \t]{0,4}(?P<said>[^\W\d_]{5,16}(?: [^\W\d_]{4,12})?)[ \t]{0,4}(?=\|)")


def is_title_for_few(title: str) -> bool:
    """Say whether a title begins with a mark such as "[CONFIDENTIAL - HR]" or "Vertraulich:"."""
    found = _TITLE_MARK.match(title)
    said = set(_WORD.findall(normalized(found["marked"] or found["bare"]))) if found else set()
    return bool(said & CONFIDENTIAL) and said <= CONFIDENTIAL | PRIVATE | _EMPHASIS


# A word is followed by a sign: no part of it (`}+`, `++`) need be tried again.
_WORDS = r"[^\W\d_]{1,20}+(?:(?: | ?[&/] ?)[^\W\d_]{1,20}+){0,3}"
# Behind what replies and forwarded mails begin with.
_TITLE_MARK = re.compile(
    r"(?:[^\W\d_]{1,3}: ?){0,3}(?:[\[({*]{1,3} ?"
    rf"(?P<marked>{_WORDS})(?: ?[-\u2013\u2014:/|,][^\])}}*\n]{{0,40}})?[\])}}*]"
    rf"|(?P<bare>{_WORDS})(?: ?:| [-\u2013\u2014|]))"
)
_WORD = re.compile(r"\w+")
# "Private and confidential", "Streng vertraulich".
_EMPHASIS = words(
    "strictly highly streng estrictamente strictement strettamente and und y e et only nur"
)


def is_text_of_team(text: str) -> bool:
    """Say whether a text has a part that people marked as a note of the team."""
    if ("[" in text or "(" in text) and any(map(_is_mark, _REMARK.finditer(text))):
        return True
    cells = (normalized(one["said"]) for one in _CELL.finditer(text))
    lines = f"\n{text}\n"
    headings = (one["said"] for one in _HEADING.finditer(lines))
    first = _FIRST.match(text)
    is_first = first is not None and normalized(first["said"]) in _ALONE
    fields = _LINE.finditer(lines) if ":" in text or "|" in text else ()
    return (
        is_first
        or is_title_for_few(text)
        or any(one in _ALONE for one in cells)
        or any(map(_names_team, headings))
        or any(_is_ruled(one["said"]) for one in _RULED.finditer(lines))
        or any(map(_is_line_of_team, fields))
    )


def without_note(text: str) -> str:
    """Return what stands before a note of the team in a text; "" where it begins with one.

    Less counts than in a reply, as anybody may have written it: a word alone, and a line such as
    "Visibility: private", at the very beginning, and a heading such as "Internal note by Kim:".
    """
    if not is_text_of_team(text):
        return text
    first = _FIRST.match(text)
    if first is not None and normalized(first["said"]) in _ALONE:
        return ""
    lines = f"\n{text}\n"
    field = _LINE.match(lines)
    if field is not None and _names_field(field["said"]) and _is_line_of_team(field):
        return ""
    headings = (*_HEADING.finditer(lines), *_LINE.finditer(lines))
    starts = [one.start() for one in headings if _names_team(one["said"]) and _is_headed(one)]
    starts += [one.start() for one in _RULED.finditer(lines) if _is_ruled(one["said"])]
    starts += [one.start() + 1 for one in _REMARK.finditer(text) if _heads_line(one)]
    return text[: max(min(starts) - 1, 0)].strip() if starts else text


# "--- internal ---", on a line of its own.
_RULED = re.compile(
    r"\n[ \t]*[-=*#_~]{2,}[ \t]*(?P<said>[^\W\d_]{5,16}(?: [^\W\d_]{4,12})?)[ \t]*[-=*#_~]{2,}"
    r"[ \t]*(?=\n)"
)


def _is_ruled(said: str) -> bool:
    return normalized(said) in _ALONE or _names_team(said)


def _heads_line(remark: re.Match[str]) -> bool:
    is_first = remark.string[: remark.start()].rpartition("\n")[2].strip(" \t*_>") == ""
    return is_first and _is_mark(remark) and not set(normalized(remark["said"]).split()) <= _ALONE


def _is_headed(heading: re.Match[str]) -> bool:
    """Say whether a mark follows a heading, or the name of whoever wrote what is below it."""
    return _AFTER.match(heading.string, heading.end()) is not None or heading[0][-1] in ":|"


_AFTER = re.compile(r"[ \t*_]{0,4}(?:[:|\u2013\u2014]|-{1,3}[ \n])|\s+[a-z]{2,4} [A-Z]")


@lru_cache(maxsize=4096)
def _names_team(heading: str) -> bool:
    """Say whether a heading is such as "Internal note", "Staff only" or "Not for customers"."""
    said = frozenset(normalized(join_negations(heading)).split())
    return names_note(heading) or _is_for_team(said) or _is_kept_back(said)


def _is_for_team(said: frozenset[str]) -> bool:
    """Say whether words are such as "for internal use only" or "nur fürs Team"."""
    readers = said & (PRIVATE | STAFF)
    is_alone = bool(said & (ONLY | _USE)) if said & PRIVATE else bool(said & ONLY)
    return bool(readers) and is_alone and said <= PRIVATE | STAFF | ONLY | _USE | _LINKS


def _is_kept_back(said: frozenset[str]) -> bool:
    """Say whether words are such as "not for the customer" or "no compartir con clientes"."""
    is_denied = bool(said & _DENIALS and said & _TO_CUSTOMERS) or bool(said & _SECRETLY)
    return is_denied and bool(said & _CUSTOMERS) and said <= _KEPT_BACK


@lru_cache(maxsize=4096)
def _names_field(heading: str) -> bool:
    return normalized(heading) in _FIELDS


def _is_line_of_team(line: re.Match[str]) -> bool:
    """Say whether a line begins as a note does, or is such as "Access: internal"."""
    if not _names_field(line["said"]):
        return _names_team(line["said"])
    value = _VALUE.match(line.string, line.end())
    said = set(normalized(value[1]).split()) if value else set()
    if normalized(line["said"]) in _KINDS:
        return value is not None and names_note(value[1])
    return bool(said) and said <= PRIVATE | STAFF | NOTES | ONLY


# "For internal use only", "Nur für internen Gebrauch".
_USE = words("use eyes purposes internen gebrauch verwendung zwecke zwecken uso fines")
_LINKS = words("for fur furs the den das die dem zum zur unser unsere para de el la los our fyi")
_ACCESS = words("access zugriff acceso acces security")
_KINDS = words("type kind typ art tipo")
_FIELDS = VISIBILITY | SENSITIVITY | _ACCESS | _KINDS
_CUSTOMERS = words(
    "customer customers client clients kunde kunden cliente clientes klient klienten"
)
_DENIALS = words("not dont never nicht nie keinesfalls no nunca ne pas")
_SECRETLY = words("hidden unsichtbar oculto")
# How something goes, or may not go, to somebody.
_TO_CUSTOMERS = TO | words(
    "share show send forward tell visible disclose with an teilen zeigen weitergeben weiterleiten"
    " senden sichtbar bestimmt compartir mostrar enviar reenviar decir con al a"
)
_KEPT_BACK = (
    _DENIALS
    | _SECRETLY
    | _CUSTOMERS
    | _TO_CUSTOMERS
    | words("do please bitte favor por the our this den die dem der unsere unseren el la los las")
)


# What is typed somewhere, and steps of Docker: "=> [internal] load build definition".
_OF_CODE = ("`", "=> ")


def _is_mark(remark: re.Match[str]) -> bool:
    start = remark.start()
    if remark.string[max(start - 3, 0) : start].endswith(_OF_CODE):
        return False
    said = set(normalized(remark["said"]).split())
    if said <= _ALONE:
        return remark["opening"] == "[" or remark["end"] == "):"
    is_note = bool(said & PRIVATE and said & _NOTES) and said <= PRIVATE | _NOTES
    return is_note or _is_for_team(frozenset(said)) or _is_kept_back(frozenset(said))
