"""Draws the map of topics as a square PNG that can be read on a phone; needs no display."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from textwrap import fill
from typing import IO, TYPE_CHECKING, Any
from unicodedata import east_asian_width

import numpy as np
from numpy.typing import NDArray

from services.topics.drawing.layout import (
    Discs,
    MapLayout,
    MapTickets,
    fit_layout,
    make_discs,
    positions_of,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.backends.backend_agg import RendererAgg
    from matplotlib.figure import Figure
    from matplotlib.text import Text
    from matplotlib.transforms import Bbox

Floats = NDArray[np.float64]

# 1200 x 1200 pixels: a phone shows it at a third of that.
INCHES, DPI = 8.0, 150
PIXELS = INCHES * DPI
# Sizes of letters in points: a title is nine pixels high where the picture is 300 wide.
HEADING_SIZE, TITLE_SIZE, NUMBER_SIZE, NOTE_SIZE = 20.0, 16.5, 15.0, 13.0

# So many of the largest topics have their titles; the others have their numbers, which the table
# and the commands have, too.
MAX_TITLES = 6

# Letters and lines of a title: of the sample's 31 titles one is cut (with two lines nine), and the
# map is no smaller. Longer words are cut too, or one link would take all the room. Scripts whose
# letters are as wide as high have no spaces to break at.
MAX_LINE_LENGTH, MAX_LINES = 13, 3
MAX_WORD_LENGTH, MAX_WIDE_LINE_LENGTH = 18, 8

# The map's place on the picture, as shares of it: below the heading, above the note.
LEFT, BOTTOM, WIDTH, HEIGHT = 0.03, 0.075, 0.94, 0.835

# The share of the picture that titles and numbers may cover; the smallest topics get none.
MAX_TITLED = 0.3

# A dot's diameter in units, where neighbours are about two apart, and its least in pixels.
DOT, MIN_DOT_PIXELS = 1.4, 2.5

# Nobody looks through more topics than these.
MAX_SHOWN = 60

# Two colours of Okabe and Ito that contrast with both grounds and with each other, for any colour
# vision: that of topics that are asked more than usual, and of all others. More colours would
# repeat, and name nothing. https://jfly.uni-koeln.de/color/
RISING, USUAL = "#E69F00", "#0072B2"
RISING_MARK = "↑"

# Those after the first are for scripts that it lacks, if this machine has them.
FONTS = (
    "DejaVu Sans",
    "Noto Sans",
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Noto Sans Arabic",
    "Noto Sans Hebrew",
    "Noto Sans Devanagari",
    "Noto Sans Thai",
    "WenQuanYi Zen Hei",
)


@dataclass(frozen=True)
class MapColours:
    """The colours of a map: its ground, letters, the note, and tickets in no topic."""

    ground: str
    ink: str
    faint: str
    outside: str


LIGHT = MapColours("#FFFFFF", "#1D1C1D", "#616061", "#C9C9C9")
DARK = MapColours("#1A1D21", "#F2F2F2", "#ABABAD", "#4D5156")


@dataclass(frozen=True)
class MapTopic:
    """A topic as the map shows it: its id, title and number of tickets.

    `is_rising` says whether it is asked more than usual.
    """

    topic_id: int
    title: str
    size: int
    is_rising: bool = False


def colour_of(*, is_rising: bool) -> str:
    """Return the colour of a topic: what it means is whether more people ask than usual."""
    return RISING if is_rising else USUAL


def draw_map(
    tickets: MapTickets,
    topics: Sequence[MapTopic],
    target: str | Path | IO[bytes],
    *,
    heading: str,
    note: str,
    colours: MapColours = LIGHT,
) -> None:
    """Draw the map of tickets in `topics` as a PNG of 1200 x 1200 pixels.

    It shows the 60 largest topics by number, the largest with their titles, and marks those that
    are asked more than usual. Titles never overlap: larger topics get theirs first. Raises
    `OSError` where the file cannot be written.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    largest = sorted(range(len(topics)), key=lambda one: (-topics[one].size, one))[:MAX_SHOWN]
    tickets, topics = tickets.of(largest), [topics[index] for index in largest]
    discs = make_discs(tickets)
    figure = Figure(figsize=(INCHES, INCHES), dpi=DPI, facecolor=colours.ground)
    renderer = FigureCanvasAgg(figure).get_renderer()  # type: ignore[no-untyped-call]
    axes = figure.add_axes((LEFT, BOTTOM, WIDTH, HEIGHT))
    _write(figure, (LEFT, 0.94), heading, HEADING_SIZE, colours.ink, weight="bold")
    _write(figure, (LEFT, 0.028), note, NOTE_SIZE, colours.faint)
    titles = _titles(figure, renderer, topics, colours)
    sizes = np.zeros((len(topics), 2))
    for index, text in enumerate(titles):
        box = text.get_window_extent(renderer)
        sizes[index] = box.width, box.height
    room = WIDTH * PIXELS, HEIGHT * PIXELS
    layout, scale = fit_layout(discs, positions_of(tickets.centroids), sizes, room)
    axes.set(xlim=_limits(WIDTH, scale), ylim=_limits(HEIGHT, scale))
    axes.set_axis_off()
    _draw_dots(axes, tickets, topics, layout, scale=scale, colours=colours)
    _place_titles(axes, renderer, titles, layout, discs)
    figure.savefig(target, format="png", dpi=DPI, metadata={"Software": None})


