"""Sheets of names to judge are blind to the version, and judgements are counted by it."""

from __future__ import annotations

from typing import Any

from benchmarks.title_judging import collect, make_sheet, tally
from tests.hashing import HashingEmbedder


def _row(topic: int, title: str) -> dict[str, Any]:
    return {"set": "desk", "topic": topic, "title": title, "size": 2, "tickets": ["a", "b"]}


OLD = [_row(0, "printer jam"), _row(1, "can I pay"), _row(2, "it fails")]
NEW = [_row(0, "Paper jam"), _row(1, "Can I pay?")]


def test_a_sheet_tells_no_version() -> None:
    """Names have a capital in both versions, and what differs by no word is judged once."""
    sheet, key = make_sheet(OLD, NEW, seed=1)
    titles = {row["title"] for row in sheet}
    assert titles == {"Printer jam", "Paper jam", "Can I pay", "It fails"}
    assert all(set(row) == {"number", "title", "size", "tickets"} for row in sheet)
    assert len(key) == len(sheet)


def test_judgements_are_counted_by_version_and_set() -> None:
    """A name of both versions counts for both; a dissolved topic counts for the one that has it."""
    sheet, key = make_sheet(OLD, NEW, seed=1)
    judged = {
        str(row["number"]): "vague" if row["title"] == "It fails" else "good" for row in sheet
    }
    found = tally(key, [judged, judged])
    assert found["old, desk"] == {"good": 4, "vague": 2}
    assert found["new, all"] == {"good": 4}


def test_names_of_the_sample_workspace_are_collected() -> None:
    """Each with its topic and some of its tickets."""
    rows = collect(HashingEmbedder(), (), ())
    assert rows
    assert all(row["title"] and 0 < len(row["tickets"]) <= row["size"] for row in rows)
