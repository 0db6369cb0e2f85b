"""`deja calibrate`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

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
from services.judgement.calibration import FEATURES
from services.judgement.calibration_store import current_calibration, roll_back
from services.memory.workspaces import find_workspace

# How many features are named as the strongest for and against.
STRONGEST = 3
BY = "command line"

# What a high value of a feature means.
FEATURE_WORDS = {
    "similarity": "similar meaning",
    "density": "many tickets like it",
    "words": "the same words",
    "overlap": "rare words in common",
    "letters": "similar spelling",
    "title": "similar titles",
    "shared_codes": "codes in common",
    "rarest": "a very rare word in common",
    "conflict": "different codes",
    "price_gap": "different prices",
    "age_gap": "far apart in time",
    "same_reporter": "the same reporter",
}

# Figures of a report, as people read them: name and key.
FIGURES = (
    ("verdicts learned from", "pairs"),
    ("duplicates among them", "duplicates"),
    ("at 90% or more", "flagged"),
    ("precision there", "precision"),
    ("recall there", "recall"),
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
    """Learn from the team's verdicts how likely it is that two tickets are duplicates.

    From then on answers show a probability, and a match is called a duplicate from a threshold on.
    The printed figures are cross-validated: measured on pairs that the model had not seen. The
    running bot calibrates by itself once there are enough new verdicts. Answers that were posted
    before keep their probability.

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
            before = current_calibration(session, workspace_id, kind)
        try:
            row = services.calibrator.fit(workspace_id, kind, by=BY, now=utc_now())
        except NotEnoughVerdictsError as error:
            raise NotEnoughVerdictsError(f"{error} `deja review` asks for them.") from error
    if as_json:
        print_json(_line(row) | {"before": None if before is None else _line(before)})
    else:
        _print(row, before)


def _line(row: Calibration) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": row.kind,
        "verdicts": row.verdicts,
        "fitted_by": row.fitted_by,
        "fitted_at": row.fitted_at.isoformat(),
        "rolled_back_by": row.rolled_back_by,
        "report": row.report,
        "weights": {name: round(weight, 4) for name, weight in _weights(row).items()},
    }


def _weights(row: Calibration) -> dict[str, float]:
    return dict(zip(FEATURES, row.model["weights"], strict=True))


def _print(row: Calibration, before: Calibration | None) -> None:
    rows = [
        [
            name,
            _value(row.report.get(key)),
            "" if before is None else _value(before.report.get(key)),
        ]
        for name, key in FIGURES
    ]
    print_table(f"Calibration {row.id}, {row.kind}s", ["figure", "now", "before"], rows)
    weights = sorted(_weights(row).items(), key=lambda one: one[1])
    negative = [FEATURE_WORDS[name] for name, weight in weights[:STRONGEST] if weight < 0]
    positive = [FEATURE_WORDS[name] for name, weight in weights[::-1][:STRONGEST] if weight > 0]
    console.print(f"Strongest evidence for a duplicate: {', '.join(positive) or 'none'}.")
    console.print(f"Strongest evidence against: {', '.join(negative) or 'none'}.")


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
                _value(row.report.get("precision")),
                "" if row.rolled_back_by is None else f"rolled back by {row.rolled_back_by}",
            ]
            for row in rows
        ]
        columns = ["id", "fitted (UTC)", "by", "verdicts", "precision", ""]
        print_table("Calibrations", columns, table)


def _value(value: object) -> str:
    if value is None:
        return "–"
    return f"{value:.3f}" if isinstance(value, float) else str(value)
