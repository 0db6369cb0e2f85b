"""`deja evaluate`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cli.terminal import console, notes, print_json, print_table, progress_bar, services
from bot.wiring import Deja
from models import Calibration, Item, Workspace
from services.audience import whole
from services.calibration import SURE
from services.errors import DejaError, InputError
from services.evaluating import JudgedPairs, judge_pairs, rank_queries, within
from services.evaluation import PairReport, RankingReport, pair_report, ranking_report, reliability
from services.labels import Labels, read_labels, relevant_items
from services.names import find_named
from services.standing import standing
from services.workspaces import find_workspace

MOST_SHOWN = 20


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--plot", type=click.Path(dir_okay=False, path_type=Path), help="Draw a diagram here."
)
@click.option("--source", metavar="NAME", help="Rank only items of this source, such as a catalog.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 1000))
@click.option("--workspace", metavar="TEAM_ID", help="Where there are several.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line.")
def evaluate(
    file: Path,
    plot: Path | None,
    source: str | None,
    limit: int,
    workspace: str | None,
    as_json: bool,
) -> None:
    """Say how right Déjà would be on the pairs or groups of FILE: JSON lines or CSV.

    \b
    Pairs:   {"a": "T-1", "b": "T-2", "label": 1}   or "verdict": duplicate, related, distinct
    Groups:  {"id": "T-1", "group": "printer"}

    Pairs tell average precision, precision and recall of what is called a duplicate, and, once
    verdicts have taught a model, whether its probabilities hold (ECE, Brier). Both tell how high
    the right ones are ranked among all others (MAP, MRR, P@1, R@10). --plot draws how far the
    probabilities hold. Ids are those of the import; what is not known is listed, the rest is
    measured, and the exit code is 1.

    Example: deja evaluate reviewed.jsonl --plot reliability.png
    """
    with file.open(encoding="utf-8", errors="replace", newline="") as lines:
        labels = read_labels(lines)
    with services() as deja, deja.database.read() as session:
        place = find_workspace(session, workspace)
        known, unknown = _known(session, place, labels)
        judged = _judged(deja, session, place, labels, known)
        ranking = _ranking(deja, session, place, (labels, known, source, limit))
        model = standing(session, place.id, _kind(session, known))
    report = _report(judged) if labels.pairs else None
    if plot is not None:
        _draw(plot, judged)
    errors = [{"line": line, "reason": reason} for line, reason in labels.errors]
    if as_json:
        print_json(_line(report, ranking, model) | {"unknown": unknown, "errors": errors})
    else:
        _show(report, ranking, model)
    for error in errors[:MOST_SHOWN]:
        notes.print(f"line {error['line']}: {error['reason']}", markup=False)
    for name in unknown[:MOST_SHOWN]:
        notes.print(f"There is no item {name}.", markup=False)
    if errors or unknown:
        raise click.ClickException(
            f"{len(errors)} lines could not be used, {len(unknown)} ids are not known."
        )


def _known(session: Session, place: Workspace, labels: Labels) -> tuple[dict[str, int], list[str]]:
    names = [*labels.groups, *(name for pair in labels.pairs for name in (pair.a, pair.b))]
    found = find_named(session, place.id, names)
    known = {name: one for name, one in found.items() if not isinstance(one, DejaError)}
    if not known:
        raise InputError("None of the file's ids is known: import its tickets first.")
    return known, [name for name in found if name not in known]


def _kind(session: Session, known: Mapping[str, int]) -> str:
    return session.scalars(select(Item.kind).where(Item.id == next(iter(known.values())))).one()


def _judged(
    deja: Deja, session: Session, place: Workspace, labels: Labels, known: Mapping[str, int]
) -> JudgedPairs:
    labelled = {
        (known[pair.a], known[pair.b]): pair.is_duplicate
        for pair in labels.pairs
        if pair.a in known and pair.b in known
    }
    return judge_pairs(session, deja.duplicates.judge, labelled, whole(place.id))


def _ranking(
    deja: Deja,
    session: Session,
    place: Workspace,
    asked: tuple[Labels, Mapping[str, int], str | None, int],
) -> RankingReport:
    labels, known, source, limit = asked
    everything = whole(place.id)
    among = everything if source is None else everything.among(Item.source == source)
    reachable = set(
        session.scalars(
            select(Item.id).where(
                among.items, Item.deleted_at.is_(None), Item.content_hash.is_not(None)
            )
        )
    )
    relevant = within(
        {
            known[query]: {known[name] for name in wanted if name in known}
            for query, wanted in relevant_items(labels).items()
            if query in known
        },
        reachable,
    )
    found: dict[str, list[str]] = {}
    with progress_bar("Ranking", len(relevant)) as advance:
        for some in rank_queries(session, deja.duplicates.judge, list(relevant), among, limit):
            found |= {str(query): [str(one) for one in ids] for query, ids in some.items()}
            advance(len(some))
    wanted = {str(query): {str(one) for one in ids} for query, ids in relevant.items()}
    return ranking_report(found, wanted)


def _report(judged: JudgedPairs) -> PairReport:
    return pair_report(judged.scores, judged.flagged, judged.labels, judged.probabilities)


def _draw(target: Path, judged: JudgedPairs) -> None:
    from services.plots import reliability_diagram

    if judged.probabilities is None:
        raise InputError(
            "There is nothing to draw: probabilities need pairs and a model (`deja calibrate`)."
        )
    report = _report(judged)
    bins = reliability(judged.probabilities, judged.labels)
    reliability_diagram(bins, report.ece or 0.0, report.brier or 0.0, target)
    notes.print(f"Drawn: {target}", markup=False)


def _line(
    report: PairReport | None, ranking: RankingReport, model: Calibration | None
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
        "cut": SURE,
        "notes": [] if report is None else report.notes,
    }


def _show(report: PairReport | None, ranking: RankingReport, model: Calibration | None) -> None:
    judge = "the rule for a new team" if model is None else f"a model of {model.verdicts} verdicts"
    if report is not None:
        rows = [
            ["pairs", str(report.pairs), f"{report.duplicates} of them duplicates"],
            ["called duplicate", str(report.flagged), "at the cut, without a contradiction"],
            ["precision", _share(report.precision), "of what is called so, how much is right"],
            ["recall", _share(report.recall), "of the duplicates, how many are called so"],
            ["average precision", _share(report.average_precision), "over all cuts"],
            ["ECE", _share(report.ece), "how far probabilities are from the truth, on average"],
            ["Brier score", _share(report.brier), "squared, so that far misses count more"],
        ]
        print_table(f"Pairs, judged by {judge}", ["figure", "value", "meaning"], rows)
        for note in report.notes:
            console.print(note)
    rows = [
        ["queries", str(ranking.queries), "items that have others like them"],
        ["MAP", _share(ranking.map), "mean average precision"],
        ["MRR", _share(ranking.mrr), "one over the rank of the first right one"],
        ["P@1", _share(ranking.p_at_1), "the first one is right"],
        ["R@10", _share(ranking.r_at_10), "of the right ones, how many are among ten"],
    ]
    print_table("Ranking", ["figure", "value", "meaning"], rows)


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
