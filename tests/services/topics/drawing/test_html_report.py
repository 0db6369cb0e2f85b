"""The report's page: what a ticket says stays text, and nothing is loaded from anywhere."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from services.topics.drawing.html_report import (
    ReportCount,
    ReportTicket,
    ReportTopic,
    render_report,
)
from services.topics.drawing.layout import MapTickets
from tests.services.topics.drawing.test_layout import grouped

TODAY = date(2026, 11, 25)
HOSTILE = "</script><script>alert(1)</script><!-- <img src=x onerror=alert(1)>"


def report(
    found: MapTickets,
    *titles: str,
    url: str | None = None,
    more: int = 0,
    themes: Sequence[str] = (),
) -> str:
    """Return the page of tickets of the last weeks in topics of these titles.

    For each ticket that it lists there are so many `more` that it only counts. Topics are of the
    `themes` in turn.
    """
    tickets = [
        ReportTicket(
            f"{titles[home] if titles else 'Ticket'} no. {number}",
            url,
            "#help" if number % 3 else None,
            TODAY - timedelta(days=number % 60),
            number % 2 == 0,
        )
        for number, home in enumerate(found.homes.tolist())
    ]
    topics = [
        ReportTopic(
            100 + index, title, ("paper", "jam"), 80, "2 days", "new" if index == 0 else "", (),
            index % len(themes) if themes else None,
        )
        for index, title in enumerate(titles)
    ]  # fmt: skip
    counts = [
        ReportCount(topic, one.channel, one.day, more + 1, int(one.is_solved))
        for topic, one in zip(found.labels.tolist(), tickets, strict=True)
    ]
    return render_report(
        found, tickets, topics, counts, heading="What people ask about", made=TODAY, themes=themes
    )


def data_of(page: str) -> Any:
    """Return the data in a page."""
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    return json.loads(found[1])


def test_a_page_holds_everything() -> None:
    """Each ticket with its place, topic, channel and day, and each topic."""
    found = grouped(30, 2)
    data = data_of(report(found, "Printers", "Access", url="https://desk.example/1"))
    assert data["tickets"]["topic"] == found.labels.tolist()
    assert data["channels"] == ["", "#help"]
    assert [topic["id"] for topic in data["topics"]] == [100, 101]
    assert data["tickets"]["url"] == ["https://desk.example/1"] * 30


def test_topics_are_of_themes() -> None:
    """By their places among the titles; without themes of none."""
    data = data_of(report(grouped(30, 3), "A", "B", "C", themes=["Paper", "Doors"]))
    assert data["themes"] == ["Paper", "Doors"]
    assert [topic["theme"] for topic in data["topics"]] == [0, 1, 0]
    data = data_of(report(grouped(30, 1), "A"))
    assert (data["themes"], data["topics"][0]["theme"]) == ([], None)


def test_what_a_ticket_says_ends_no_script() -> None:
    """A title with tags is data: the page has the scripts that it always has."""
    usual, hostile = report(grouped(9, 1), "Printers"), report(grouped(9, 1), HOSTILE)
    assert hostile.count("<script") == usual.count("<script")
    assert hostile.count("<img") == 0
    assert data_of(hostile)["topics"][0]["title"] == HOSTILE


def test_only_the_web_is_linked() -> None:
    """An address of another scheme is not one to press."""
    page = report(grouped(1, 1), "Printers", url="javascript:alert(1)")
    assert data_of(page)["tickets"]["url"] == [""]


def test_a_page_loads_nothing() -> None:
    """It names no other address, and forbids its browser to ask any."""
    page = report(grouped(5, 1), "Printers")
    assert "default-src 'none'" in page
    assert set(re.findall(r"https?://[\w./]+", page)) == {"http://www.w3.org/2000/svg"}
