"""A picture of the map of topics: square, to be read on a phone, drawn without a display."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from textwrap import fill
from typing import IO, TYPE_CHECKING, Any
from unicodedata import east_asian_width

import numpy as np
from numpy.typing import NDArray

from services.topics.drawing.layout import Grouped, fit, make_discs, spread

if TYPE_CHECKING:
    from matplotlib.backends.backend_agg import RendererAgg
    from matplotlib.figure import Figure
    from matplotlib.text import Text
    from matplotlib.transforms import Bbox

Floats = NDArray[np.float64]

# 1200 x 1200 pixels: a phone shows it at a third of that.
INCHES, DPI = 8.0, 150
PIXELS = INCHES * DPI
HEADING, LARGEST, SMALLEST, NOTE = 19.0, 11.5, 8.5, 11.5

# Letters a line of a topic's title, and lines: of the sample's 31 titles one is cut (of two lines
# nine), and the map is no smaller. A longer word is cut at so many letters, or one link would take
# the room of all. Scripts with letters as wide as high know no spaces.
LINE, LINES = 13, 3
MAX_WORD_LENGTH, WIDE_LINE = 18, 8

# Where the map stands on the picture, as shares of it: below the heading, above the note.
LEFT, BOTTOM, WIDTH, HEIGHT = 0.03, 0.075, 0.94, 0.835

# Of the picture the titles take at most this much: those of the smallest topics are left out.
MAX_TITLED = 0.2

# A dot's diameter, where two neighbours are about two apart, in pixels at least so many.
DOT, SMALLEST_DOT = 1.4, 2.5

# More topics than anybody looks through are not shown.
MAX_SHOWN = 60

# Okabe and Ito's colours that stand out on both grounds; people of any colour vision tell them
# apart. A topic keeps its colour as long as it keeps its id. https://jfly.uni-koeln.de/color/
PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")

# For scripts that the first has no letters of, where this machine has such a font.
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
class Look:
    """The colours of a picture: its ground, its letters, notes, tickets of no topic."""

    ground: str
    ink: str
    faint: str
    outside: str


LIGHT = Look("#FFFFFF", "#1D1C1D", "#616061", "#C9C9C9")
DARK = Look("#1A1D21", "#F2F2F2", "#ABABAD", "#4D5156")


@dataclass(frozen=True)
class Label:
    """What the picture says of a topic: its id, title and number of tickets."""

    topic_id: int
    title: str
    size: int


def colour_of(topic_id: int) -> str:
    """Return the colour of a topic, the same from run to run."""
    return PALETTE[topic_id % len(PALETTE)]


def draw_map(
    grouped: Grouped,
    topics: Sequence[Label],
    target: str | Path | IO[bytes],
    *,
    heading: str,
    note: str,
    look: Look = LIGHT,
) -> None:
    """Draw the map of tickets in `topics` as a PNG of 1200 x 1200 pixels.

    Of more than 60 topics it shows the largest. The larger a topic, the earlier it gets its title:
    no two collide. Raises `OSError` where the file cannot be written.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    largest = sorted(range(len(topics)), key=lambda one: (-topics[one].size, one))[:MAX_SHOWN]
    grouped, topics = grouped.of(largest), [topics[index] for index in largest]
    discs = make_discs(grouped)
    figure = Figure(figsize=(INCHES, INCHES), dpi=DPI, facecolor=look.ground)
    renderer = FigureCanvasAgg(figure).get_renderer()  # type: ignore[no-untyped-call]
    axes = figure.add_axes((LEFT, BOTTOM, WIDTH, HEIGHT))
    _write(figure, (LEFT, 0.94), heading, HEADING, look.ink, weight="bold")
    _write(figure, (LEFT, 0.028), note, NOTE, look.faint)
    titles = _titles(figure, renderer, topics, look)
    sizes = np.zeros((len(topics), 2))
    for index, text in enumerate(titles):
        box = text.get_window_extent(renderer)
        sizes[index] = box.width, box.height
    room = WIDTH * PIXELS, HEIGHT * PIXELS
    layout, scale = fit(discs, spread(grouped.centroids), sizes, room)
    axes.set(xlim=_limits(WIDTH, scale), ylim=_limits(HEIGHT, scale))
    axes.set_axis_off()
    dot = max(DOT * scale, SMALLEST_DOT) * 72 / DPI
    colours = np.array([*(colour_of(topic.topic_id) for topic in topics), look.outside])
    axes.scatter(
        layout.places[:, 0], layout.places[:, 1], s=dot**2, linewidths=0,
        c=colours[grouped.labels],
    )  # fmt: skip
    taken: list[Bbox] = []
    for index, text in enumerate(titles):
        x, y = axes.transData.transform(layout.centres[index] - [0, discs.radii[index]])
        text.set_position((float(x), float(y)))
        box = text.get_window_extent(renderer)
        if any(box.overlaps(other) for other in taken):
            text.remove()  # where there was too little room to part all
        else:
            taken.append(box)
    figure.savefig(target, format="png", dpi=DPI, metadata={"Software": None})


