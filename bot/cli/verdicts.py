"""`deja verdicts`."""

from __future__ import annotations

import json
from typing import IO, Any

import click
from sqlalchemy.orm import Session

from bot.cli.terminal import notes, print_json, services
from bot.worker import utc_now
from models import Workspace
from services.errors import DejaError, InputError
from services.items import find_item
from services.verdicts import DECISIONS, decide, export_verdicts, undo
from services.workspaces import find_workspace

MOST_SHOWN = 20
BATCH = 500


@click.group()
def verdicts() -> None:
    """What people decided about pairs of tickets."""


@verdicts.command("import")
@click.argument("file", type=click.File(encoding="utf-8", errors="replace"))
@click.option("--workspace", metavar="TEAM_ID", help="Where there are several.")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as one JSON line.")
def import_(file: IO[str], workspace: str | None, as_json: bool) -> None:
    """Store decisions from FILE ("-": standard input), one JSON line a pair.

    \b
    A line: {"a": "T-1", "b": "T-2", "verdict": "duplicate"}
    Verdicts: duplicate, related, distinct. Ids are those of the import. An optional "by" says who
    decided. Lines that cannot be read are listed, the rest is stored, and the exit code is 1.

    Example: deja verdicts import reviewed.jsonl
    """
    counts = {"stored": 0, "unchanged": 0}
    errors: list[dict[str, Any]] = []
    with services() as deja:
        with deja.database.read() as session:
            place = find_workspace(session, workspace)
        numbered = [(n, line) for n, line in enumerate(file, 1) if line.strip()]
        for start in range(0, len(numbered), BATCH):
            with deja.database.write() as session:
                for number, line in numbered[start : start + BATCH]:
                    try:
                        changed = _store(session, place, line)
                    except DejaError as error:
                        errors.append({"line": number, "reason": str(error)})
                    else:
                        counts["stored" if changed else "unchanged"] += 1
    if as_json:
        print_json({**counts, "errors": errors})
    else:
        notes.print(f"{counts['stored']} stored, {counts['unchanged']} unchanged.")
    for one in errors[:MOST_SHOWN]:
        notes.print(f"line {one['line']}: {one['reason']}", markup=False)
    if errors:
        raise click.ClickException(f"{len(errors)} lines could not be stored.")


@verdicts.command()
@click.argument("file", type=click.File("w", encoding="utf-8"))
@click.option("--workspace", metavar="TEAM_ID", help="Where there are several.")
def export(file: IO[str], workspace: str | None) -> None:
    """Write all standing decisions to FILE ("-": standard output), one JSON line a pair.

    Example: deja verdicts export -
    """
    with services() as deja, deja.database.read() as session:
        place = find_workspace(session, workspace)
        lines = list(export_verdicts(session, place.id))
    for line in lines:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")
    notes.print(f"{len(lines)} decisions written.")


@verdicts.command("undo")
@click.argument("a")
@click.argument("b")
@click.option("--workspace", metavar="TEAM_ID", help="Where there are several.")
def undo_(a: str, b: str, workspace: str | None) -> None:
    """Take back what was decided about the items A and B. It stays on record as undone.

    Example: deja verdicts undo T-1 T-2
    """
    with services() as deja, deja.database.write() as session:
        place = find_workspace(session, workspace)
        pair = (find_item(session, place.id, a).id, find_item(session, place.id, b).id)
        if not undo(session, pair, by="command line", now=utc_now()):
            raise InputError(f"Nothing is decided about {a} and {b}.")
    notes.print(f"The decision about {a} and {b} is undone.", markup=False)


def _store(session: Session, place: Workspace, line: str) -> bool:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError("this is not JSON") from error
    if not isinstance(row, dict) or not {"a", "b", "verdict"} <= row.keys():
        raise InputError('a line needs "a", "b" and "verdict"')
    if row["verdict"] not in DECISIONS:
        raise InputError(f"the verdict must be one of {', '.join(DECISIONS)}")
    pair = tuple(find_item(session, place.id, str(row[side])).id for side in ("a", "b"))
    by = row.get("by")
    return decide(
        session,
        place.id,
        (pair[0], pair[1]),
        row["verdict"],
        by=by if isinstance(by, str) and by else "import",
        now=utc_now(),
    )
