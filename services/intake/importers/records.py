"""What readers of files give: records with their columns by name."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain, islice, tee
from typing import Any, TypeVar

from models.types import safe_text
from services.text.markup.wiki_text import is_document
from services.text.words.folding import fold

T = TypeVar("T")

# Deeper objects stay whole: nobody maps what lies deeper than this.
MAX_PATH = 5

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SEPARATORS = re.compile(r"[\s_\-]+")
# What may end a name and is no part of it, and any space: a pattern would try each space again.
_END = ":*.?" + "".join(filter(str.isspace, map(chr, range(0x3001))))
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
# Pictures before a name, and what tells how they are drawn.
_PICTURES = re.compile(r"^(?:[\u2190-\u2bff\U0001f000-\U0001faff\ufe0f\u200d]+\s*)+(?=\w)")
# How "number" is written, and apostrophes: "N° de ticket", "Date d’ouverture".
_SPELLINGS = str.maketrans({"°": "o", "’": "'", "´": "'", "`": "'"})


@dataclass(frozen=True)
class Record:
    """A row of a file: `values` are JSON values by column; a repeated column has a list.

    `line` is where it begins in the file, from 1; where a file has no lines, its number.
    `is_overlong` says that a row has more cells than its table has columns, `is_heading` that it
    only names the rows below.
    """

    line: int
    values: dict[str, Any]
    is_overlong: bool = False
    is_heading: bool = False

    @cached_property
    def named(self) -> Mapping[str, Any]:
        """The values by names as `normalized`; of columns of one name the last counts."""
        return {normalized(name): value for name, value in self.values.items()}


def with_next(entries: Iterable[T]) -> Iterator[tuple[T, T | None]]:
    """Yield each entry with the one after it, which is read first; the last one has None."""
    ours, following = tee(entries)
    return zip(ours, chain(islice(following, 1, None), (None,)), strict=False)


@lru_cache(maxsize=4096)
def normalized(name: str) -> str:
    """Return a column's name as names are compared: `createdAt`, `Created at:` are `created at`.

    A path in nested objects keeps its dots. `Internal_x0020_notes`, as SharePoint and .NET write
    it, has a space, and `Resolution__c`, of a field of one's own in Salesforce, loses its end.
    """
    name = unicodedata.normalize("NFC", name).strip().lstrip("\ufeff").translate(_SPELLINGS)
    name = without_escapes(name.removesuffix("__c"))
    spaced = _SEPARATORS.sub(" ", _CAMEL.sub(" ", _PICTURES.sub("", name).rstrip(_END)))
    return fold(spaced).strip()


def flat(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return an object with the fields of its inner objects under dotted names.

    A field that gives a value and how it is shown (ServiceNow) has what is shown under its own
    name; the raw value is under `NAME.value`. Lists and document trees stay as they are.
    """
    values: dict[str, Any] = {}
    for path, value in _paths(_with_labels(fields), "", 1):
        values.setdefault(path, value)
    return values


