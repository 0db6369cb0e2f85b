"""The report on topics: one HTML page that loads nothing else and opens from a file.

The page is the Jinja2 template `templates/report.html` with its style sheet and scripts. This
module only prepares the data, which the scripts read as JSON.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from numpy.typing import NDArray

from services.topics.drawing.layout import (
    Discs,
    Floats,
    MapLayout,
    MapTickets,
    fit_layout,
    make_discs,
    positions_of,
)
from services.topics.drawing.map_image import MAX_TITLED, colour_of, in_lines

TEMPLATES = Path(__file__).parent / "templates"
EPOCH = date(1970, 1, 1)
LINKS = ("https://", "http://")

# Roughly the width of the map, of a letter and the height of a line on a wide screen, in pixels.
# They only reserve room: the page leaves out a title that does not fit until one zooms in.
SIDE, LETTER, LINE_HEIGHT = 620.0, 8.0, 16.0


@dataclass(frozen=True)
class ReportTicket:
    """A ticket as the page lists it; `day` is None where its date is not known."""

    title: str
    url: str | None
    channel: str | None
    day: date | None
    is_solved: bool


@dataclass(frozen=True)
class ReportTopic:
    """A topic as the page lists it.

    `quality` is in percent; `median` is how long solving took, "" where unknown; `change` is a word
    for what became of it since the last run; `representatives` are positions of tickets; `theme` is
    the position of its theme's title, None where there are no themes. `is_rising`: whether it is
    asked more than usual.
    """

    topic_id: int
    title: str
    terms: Sequence[str]
    quality: int
    median: str
    change: str
    representatives: Sequence[int]
    theme: int | None = None
    is_rising: bool = False


@dataclass(frozen=True)
class ReportCount:
    """How many tickets, and solved ones, a topic has of a channel and day, listed or not.

    `topic` is a position, -1 for tickets in no topic.
    """

    topic: int
    channel: str | None
    day: date | None
    size: int
    solved: int


def render_report(
    drawn: MapTickets,
    tickets: Sequence[ReportTicket],
    topics: Sequence[ReportTopic],
    counts: Sequence[ReportCount],
    *,
    heading: str,
    made: date,
    narrowed: Sequence[str] = (),
    themes: Sequence[str] = (),
) -> str:
    """Return the page as HTML.

    `tickets` are those that it draws and lists, `drawn` says which of `topics` each is in, and
    `counts` are of all tickets. `narrowed` says which channels and time these are of; `themes` are
    the titles of themes, the largest first.
    """
    discs = make_discs(drawn)
    lines = [in_lines(f"{one.topic_id} {one.title}").split("\n") for one in topics]
    sizes = np.bincount(discs.homes[discs.homes >= 0], minlength=len(topics))
    titles = _title_sizes(lines, sizes)
    layout, _ = fit_layout(discs, positions_of(drawn.centroids), titles, (SIDE, SIDE))
    channels = sorted({count.channel or "" for count in counts})
    place = {name: index for index, name in enumerate(channels)}
    data: dict[str, Any] = {
        "made": made.isoformat(),
        "narrowed": list(narrowed),
        "reach": round(float(np.abs(layout.places).max(initial=1.0)), 2),
        "channels": channels,
        "themes": list(themes),
        "topics": _topic_rows(topics, lines, layout, discs),
        "counts": _count_columns(counts, place),
        "tickets": _ticket_columns(tickets, drawn, layout, place),
    }
    return _environment().get_template("report.html").render(heading=heading, data=data)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined
    )
    # The filter `tojson` escapes what could end the script that holds the data.
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}
    return environment


def _topic_rows(
    topics: Sequence[ReportTopic], lines: Sequence[Sequence[str]], layout: MapLayout, discs: Discs
) -> list[dict[str, Any]]:
    """Return an object a topic; `lines` are those of its title on the map."""
    return [
        {
            "id": topic.topic_id,
            "title": topic.title,
            "lines": lines[index],
            "terms": list(topic.terms),
            "quality": topic.quality,
            "median": topic.median,
            "change": topic.change,
            "theme": topic.theme,
            "representatives": list(topic.representatives),
            "colour": colour_of(is_rising=topic.is_rising),
            "rising": topic.is_rising,
            "x": round(float(layout.centres[index, 0]), 2),
            "y": round(float(layout.centres[index, 1]), 2),
            "r": round(float(discs.radii[index]), 2),
        }
        for index, topic in enumerate(topics)
    ]


def _count_columns(counts: Sequence[ReportCount], channel: dict[str, int]) -> dict[str, Any]:
    """Return the counts column by column, which is shorter than an object for each."""
    return {
        "topic": [count.topic for count in counts],
        "channel": [channel[count.channel or ""] for count in counts],
        "day": [_day(count.day) for count in counts],
        "size": [count.size for count in counts],
        "solved": [count.solved for count in counts],
    }


def _day(day: date | None) -> int | None:
    return None if day is None else (day - EPOCH).days


def _ticket_columns(
    tickets: Sequence[ReportTicket], drawn: MapTickets, layout: MapLayout, channel: dict[str, int]
) -> dict[str, Any]:
    """Return the listed tickets column by column."""
    return {
        "title": [ticket.title for ticket in tickets],
        "url": [_web_address(ticket.url) for ticket in tickets],
        "channel": [channel[ticket.channel or ""] for ticket in tickets],
        "day": [_day(ticket.day) for ticket in tickets],
        "solved": [int(ticket.is_solved) for ticket in tickets],
        "topic": drawn.labels.tolist(),
        "x": np.round(layout.places[:, 0], 2).tolist(),
        "y": np.round(layout.places[:, 1], 2).tolist(),
    }


def _title_sizes(lines: Sequence[Sequence[str]], tickets: NDArray[np.int64]) -> Floats:
    """Return the widths and heights of the titles, `(topics, 2)`.

    Titles take at most `MAX_TITLED` of the map; those of the smallest topics get no room.
    """
    sizes = np.array(
        [(LETTER * max(map(len, some)), LINE_HEIGHT * len(some)) for some in lines]
    ).reshape(-1, 2)
    largest = np.argsort(-tickets[: len(lines)], kind="stable")
    room = MAX_TITLED * SIDE**2
    sizes[largest[np.cumsum(np.prod(sizes[largest], axis=1)) > room]] = 0
    return sizes


def _web_address(url: str | None) -> str:
    """Return an address of the web, "" for any other scheme, which could run a script."""
    return url if url is not None and url.casefold().startswith(LINKS) else ""
