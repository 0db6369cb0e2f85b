"""Quotations, which titles contain whole or not at all. A single mark may also be an apostrophe."""

from __future__ import annotations

import re
from collections.abc import Sequence

# A mark that opens before a word, and the next one that closes after a word or a sentence, on one
# line.
_QUOTATION = re.compile(
    r"(?<!\w)['‘](?=\w)(?:[^'‘’\n]|(?<=\w)['’](?=\w))*(?<=\w)['’](?!\w)"
    r"""|(?<!\w)"(?=\w)[^"\n]*(?<=[\w?!.,])"(?!\w)|“(?=\w)[^“”\n]*(?<=[\w?!.,])”"""
    r"|„(?=\w)[^„“”\n]*(?<=[\w?!.,])[“”]|«(?=\w)[^«»\n]*(?<=[\w?!.,])»"
)
_MARKS = frozenset("'‘\"“„«")
# A genitive's mark may stand alone: "the possessive 's".
_OPENING, _CLOSING = re.compile(r"(?<!\w)['‘](?=\w)(?!s\b)"), re.compile(r"(?<=\w)['’](?!\w)")
_PAIRS = (("„", frozenset("“”")), ("«", frozenset("»")))
# Of a screen of 27": it opens nothing.
_INCHES = re.compile(r'(?<=\d)"')
_EMPTY = re.compile(r"(?<!\w)['‘] ?['’](?!\w)")


def find_quotations(text: str) -> Sequence[tuple[int, int]]:
    """Return the first and last offset of each quotation in a text, with its marks."""
    if _MARKS.isdisjoint(text):
        return ()
    return [match.span() for match in _QUOTATION.finditer(text)]


def cuts_quotation(start: int, end: int, quotations: Sequence[tuple[int, int]]) -> bool:
    """Say whether a phrase has a part of a quotation and something beside it."""
    return any(
        start < closing
        and opening < end
        and not (opening < start and end < closing)
        and not (start <= opening + 1 and closing - 1 <= end)
        for opening, closing in quotations
    )


def opens_quotation(phrase: str) -> bool:
    """Say whether a phrase has a mark that opens a quotation and none that closes it."""
    singles = len(_OPENING.findall(phrase)) - len(_CLOSING.findall(phrase))
    is_odd = phrase.count('"') % 2 == 1 and not _INCHES.search(phrase)
    is_open = ("“" in phrase and not {"„", "”"} & set(phrase)) or any(
        one in phrase and not closing & set(phrase.rpartition(one)[2]) for one, closing in _PAIRS
    )
    return singles > 0 or is_odd or is_open


def with_marks(start: int, end: int, text: str) -> tuple[int, int]:
    """Return the offsets of a phrase with the marks of the quotations at its ends.

    A phrase that is exactly what is quoted needs no marks.
    """
    for opening, closing in find_quotations(text):
        if start <= opening < end == closing - 1:
            end = closing
        elif start - 1 == opening and closing <= end:
            start = opening
    return start, end


def without_empty_quotations(phrase: str) -> str:
    """Return a phrase without the marks of quotations that nothing is left of."""
    return _EMPTY.sub("", phrase)
