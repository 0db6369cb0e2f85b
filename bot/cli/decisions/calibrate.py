"""`deja calibrate`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click
from sqlalchemy import select

from bot.cli.options import WORKSPACE
from bot.cli.terminal import (
    console,
    notes,
    open_database,
    open_services,
    print_json,
    print_table,
)
from bot.clock import utc_now
from models import Calibration, Database
from services.errors import NotEnoughVerdictsError
from services.judgement.calibration_store import (
    calibration_state,
    current_calibration,
    roll_back,
    stored_model,
)
from services.judgement.calibration_text import learned_text, next_text
from services.judgement.cut import Cut, lower_bound
from services.memory.workspaces import find_workspace
from services.phrases import Percent, Phrase

if TYPE_CHECKING:
    from services.judgement.learned_model import Model

BY = "command line"
RETIRED = "Learned by an earlier version, and no longer in use."

# Figures of a report, as people read them: name and key.
FIGURES = (
    ("verdicts learned from", "pairs"),
    ("duplicates among them", "duplicates"),
    ("called duplicates", "flagged"),
    ("precision", "precision"),
    ("recall", "recall"),
    ("average precision", "average_precision"),
    ("ECE", "ece"),
    ("Brier score", "brier"),
)


@click.command()
@click.option("--kind", type=click.Choice(["ticket", "product"]), default="ticket")
@click.option("--list", "as_list", is_flag=True, help="Only list the calibrations so far.")
@click.option("--rollback", is_flag=True, help="Go back to the calibration before.")
@WORKSPACE
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line per calibration.")
def calibrate(kind: str, as_list: bool, rollback: bool, team_id: str | None, as_json: bool) -> None:
    """Learn from the team's verdicts from where on pairs are called duplicates.

    Ten verdicts are enough. The pairs are put in order by how strong the evidence is, and the
    strongest are called duplicates as long as enough of those that people decided on were the same
    issue. The printed figures are of the verdicts learned from; `deja evaluate` measures other
    pairs. The running bot calibrates by itself once there are enough new verdicts. Answers that
    were posted before keep their probability.

    \b
    Examples:
      deja calibrate
      deja calibrate --list --json
      deja calibrate --rollback
    """
    if as_list and rollback:
        raise click.UsageError("Give --list or --rollback, not both.")
    if as_list or rollback:
        with open_database() as database:
            with database.read() as session:
                workspace_id = find_workspace(session, team_id).id
            if as_list:
                _print_list(_calibrations(database, workspace_id, kind), as_json)
            else:
                _roll_back(database, workspace_id, kind, as_json)
    else:
        _fit(team_id, kind, as_json)


def _calibrations(database: Database, workspace_id: int, kind: str) -> Sequence[Calibration]:
    with database.read() as session:
        return session.scalars(
            select(Calibration)
            .where(Calibration.workspace_id == workspace_id, Calibration.kind == kind)
            .order_by(Calibration.id)
        ).all()


def _roll_back(database: Database, workspace_id: int, kind: str, as_json: bool) -> None:
    with database.write() as session:
        current = roll_back(session, workspace_id, kind, by=BY, now=utc_now())
    if as_json:
        print_json({"judges": None if current is None else _line(current)})
    elif current is None:
        notes.print("Rolled back: the rule for a new team is in use again.")
    else:
        notes.print(f"Rolled back: calibration {current.id} is in use again.")


def _fit(team_id: str | None, kind: str, as_json: bool) -> None:
    with open_services() as services:
        with services.database.read() as session:
            workspace_id = find_workspace(session, team_id).id
            before = current_calibration(session, workspace_id, kind, services.embedder.fingerprint)
        try:
            row = services.calibrator.fit(workspace_id, kind, by=BY, now=utc_now())
        except NotEnoughVerdictsError as error:
            raise NotEnoughVerdictsError(f"{error} `deja review` asks for them.") from error
        with services.database.read() as session:
            fingerprint = services.embedder.fingerprint
            then = next_text(calibration_state(session, workspace_id, kind, fingerprint))
    if as_json:
        print_json(_line(row) | {"before": None if before is None else _line(before)})
    else:
        _print(row, before, then)


def _line(row: Calibration) -> dict[str, Any]:
    model = stored_model(row)
    cut = None if model is None else model.cut()
    return {
        "id": row.id,
        "kind": row.kind,
        "verdicts": row.verdicts,
        "fitted_by": row.fitted_by,
        "fitted_at": row.fitted_at.isoformat(),
        "rolled_back_by": row.rolled_back_by,
        "embedded_by": row.fingerprint,
        "report": row.report,
        "cut": None if cut is None else asdict(cut) | {"lower_bound": _lower_bound(cut)},
        "words": _words(row),
        "weights": {} if model is None else _weights(model),
    }


def _weights(model: Model) -> dict[str, float]:
    """Return the weights of what a pair's strength is made of, in standard units."""
    names = ("closeness", *model.features)
    weights = model.weights or (1.0, *[0.0] * len(model.features))
    return {name: round(weight, 4) for name, weight in zip(names, weights, strict=True)}


def _lower_bound(cut: Cut) -> float:
    return round(lower_bound(cut.right / cut.count, cut.count), 4)


def _words(row: Calibration) -> str:
    model = stored_model(row)
    return RETIRED if model is None else str(learned_text(model))


def _print(row: Calibration, before: Calibration | None, then: Phrase) -> None:
    rows = [
        [
            name,
            _value(row.report.get(key)),
            "" if before is None else _value(before.report.get(key)),
        ]
        for name, key in FIGURES
    ]
    print_table(f"Calibration {row.id}, {row.kind}s", ["figure", "now", "before"], rows)
    model = stored_model(row)
    cut = None if model is None else model.cut()
    console.print(_words(row))
    if cut is not None:
        sure = Percent(_lower_bound(cut))
        console.print(
            f"With 80 % certainty, at least {sure} of what is called a duplicate is right."
        )
    console.print(str(then))


def _print_list(rows: Sequence[Calibration], as_json: bool) -> None:
    if as_json:
        for row in rows:
            print_json(_line(row))
    elif not rows:
        console.print("There is no calibration yet: run `deja review`, then `deja calibrate`.")
    else:
        table = [
            [
                str(row.id),
                f"{row.fitted_at:%Y-%m-%d %H:%M}",
                row.fitted_by,
                str(row.verdicts),
                _words(row),
                "" if row.rolled_back_by is None else row.rolled_back_by,
            ]
            for row in rows
        ]
        columns = ["id", "fitted (UTC)", "by", "verdicts", "learned", "rolled back by"]
        print_table("Calibrations", columns, table)


def _value(value: object) -> str:
    if value is None:
        return "–"
    return f"{value:.3f}" if isinstance(value, float) else str(value)
