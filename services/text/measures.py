"""Numbers with their units: "14 watts", "14-Watt" and "14W" are one term, and not "150 W".

A catalog writes a unit in many ways, and a number alone says little: 14 is as well a model year.
Units of English, German and Spanish; amounts are not converted (1 TB is not 1000 GB).
"""

from __future__ import annotations

import re

from services.text.folding import fold
from services.text.terms import MAX_TERM_LENGTH, terms

# Spellings by unit, as `fold` leaves them.
_UNITS = {
    "w": "w watt watts vatio vatios",
    "kw": "kw kilowatt kilowatts kilovatio kilovatios",
    "wh": "wh", "kwh": "kwh", "va": "va",
    "v": "v volt volts voltio voltios",
    "a": "a amp amps ampere amperes amperio amperios",
    "mah": "mah", "ah": "ah",
    "kb": "kb kilobyte kilobytes", "mb": "mb megabyte megabytes",
    "gb": "gb gigabyte gigabytes", "tb": "tb terabyte terabytes",
    "bit": "bit bits", "kbps": "kbps kbit/s", "mbps": "mbps mbit/s", "gbps": "gbps gbit/s",
    "hz": "hz hertz", "khz": "khz kilohertz", "mhz": "mhz megahertz", "ghz": "ghz gigahertz",
    "mp": "mp mpx megapixel megapixels megapixeles", "fps": "fps", "rpm": "rpm", "db": "db",
    "btu": "btu btus",
    "mm": "mm millimeter millimeters millimetre millimetres milimetro milimetros",
    "cm": "cm centimeter centimeters centimetre centimetres zentimeter centimetro centimetros",
    "m": "m meter meters metre metres metern metro metros",
    "in": "in inch inches zoll pulgada pulgadas \" ″ ′′",
    "ft": "ft foot feet", "yd": "yd yard yards",
    "ml": "ml milliliter milliliters millilitre millilitres mililitro mililitros",
    "cl": "cl", "l": "l liter liters litre litres litern litro litros",
    "mg": "mg", "g": "g gr gram grams gramm gramme gramo gramos",
    "kg": "kg kgs kilo kilos kilogram kilograms kilogramm kilogramo kilogramos",
    "lb": "lb lbs pound pounds pfund libra libras", "oz": "oz ounce ounces unze unzen onza onzas",
    "gal": "gal gallon gallons gallone gallonen galon galones",
    "lm": "lm lumen lumens lumenes", "k": "k kelvin", "bar": "bar", "psi": "psi",
}  # fmt: skip
_UNIT_OF = {spelling: unit for unit, spellings in _UNITS.items() for spelling in spellings.split()}

# After a space these are words of English as well: "2 in 1", "1 a day".
_WORDS = frozenset({"a", "in"})

_NUMBER = r"(?:\d+(?:[.,]\d+)*(?:[ -]\d+/\d+)?|\d+/\d+)"
_SPELLINGS = "|".join(map(re.escape, sorted(_UNIT_OF, key=len, reverse=True)))
# The number of "2x4gb" is 4, that of "1-1/2 in" is 1-1/2.
_MEASURE = re.compile(
    rf"(?:(?<![\w.,/])|(?<=\dx)|(?<=[^\W\d]/))({_NUMBER})([ -]?)({_SPELLINGS})(?!\w)", re.ASCII
)
_THOUSANDS = re.compile(r"[1-9]\d{0,2}([.,])\d{3}(?:\1\d{3})*")


def measures(text: str) -> list[str]:
    """Return the numbers with units in a text, in order, each in one spelling: `14w`, `2.5in`.

    They consist of what terms do: figures, letters, `.` and, in fractions, `_`.
    """
    return [measure for match in _MEASURE.finditer(fold(text)) if (measure := _measure(match))]


def typed_terms(text: str, kind: str) -> list[str]:
    """Return the terms of a text that somebody typed to search for items of a kind.

    For products a number with its unit is one term: "14 watt" finds neither every 14 nor
    everything with watts.
    """
    if kind != "product":
        return terms(text)
    rest = _MEASURE.sub(lambda match: " " if _measure(match) else match[0], fold(text))
    return [*terms(rest), *measures(text)]


def terms_of_kind(text: str, kind: str) -> list[str]:
    """Return the terms of an item's text in order; of a product, then its numbers with units."""
    found = terms(text)
    if kind != "product":
        return found
    known = set(found)
    return [*found, *(measure for measure in measures(text) if measure not in known)]


def _measure(match: re.Match[str]) -> str:
    """Return what a match is as a term, or "" where it is none."""
    number, space, unit = match.groups()
    if space == " " and unit in _WORDS:
        return ""
    measure = _number(number) + _UNIT_OF[unit]
    return measure if len(measure) <= MAX_TERM_LENGTH else ""


def _number(written: str) -> str:
    """Return a number with a point, without separators of thousands and without final zeros."""
    if _THOUSANDS.fullmatch(written):
        return re.sub(r"[.,]", "", written)
    number = re.sub(r"[ /-]", "_", written).replace(",", ".")
    return number.rstrip("0").rstrip(".") if "." in number and "_" not in number else number