def in_lines(title: str) -> str:
    """Return a topic's title in the lines that a map has room for."""
    if any(east_asian_width(one) in "WF" and one.isalpha() for one in title):
        longest = LINES * WIDE_LINE
        cut = title if len(title) <= longest else f"{title[: longest - 1]}…"
        return "\n".join(cut[at : at + WIDE_LINE].strip() for at in range(0, len(cut), WIDE_LINE))
    cut = " ".join(_shortened(word) for word in title.split())
    return fill(cut, LINE, max_lines=LINES, break_long_words=False, placeholder=" …")


def _shortened(word: str) -> str:
    """Return a word with as many letters as a line of a map takes at most."""
    return word if len(word) <= MAX_WORD_LENGTH else f"{word[: MAX_WORD_LENGTH - 1]}…"


def drawable(text: str) -> str:
    """Return a text without what no font here has letters for, such as emoji."""
    kept = "".join(one for one in text if ord(one) in _letters() or one.isspace())
    return " ".join(kept.split())


def _write(
    figure: Figure, at: tuple[float, float], text: str, size: float, colour: str, **more: Any
) -> Text:
    return figure.text(
        *at, drawable(text), fontsize=size, color=colour, family=list(_families()),
        parse_math=False, **more,
    )  # fmt: skip


def _titles(
    figure: Figure, renderer: RendererAgg, topics: Sequence[Label], look: Look
) -> list[Text]:
    """Return the titles of as many topics, the largest first, as there is room for."""
    titles: list[Text] = []
    room = MAX_TITLED * WIDTH * HEIGHT * PIXELS**2
    for topic in topics:
        share = topic.size / max(topics[0].size, 1)
        size = SMALLEST + (LARGEST - SMALLEST) * math.sqrt(share)
        title = drawable(topic.title) or f"#{topic.topic_id}"
        text = _write(figure, (0, 0), title, size, look.ink, ha="center", va="top")
        text.set(text=in_lines(title), transform=None, linespacing=1.05)
        box = text.get_window_extent(renderer)
        room -= box.width * box.height
        if room < 0:
            text.remove()
            break
        titles.append(text)
    return titles


def _limits(share: float, scale: float) -> tuple[float, float]:
    reach = share * PIXELS / scale / 2
    return -reach, reach


@cache
def _families() -> tuple[str, ...]:
    """Return the fonts of this machine that the picture uses, in order of preference."""
    from matplotlib import font_manager

    installed = set(font_manager.get_font_names())
    return tuple(name for name in FONTS if name in installed)


@cache
def _letters() -> frozenset[int]:
    """Return the letters that the fonts have."""
    from matplotlib import font_manager

    paths = [font_manager.findfont(name) for name in _families()]
    return frozenset(
        letter for path in paths for letter in font_manager.get_font(path).get_charmap()
    )
