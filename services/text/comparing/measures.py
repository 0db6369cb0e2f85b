"""Numbers with their units: "14 watts", "14-Watt" and "14W" are one term, and not "150 W".

A catalog writes a unit in many ways (`units`), and a number alone says little: 14 is as well a
model year. Amounts are not converted (1 TB is not 1000 GB). Both ends of a range, and all sides of
a size, have the unit that is written once: "100-240V", "10 x 20 cm".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from services.text.comparing.terms import MAX_TERM_LENGTH, terms
from services.text.comparing.units import (
    LENGTHS,
    NO_RANGES,
    ONLY_UNSPACED,
    PATTERN,
    PER,
    TEMPERATURES,
    UNIT_OF,
)
from services.text.stack_traces.traces import read_traces
from services.text.words.folding import fold

# "10 000", but not the 5 and the 128 of "iPhone 5 128 GB".
_WHOLE = r"(?:[1-9]\d{0,2}(?: 000)+(?!\d)|\d+(?:[.,]\d+)*)"
# "12/24 V" and "2/4 GB" are two numbers each.
_FRACTION = r"(?:\d?[13579]/(?:2|4|8|16|32|64)|[12]/3)(?!\d)"
_NUMBER = rf"(?:{_WHOLE}(?:[ -]{_FRACTION})?|{_FRACTION}|\.\d+)"
# The number of "2x4gb" is 4, that of "1-1/2 in" is 1-1/2; "'14'" and "\"24\"" are in quotes.
_MEASURE = re.compile(
    rf"(?:(?<![\w.,/])|(?<=\dx)|(?<=[^\W\d]/)|(?<=\d/)(?!\d+[ -]\d+/))({_NUMBER})([ -]?)"
    rf"((?>(?:{PATTERN})(?!\w)))(?!/(?:{PER})(?!\w))",
    re.ASCII,
)
# What is before the last number of a range or a size.
_FIRST = re.compile(
    rf"(?:(?<![\w.,/-])|(?<=^-)|(?<=[\s(]-)|(?<=\d[x/]))({_NUMBER})"
    rf"(-|[/–—~]| (?:to|bis|a|hasta) | ?[x×] ?)$",
    re.ASCII,
)
# Longer numbers are no amounts. A size has three sides.
MAX_NUMBER, MAX_SIDES = 24, 3

_THOUSANDS = re.compile(r"[1-9]\d{0,2}([.,])\d{3}(?:\1\d{3})*")
# Normalised, ½ after a figure would be part of it: "1½" would be eleven halves.
_AFTER_FIGURE = re.compile("(?<=[0-9])(?=[¼-¾⅐-⅞↉])")
_MINUS = re.compile(r"(?<![^\s(])[-−]$")
_QUOTES = frozenset('"′')


@dataclass(frozen=True)
class _Measure:
    """Where numbers with one unit are in a text, and their terms."""

    start: int
    end: int
    terms: list[str]


def measures(text: str) -> list[str]:
    """Return the numbers with units in a text, in order, each in one spelling: `14w`, `2.5in`.

    They consist of what terms do: figures, letters, `.` and, in fractions, rates and below zero,
    `_`: `1_2in`, `16gb_s`, `_20degc`.
    """
    return [term for found in _find(_folded(text)) for term in found.terms]


def typed_terms(text: str, kind: str) -> list[str]:
    """Return the terms of a text that somebody typed to search for items of a kind.

    For products a number with its unit is one term: "14 watt" finds neither every 14 nor
    everything with watts.
    """
    if kind != "product":
        return _ticket_terms(text)
    folded = _folded(text)
    rest, last, found = [], 0, []
    for one in _find(folded):
        rest.append(folded[last : one.start])
        found += one.terms
        last = one.end
    return [*terms(" ".join([*rest, folded[last:]])), *found]


def terms_of_kind(text: str, kind: str) -> list[str]:
    """Return the terms of an item's text in order; of a product, then its numbers with units."""
    if kind != "product":
        return _ticket_terms(text)
    found = terms(text)
    known = set(found)
    return [*found, *(measure for measure in measures(text) if measure not in known)]


def _ticket_terms(text: str) -> list[str]:
    """Return the terms of the errors in a text, and its own without those of their frames."""
    read = read_traces(text)
    if not read.errors:
        return terms(text)
    return [*read.terms, *terms(read.rest), *terms(read.words)]


def _folded(text: str) -> str:
    """Return a text folded, its fractions with a stroke: "1½" as "1 1/2"."""
    if text.isascii():
        return fold(text)
    # ℃ becomes °C, with a capital, when it is folded.
    return fold(_AFTER_FIGURE.sub(" ", text)).replace("⁄", "/").lower()


def _find(folded: str) -> Iterator[_Measure]:
    last = 0
    for match in _MEASURE.finditer(folded):
        number, space, spelling = match.groups()
        spelling = spelling.replace(" ", "")
        is_word = space == " " and spelling in ONLY_UNSPACED and number.isdigit()
        is_quoted = spelling in _QUOTES and folded[match.start() - 1 : match.start()] == spelling
        if is_word or is_quoted:
            continue
        start, found = _numbers(folded, last, match.start(), number, UNIT_OF[spelling])
        kept = [term for term in found if len(term) <= MAX_TERM_LENGTH]
        if kept:
            yield _Measure(start, match.end(), kept)
            last = match.end()


def _numbers(folded: str, last: int, start: int, number: str, unit: str) -> tuple[int, list[str]]:
    """Return where the numbers with a unit begin, and their terms: one, a range or a size."""
    sign, start = _sign(folded, start, unit)
    found = [sign + _number(number) + unit]
    while len(found) < MAX_SIDES:
        before = _FIRST.search(folded, max(start - MAX_NUMBER, last), start)
        if before is None or not _belongs(before, number, unit):
            break
        number = before.group(1)
        sign, start = _sign(folded, before.start(), unit)
        found.insert(0, sign + _number(number) + unit)
    return start, found


def _belongs(before: re.Match[str], number: str, unit: str) -> bool:
    """Say whether a number has the unit of the next: a side of a size, or a range's lower end."""
    earlier, between = before.groups()
    if between.strip() in ("x", "×"):
        return unit in LENGTHS
    if between == "/" or unit in TEMPERATURES:
        return True
    return unit not in NO_RANGES and _value(earlier) < _value(number)


def _sign(folded: str, start: int, unit: str) -> tuple[str, int]:
    """Return `_` for a temperature below zero, or nothing, and where the number begins with it."""
    is_below = unit in TEMPERATURES and _MINUS.search(folded, max(start - 2, 0), start)
    return ("_", start - 1) if is_below else ("", start)


def _value(number: str) -> Fraction:
    """Return what a number is worth."""
    whole, _, part = _number(number).rpartition("_")
    if not whole:
        return Fraction(part)
    ones, _, above = whole.rpartition("_")
    return Fraction(ones or 0) + Fraction(int(above), int(part) or 1)


def _number(written: str) -> str:
    """Return a number with a point, without separators of thousands and without final zeros."""
    if _THOUSANDS.fullmatch(written):
        return re.sub(r"[.,]", "", written)
    if written.endswith(" 000"):
        return written.replace(" ", "")
    number = re.sub(r"[ /-]", "_", written).replace(",", ".")
    if number.startswith("."):
        number = "0" + number
    return number.rstrip("0").rstrip(".") if "." in number and "_" not in number else number
