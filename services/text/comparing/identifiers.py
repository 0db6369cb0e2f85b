"""Identifiers that distinguish tickets with nearly the same words, and where two texts contradict.

Tickets contradict each other by their errors, codes, versions, denials and directions; products by
their model numbers and platforms, too. A contradiction rules out "duplicate" but not "related". A
text without a version does not contradict one that has a version.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from services.text.comparing.opposites import Senses, find_denial, find_reversal
from services.text.comparing.reversals import Sides
from services.text.stack_traces.traces import Trace, read_traces, shared_error
from services.text.words.folding import fold, join_negations
from services.text.words.hinted_patterns import HintedPattern

IdentifierKind = Literal["code", "version", "product", "platform", "polarity", "direction", "error"]

# A text with more identifiers of a kind than this is a log or a list, and they say nothing.
MAX_NAMED = 12

# Codes may contain punctuation: ERR_CONN-RESET, 0x80070005, E1042.
_CODE = HintedPattern(
    re.compile(
        r"\b(?:0x[0-9a-f]{4,8}"
        r"|(?:err|error|e|err(?:or)?[_-]\w+|ora|http|sql|hy|bsod)[_-]?\d{2,}"
        r"|err(?:or)?_[a-z_]{3,}|[a-z]{2,12}_(?:error|failed|denied|timeout|refused|reset))\b"
    ),
    ("0x", "err", "_failed", "_denied", "_timeout", "_refused", "_reset"),
    re.compile(r"\d\d(?<=[a-z_-]\d\d)"),
)
_LABELLED_CODE = HintedPattern(
    re.compile(
        r"\b(?:error|errors|code|http|status|fehler|fehlercode|errno|codigo|exit)"
        r"(?:\s+(?:code|status|number|nr|no))?[\s:#=]{1,3}(\d{2,6})\b"
    ),
    ("error", "code", "http", "status", "fehler", "errno", "codigo", "exit"),
)
_UNIT = r"\s?(?:(?:[kmgt]i?b|[kmg]?hz|eur|usd|[mn]?s|sec|mins?|h|kg|g|km|[cm]?m|x|v|w|k)\b|[%°€$£])"
# A number with one dot and three decimals is a measurement, and so is one with a unit or currency.
_VERSION = HintedPattern(
    re.compile(
        r"(?<![\w.$€£=~])v?(\d{1,4}(?:(?:\.\d{1,5}){2,3}|\.\d{1,2}))"
        rf"(?![\w.]*@)(?!\w*\.\w*[a-z])(?!\.?\d)(?!{_UNIT})"
    ),
    hint=re.compile(r"\d\.\d"),
)
_LABELLED_VERSION = HintedPattern(
    re.compile(
        r"\b(?:version|release|v|ios|ipados|android|windows|win|macos|ubuntu|debian|fedora|python"
        r"|java|php|node|firefox|chrome|office|excel)[\s-]?(\d{1,4}(?:\.\d{1,5}){0,3})\b"
    ),
    (
        "version", "release", "ios", "ipados", "android", "win", "macos", "ubuntu", "debian",
        "fedora", "python", "java", "php", "node", "firefox", "chrome", "office", "excel",
    ),
    re.compile(r"v[\s-]?\d"),
)  # fmt: skip
_DATE = HintedPattern(
    re.compile(
        r"\b\d{1,4}[./-]\d{1,2}[./-]\d{2,4}\b"
        r"|\b\d{1,2}[:.]\d{2}(?::\d{2})?\s?(?:h|am|pm|uhr)\b"
    ),
    hint=re.compile(r"\d[./:-]\d"),
)
_IP = HintedPattern(re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b"), hint=re.compile(r"\d\.\d"))
# A user agent names every browser and system there is.
_USER_AGENT = re.compile(r"mozilla/\d[^\n]*")
# What looks like a code and names nothing: escaped addresses, addresses in memory, paths, cell
# ranges, dates and times run together (build ids), commits and other hashes, temporary names.
_MEANINGLESS = (
    HintedPattern(re.compile(r"(?<!\S)\S*%[0-9a-f]{2}\S*"), ("%",)),
    HintedPattern(re.compile(r"\b0x[0-9a-f]{9,}|\+0x[0-9a-f]+"), ("0x",)),
    HintedPattern(
        re.compile(r"(?<![\w.])(?:[a-z]:|~|\.{1,2})?(?:[\\/][\w.@+~-]+){2,}[\\/]?"),
        hint=re.compile(r"[\\/][\w.@+~-]+[\\/][\w.@+~-]"),
    ),
    HintedPattern(
        re.compile(r"(?<!\w)\$?[a-z]{1,3}\$?\d{1,7}:\$?[a-z]{1,3}\$?\d{1,7}\b"),
        hint=re.compile(r":\$?[a-z]{1,3}\$?\d"),
    ),
    HintedPattern(
        re.compile(r"\b[a-z]*[-_.]?(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\w*"),
        hint=re.compile(r"(?:19|20)\d\d[01]\d[0-3]\d"),
    ),
    HintedPattern(
        re.compile(
            r"\b(?:build|rev|revision|commit|bild|compilacion)(?:[\s#:-]|id|nr|no)*[0-9a-z]*\d\w*"
        ),
        ("build", "rev", "commit", "bild", "compilacion"),
    ),
    HintedPattern(
        re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"),
        hint=re.compile(r"-[0-9a-f]{4}-"),
    ),
    HintedPattern(
        re.compile(r"(?<!\w)(?=[a-f]*\d[0-9a-f]*[a-f]|\d+[a-f])[0-9a-f]{7,}\b"),
        hint=re.compile(r"\d[a-f]"),
    ),
    HintedPattern(re.compile(r"\bte?mp[-_.]?\w*\d\w*"), ("mp",)),
    _DATE,
    _IP,
)
_WORD = re.compile(r"[^\W_]+")
_DIGIT = re.compile(r"\d")
# Letters and digits together: model numbers, SKUs.
_PRODUCT = re.compile(r"(?<![a-z0-9-])[a-z0-9]+(?:-[a-z0-9]+)*")
_MEASURE = re.compile(
    r"\d+(?:st|nd|rd|th|am|pm|kb|mb|gb|tb|mhz|ghz|hz|px|ms|min|km|cm|mm|kg|mah|x\d+|bit|k|s)"
)
MIN_PRODUCT_LENGTH = 5
MIN_DIGITS = 2
# Longer runs of letters and digits are hashes and tokens.
MAX_PRODUCT_LENGTH = 20

_PLATFORMS = {
    "windows": "windows", "win10": "windows", "win11": "windows", "mac": "macos",
    "macos": "macos", "osx": "macos", "macbook": "macos", "linux": "linux", "ubuntu": "linux",
    "debian": "linux", "fedora": "linux", "iphone": "ios", "ipad": "ios", "ios": "ios",
    "android": "android",
}  # fmt: skip


@dataclass(frozen=True)
class Identifiers:
    """The identifiers in a folded text, each in one spelling, and what has an opposite.

    Found when they are asked for: tickets are not compared by products and platforms. `errors` are
    those that programs printed; their frames are not part of the text.
    """

    folded: str
    errors: tuple[Trace, ...] = ()

    @cached_property
    def codes(self) -> frozenset[str]:
        """The error codes."""
        rest = self._meaningful
        codes = {one.replace("-", "").replace("_", "") for one in _CODE.findall(rest)}
        return frozenset(codes.union(_LABELLED_CODE.findall(rest)))

    @cached_property
    def versions(self) -> frozenset[str]:
        """The versions, without a last ".0"."""
        rest = self._meaningful
        versions = {*_VERSION.findall(rest), *_LABELLED_VERSION.findall(rest)} - self.codes
        return frozenset(version.removesuffix(".0") for version in versions)

    @cached_property
    def products(self) -> frozenset[str]:
        """The model numbers."""
        with_digits = {one for one in _PRODUCT.findall(self._meaningful) if _DIGIT.search(one)}
        products = {one.replace("-", "") for one in with_digits}
        return frozenset(one for one in products if _is_product(one)) - self.codes

    @cached_property
    def platforms(self) -> frozenset[str]:
        """The operating systems."""
        return frozenset(_PLATFORMS[word] for word in self._words if word in _PLATFORMS)

    @cached_property
    def senses(self) -> Senses:
        """What has an opposite."""
        return Senses(self.folded, self._words)

    @cached_property
    def _words(self) -> frozenset[str]:
        return frozenset(_WORD.findall(self.folded))

    @cached_property
    def _meaningful(self) -> str:
        """The text without what looks like a code and names nothing."""
        rest = self.folded
        if _DIGIT.search(rest):
            for meaningless in _MEANINGLESS:
                rest = meaningless.sub(" ", rest)
        return rest


@dataclass(frozen=True)
class Contradiction:
    """The identifiers of a kind that only one of two texts has, on each side."""

    kind: IdentifierKind
    ours: tuple[str, ...]
    theirs: tuple[str, ...]


def identifiers(text: str) -> Identifiers:
    """Return the identifiers in a text."""
    read = read_traces(text)
    folded = fold(join_negations(read.rest))
    return Identifiers(_USER_AGENT.sub(" ", folded), read.errors)


def contradictions(
    ours: Identifiers, theirs: Identifiers, kind: str = "ticket"
) -> list[Contradiction]:
    """Return what rules out that two tickets are one issue, or with `kind` two products one.

    Another product or platform contradicts products alone: tickets name many things beside their
    matter.
    """
    # Few texts have a code or a version, and the other one is read for them only then.
    found = [
        _other_errors(ours.errors, theirs.errors),
        _differing("code", ours.codes, theirs.codes, str.__eq__) if ours.codes else None,
        _differing("version", ours.versions, theirs.versions, _is_refined)
        if ours.versions
        else None,
        _opposed("polarity", find_denial(ours.senses, theirs.senses)),
        _opposed("direction", find_reversal(ours.senses, theirs.senses)),
    ]
    if kind == "product":
        found += [
            _differing("product", ours.products, theirs.products, _is_within),
            _differing("platform", ours.platforms, theirs.platforms, str.__eq__),
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


def as_written(identifier: str, text: str) -> str:
    """Return an identifier in a text's spelling: "E-77" for "e77"; as it is where it has none."""
    spelling = "[-_]?".join(map(re.escape, identifier))
    found = re.search(rf"(?<!\w){spelling}(?!\w)", text, re.IGNORECASE)
    return found.group() if found else identifier


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


def _other_errors(ours: Sequence[Trace], theirs: Sequence[Trace]) -> Contradiction | None:
    """Compare the errors that texts end with: before those stands what every start prints."""
    ends = ((ours[-1:], theirs), (ours, theirs[-1:]))
    if not ours or not theirs or any(shared_error(*pair) is not None for pair in ends):
        return None
    both = {one.nearby for one in ours} & {one.nearby for one in theirs}
    own = (tuple(str(one) for one in side if one.nearby not in both) for side in (ours, theirs))
    return Contradiction("error", *own)


def _opposed(kind: IdentifierKind, sides: Sides | None) -> Contradiction | None:
    return None if sides is None else Contradiction(kind, *sides)


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
