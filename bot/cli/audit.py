"""`deja audit` and `deja groups`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import click
from sqlalchemy import select, true
from sqlalchemy.orm import Session

from bot.cli.options import SINCE, moment
from bot.cli.terminal import console, open_services, print_json, print_table
from bot.clock import utc_now
from models import Item
from models.queries import in_parts
from services.errors import DejaError
from services.issues.audit import AuditQuery, AuditRecord, find_records
from services.issues.groups import Group, all_groups, groups_of
from services.memory.item_names import find_named, names_of
from services.memory.workspaces import find_workspace
from services.text.cleaning import headline, plain_text

TITLE_LENGTH = 60


@click.command()
@click.argument("item", required=False)
@click.option("--since", type=SINCE, metavar="SPAN|DATE", help="Such as 12h, 30d or 2026-11-01.")
@click.option("--by", metavar="WHO", help="Only what this person did.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1))
@click.option("--workspace", metavar="TEAM_ID", help="Where there are several.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line a record.")
def audit(
    item: str | None,
    since: timedelta | datetime | None,
    by: str | None,
    limit: int,
    workspace: str | None,
    as_json: bool,
) -> None:
    """Show what was decided, by whom and when, and what was undone: the newest last.

    With ITEM only the decisions about it, also if it is deleted; without, calibrations and changed
    settings too. WHO is as it is shown: a Slack user's id, or the name in an imported file.

    \b
    Examples:
      deja audit T-1
      deja audit --since 30d --by U024BE7LH --json
    """
    with open_services() as services, services.database.read() as session:
        place = find_workspace(session, workspace)
        item_id = None if item is None else _item_id(session, place.id, item)
        start = None if since is None else moment(since, utc_now())
        records = find_records(session, place.id, AuditQuery(limit, item_id, by, start))
        names = names_of(session, {id_ for record in records for id_ in record.item_ids})
    if as_json:
        for record in records:
            print_json(_audit_line(record, names))
    elif not records:
        console.print("Nothing of that is on record.")
    else:
        columns = ["when (UTC)", "who", "what", "items", "detail"]
        print_table("On record", columns, [_audit_row(record, names) for record in records])


@click.command()
@click.argument("item", required=False)
@click.option("--workspace", metavar="TEAM_ID", help="Where there are several.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line a group.")
def groups(item: str | None, workspace: str | None, as_json: bool) -> None:
    """Show the groups of tickets that people said are the same issue, the largest first.

    A group's root is its earliest ticket. With ITEM only the group that it is in.

    \b
    Examples:
      deja groups
      deja groups T-1 --json
    """
    with open_services() as services, services.database.read() as session:
        place = find_workspace(session, workspace)
        if item is None:
            found = all_groups(session, place.id)
        else:
            item_id = _item_id(session, place.id, item)
            found = list(groups_of(session, [item_id]).values())
        names = names_of(session, (id_ for group in found for id_ in group.members))
        titles = _titles(session, [group.root_id for group in found])
    if as_json:
        for group in found:
            print_json(_group_line(group, names))
    elif not found:
        what = "No tickets are" if item is None else f"{item} is not"
        console.print(f"{what} confirmed to be the same issue as another.", markup=False)
    else:
        rows = [_group_row(group, names, titles) for group in found]
        print_table(f"{len(found)} groups", ["root", "size", "members", "title of the root"], rows)


def _item_id(session: Session, workspace_id: int, name: str) -> int:
    """Return the id of an item, a deleted one too: what was decided about it is on record."""
    found = find_named(session, workspace_id, [name], where=true())[name]
    if isinstance(found, DejaError):
        raise found
    return found


def _audit_line(record: AuditRecord, names: dict[int, str]) -> dict[str, object]:
    return {
        "at": record.at.isoformat(),
        "by": record.by,
        "what": record.what,
        "items": [names[item_id] for item_id in record.item_ids],
        "detail": record.detail,
    }


def _audit_row(record: AuditRecord, names: dict[int, str]) -> list[str]:
    items = ", ".join(names[item_id] for item_id in record.item_ids)
    # Names and ids are somebody else's words: no control characters reach the terminal.
    others = [record.by, record.what, items, record.detail or ""]
    return [f"{record.at:%Y-%m-%d %H:%M:%S}", *map(plain_text, others)]


def _group_line(group: Group, names: dict[int, str]) -> dict[str, object]:
    members = [names[item_id] for item_id in group.members]
    return {"root": names[group.root_id], "size": len(members), "members": members}


def _group_row(group: Group, names: dict[int, str], titles: dict[int, str]) -> list[str]:
    members = ", ".join(names[item_id] for item_id in group.members)
    root = plain_text(names[group.root_id])
    return [root, str(len(group.members)), plain_text(members), titles[group.root_id]]


def _titles(session: Session, item_ids: Sequence[int]) -> dict[int, str]:
    return {
        item_id: headline(title, text, TITLE_LENGTH)
        for part in in_parts(item_ids)
        for item_id, title, text in session.execute(
            select(Item.id, Item.title, Item.text).where(Item.id.in_(part))
        )
    }