def _draw_dots(
    axes: Axes,
    tickets: MapTickets,
    topics: Sequence[MapTopic],
    layout: MapLayout,
    *,
    scale: float,
    colours: MapColours,
) -> None:
    dot = max(DOT * scale, MIN_DOT_PIXELS) * 72 / DPI
    palette = np.array(
        [*(colour_of(is_rising=topic.is_rising) for topic in topics), colours.outside]
    )
    axes.scatter(
        layout.places[:, 0], layout.places[:, 1], s=dot**2, linewidths=0,
        c=palette[tickets.labels],
    )  # fmt: skip


def _place_titles(
    axes: Axes, renderer: RendererAgg, titles: Sequence[Text], layout: MapLayout, discs: Discs
) -> None:
    """Put each title below its topic; remove those that would overlap an earlier one."""
    taken: list[Bbox] = []
    for index, text in enumerate(titles):
        x, y = axes.transData.transform(layout.centres[index] - [0, discs.radii[index]])
        text.set_position((float(x), float(y)))
        box = text.get_window_extent(renderer)
        if any(box.overlaps(other) for other in taken):
            text.remove()
        else:
            taken.append(box)


def in_lines(title: str) -> str:
    """Return a topic's title in lines, cut to the room that a map has for it."""
    if any(east_asian_width(one) in "WF" and one.isalpha() for one in title):
        longest = MAX_LINES * MAX_WIDE_LINE_LENGTH
        cut = title if len(title) <= longest else f"{title[: longest - 1]}…"
        lines = range(0, len(cut), MAX_WIDE_LINE_LENGTH)
        return "\n".join(cut[at : at + MAX_WIDE_LINE_LENGTH].strip() for at in lines)
    cut = " ".join(_shortened(word) for word in title.split())
    return fill(cut, MAX_LINE_LENGTH, max_lines=MAX_LINES, break_long_words=False, placeholder=" …")


def _shortened(word: str) -> str:
    """Return a word cut to `MAX_WORD_LENGTH` letters."""
    return word if len(word) <= MAX_WORD_LENGTH else f"{word[: MAX_WORD_LENGTH - 1]}…"


def drawable(text: str) -> str:
    """Return a text without characters that no font here has, such as emoji."""
    kept = "".join(one for one in text if ord(one) in _characters() or one.isspace())
    return " ".join(kept.split())


def _write(
    figure: Figure, at: tuple[float, float], text: str, size: float, colour: str, **more: Any
) -> Text:
    return figure.text(
        *at, drawable(text), fontsize=size, color=colour, family=list(_families()),
        parse_math=False, **more,
    )  # fmt: skip


def _titles(
    figure: Figure, renderer: RendererAgg, topics: Sequence[MapTopic], colours: MapColours
) -> list[Text]:
    """Return what is written at as many topics as there is room for, the largest first."""
    titles: list[Text] = []
    room = MAX_TITLED * WIDTH * HEIGHT * PIXELS**2
    for place, topic in enumerate(topics):
        size = TITLE_SIZE if place < MAX_TITLES else NUMBER_SIZE
        text = _write(figure, (0, 0), "", size, colours.ink, ha="center", va="top", weight="bold")
        text.set(text=_label(topic, place), transform=None, linespacing=1.05)
        box = text.get_window_extent(renderer)
        room -= box.width * box.height
        if room < 0:
            text.remove()
            break
        titles.append(text)
    return titles


def _label(topic: MapTopic, place: int) -> str:
    """Return the number of a topic, with its title if it is one of the largest."""
    number = f"{topic.topic_id} {RISING_MARK}" if topic.is_rising else str(topic.topic_id)
    title = in_lines(drawable(topic.title)) if place < MAX_TITLES else ""
    return f"{number}\n{title}".rstrip()


def _limits(share: float, scale: float) -> tuple[float, float]:
    reach = share * PIXELS / scale / 2
    return -reach, reach


@cache
def _families() -> tuple[str, ...]:
    """Return those of `FONTS` that this machine has, in order of preference."""
    from matplotlib import font_manager

    installed = set(font_manager.get_font_names())
    return tuple(name for name in FONTS if name in installed)


@cache
def _characters() -> frozenset[int]:
    """Return the characters that the fonts have."""
    from matplotlib import font_manager

    paths = [font_manager.findfont(name) for name in _families()]
    return frozenset(code for path in paths for code in font_manager.get_font(path).get_charmap())
