"""Titles and texts that say of themselves that they are for the team alone."""

from __future__ import annotations

import re

from services.intake.importers.records import normalized
from services.intake.importers.vocabulary.audience_words import (
    COMMENTS,
    CONFIDENTIAL,
    MESSAGES,
    NOTES,
    ONLY,
    PRIVATE,
)
from services.intake.importers.vocabulary.reply_kinds import names_note
from services.text.word_lists import words

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
    r"\n[ \t>*#=_-]{0,8}(?P<said>[^\W\d_]+(?:[ -][^\W\d_]+){1,3}?)"
    r"(?=[ \t*_]{0,4}(?:[:|\u2013\u2014]|-{1,3}[ \n])"
    r"| (?:by|from|on|von|vom|por|de|par|del)\b"
    r"(?! [^\W\d_]+ [^\W\d_A-Z][^\n:]*[.!?][ \t]*(?:\n|$)))"
)
# A word alone says so where a text begins with it: "INTERNAL: He has not paid."
_FIRST = re.compile(r"[\s*_>#=-]{0,8}(?P<said>[^\W\d_]{5,10})[*_]{0,2} ?:\s")
_CELL = re.compile(r"\|[ \t]{0,4}(?P<said>[^\W\d_]{5,16}(?: [^\W\d_]{4,12})?)[ \t]{0,4}(?=\|)")


def is_title_for_few(title: str) -> bool:
    """Say whether a title begins with a mark such as "[CONFIDENTIAL - HR]" or "Vertraulich:"."""
    found = _TITLE_MARK.match(title)
    said = set(_WORD.findall(normalized(found["marked"] or found["bare"]))) if found else set()
    return bool(said & CONFIDENTIAL) and said <= CONFIDENTIAL | PRIVATE | _EMPHASIS


_WORDS = r"[^\W\d_]{1,20}(?:(?: | ?[&/] ?)[^\W\d_]{1,20}){0,3}"
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
    headings = (one["said"] for one in _HEADING.finditer(f"\n{text}"))
    first = _FIRST.match(text)
    is_first = first is not None and normalized(first["said"]) in _ALONE
    return is_first or any(one in _ALONE for one in cells) or any(map(_names_team, headings))


def _names_team(heading: str) -> bool:
    said = set(normalized(heading).split())
    is_only = bool(said & PRIVATE and said & ONLY) and said <= PRIVATE | ONLY | _USE
    return is_only or names_note(heading)


# "For internal use only", "Nur für internen Gebrauch".
_USE = words("for use fur den zum internen gebrauch para uso de")


# What is typed somewhere, and steps of Docker: "=> [internal] load build definition".
_OF_CODE = ("`", "=> ")


def _is_mark(remark: re.Match[str]) -> bool:
    start = remark.start()
    if remark.string[max(start - 3, 0) : start].endswith(_OF_CODE):
        return False
    said = set(normalized(remark["said"]).split())
    if said <= _ALONE:
        return remark["opening"] == "[" or remark["end"] == "):"
    return bool(said & PRIVATE and said & _NOTES) and said <= PRIVATE | _NOTES
