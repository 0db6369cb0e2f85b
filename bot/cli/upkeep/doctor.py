"""`deja doctor`."""

from __future__ import annotations

from typing import Any

import click


@click.command()
@click.option("--offline", is_flag=True, help="Do not call Slack.")
@click.option("--prove", is_flag=True, help="Make the nightly proof now; this takes a while.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line per check.")
def doctor(**options: Any) -> None:
    """Check settings, disk, database, model, index and tokens; the exit code is 1 on a problem.

    Example: deja doctor
    """
    # The help needs none of what this imports.
    from bot.cli.upkeep.doctor_run import check_health

    check_health(**options)
