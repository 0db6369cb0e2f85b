"""`deja groups`."""

from __future__ import annotations

from collections.abc import Sequence

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cli.options import WORKSPACE
from bot.cli.terminal import console, count, open_database, print_json, print_table
from models import Item
from models.queries import in_parts
from services.issues.groups import Group, all_groups, groups_of
from services.issues.reports import count_reports
from services.memory.item_names import find_item_id, names_of
from services.memory.workspaces import find_workspace
from services.text.cleaning.headline import headline
from services.text.words.plain import plain_text

TITLE_LENGTH = 60


@click.command()
@click.argument("item", required=False)
@WORKSPACE
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line per group.")
def groups(item: str | None, team_id: str | None, as_json: bool) -> None:
    """List the groups of tickets that people confirmed as duplicates, the largest first.

    The root of a group is its earliest ticket. With ITEM, only the group of that item is shown.

    \b
    Examples:
      deja groups
      deja groups T-1 --json
    """
    with open_database() as database, database.read() as session:
        workspace_id = find_workspace(session, team_id).id
        if item is None:
            found = all_groups(session, workspace_id)
        else:
            item_id = find_item_id(session, workspace_id, item)
            found = list(groups_of(session, [item_id]).values())
        names = names_of(session, (id_ for group in found for id_ in group.members))
        titles = _titles(session, [group.root_id for group in found])
        reports = count_reports(session, {group.root_id: group.members for group in found})
    if as_json:
        for group in found:
            print_json(_line(group, names, reports[group.root_id]))
    elif not found:
        what = "No ticket has been" if item is None else f"{item} has not been"
        console.print(f"{what} confirmed as a duplicate.", markup=False)
    else:
        rows = [
            _row(group, names, titles[group.root_id], reports[group.root_id]) for group in found
        ]
        columns = ["root", "size", "reports", "members", "title of the root"]
        print_table(count(len(found), "group"), columns, rows)


def _line(group: Group, names: dict[int, str], reports: int) -> dict[str, object]:
    members = [names[item_id] for item_id in group.members]
    root = names[group.root_id]
    return {"root": root, "size": len(members), "reports": reports, "members": members}


def _row(group: Group, names: dict[int, str], title: str, reports: int) -> list[str]:
    members = ", ".join(names[item_id] for item_id in group.members)
    root = plain_text(names[group.root_id])
    return [root, str(len(group.members)), str(reports), plain_text(members), title]


def _titles(session: Session, item_ids: Sequence[int]) -> dict[int, str]:
    return {
        item_id: headline(title, text, TITLE_LENGTH)
        for part in in_parts(item_ids)
        for item_id, title, text in session.execute(
            select(Item.id, Item.title, Item.text).where(Item.id.in_(part))
        )
    }
