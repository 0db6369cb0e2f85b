"""The table of formats in docs/import.md: a row for each reader, and no name that is not read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from services.intake.importers.formats import FORMATS
from services.intake.importers.layouts.layout import Layout
from services.intake.importers.layouts.table import ALL
from services.intake.importers.records import normalized
from services.intake.importers.vocabulary.synonyms import SYNONYMS, Field

MANUAL = Path(__file__).parents[2] / "docs" / "import.md"

# What rows call the tools whose source has another name.
_CALLED = {
    "twitter": "support tweets", "mail": "mbox", "helpscout": "help scout",
    "stackexchange": "stack exchange", "rocketchat": "rocket.chat",
}  # fmt: skip
# Rows of formats that are read by their columns alone, by a word of each.
_BY_COLUMNS = ("excel", "outlook", "tables in html", "json:api", "any csv")
# The fields that the second, third and fourth cell of a row are about.
_FIELDS: tuple[tuple[Field, ...], ...] = (
    ("id", "title", "text", "replies"), ("created", "resolved", "status"), ("answer", "replies"),
)  # fmt: skip
_NAME = re.compile(r"`([^`]+)`")


def _rows() -> list[list[str]]:
    text = MANUAL.read_text(encoding="utf-8").partition("### What is recognised")[2]
    table = [line for line in text.partition("\nJSON ")[0].splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table[2:]]


def _layouts(row: list[str]) -> list[Layout]:
    head = row[0].lower()
    return [one for one in ALL if _CALLED.get(one.key, one.key) in head]


@pytest.mark.parametrize("row", _rows(), ids=lambda row: row[0])
def test_a_row_is_of_a_reader_and_names_what_it_reads(row: list[str]) -> None:
    """Whatever a row names in code as taken is a column of one of the tool's layouts."""
    layouts = _layouts(row)
    assert layouts or any(word in row[0].lower() for word in _BY_COLUMNS)
    for cell, fields in zip(row[1:4], _FIELDS, strict=True):
        known = {
            name
            for layout in layouts
            for field in fields
            for name in layout.columns.get(field, SYNONYMS[field])
        }
        for name in map(normalized, _NAME.findall(cell)):
            if not name.startswith("issue comments"):  # files, not columns
                assert any(one == name or one.endswith(f".{name}") for one in known), name


@pytest.mark.parametrize("layout", ALL, ids=lambda one: one.label)
def test_a_layout_has_a_row(layout: Layout) -> None:
    """No reader is left out of the manual."""
    assert [row for row in _rows() if layout in _layouts(row)]


def test_every_format_is_in_the_table() -> None:
    """What `--format` takes is in a row, or has a chapter of its own."""
    heads = " ".join(row[0].lower() for row in _rows())
    words = {"jsonl": "json lines", "mail": "mbox", "slack": ""}
    assert [one for one in FORMATS if words.get(one, one) not in heads] == []
