"""`deja audit`."""

from __future__ import annotations

from datetime import datetime, timedelta

import click

from bot.cli.options import COUNT, SINCE_OPTION, WORKSPACE, moment
from bot.cli.terminal import console, open_database, print_json, print_table
from bot.clock import utc_now
from services.issues.audit import AuditQuery, AuditRecord, find_records
from services.memory.item_names import find_item_id, names_of
from services.memory.workspaces import find_workspace
from services.text.words.plain import plain_text


@click.command()
@click.argument("item", required=False)
@SINCE_OPTION
@click.option("--by", metavar="WHO", help="Only what this person did.")
@click.option("--limit", default=50, show_default=True, type=COUNT)
@WORKSPACE
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line per record.")
def audit(
    item: str | None,
    since: timedelta | datetime | None,
    by: str | None,
    limit: int,
    team_id: str | None,
    as_json: bool,
) -> None:
    """Show who decided, changed or undid what, and when; the newest comes last.

    With ITEM, only decisions about that item are shown, even if it was deleted. Without it,
    calibrations and changed settings are shown too. WHO is a Slack user id, or the name given in
    an imported file.

    \b
    Examples:
      deja audit T-1
      deja audit --since 30d --by U024BE7LH --json
    """
    with open_database() as database, database.read() as session:
        workspace_id = find_workspace(session, team_id).id
        item_id = None if item is None else find_item_id(session, workspace_id, item)
        start = None if since is None else moment(since, utc_now())
        records = find_records(session, workspace_id, AuditQuery(limit, item_id, by, start))
        names = names_of(session, {id_ for record in records for id_ in record.item_ids})
    if as_json:
        for record in records:
            print_json(_line(record, names))
    elif not records:
        console.print("There are no such records.")
    else:
        columns = ["when (UTC)", "who", "what", "items", "details"]
        print_table("Audit log", columns, [_row(record, names) for record in records])


def _line(record: AuditRecord, names: dict[int, str]) -> dict[str, object]:
    return {
        "at": record.at.isoformat(),
        "by": record.by,
        "what": record.what,
        "items": [names[item_id] for item_id in record.item_ids],
        "detail": record.detail,
    }


def _row(record: AuditRecord, names: dict[int, str]) -> list[str]:
    items = ", ".join(names[item_id] for item_id in record.item_ids)
    # Names and ids come from outside: no control characters may reach the terminal.
    others = [record.by, record.what, items, record.detail or ""]
    return [f"{record.at:%Y-%m-%d %H:%M:%S}", *map(plain_text, others)]