def _with_labels(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an object of OData with what is shown for a code beside it, as ServiceNow has it."""
    labels = {name.removesuffix(_LABEL): name for name in fields if name.endswith(_LABEL)}
    if not labels:
        return fields
    shown = {
        name: {"display_value": fields[label], "value": fields.get(name)}
        for name, label in labels.items()
    }
    return {name: shown.get(name, fields[name]) for name in fields if not name.endswith(_LABEL)}


# Behind a field's name, that of how it is shown.
_LABEL = "@OData.Community.Display.V1.FormattedValue"


def _paths(fields: Mapping[str, Any], prefix: str, depth: int) -> Iterator[tuple[str, Any]]:
    for name, written in fields.items():
        path, value = prefix + name, _bare(written)
        if not isinstance(value, dict) or not value or depth >= MAX_PATH or is_document(value):
            yield path, value
        elif "display_value" in value and value.keys() <= {"display_value", "value", "link"}:
            yield path, value["display_value"] or value.get("value")
            yield f"{path}.value", value.get("value")
        else:
            yield from _paths(value, f"{path}.", depth + 1)


def _bare(value: Any) -> Any:
    """Return a value without what says more of it.

    MongoDB writes its type, `{"$date": {"$numberLong": "1767950000000"}}`, feeds of Apple and
    Google attributes, `{"label": "It crashes", "attributes": {"type": "text"}}`.
    """
    while isinstance(value, dict) and len(value) == 1 and next(iter(value)).startswith("$"):
        [value] = value.values()
    is_labelled = isinstance(value, dict) and value.keys() <= _LABELLED
    return value["label"] if is_labelled and isinstance(value.get("label"), str) else value


_LABELLED = frozenset({"label", "attributes"})


def each(value: object) -> list[Any]:
    """Return the values of a cell: those of a column that is repeated, or the one there is."""
    is_repeated = (
        isinstance(value, list)
        and len(value) > 1
        and not any(isinstance(one, list | dict) for one in value)
    )
    values = value if isinstance(value, list) and is_repeated else [value]
    return [one for one in values if not is_empty(one)]


# How databases and programs write that there is nothing.
_NULLS = frozenset(
    {
        "", "NULL", "null", "\\N", "NaN", "nan", "<NA>", "None", "#N/A", "<no value>", "<none>",
        "<null>", "<empty>", "(none)", "(null)", "(empty)", "(blank)", "[null]",
        "[removed]", "[deleted]", "[]", "{}",
    }
)  # fmt: skip


def is_empty(value: object) -> bool:
    """Say whether a value says nothing."""
    if isinstance(value, str):
        return value.strip() in _NULLS
    if isinstance(value, float):
        return math.isnan(value)
    if isinstance(value, list):  # that of a repeated column has a cell for each
        return all(one is None or (isinstance(one, str) and is_empty(one)) for one in value)
    return value is None or value == {}


def without_escapes(text: str) -> str:
    """Return a text with the characters that Excel, SharePoint and .NET write as `_x0020_`.

    They have none beyond the first 65,536, and write these as two surrogates.
    """
    if "_x" not in text:
        return text
    said = _ESCAPED.sub(lambda escaped: chr(int(escaped[1], 16)), text)
    return said.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def raw_id(record: Record, columns: Sequence[str]) -> str | None:
    """Return the id of a row as the file has it, and databases can store it; None if it has none.

    One that a spreadsheet has shortened (1.23457E+12) is none: others are shortened to the same.
    """
    for name in columns:
        for value in each(record.values.get(name)):
            if isinstance(value, str | int | float) and not isinstance(value, bool):
                is_whole = isinstance(value, float) and value.is_integer()
                id_ = str(int(value)) if is_whole else safe_text(str(value).strip())
                if id_[:1].isdigit() and _THOUSANDS.fullmatch(id_):
                    return _SEPARATORS_OF_THOUSANDS.sub("", id_)
                return None if is_shortened(value) else id_
    return None


# As a spreadsheet shows a number, in any country: 12,345. With one point it may be a decimal.
_THOUSANDS = re.compile(
    r"\d{1,3}(?:(?:,\d{3})+|(?:[ '’\u00a0\u2009\u202f]\d{3})+|(?:\.\d{3}){2,})", re.ASCII
)
_SEPARATORS_OF_THOUSANDS = re.compile(r"\D")
_SHORTENED = re.compile(r"\d(?:[.,]\d+)?E\+\d+")
# A spreadsheet keeps 15 digits of a number.
EXACT_DIGITS = 15
MAX_EXACT = 1e15


def is_shortened(value: object) -> bool:
    """Say whether an id is a number of which a spreadsheet has kept the first digits alone."""
    if isinstance(value, float):
        return abs(value) >= MAX_EXACT
    return isinstance(value, str) and _SHORTENED.fullmatch(value.strip()) is not None


def shown(value: object) -> str:
    """Return a value for a message, cut."""
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "an object"
    text = repr(value)
    return text if len(text) <= 32 else f"{text[:32]}…"  # noqa: PLR2004
