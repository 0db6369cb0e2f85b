"""The report's page shows texts of tickets as text, and loads nothing."""

from __future__ import annotations

import re

from tests.services.topics.drawing.random_maps import random_tickets
from tests.services.topics.drawing.reports import HOSTILE, data_of, report


def test_a_page_has_all_tickets_and_topics() -> None:
    """Each ticket has its position, topic, channel and day, and each topic its id."""
    found = random_tickets(30, 2)
    data = data_of(report(found, "Printers", "Access", url="https://desk.example/1"))
    assert data["tickets"]["topic"] == found.labels.tolist()
    assert data["channels"] == ["", "#help"]
    assert [topic["id"] for topic in data["topics"]] == [100, 101]
    assert data["tickets"]["url"] == ["https://desk.example/1"] * 30


def test_topics_have_their_themes() -> None:
    """A theme is an index into the list of themes; without themes topics have none."""
    data = data_of(report(random_tickets(30, 3), "A", "B", "C", themes=["Paper", "Doors"]))
    assert data["themes"] == ["Paper", "Doors"]
    assert [topic["theme"] for topic in data["topics"]] == [0, 1, 0]
    data = data_of(report(random_tickets(30, 1), "A"))
    assert (data["themes"], data["topics"][0]["theme"]) == ([], None)


def test_a_title_with_tags_stays_text() -> None:
    """The page has the same scripts with any title, and no element from it."""
    usual, hostile = report(random_tickets(9, 1), "Printers"), report(random_tickets(9, 1), HOSTILE)
    assert hostile.count("<script") == usual.count("<script")
    assert hostile.count("<img") == 0
    assert data_of(hostile)["topics"][0]["title"] == HOSTILE


def test_only_web_addresses_are_linked() -> None:
    """An address of another scheme is left out."""
    page = report(random_tickets(1, 1), "Printers", url="javascript:alert(1)")
    assert data_of(page)["tickets"]["url"] == [""]


def test_a_page_loads_nothing() -> None:
    """A page has no other address, and forbids the browser to load any."""
    page = report(random_tickets(5, 1), "Printers")
    assert "default-src 'none'" in page
    assert set(re.findall(r"https?://[\w./]+", page)) == {"http://www.w3.org/2000/svg"}
