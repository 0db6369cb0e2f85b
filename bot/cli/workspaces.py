"""`deja workspaces`."""

from __future__ import annotations

import click

from bot.cli.terminal import load_settings, open_services, print_json, print_table
from services.answers.status import describe_workspaces


@click.group()
def workspaces() -> None:
    """Show where Déjà is installed."""


@workspaces.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line a workspace.")
def list_(as_json: bool) -> None:
    """List the workspaces: what each is called, and how much is remembered of it.

    The name Slack gives a team is what `--workspace` takes.

    Example: deja workspaces list
    """
    with open_services(load_settings()) as services, services.database.read() as session:
        found = describe_workspaces(session)
    if as_json:
        for one in found:
            installed, removed = one.installed_at, one.uninstalled_at
            print_json(
                {
                    "team": one.team_id,
                    "name": one.name,
                    "channels": one.channels,
                    "items": one.items,
                    "installed": installed and installed.isoformat(),
                    "removed": removed and removed.isoformat(),
                }
            )
        return
    rows = [
        [
            one.team_id or "-",
            one.name or "-",
            str(one.channels),
            str(one.items),
            one.state,
        ]
        for one in found
    ]
    print_table("Workspaces", ["team", "name", "channels", "items", "state"], rows)
