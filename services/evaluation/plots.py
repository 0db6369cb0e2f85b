"""The reliability diagram, drawn without a display and without state shared by threads."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

from services.judgement.metrics import Bin, wilson_interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# 900 x 900 pixels, with letters that are readable on a phone.
INCHES, DPI = 6.0, 150
LARGE, NORMAL, SMALL = 15, 11, 9.5

# Okabe and Ito's blue and vermilion, which are distinct for any colour vision; the marker's shape
# repeats what its colour says. The factor gives diamonds the area of circles.
HOLDS, FAILS = ("#0072B2", "o", 1.0), ("#D55E00", "D", math.pi / 4)
INK, FAINT, GRID, BAR = "#222222", "#6B6B6B", "#E6E6E6", "#9DB4C4"

# Areas of markers, in square points: of a nearly empty bin, and what the fullest bin adds to that.
MIN_AREA, ADDED_AREA = 30.0, 270.0

# Larger counts are abbreviated.
MAX_FULL_COUNT = 9_999


def reliability_diagram(
    bins: Sequence[Bin], ece: float, brier: float, target: str | Path | IO[bytes]
) -> None:
    """Draw the share of duplicates against the predicted probability, as a PNG of 900 x 900 pixels.

    `target` is a path or an open binary file. Each bin with pairs is a marker whose area grows with
    their number. The line through it is the 95% confidence interval of the share; if that does not
    contain the predicted probability, the marker is another one. Below are the numbers of pairs.
    Raises `OSError` if the file cannot be written.
    """
    # Imported only to draw: it takes half a second. Never pyplot, whose figures threads share.
    from matplotlib.figure import Figure

    figure = Figure(figsize=(INCHES, INCHES), dpi=DPI, facecolor="white")
    upper = figure.add_axes((0.14, 0.335, 0.82, 0.525))
    lower = figure.add_axes((0.14, 0.155, 0.82, 0.14))
    _write_title(figure, sum(one.count for one in bins), ece, brier)
    _draw_shares(upper, bins)
    _draw_counts(lower, bins)
    _explain(figure)
    # Without matplotlib's version in the file, the same bins give the same bytes.
    figure.savefig(target, format="png", dpi=DPI, metadata={"Software": None})


def short_number(count: int) -> str:
    """Return a count in at most five characters: 9,999, then 10k, 1.5M."""
    for size, unit in ((1_000_000_000, "G"), (1_000_000, "M")):
        if count >= size * 0.9995:
            return f"{count / size:.3g}{unit}"
    return f"{count / 1_000:.0f}k" if count > MAX_FULL_COUNT else f"{count:,}"


def _write_title(figure: Figure, pairs: int, ece: float, brier: float) -> None:
    figure.text(
        0.04, 0.94, "Does the shown probability hold?", fontsize=LARGE, color=INK, weight="bold"
    )
    figure.text(
        0.04, 0.892, f"ECE {ece:.3f} · Brier {brier:.3f} · {pairs:,} pairs",
        fontsize=NORMAL, color=FAINT,
    )  # fmt: skip


def _draw_shares(axes: Axes, bins: Sequence[Bin]) -> None:
    axes.plot([0, 1], [0, 1], color=FAINT, linewidth=1.2, dashes=(5, 4), zorder=1)
    fullest = max((one.count for one in bins), default=0)
    for one in bins:
        if one.mean_probability is None or one.share_right is None:
            continue
        at = one.mean_probability
        ends = wilson_interval(round(one.share_right * one.count), one.count)
        colour, marker, size = HOLDS if ends[0] <= at <= ends[1] else FAILS
        axes.plot([at, at], ends, color=colour, linewidth=1.6, alpha=0.45, zorder=2)
        axes.scatter(
            [at], [one.share_right], s=size * (MIN_AREA + ADDED_AREA * one.count / fullest),
            color=colour, marker=marker, edgecolors="white", linewidths=1.2, zorder=3,
            clip_on=False,
        )  # fmt: skip
    if fullest == 0:
        axes.text(
            0.5, 0.5, "no pairs", fontsize=LARGE, color=FAINT, ha="center", va="center",
            bbox={"facecolor": "white", "edgecolor": "none"},
        )  # fmt: skip
    tidy(axes)
    axes.grid(color=GRID, linewidth=0.8)
    axes.set_ylim(-0.02, 1.02)
    axes.set_yticks([0, 0.2, 0.4, 0.6, 0.8, 1], ["0", "20", "40", "60", "80", "100%"])
    axes.set_ylabel("were duplicates", fontsize=NORMAL, color=INK)
    axes.tick_params(labelbottom=False)


def _draw_counts(axes: Axes, bins: Sequence[Bin]) -> None:
    fullest = max((one.count for one in bins), default=0)
    for one in bins:
        middle, width = (one.low + one.high) / 2, one.high - one.low
        axes.bar(middle, one.count, width * 0.86, color=BAR)
        if one.count:
            axes.annotate(
                short_number(one.count), (middle, one.count), (0, 2), textcoords="offset points",
                ha="center", va="bottom", fontsize=SMALL, color=INK,
            )  # fmt: skip
    tidy(axes)
    axes.set_ylim(0, max(fullest, 1) * 1.4)
    axes.set_yticks([])
    axes.set_ylabel("pairs", fontsize=NORMAL, color=INK)
    axes.set_xlabel("probability shown", fontsize=NORMAL, color=INK)


def _explain(figure: Figure) -> None:
    from matplotlib.lines import Line2D

    points = [
        Line2D([], [], color=colour, marker=marker, linestyle="", markersize=7, label=label)
        for (colour, marker, _), label in ((HOLDS, "within chance"), (FAILS, "beyond chance"))
    ]
    line = Line2D([], [], color=FAINT, linewidth=1.2, dashes=(5, 4), label="as shown")
    figure.legend(
        handles=[*points, line],
        loc="lower left", bbox_to_anchor=(0.035, 0.012), ncols=3, frameon=False, fontsize=NORMAL,
        labelcolor=FAINT, handletextpad=0.5, columnspacing=1.8, borderaxespad=0,
    )  # fmt: skip


def tidy(axes: Axes) -> None:
    """Give axes the look of all pictures, with shares from left to right."""
    axes.set_xlim(-0.02, 1.02)
    axes.set_xticks([0, 0.2, 0.4, 0.6, 0.8, 1], ["0", "20", "40", "60", "80", "100%"])
    axes.set_axisbelow(True)
    axes.tick_params(length=0, labelsize=NORMAL, labelcolor=FAINT)
    axes.spines[:].set_visible(False)
    axes.spines["bottom"].set(visible=True, color=FAINT)
