"""Identifiers that distinguish tickets with nearly the same words, and where two texts contradict.

They are codes, versions, products, platforms and negations. A contradiction rules out "duplicate"
but not "related". A text without a version does not contradict one that has a version.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from services.text.folding import fold
from services.text.terms import terms

IdentifierKind = Literal["code", "version", "product", "platform", "polarity"]

# A text with more identifiers of a kind than this is a log or a list, and they say nothing.
MAX_NAMED = 12

# The share of the other words that two texts must have in common for "not" to matter.
MIN_OVERLAP = 0.6

# Codes may contain punctuation: ERR_CONN-RESET, 0x80070005, E1042.
_CODE = re.compile(
    r"\b(?:0x[0-9a-f]{4,}|(?:err|error|e|err(?:or)?[_-]\w+|ora|http|sql|win|hy|bsod)[_-]?\d{2,}"
    r"|err(?:or)?_[a-z_]{3,}|[a-z]{2,12}_(?:error|failed|denied|timeout|refused|reset))\b"
)
_LABELLED_CODE = re.compile(
    r"\b(?:error|errors|code|http|status|fehler|fehlercode|errno|codigo|exit)"
    r"(?:\s+(?:code|status|number|nr|no))?[\s:#=]{1,3}(\d{2,6})\b"
)
_VERSION = re.compile(r"(?<![\w.])v?(\d{1,4}(?:\.\d{1,5}){1,3})(?![\w.]*@)(?!\w*\.\w*[a-z])")
_LABELLED_VERSION = re.compile(
    r"\b(?:version|release|v|ios|ipados|android|windows|win|macos|ubuntu|debian|fedora|python|java"
    r"|php|node|firefox|chrome|office|excel)[\s-]?(\d{1,4}(?:\.\d{1,5}){0,3})\b"
)
_DATE = re.compile(
    r"\b\d{1,4}[./-]\d{1,2}[./-]\d{2,4}\b|\b\d{1,2}[:.]\d{2}(?::\d{2})?\s?(?:h|am|pm|uhr)\b"
)
_IP = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b")
# Letters and digits together: model numbers, SKUs.
_PRODUCT = re.compile(r"(?<![a-z0-9-])[a-z0-9]+(?:-[a-z0-9]+)*")
_MEASURE = re.compile(
    r"\d+(?:st|nd|rd|th|am|pm|kb|mb|gb|tb|mhz|ghz|hz|px|ms|min|km|cm|mm|kg|mah|x\d+|bit|k|s)"
)
MIN_PRODUCT_LENGTH = 5
MIN_DIGITS = 2
# Longer runs of letters and digits are hashes and tokens.
MAX_PRODUCT_LENGTH = 20

# A user agent names every browser and system there is.
_USER_AGENT = re.compile(r"mozilla/\d[^\n]*")

_PLATFORMS = {
    "windows": "windows", "win10": "windows", "win11": "windows", "mac": "macos",
    "macos": "macos", "osx": "macos", "macbook": "macos", "linux": "linux", "ubuntu": "linux",
    "debian": "linux", "fedora": "linux", "iphone": "ios", "ipad": "ios", "ios": "ios",
    "android": "android",
}  # fmt: skip

_NEGATIONS = frozenset({
    "not", "no", "never", "cannot", "cant", "dont", "doesnt", "didnt", "wont", "isnt",
    "arent", "wasnt", "without", "unable", "nicht", "kein", "keine", "keinen", "nie",
    "ohne", "sin", "nunca", "ningun", "ninguna",
})  # fmt: skip
_APOSTROPHE = re.compile(r"(?<=n)['’](?=t\b)")
_OPPOSITES = [
    {"enable", "disable"}, {"enabled", "disabled"}, {"login", "logout"}, {"signin",
    "signout"}, {"add", "remove"}, {"upload", "download"}, {"increase", "decrease"},
    {"subscribe", "unsubscribe"}, {"lock", "unlock"}, {"install", "uninstall"}, {"activate",
    "deactivate"}, {"connect", "disconnect"}, {"import", "export"}, {"buy", "sell"},
    {"deposit", "withdraw"}, {"incoming", "outgoing"}, {"open", "close"}, {"start", "stop"},
    {"show", "hide"}, {"allow", "block"},
]  # fmt: skip


@dataclass(frozen=True)
class Identifiers:
    """The identifiers in a text, each folded to one spelling, and its words."""

    codes: frozenset[str]
    versions: frozenset[str]
    products: frozenset[str]
    platforms: frozenset[str]
    words: frozenset[str]


@dataclass(frozen=True)
class Contradiction:
    """The identifiers of a kind that only one of two texts has, on each side."""

    kind: IdentifierKind
    ours: tuple[str, ...]
    theirs: tuple[str, ...]


def identifiers(text: str) -> Identifiers:
    """Return the identifiers in a text."""
    folded = _APOSTROPHE.sub("", fold(text))
    for meaningless in (_USER_AGENT, _DATE, _IP):
        folded = meaningless.sub(" ", folded)
    codes = {match.group().replace("-", "").replace("_", "") for match in _CODE.finditer(folded)}
    codes |= set(_LABELLED_CODE.findall(folded))
    versions = {*_VERSION.findall(folded), *_LABELLED_VERSION.findall(folded)} - codes
    products = {match.group().replace("-", "") for match in _PRODUCT.finditer(folded)}
    words = frozenset(terms(folded))
    return Identifiers(
        codes=frozenset(codes),
        versions=frozenset(version.removesuffix(".0") for version in versions),
        products=frozenset(one for one in products if _is_product(one) and one not in codes),
        platforms=frozenset(_PLATFORMS[word] for word in words if word in _PLATFORMS),
        words=words,
    )


def contradictions(ours: Identifiers, theirs: Identifiers) -> list[Contradiction]:
    """Return the contradictions that rule out that two texts are about the same issue."""
    found = [
        _differing("code", ours.codes, theirs.codes, str.__eq__),
        _differing("version", ours.versions, theirs.versions, _is_refined),
        _differing("product", ours.products, theirs.products, _is_within),
        _differing("platform", ours.platforms, theirs.platforms, str.__eq__),
        _polarity(ours.words, theirs.words),
    ]
    return [one for one in found if one is not None]


def shared_identifiers(ours: Identifiers, theirs: Identifiers) -> list[str]:
    """Return the identifiers in both texts, sorted."""
    both = (
        (ours.codes & theirs.codes)
        | (ours.versions & theirs.versions)
        | (ours.products & theirs.products)
        | (ours.platforms & theirs.platforms)
    )
    return sorted(both)


def _differing(
    kind: IdentifierKind,
    ours: frozenset[str],
    theirs: frozenset[str],
    agree: Callable[[str, str], bool],
) -> Contradiction | None:
    if not ours or not theirs or max(len(ours), len(theirs)) > MAX_NAMED:
        return None
    if any(agree(one, other) for one in ours for other in theirs):
        return None
    return Contradiction(kind, tuple(sorted(ours)), tuple(sorted(theirs)))


def _polarity(ours: frozenset[str], theirs: frozenset[str]) -> Contradiction | None:
    for sides in _OPPOSITES:
        if (
            len(sides & ours) == len(sides & theirs) == 1
            and sides & ours != sides & theirs
            and _overlap(ours - sides, theirs - sides) >= MIN_OVERLAP
        ):
            return Contradiction("polarity", tuple(sides & ours), tuple(sides & theirs))
    not_ours, not_theirs = ours & _NEGATIONS, theirs & _NEGATIONS
    alike = _overlap(ours - _NEGATIONS, theirs - _NEGATIONS)
    if bool(not_ours) != bool(not_theirs) and alike >= MIN_OVERLAP:
        return Contradiction("polarity", tuple(sorted(not_ours)), tuple(sorted(not_theirs)))
    return None


def _overlap(ours: frozenset[str], theirs: frozenset[str]) -> float:
    return len(ours & theirs) / max(len(ours | theirs), 1)


def _is_refined(one: str, other: str) -> bool:
    """Say whether one version is the other, or a more precise form of it: 3 and 3.2."""
    return f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}.")


def _is_within(one: str, other: str) -> bool:
    """Say whether one product's name is part of the other's: lx350 and pslx350h."""
    return one in other or other in one


def _is_product(word: str) -> bool:
    return (
        MIN_PRODUCT_LENGTH <= len(word) <= MAX_PRODUCT_LENGTH
        and sum(character.isdigit() for character in word) >= MIN_DIGITS
        and any(character.isalpha() for character in word)
        and not _MEASURE.fullmatch(word)
    )
