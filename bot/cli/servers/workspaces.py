"""`deja workspaces`."""

from __future__ import annotations

from typing import Any

import click

from bot.cli.group import CommandGroup
from bot.cli.terminal import open_database, print_json, print_table
from services.answers.workspace_summary import WorkspaceSummary, describe_workspaces


@click.group(cls=CommandGroup)
def workspaces() -> None:
    """Show where Déjà is installed."""


@workspaces.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line per workspace.")
def list_(as_json: bool) -> None:
    """List the workspaces, with how many channels and items are stored for each.

    Other commands take the team id as --workspace.

    Example: deja workspaces list
    """
    with open_database() as database, database.read() as session:
        found = describe_workspaces(session)
    if as_json:
        for one in found:
            print_json(_line(one))
        return
    rows = [
        [one.team_id or "-", one.name or "-", str(one.channels), str(one.items), one.state]
        for one in found
    ]
    print_table("Workspaces", ["team", "name", "channels", "items", "state"], rows)


def _line(workspace: WorkspaceSummary) -> dict[str, Any]:
    installed, removed = workspace.installed_at, workspace.uninstalled_at
    return {
        "team": workspace.team_id,
        "name": workspace.name,
        "channels": workspace.channels,
        "items": workspace.items,
        "installed": installed and installed.isoformat(),
        "removed": removed and removed.isoformat(),
    }
