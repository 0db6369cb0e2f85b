"""`deja export`."""

from __future__ import annotations

import json
import shutil
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, cast

import click

from bot.backups.files import is_stream, replaced_file
from bot.cli.options import WORKSPACE
from bot.cli.terminal import count, notes, open_database, print_json, progress_bar
from bot.clock import utc_now
from services.errors import InputError
from services.memory.workspaces import find_workspace
from services.text.words.plain import plain_text

if TYPE_CHECKING:
    from services.exports.formats import Format
    from services.exports.vectors import VectorFormat


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--format",
    "format_",
    type=click.Choice(["jsonl", "csv", "parquet"]),
    default="jsonl",
    show_default=True,
    help="How the tables in the archive are written.",
)
@click.option(
    "--vectors", type=click.Choice(["npy", "parquet"]), help="Add the vectors and their ids."
)
@click.option(
    "--filter",
    "typed",
    metavar="FILTERS",
    default="",
    help='As `/deja search` takes them: "is:solved in:#help after:2026-01-01".',
)
@click.option("--user", metavar="WHO", help="Only what is stored of this person, as JSON lines.")
@click.option("--private", "with_private", is_flag=True, help="Add private channels, too.")
@click.option("--force", "--overwrite", "force", is_flag=True, help="Replace FILE if it exists.")
@WORKSPACE
@click.option("--json", "as_json", is_flag=True, help="Print the counts as one JSON line.")
def export(
    file: Path,
    format_: str,
    vectors: str | None,
    typed: str,
    user: str | None,
    with_private: bool,
    force: bool,
    team_id: str | None,
    as_json: bool,
) -> None:
    """Export tickets, products, answers, verdicts and topics to FILE ("-": standard output), a ZIP.

    `deja import FILE` reads it back, also into another database. With filters, only tickets that
    pass them are exported, and what people decided about them. CSV is written so that no
    spreadsheet takes a text for a formula; the import undoes that. Parquet needs
    `pip install 'deja[parquet]'`.

    What was said in private channels is left out, and counted, unless you add --private. The file
    holds what people wrote: only its owner may read it. Settings, jobs and tokens are no part of
    it: for those use `deja backup`.

    With --user, FILE has what is stored of one person, everywhere and in all channels, as JSON
    lines: what they wrote, and where they are named. WHO is a Slack user id, or the name in an
    imported file. What others wrote is no part of it.

    \b
    Examples:
      deja export tickets.zip
      deja export solved.zip --format csv --filter "is:solved in:#help"
      deja export all.zip --private --vectors npy --json
      deja export mei.jsonl --user U024BE7LH
      deja export - | ssh archive "cat > tickets.zip"
    """
    if is_stream(file) and as_json:
        raise click.UsageError("--json needs a FILE: the export is on standard output.")
    if user is not None:
        if typed or vectors or with_private or format_ != "jsonl":
            raise click.UsageError(
                "--user goes with none of --format, --vectors, --filter, --private."
            )
        _export_person(file, user.strip(), force, team_id, as_json)
        return
    if is_stream(file) and sys.stdout.isatty():
        raise InputError("An archive is not for a terminal: name a file, or write | or > after -.")
    from services.exports.archive import ExportOptions, write_archive
    from services.exports.rows import Selection

    options = ExportOptions(
        cast("Format", format_), cast("VectorFormat | None", vectors), typed, utc_now()
    )
    with open_database() as database, _written(file, overwrite=force) as part:
        with database.read() as session:
            workspace_id = find_workspace(session, team_id).id
            chosen = Selection.of(workspace_id, typed, with_private=with_private)
            total, left_out = chosen.count(session)
        with progress_bar("Exporting", total) as advance:
            manifest = write_archive(part, database, chosen, options, lambda: advance(1))
    if as_json:
        print_json({"file": str(file), "private_left_out": left_out} | manifest)
    else:
        _print_counts(file, manifest["rows"], left_out)


@contextmanager
def _written(file: Path, *, overwrite: bool) -> Iterator[Path]:
    """Give the name of an empty file that becomes `file`, or is copied to standard output."""
    if not is_stream(file):
        with replaced_file(file, overwrite=overwrite) as part:
            yield part
        return
    with TemporaryDirectory(prefix="deja-export-") as folder:
        part = Path(folder) / "export"
        yield part
        with part.open("rb") as stream:
            shutil.copyfileobj(stream, sys.stdout.buffer)


def _print_counts(file: Path, counts: Mapping[str, int], left_out: int) -> None:
    """Say how many rows of each kind were written, and how many private ones were not."""
    notes.print(
        plain_text(
            f"Exported to {_place(file)}: "
            f"{count(counts['tickets'], 'ticket or product', 'tickets and products')}, "
            f"{count(counts['answers'], 'marked answer')}, "
            f"{count(counts['verdicts'], 'verdict')}, {count(counts['topics'], 'topic')}."
        ),
        markup=False,
    )
    if left_out:
        notes.print(f"{left_out} of private channels left out: add --private.")


def _place(file: Path) -> str:
    return "standard output" if is_stream(file) else str(file)


def _export_person(
    file: Path, person: str, overwrite: bool, team_id: str | None, as_json: bool
) -> None:
    """Write what is stored of one person."""
    from services.erasure.account import rows_of_person

    if not person:
        raise InputError("--user needs a name.")
    counts: Counter[str] = Counter()
    with (
        open_database() as database,
        _written(file, overwrite=overwrite) as part,
        database.read() as session,
        part.open("w", encoding="utf-8") as lines,
    ):
        workspace_id = find_workspace(session, team_id).id
        for row in rows_of_person(session, workspace_id, person):
            lines.write(json.dumps(row, ensure_ascii=False, default=str) + "\n")
            counts[row["table"]] += 1
    if as_json:
        print_json({"file": str(file), "rows": dict(counts)})
        return
    rows = ", ".join(f"{number} {name}" for name, number in sorted(counts.items()))
    notes.print(
        plain_text(f"Exported to {_place(file)}: {rows or 'nothing is stored of this person'}."),
        markup=False,
    )
