"""`deja verdicts`."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any, TextIO

import click
from sqlalchemy import true
from sqlalchemy.orm import Session

from bot.cli.terminal import notes, open_database, print_json, progress_bar
from bot.clock import utc_now
from models import Database, Workspace
from models.types import safe_text
from services.errors import DejaError, InputError
from services.intake.importers.rows import Lines
from services.issues.verdict_rules import Decision
from services.issues.verdicts import DECISIONS, NamedVerdict, decide_named, export_verdicts, undo
from services.memory.item_names import find_named
from services.memory.workspaces import find_workspace
from services.text.cleaning import plain_text

MAX_SHOWN = 20

# A batch is one transaction. It reads what stands once, and others wait for it less than a second.
BATCH = 1_000

# What the files of classifiers say; a column with gaps in it is written with decimals.
LABELS: dict[str, Decision] = {
    "1": "duplicate", "1.0": "duplicate", "true": "duplicate",
    "0": "distinct", "0.0": "distinct", "false": "distinct",
}  # fmt: skip

Fields = Mapping[str, Any]


@click.group()
def verdicts() -> None:
    """What people decided about pairs of tickets."""


@verdicts.command("import")
@click.argument("file", type=click.File(encoding="utf-8-sig", errors="replace"))
@click.option(
    "--format",
    "format_",
    type=click.Choice(["jsonl", "csv"]),
    help="Default: csv where the file's name ends in .csv, else jsonl.",
)
@click.option("--workspace", metavar="TEAM_ID", help="Where there are several.")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as one JSON line.")
def import_(file: TextIO, format_: str | None, workspace: str | None, as_json: bool) -> None:
    """Store decisions from FILE ("-": standard input): JSON lines, or CSV with a header.

    \b
    A line: {"a": "T-1", "b": "T-2", "verdict": "duplicate"}
    Or:     {"a": "T-1", "b": "T-2", "label": 1}
    Fields of JSON lines, columns of CSV:
      a, b      the items' ids, as imported; SOURCE:ID where several sources have one
      verdict   duplicate, related or distinct
      label     instead of a verdict: 1 or true is duplicate, 0 or false is distinct
      by        who decided; default: import

    A line that contradicts what stands is refused: a duplicate would put two items into one group
    that somebody ruled out. Such lines, and those that cannot be read, are listed with the reason;
    the rest is stored, and the exit code is 1.

    \b
    Examples:
      deja verdicts import reviewed.jsonl
      deja verdicts import decisions.csv --json
    """
    is_csv = PurePath(getattr(file, "name", "")).suffix.lower() == ".csv"
    read = _read_csv if (format_ or ("csv" if is_csv else "jsonl")) == "csv" else _read_jsonl
    with open_database() as database:
        with database.read() as session:
            place = find_workspace(session, workspace)
        outcomes = _store(database, place, list(read(file)))
    changed = sum(one is True for _, one in outcomes)
    errors = [
        {"line": line, "reason": str(one)} for line, one in outcomes if isinstance(one, DejaError)
    ]
    _show(changed, len(outcomes) - changed - len(errors), errors, as_json)


def _store(
    database: Database, place: Workspace, lines: list[tuple[int, NamedVerdict | DejaError]]
) -> list[tuple[int, bool | DejaError]]:
    """Store the verdicts of numbered lines, batch by batch; return what came of each line."""
    outcomes: list[tuple[int, bool | DejaError]] = []
    with progress_bar("Storing decisions", len(lines)) as advance:
        for start in range(0, len(lines), BATCH):
            batch = lines[start : start + BATCH]
            told = [one for _, one in batch if isinstance(one, NamedVerdict)]
            with database.write() as session:
                stored = iter(decide_named(session, place.id, told, utc_now()))
            outcomes += [
                (line, one if isinstance(one, DejaError) else next(stored)) for line, one in batch
            ]
            advance(len(batch))
    return outcomes


def _show(stored: int, unchanged: int, errors: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        print_json({"stored": stored, "unchanged": unchanged, "errors": errors})
    else:
        notes.print(f"{stored} stored, {unchanged} unchanged.")
    for one in errors[:MAX_SHOWN]:
        # Ids and names are somebody else's words: no control characters reach the terminal.
        told = plain_text(f"line {one['line']}: {one['reason']}")
        notes.print(told, markup=False, highlight=False, soft_wrap=True)
    if len(errors) > MAX_SHOWN:
        notes.print(f"… and {len(errors) - MAX_SHOWN} more.")
    if errors:
        lines = "1 line" if len(errors) == 1 else f"{len(errors)} lines"
        raise click.ClickException(f"{lines} could not be stored.")


@verdicts.command()
@click.argument("file", type=click.File("w", encoding="utf-8"))
@click.option("--workspace", metavar="TEAM_ID", help="Where there are several.")
def export(file: TextIO, workspace: str | None) -> None:
    """Write all standing decisions to FILE ("-": standard output), one JSON line a pair.

    Example: deja verdicts export -
    """
    with open_database() as database, database.read() as session:
        place = find_workspace(session, workspace)
        lines = list(export_verdicts(session, place.id))
    file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    notes.print(f"{len(lines)} decisions written.")


@verdicts.command("undo")
@click.argument("a")
@click.argument("b")
@click.option("--workspace", metavar="TEAM_ID", help="Where there are several.")
def undo_(a: str, b: str, workspace: str | None) -> None:
    """Take back what was decided about the items A and B. It stays on record as undone.

    Example: deja verdicts undo T-1 T-2
    """
    with open_database() as database, database.write() as session:
        place = find_workspace(session, workspace)
        pair = (_item_id(session, place.id, a), _item_id(session, place.id, b))
        if not undo(session, pair, by="command line", now=utc_now()):
            raise InputError(f"Nothing is decided about {a} and {b}.")
    notes.print(f"The decision about {a} and {b} is undone.", markup=False)


def _item_id(session: Session, workspace_id: int, name: str) -> int:
    """Return the id of an item, a deleted one too: what was decided about it can be undone."""
    found = find_named(session, workspace_id, [name], where=true())[name]
    if isinstance(found, DejaError):
        raise found
    return found


def _read_jsonl(file: TextIO) -> Iterator[tuple[int, NamedVerdict | DejaError]]:
    """Yield what each line says, with its number; blank lines say nothing."""
    lines = Lines(file)
    while True:
        number = lines.start_record()
        try:
            line = next(lines)
            if line.strip():
                yield number, _verdict(_json_fields(line))
        except StopIteration:
            return
        except InputError as error:
            yield number, error


def _read_csv(file: TextIO) -> Iterator[tuple[int, NamedVerdict | DejaError]]:
    """Yield what each record says, with the number of its last line.

    Raises `InputError` where the first line does not name the columns.
    """
    lines = Lines(file)
    header = next((line for line in lines if line.strip()), "")
    delimiter = max(",;\t", key=header.count)
    columns = [name.strip().lower() for name in next(csv.reader([header], delimiter=delimiter))]
    if not {"a", "b"} <= set(columns) or not {"verdict", "label"} & set(columns):
        raise InputError("The first line must name the columns a and b, and verdict or label.")
    records = csv.DictReader(lines, columns, delimiter=delimiter, strict=True)
    while True:
        lines.start_record()
        try:
            fields = next(records)
            yield lines.number, _verdict(fields)
        except StopIteration:
            return
        except csv.Error as error:
            yield lines.number, InputError(f"this is not CSV: {error}")
        except InputError as error:
            yield lines.number, error


def _json_fields(line: str) -> Fields:
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError("this is not JSON") from error
    if not isinstance(fields, dict):
        raise InputError('a line needs "a", "b", and "verdict" or "label"')
    return fields


def _verdict(fields: Fields) -> NamedVerdict:
    a, b, by = (_word(fields, name) for name in ("a", "b", "by"))
    if not a or not b:
        raise InputError('a line needs "a", "b", and "verdict" or "label"')
    return NamedVerdict(a, b, _decision(fields), by or "import")


def _decision(fields: Fields) -> Decision:
    verdict, label = _word(fields, "verdict").lower(), _word(fields, "label").lower()
    said = verdict or LABELS.get(label, label)
    for decision in DECISIONS:
        if said == decision:
            return decision
    if verdict or not label:
        raise InputError(f"the verdict must be one of {', '.join(DECISIONS)}")
    raise InputError("the label must be 1 or true (duplicate), or 0 or false (distinct)")


def _word(fields: Fields, name: str) -> str:
    """Return a field's text; "" where there is none."""
    value = fields.get(name)
    if value is None:
        return ""
    if not isinstance(value, str | int | float):
        raise InputError(f'"{name}" must be text or a number')
    return safe_text(str(value)).strip()
