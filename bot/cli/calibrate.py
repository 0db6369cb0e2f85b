"""`deja calibrate`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click
from sqlalchemy import select

from bot.cli.terminal import console, notes, open_services, print_json, print_table
from bot.clock import utc_now
from bot.wiring import Services
from models import Calibration
from services.errors import NotEnoughVerdictsError
from services.judgement.calibration import FEATURES
from services.judgement.calibration_store import current_calibration, roll_back
from services.memory.workspaces import find_workspace

STRONGEST = 3
BY = "command line"

# What a feature's figure means where it speaks for a duplicate.
FEATURE_WORDS = {
    "similarity": "alike in meaning",
    "density": "many tickets like it",
    "words": "the same words",
    "overlap": "rare words in common",
    "letters": "spelled alike",
    "title": "alike titles",
    "shared_codes": "codes in common",
    "rarest": "a very rare word in common",
    "conflict": "other codes",
    "price_gap": "other prices",
    "age_gap": "far apart in time",
    "same_reporter": "one person wrote both",
}


@click.command()
@click.option("--kind", type=click.Choice(["ticket", "product"]), default="ticket")
@click.option("--list", "as_list", is_flag=True, help="Only show what was learned so far.")
@click.option("--rollback", is_flag=True, help="Let the one before judge again.")
@click.option("--workspace", metavar="TEAM_ID", help="Where there are several.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line a calibration.")
def calibrate(
    kind: str, as_list: bool, rollback: bool, workspace: str | None, as_json: bool
) -> None:
    """Learn from the team's verdicts how likely two tickets are the same.

    From then on answers show a probability, and "duplicate" is what reaches the cut. The figures
    are cross-validated: on pairs that the model had not seen. The running bot does this by itself
    when there are enough new verdicts. What was shown before keeps its probability.

    \b
    Examples:
      deja calibrate
      deja calibrate --list --json
      deja calibrate --rollback
    """
    if as_list and rollback:
        raise click.UsageError("Give --list or --rollback, not both.")
    with open_services() as services:
        with services.database.read() as session:
            place = find_workspace(session, workspace)
        if as_list:
            _list(services, place.id, kind, as_json)
        elif rollback:
            _roll_back(services, place.id, kind, as_json)
        else:
            _fit(services, place.id, kind, as_json)


def _list(services: Services, workspace_id: int, kind: str, as_json: bool) -> None:
    with services.database.read() as session:
        rows = session.scalars(
            select(Calibration)
            .where(Calibration.workspace_id == workspace_id, Calibration.kind == kind)
            .order_by(Calibration.id)
        ).all()
    _show_list(rows, as_json)


def _roll_back(services: Services, workspace_id: int, kind: str, as_json: bool) -> None:
    with services.database.write() as session:
        judges = roll_back(session, workspace_id, kind, by=BY, now=utc_now())
    if as_json:
        print_json({"judges": None if judges is None else _line(judges)})
    elif judges is None:
        notes.print("Rolled back: the rule for a new team judges again.")
    else:
        notes.print(f"Rolled back: calibration {judges.id} judges again.")


def _fit(services: Services, workspace_id: int, kind: str, as_json: bool) -> None:
    with services.database.read() as session:
        before = current_calibration(session, workspace_id, kind)
    try:
        row = services.calibrator.fit(workspace_id, kind, by=BY, now=utc_now())
    except NotEnoughVerdictsError as error:
        raise NotEnoughVerdictsError(f"{error} `deja review` asks for them.") from error
    if as_json:
        print_json(_line(row) | {"before": None if before is None else _line(before)})
    else:
        _show(row, before)


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


def _show(row: Calibration, before: Calibration | None) -> None:
    rows = [
        [
            name,
            _value(row.report.get(key)),
            "" if before is None else _value(before.report.get(key)),
        ]
        for name, key in (
            ("verdicts learned from", "pairs"),
            ("of them duplicates", "duplicates"),
            ("at 90 % or more", "flagged"),
            ("precision there", "precision"),
            ("recall there", "recall"),
            ("average precision", "average_precision"),
            ("ECE", "ece"),
            ("Brier score", "brier"),
        )
    ]
    print_table(f"Calibration {row.id}, {row.kind}s", ["figure", "now", "before"], rows)
    weights = sorted(_weights(row).items(), key=lambda one: one[1])
    against = [FEATURE_WORDS[name] for name, weight in weights[:STRONGEST] if weight < 0]
    speaks = [FEATURE_WORDS[name] for name, weight in weights[::-1][:STRONGEST] if weight > 0]
    console.print(f"Speaks for a duplicate: {', '.join(speaks) or 'nothing'}.")
    console.print(f"Speaks against: {', '.join(against) or 'nothing'}.")


def _show_list(rows: Sequence[Calibration], as_json: bool) -> None:
    if as_json:
        for row in rows:
            print_json(_line(row))
    elif not rows:
        console.print("Nothing was learned yet: `deja review`, then `deja calibrate`.")
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
