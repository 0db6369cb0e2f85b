"""What `deja evaluate` measured, as tables, as JSON, and as pictures."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.cli.terminal import console, count, notes, print_table
from services.errors import InputError
from services.evaluation.precision_recall import (
    OperatingPoint,
    PrecisionRecall,
    precision_recall,
)
from services.judgement.cut import DEFAULT_BUDGET
from services.judgement.metrics import PairReport, RankingReport, pair_report, reliability

if TYPE_CHECKING:
    from models import Calibration
    from services.evaluation.labelled_pairs import JudgedPairs

DIGITS = 4

# What the noise budget of a new channel demands.
MIN_PRECISION = 1 - DEFAULT_BUDGET / 10

# Of the curve, the cuts that find about these shares of the duplicates are printed.
CURVE_RECALLS = (0.1, 0.25, 0.5, 0.75, 1.0)
CUT_COLUMNS = ["called", "right", "precision", "95 % bounds", "recall", "remark"]


@dataclass(frozen=True)
class Measured:
    """What was measured; `report` and `curve` are None without labelled pairs of both classes."""

    report: PairReport | None
    curve: PrecisionRecall | None
    ranking: RankingReport
    model: Calibration | None
    remarks: list[str]


def measure(
    judged: JudgedPairs | None,
    ranking: RankingReport,
    model: Calibration | None,
    remarks: list[str],
) -> Measured:
    """Return the figures of labelled pairs, None where there are none, and of a ranking."""
    if judged is None:
        return Measured(None, None, ranking, model, remarks)
    report = pair_report(judged.strengths, judged.flagged, judged.labels, judged.probabilities)
    curve = precision_recall(judged.strengths, judged.flagged, judged.labels, MIN_PRECISION)
    return Measured(report, curve, ranking, model, [*report.notes, *remarks])


def draw_curve(target: Path, measured: Measured) -> None:
    """Draw the precision-recall curve. Raises `InputError` where there is none."""
    from services.evaluation.curve_plot import precision_recall_diagram

    if measured.curve is None or measured.report is None:
        raise InputError("There is nothing to draw: a curve needs pairs that are duplicates.")
    precision_recall_diagram(measured.curve, measured.report.average_precision, target)
    notes.print(f"Drawn: {target}", markup=False)


def draw_reliability(target: Path, judged: JudgedPairs, measured: Measured) -> None:
    """Draw how well the probabilities hold. Raises `InputError` where there are none."""
    from services.evaluation.plots import reliability_diagram

    if judged.probabilities is None or measured.report is None:
        raise InputError(
            "There is nothing to draw: probabilities need pairs and a model (`deja calibrate`)."
        )
    bins = reliability(judged.probabilities, judged.labels)
    report = measured.report
    reliability_diagram(bins, report.ece or 0.0, report.brier or 0.0, target)
    notes.print(f"Drawn: {target}", markup=False)


def measured_line(measured: Measured) -> dict[str, Any]:
    """Return all figures as JSON takes them."""
    report, curve, model = measured.report, measured.curve, measured.model
    return {
        "pairs": None if report is None else asdict(report),
        "curve": None
        if curve is None
        else {
            "target": curve.target,
            "in_force": _point(curve.in_force),
            "best": _point(curve.best),
            "points": [_point(one) for one in curve.points],
        },
        "ranking": asdict(measured.ranking),
        "model": None
        if model is None
        else {
            "id": model.id,
            "fitted_at": model.fitted_at.isoformat(),
            "verdicts": model.verdicts,
        },
        "wrong_in_ten": DEFAULT_BUDGET,
        "notes": measured.remarks,
    }


def _point(point: OperatingPoint | None) -> dict[str, Any] | None:
    if point is None:
        return None
    low, high = point.bounds
    figures = {"precision": point.precision, "low": low, "high": high, "recall": point.recall}
    rounded = {name: round(value, DIGITS) for name, value in figures.items()}
    return {"strength": point.strength, "called": point.called, "right": point.right, **rounded}


def show_measured(measured: Measured) -> None:
    """Print the figures for people."""
    model, ranking = measured.model, measured.ranking
    judge = "the rule for a new team"
    if model is not None:
        judge = f"a model of {count(model.verdicts, 'verdict')}"
    if measured.report is not None:
        rows = _pair_rows(measured.report, measured.curve)
        print_table(f"Pairs, judged by {judge}", ["figure", "value", "meaning"], rows)
    if measured.curve is not None:
        print_table("Cuts, the strictest first", CUT_COLUMNS, _cut_rows(measured.curve))
    rows = [
        ["queries", str(ranking.queries), "items that have others like them"],
        ["MAP", _share(ranking.map), "mean average precision"],
        ["MRR", _share(ranking.mrr), "one over the rank of the first right one"],
        ["P@1", _share(ranking.p_at_1), "the first one is right"],
        ["R@10", _share(ranking.r_at_10), "of the right ones, how many are among ten"],
    ]
    print_table("Ranking", ["figure", "value", "meaning"], rows)
    for remark in measured.remarks:
        console.print(remark)


def _pair_rows(report: PairReport, curve: PrecisionRecall | None) -> list[list[str]]:
    in_force, best = (None, None) if curve is None else (curve.in_force, curve.best)
    return [
        ["pairs", str(report.pairs), f"{report.duplicates} of them duplicates"],
        ["called duplicate", str(report.flagged), "as answers would"],
        ["precision", _share(report.precision), f"of what is called so, right{_bounds(in_force)}"],
        ["recall", _share(report.recall), "of the duplicates, how many are called so"],
        ["best cut", _recall(best), f"highest recall at a precision of {MIN_PRECISION}{_at(best)}"],
        ["average precision", _share(report.average_precision), "over all cuts"],
        ["ECE", _share(report.ece), "how far probabilities are from the truth, on average"],
        ["Brier score", _share(report.brier), "squared, so that far misses count more"],
    ]


def _cut_rows(curve: PrecisionRecall) -> list[list[str]]:
    """Return a few cuts along the curve, the best one and the one in force."""
    remarks = {curve.best: f"best at a precision of {curve.target}", curve.in_force: "in force"}
    shown = {
        min(curve.points, key=lambda one: abs(one.recall - recall)): "" for recall in CURVE_RECALLS
    }
    shown |= {point: remark for point, remark in remarks.items() if point is not None}
    ordered = sorted(shown.items(), key=lambda one: (one[0].called, one[0].right))
    return [
        [
            str(point.called),
            str(point.right),
            _share(point.precision),
            "{:.3f} to {:.3f}".format(*point.bounds),
            _share(point.recall),
            remark,
        ]
        for point, remark in ordered
    ]


def _bounds(point: OperatingPoint | None) -> str:
    return "" if point is None else ": {:.3f} to {:.3f} with 95 % certainty".format(*point.bounds)


def _recall(point: OperatingPoint | None) -> str:
    return _share(None if point is None else point.recall)


def _at(point: OperatingPoint | None) -> str:
    return "" if point is None else f", {point.called} called"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
