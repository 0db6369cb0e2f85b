"""`deja evaluate`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cli.options import WORKSPACE
from bot.cli.terminal import console, notes, open_services, print_json, print_table, progress_bar
from bot.wiring import Services
from models import Calibration, Item
from models.queries import LIVE, in_parts
from services.channels.audience import whole_workspace
from services.errors import DejaError, InputError
from services.evaluation.label_files import LabelFile, read_labels, relevant_items
from services.evaluation.labelled_pairs import (
    JudgedPairs,
    compare_with_labels,
    judge_pairs,
    rank_queries,
    restrict_to,
)
from services.judgement.bands import Match
from services.judgement.calibration import DEFAULT_BUDGET
from services.judgement.calibration_store import current_calibration
from services.judgement.metrics import (
    PairReport,
    RankingReport,
    pair_report,
    ranking_report,
    reliability,
)
from services.memory.item_names import find_named
from services.memory.workspaces import find_workspace
from services.text.cleaning import plain_text

MAX_SHOWN = 20


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--plot",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Draw a reliability diagram.",
)
@click.option("--kind", type=click.Choice(["ticket", "product"]), help="Only items of this kind.")
@click.option("--source", metavar="NAME", help="Rank only items of this source.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 1000))
@WORKSPACE
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line.")
def evaluate(
    file: Path,
    plot: Path | None,
    kind: str | None,
    source: str | None,
    limit: int,
    team_id: str | None,
    as_json: bool,
) -> None:
    """Measure how accurate Déjà is on the labelled pairs or groups in FILE: JSON lines or CSV.

    \b
    Pairs:   {"a": "T-1", "b": "T-2", "label": 1}   or "verdict": duplicate, related, distinct
    Groups:  {"id": "T-1", "group": "printer"}

    Pairs give average precision, precision and recall of matches called duplicates, and, once there
    is a calibrated model, how well its probabilities hold (ECE, Brier score). Pairs and groups give
    how high the right items are ranked among all others (MAP, MRR, P@1, R@10). --plot draws the
    reliability of the probabilities. Ids are those of the import. Unknown ids are listed, the rest
    is measured, and the exit code is 1.

    Example: deja evaluate reviewed.jsonl --plot reliability.png
    """
    with file.open(encoding="utf-8", errors="replace", newline="") as lines:
        labels = read_labels(lines)
    with open_services() as services, services.database.read() as session:
        workspace_id = find_workspace(session, team_id).id
        named = _find_items(session, workspace_id, labels, kind)
        judged, skipped = _judge(services, session, workspace_id, labels, named)
        ranking = _rank(services, session, workspace_id, (labels, named, source, limit))
        model = current_calibration(session, workspace_id, named.kind)
    report = _report(judged) if labels.pairs else None
    remarks = ([] if report is None else report.notes) + _skipped(skipped)
    if as_json:
        print_json(_line(report, ranking, model, remarks) | _errors(labels, named))
    else:
        _show(report, ranking, model, remarks)
    if plot is not None:
        _draw(plot, judged)
    _raise_errors(labels, named)


@dataclass(frozen=True)
class NamedItems:
    """The items that a label file names: ids by name, all of one kind, and the unknown names."""

    ids: dict[str, int]
    kind: str
    unknown: list[str]


def _find_items(
    session: Session, workspace_id: int, labels: LabelFile, kind: str | None
) -> NamedItems:
    names = [*labels.groups, *(name for pair in labels.pairs for name in (pair.a, pair.b))]
    if not names:
        first = "".join(f" Line {line}: {reason}" for line, reason in labels.errors[:1])
        raise InputError(f"No line of the file is a label.{first}")
    where = LIVE if kind is None else LIVE & (Item.kind == kind)
    found = find_named(session, workspace_id, names, where=where)
    ids = {name: one for name, one in found.items() if not isinstance(one, DejaError)}
    if not ids:
        raise InputError(f"None of the file's {kind or 'id'}s is known: import them first.")
    kinds = {
        one
        for part in in_parts(ids.values())
        for one in session.scalars(select(Item.kind).where(Item.id.in_(part)).distinct())
    }
    if len(kinds) > 1:
        raise InputError("The file names tickets and products: choose with --kind.")
    return NamedItems(ids, kinds.pop(), [name for name in found if name not in ids])


def _judge(
    services: Services, session: Session, workspace_id: int, labels: LabelFile, named: NamedItems
) -> tuple[JudgedPairs, int]:
    """Judge the labelled pairs; return how many could not be compared, too."""
    labelled = {
        (named.ids[pair.a], named.ids[pair.b]): pair.is_duplicate
        for pair in labels.pairs
        if pair.a in named.ids and pair.b in named.ids
    }
    pairs = [(one, other) for one, other in labelled if one != other]
    judge, audience = services.judge, whole_workspace(workspace_id)
    matches: dict[tuple[int, int], Match] = {}
    with progress_bar("Judging pairs", len(pairs)) as advance:
        for number, batch in judge_pairs(session, judge, pairs, audience):
            matches |= batch
            advance(number)
    return compare_with_labels(matches, labelled), len(labelled) - len(matches)


def _rank(
    services: Services,
    session: Session,
    workspace_id: int,
    request: tuple[LabelFile, NamedItems, str | None, int],
) -> RankingReport:
    labels, named, source, limit = request
    audience = whole_workspace(workspace_id)
    if source is not None:
        audience = audience.among(Item.source == source)
    compared = select(Item.id).where(audience.items, LIVE, Item.content_hash.is_not(None))
    relevant = restrict_to(
        {
            named.ids[query]: {named.ids[name] for name in names if name in named.ids}
            for query, names in relevant_items(labels).items()
            if query in named.ids
        },
        set(session.scalars(compared)),
    )
    found: dict[str, list[str]] = {}
    with progress_bar("Ranking", len(relevant)) as advance:
        for batch in rank_queries(session, services.judge, list(relevant), audience, limit):
            found |= {str(query): [str(one) for one in ids] for query, ids in batch.items()}
            advance(len(batch))
    expected = {str(query): {str(one) for one in ids} for query, ids in relevant.items()}
    return ranking_report(found, expected)


def _report(judged: JudgedPairs) -> PairReport:
    return pair_report(judged.scores, judged.flagged, judged.labels, judged.probabilities)


def _skipped(number: int) -> list[str]:
    if not number:
        return []
    pairs = "1 pair is" if number == 1 else f"{number} pairs are"
    return [f"{pairs} left out: there are no words to compare, or both are one item."]


def _errors(labels: LabelFile, named: NamedItems) -> dict[str, Any]:
    errors = [{"line": line, "reason": reason} for line, reason in labels.errors]
    return {"unknown": named.unknown, "errors": errors}


def _raise_errors(labels: LabelFile, named: NamedItems) -> None:
    """Print the first lines and ids that could not be used, and raise `ClickException` if any."""
    errors = [f"line {line}: {reason}" for line, reason in labels.errors]
    for messages in (errors, [f"There is no item {name}." for name in named.unknown]):
        for message in messages[:MAX_SHOWN]:
            # Ids come from outside: no control characters may reach the terminal.
            notes.print(plain_text(message), markup=False, highlight=False)
        if len(messages) > MAX_SHOWN:
            notes.print(f"… and {len(messages) - MAX_SHOWN} more.")
    if errors or named.unknown:
        raise click.ClickException(
            f"{len(errors)} lines could not be used, {len(named.unknown)} ids are unknown."
        )


def _draw(target: Path, judged: JudgedPairs) -> None:
    from services.evaluation.plots import reliability_diagram

    if judged.probabilities is None:
        raise InputError(
            "There is nothing to draw: probabilities need pairs and a model (`deja calibrate`)."
        )
    report = _report(judged)
    bins = reliability(judged.probabilities, judged.labels)
    reliability_diagram(bins, report.ece or 0.0, report.brier or 0.0, target)
    notes.print(f"Drawn: {target}", markup=False)


def _line(
    report: PairReport | None,
    ranking: RankingReport,
    model: Calibration | None,
    remarks: Sequence[str],
) -> dict[str, Any]:
    return {
        "pairs": None if report is None else asdict(report),
        "ranking": asdict(ranking),
        "model": None
        if model is None
        else {
            "id": model.id,
            "fitted_at": model.fitted_at.isoformat(),
            "verdicts": model.verdicts,
        },
        "cut": DEFAULT_BUDGET,
        "notes": list(remarks),
    }


def _show(
    report: PairReport | None,
    ranking: RankingReport,
    model: Calibration | None,
    remarks: Sequence[str],
) -> None:
    judge, condition = "the rule for a new team", "the same words again, without a contradiction"
    if model is not None:
        judge = f"a model fitted to {model.verdicts} verdicts"
        condition = f"{100 * DEFAULT_BUDGET:.0f} % or more, without a contradiction"
    if report is not None:
        rows = [
            ["pairs", str(report.pairs), f"{report.duplicates} of them duplicates"],
            ["called duplicate", str(report.flagged), condition],
            ["precision", _share(report.precision), "share of these that are duplicates"],
            ["recall", _share(report.recall), "share of the duplicates that are called so"],
            ["average precision", _share(report.average_precision), "over all thresholds"],
            ["ECE", _share(report.ece), "mean gap between probabilities and observed shares"],
            ["Brier score", _share(report.brier), "mean squared error of the probabilities"],
        ]
        print_table(f"Pairs, judged by {judge}", ["figure", "value", "meaning"], rows)
    rows = [
        ["queries", str(ranking.queries), "items with at least one duplicate in the file"],
        ["MAP", _share(ranking.map), "mean average precision"],
        ["MRR", _share(ranking.mrr), "mean of 1 / rank of the first duplicate"],
        ["P@1", _share(ranking.p_at_1), "share of queries whose first result is a duplicate"],
        ["R@10", _share(ranking.r_at_10), "share of the duplicates among the first ten results"],
    ]
    print_table("Ranking", ["figure", "value", "meaning"], rows)
    for remark in remarks:
        console.print(remark)


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
