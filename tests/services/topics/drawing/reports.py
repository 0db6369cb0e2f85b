"""Report pages of random tickets, and the data in a page."""

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

TODAY = date(2026, 11, 25)
HOSTILE = "</script><script>alert(1)</script><!-- <img src=x onerror=alert(1)>"


def report(
    found: MapTickets,
    *titles: str,
    url: str | None = None,
    more: int = 0,
    themes: Sequence[str] = (),
) -> str:
    """Return the page of a run with these titles, and tickets of the last weeks.

    For each ticket that the page lists, `more` are only counted. Topics belong to `themes` in turn.
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
