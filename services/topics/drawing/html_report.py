"""The report on topics: one page that needs nothing else, to be opened from a file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.topics.drawing.layout import Floats, Grouped, fit, make_discs, spread
from services.topics.drawing.map_image import MAX_TITLED, colour_of, in_lines

TEMPLATE = Path(__file__).with_suffix(".html")
DATA = "/*DATA*/"
EPOCH = date(1970, 1, 1)
LINKS = ("https://", "http://")

# About what the map and its letters measure on a wide screen, in pixels. How it is drawn there is
# the page's to say: a title that finds no room is left out until one zooms in.
SIDE, LETTER, LINE_HEIGHT = 620.0, 8.0, 16.0


@dataclass(frozen=True)
class ReportTicket:
    """A ticket as the page lists it."""

    title: str
    url: str | None
    channel: str | None
    day: date
    is_solved: bool


@dataclass(frozen=True)
class ReportTopic:
    """A topic as the page lists it.

    `quality` is in percent; `median` says how long solving took, "" where that is not known;
    `change` what became of it since the last run, in a word; `representatives` are positions of
    tickets; `theme` is the place of its theme's title, None where there are no themes.
    """

    topic_id: int
    title: str
    terms: Sequence[str]
    quality: int
    median: str
    change: str
    representatives: Sequence[int]
    theme: int | None = None


@dataclass(frozen=True)
class ReportCount:
    """How many tickets of a channel and day a topic (its position, -1: none) has, and solved ones.

    Of all tickets, those too that are not listed.
    """

    topic: int
    channel: str | None
    day: date
    size: int
    solved: int


def render_report(
    grouped: Grouped,
    tickets: Sequence[ReportTicket],
    topics: Sequence[ReportTopic],
    counts: Sequence[ReportCount],
    *,
    heading: str,
    made: date,
    narrowed: Sequence[str] = (),
    themes: Sequence[str] = (),
) -> str:
    """Return the page as HTML. `grouped` says in which of `topics` each of `tickets` is.

    `tickets` are those that are drawn and listed, `counts` those of all; `narrowed` says of what
    channels and time these are, and `themes` are the titles of themes, the largest first.
    """
    discs = make_discs(grouped)
    lines = [in_lines(topic.title).split("\n") for topic in topics]
    titles = _sizes(lines, np.bincount(discs.homes[discs.homes >= 0], minlength=len(topics)))
    layout, _ = fit(discs, spread(grouped.centroids), titles, (SIDE, SIDE))
    channels = sorted({count.channel or "" for count in counts})
    at = {name: index for index, name in enumerate(channels)}
    data: dict[str, Any] = {
        "heading": heading,
        "made": made.isoformat(),
        "narrowed": list(narrowed),
        "reach": _reach(layout.places),
        "channels": channels,
        "themes": list(themes),
        "topics": [
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
                "colour": colour_of(topic.topic_id),
                "x": round(float(layout.centres[index, 0]), 2),
                "y": round(float(layout.centres[index, 1]), 2),
                "r": round(float(discs.radii[index]), 2),
            }
            for index, topic in enumerate(topics)
        ],
        "counts": {
            "topic": [count.topic for count in counts],
            "channel": [at[count.channel or ""] for count in counts],
            "day": [(count.day - EPOCH).days for count in counts],
            "size": [count.size for count in counts],
            "solved": [count.solved for count in counts],
        },
        "tickets": {
            "title": [ticket.title for ticket in tickets],
            "url": [_address(ticket.url) for ticket in tickets],
            "channel": [at[ticket.channel or ""] for ticket in tickets],
            "day": [(ticket.day - EPOCH).days for ticket in tickets],
            "solved": [int(ticket.is_solved) for ticket in tickets],
            "topic": grouped.labels.tolist(),
            "x": np.round(layout.places[:, 0], 2).tolist(),
            "y": np.round(layout.places[:, 1], 2).tolist(),
        },
    }
    return TEMPLATE.read_text(encoding="utf-8").replace(DATA, _json(data))


def _sizes(lines: Sequence[Sequence[str]], tickets: NDArray[np.int64]) -> Floats:
    """Return how wide and high the titles are, `(topics, 2)`; the smallest topics have no room."""
    sizes = np.array(
        [(LETTER * max(map(len, some)), LINE_HEIGHT * len(some)) for some in lines]
    ).reshape(-1, 2)
    largest = np.argsort(-tickets[: len(lines)], kind="stable")
    room = MAX_TITLED * SIDE**2
    sizes[largest[np.cumsum(np.prod(sizes[largest], axis=1)) > room]] = 0
    return sizes


def _json(data: dict[str, Any]) -> str:
    """Return JSON that no tag in it ends: within a script nothing else is an escape."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _address(url: str | None) -> str:
    """Return an address that a browser only follows; no other scheme than the web's."""
    return url if url is not None and url.casefold().startswith(LINKS) else ""


def _reach(places: Any) -> float:
    return round(float(np.abs(places).max(initial=1.0)), 2)
