"""The precision-recall curve as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import IO, TYPE_CHECKING

from services.evaluation.plots import (
    DPI,
    FAILS,
    FAINT,
    GRID,
    HOLDS,
    INCHES,
    INK,
    LARGE,
    NORMAL,
    tidy,
)
from services.evaluation.precision_recall import OperatingPoint, PrecisionRecall

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CURVE = "#444444"
# Points' areas, in square points.
AREA = 150.0

IN_FORCE, BEST = "called now", "best possible cut"


def precision_recall_diagram(
    curve: PrecisionRecall, average: float | None, target: str | Path | IO[bytes]
) -> None:
    """Draw a precision-recall curve as a PNG of 900 x 900.

    `target` is a path or an open binary file, `average` the average precision. The shade is the
    95 % interval of the precision; the dashed line is the precision that the noise budget demands.
    Raises `OSError` where the file cannot be written.
    """
    # Half a second: only who draws waits for it. Never pyplot, whose figures all threads share.
    from matplotlib.figure import Figure

    figure = Figure(figsize=(INCHES, INCHES), dpi=DPI, facecolor="white")
    axes = figure.add_axes((0.14, 0.2, 0.82, 0.66))
    _write_title(figure, curve, average)
    _draw_curve(axes, curve)
    _draw_point(axes, curve.best, BEST, FAILS)
    _draw_point(axes, curve.in_force, IN_FORCE, HOLDS)
    _tidy_axes(axes)
    axes.legend(
        loc="lower left", bbox_to_anchor=(-0.13, -0.29), ncols=3, frameon=False, fontsize=NORMAL,
        labelcolor=FAINT, handletextpad=0.5, columnspacing=1.6, borderaxespad=0,
    )  # fmt: skip
    # Without the writing program's version the same curve gives the same bytes.
    figure.savefig(target, format="png", dpi=DPI, metadata={"Software": None})


def _write_title(figure: Figure, curve: PrecisionRecall, average: float | None) -> None:
    figure.text(
        0.04, 0.94, "What is called a duplicate, and is it right?", fontsize=LARGE, color=INK,
        weight="bold",
    )  # fmt: skip
    last = curve.points[-1]
    facts = [f"{last.called:,} pairs, {last.duplicates:,} duplicates"]
    if average is not None:
        facts.append(f"average precision {average:.3f}")
    figure.text(0.04, 0.892, " · ".join(facts), fontsize=NORMAL, color=FAINT)


def _draw_curve(axes: Axes, curve: PrecisionRecall) -> None:
    recall = [one.recall for one in curve.points]
    low, high = zip(*(one.bounds for one in curve.points), strict=True)
    axes.axhline(
        curve.target, color=FAINT, linewidth=1.2, dashes=(5, 4), zorder=1, label="demanded"
    )
    axes.fill_between(recall, low, high, color=CURVE, alpha=0.13, linewidth=0, zorder=1)
    axes.plot(
        recall, [one.precision for one in curve.points], color=CURVE, linewidth=1.8, zorder=2,
        marker="o" if len(recall) == 1 else "", markersize=4,
    )  # fmt: skip


def _draw_point(
    axes: Axes, point: OperatingPoint | None, label: str, style: tuple[str, str, float]
) -> None:
    """Draw a point with the interval of its precision; nothing where there is none."""
    if point is None:
        return
    colour, marker, size = style
    at = [point.recall, point.recall]
    axes.plot(at, point.bounds, color=colour, linewidth=1.6, alpha=0.45, zorder=3)
    axes.scatter(
        [point.recall], [point.precision], s=size * AREA, color=colour, marker=marker,
        edgecolors="white", linewidths=1.2, zorder=4, clip_on=False, label=label,
    )  # fmt: skip


def _tidy_axes(axes: Axes) -> None:
    tidy(axes)
    axes.grid(color=GRID, linewidth=0.8)
    axes.set_ylim(-0.02, 1.02)
    axes.set_yticks([0, 0.2, 0.4, 0.6, 0.8, 1], ["0", "20", "40", "60", "80", "100%"])
    axes.set_ylabel("precision: of what is called, right", fontsize=NORMAL, color=INK)
    axes.set_xlabel("recall: of the duplicates, called", fontsize=NORMAL, color=INK)
