"""`deja verdicts`."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, TextIO

import click

from bot.cli.group import CommandGroup
from bot.cli.options import WORKSPACE
from bot.cli.terminal import count, notes, open_database, print_json, progress_bar
from bot.clock import utc_now
from models.types import safe_text
from services.errors import DejaError, InputError
from services.intake.importers.files.lines import Lines
from services.issues.verdicts import (
    DECISIONS,
    NamedVerdict,
    current_verdicts,
    export_verdicts,
)
from services.memory.item_names import find_item_id
from services.memory.workspaces import find_workspace
from services.text.words.plain import plain_text

if TYPE_CHECKING:
    from models import Database
    from services.issues.verdict_rules import Decision

MAX_SHOWN = 20

# Lines per transaction. It reads the current verdicts once, and blocks others for under a second.
BATCH = 1_000

# Labels as classifiers write them; with decimals if the column has gaps.
LABELS: dict[str, Decision] = {
    "1": "duplicate", "1.0": "duplicate", "true": "duplicate",
    "0": "distinct", "0.0": "distinct", "false": "distinct",
}  # fmt: skip

Fields = Mapping[str, Any]


@click.group(cls=CommandGroup)
def verdicts() -> None:
    """Import, export or undo the verdicts of people on pairs of tickets."""


@verdicts.command("import")
@click.argument("file", type=click.File(encoding="utf-8-sig", errors="replace"))
@click.option(
    "--format",
    "format_",
    type=click.Choice(["jsonl", "csv"]),
    help="Default: csv if the file name ends in .csv, otherwise jsonl.",
)
@WORKSPACE
@click.option("--json", "as_json", is_flag=True, help="Print the counts as one JSON line.")
def import_(file: TextIO, format_: str | None, team_id: str | None, as_json: bool) -> None:
    """Import verdicts from FILE ("-": standard input): JSON lines, or CSV with a header.

    \b
    A line:  {"a": "T-1", "b": "T-2", "verdict": "duplicate"}
    or:      {"a": "T-1", "b": "T-2", "label": 1}
    Fields of JSON lines, columns of CSV:
      a, b      the items' ids, as imported; SOURCE:ID if several have the id
      verdict   duplicate, related or distinct
      label     instead of a verdict: 1 or true: duplicate, 0 or false: distinct
      by        who decided; default: import

    A line is refused if it contradicts earlier verdicts, for example if it puts two items into one
    group that somebody called distinct. Refused and unreadable lines are listed with the reason;
    the others are stored, and the exit code is 1.

    \b
    Examples:
      deja verdicts import reviewed.jsonl
      deja verdicts import decisions.csv --json
    """
    is_csv = PurePath(getattr(file, "name", "")).suffix.lower() == ".csv"
    read = _read_csv if (format_ or ("csv" if is_csv else "jsonl")) == "csv" else _read_jsonl
    with open_database() as database:
        with database.read() as session:
            workspace_id = find_workspace(session, team_id).id
        outcomes = _store(database, workspace_id, list(read(file)))
    changed = sum(one is True for _, one in outcomes)
    errors = [
        {"line": line, "reason": str(one)} for line, one in outcomes if isinstance(one, DejaError)
    ]
    _show(changed, len(outcomes) - changed - len(errors), errors, as_json)


def _store(
    database: Database, workspace_id: int, lines: list[tuple[int, NamedVerdict | DejaError]]
) -> list[tuple[int, bool | DejaError]]:
    """Store the verdicts of numbered lines in batches; return the outcome of each line."""
    from bot.jobs.decisions import decide_many_outside_slack  # its imports take a while

    outcomes: list[tuple[int, bool | DejaError]] = []
    with progress_bar("Storing verdicts", len(lines)) as advance:
        for start in range(0, len(lines), BATCH):
            batch = lines[start : start + BATCH]
            verdicts = [one for _, one in batch if isinstance(one, NamedVerdict)]
            with database.write() as session:
                decided = decide_many_outside_slack(
                    session, workspace_id, verdicts, utc_now(), place="import"
                )
                stored = iter(decided)
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
        # Ids and names come from outside: no control characters may reach the terminal.
        line = plain_text(f"line {one['line']}: {one['reason']}")
        notes.print(line, markup=False, soft_wrap=True)
    if len(errors) > MAX_SHOWN:
        notes.print(f"… and {len(errors) - MAX_SHOWN} more.")
    if errors:
        raise click.ClickException(f"{count(len(errors), 'line')} could not be stored.")


@verdicts.command()
@click.argument("file", type=click.File("w", encoding="utf-8"))
@WORKSPACE
def export(file: TextIO, team_id: str | None) -> None:
    """Export all current verdicts to FILE ("-": standard output), one JSON line per pair.

    Example: deja verdicts export -
    """
    with open_database() as database, database.read() as session:
        workspace_id = find_workspace(session, team_id).id
        lines = list(export_verdicts(session, workspace_id))
    file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    notes.print(f"{count(len(lines), 'verdict')} exported.")


@verdicts.command("undo")
@click.argument("a")
@click.argument("b")
@WORKSPACE
def undo_(a: str, b: str, team_id: str | None) -> None:
    """Undo the verdict on the items A and B. It stays in the audit log as undone.

    Example: deja verdicts undo T-1 T-2
    """
    from bot.jobs.decisions import PairDecision, decide_outside_slack  # its imports take a while

    with open_database() as database, database.write() as session:
        workspace_id = find_workspace(session, team_id).id
        first, second = (find_item_id(session, workspace_id, name) for name in (a, b))
        if second not in current_verdicts(session, first):
            raise InputError(f"There is no verdict on {a} and {b}.")
        by = "command line"
        decision = PairDecision(workspace_id, (first, second), "undo", by, utc_now())
        decide_outside_slack(session, decision, place=by)
    notes.print(f"The verdict on {a} and {b} was undone.", markup=False)


def _read_jsonl(file: TextIO) -> Iterator[tuple[int, NamedVerdict | DejaError]]:
    """Yield the verdict or error of each line that is not blank, with its number."""
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
    """Yield the verdict or error of each record, with the number of its last line.

    Raises `InputError` if the first line does not name the columns.
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
    named = verdict or LABELS.get(label, label)
    for decision in DECISIONS:
        if named == decision:
            return decision
    if verdict or not label:
        raise InputError(f"the verdict must be one of {', '.join(DECISIONS)}")
    raise InputError("the label must be 1 or true (duplicate), or 0 or false (distinct)")


def _word(fields: Fields, name: str) -> str:
    """Return a field's text, or "" if it is missing."""
    value = fields.get(name)
    if value is None:
        return ""
    if not isinstance(value, str | int | float):
        raise InputError(f'"{name}" must be text or a number')
    return safe_text(str(value)).strip()
