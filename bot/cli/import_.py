"""`deja import`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import click

from bot.cli.options import WORKSPACE
from bot.cli.terminal import notes, open_services, print_json, progress_bar
from bot.clock import utc_now
from bot.wiring import Services
from models import Workspace
from models.types import safe_text
from services.intake.classify import BotAccounts
from services.intake.importers.archive import open_archive
from services.intake.importers.entries import ImportEntry, Row, RowDefaults
from services.intake.importers.rows import as_text, count_lines, read_csv, read_jsonl
from services.intake.importers.slack_export import ExportReader, day_files
from services.intake.importers.store import ImportSummary, import_entries, rules_of_channels
from services.memory.workspaces import local_workspace
from services.text.cleaning import plain_text

MAX_SHOWN = 20
MEASURED_AT_ONCE = 256
FORMATS = {".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".zip": "slack"}
DEFAULT_SOURCES = {"ticket": "import", "product": "catalog"}
MAX_SOURCE_LENGTH = 64


@dataclass(frozen=True)
class Options:
    """What to read, and how. The last three are for JSON lines and CSV."""

    file: Path
    format: str
    channel: str | None
    kind: str | None
    source: str | None

    def defaults(self, now: datetime) -> RowDefaults:
        """Return what all rows of the file have in common."""
        kind = self.kind or "ticket"
        channel = (self.channel or "").strip().removeprefix("#") or None
        source = safe_text(self.source or DEFAULT_SOURCES[kind])
        return RowDefaults(source, kind, now, channel)


@click.command("import")
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--format",
    "format_",
    type=click.Choice(["jsonl", "csv", "slack"]),
    help="Default: by the file name's ending; a .zip or a folder is a Slack export.",
)
@click.option("--channel", metavar="NAME", help="The channel of rows that do not name one.")
@click.option("--kind", type=click.Choice(list(DEFAULT_SOURCES)), help="Default: ticket.")
@click.option(
    "--source",
    metavar="NAME",
    help="The system the ids come from. Default: import for tickets, catalog for products.",
)
@click.option("--replace", is_flag=True, help="Products: delete those that are no longer in FILE.")
@WORKSPACE
@click.option("--json", "as_json", is_flag=True, help="Print the counts as one JSON line.")
def import_(
    file: Path,
    format_: str | None,
    channel: str | None,
    kind: str | None,
    source: str | None,
    replace: bool,
    team_id: str | None,
    as_json: bool,
) -> None:
    """Import the tickets or products in FILE: JSON lines, CSV or a Slack export.

    \b
    Fields of JSON lines, columns of CSV:
      id            unique among the rows of its source
      title, text   at least one of them
      created       ISO 8601 (by default in UTC) or seconds since 1970; default: now
      author, channel, url, status, resolution, resolved

    Other fields are stored as metadata. Importing an id again updates the item; within one file
    only the first row of an id counts, and the others are listed as errors.

    A Slack export is its ZIP or the unpacked folder. Messages that start threads, and replies that
    were also sent to the channel, become tickets; direct messages are not read.

    Rows that cannot be read are listed, the others are imported, and the exit code is 1 (0:
    everything was read, 2: wrong usage).

    \b
    Examples:
      deja import tickets.jsonl --channel helpdesk
      deja import catalog.csv --kind product --replace
      deja import export.zip --json
    """
    options = Options(file, format_ or _format_of(file), channel, kind, source)
    _check(options, replace)
    summary, removed = _import(options, replace, team_id)
    _show(summary, removed, as_json)


def _import(
    options: Options, replace: bool, team_id: str | None
) -> tuple[ImportSummary, int | None]:
    """Import the file; return the summary and, with `replace`, how many items were deleted."""
    seen: set[str] = set()
    with open_services() as services:
        now = utc_now()
        with services.database.write() as session:
            workspace = local_workspace(session, now, team_id)
        with (
            _open(options, workspace, services, now) as (entries, steps),
            progress_bar("Importing", steps) as bar,
        ):
            summary = import_entries(
                services.ingest,
                workspace.id,
                _collecting_ids(entries, seen),
                now,
                lambda step: bar.update(step, steps),
            )
        _measure(services)
        removed = _retire(services, options, workspace, seen, summary, now) if replace else None
    return summary, removed


def _collecting_ids(entries: Iterator[ImportEntry], seen: set[str]) -> Iterator[ImportEntry]:
    """Pass rows on and collect their ids."""
    for entry in entries:
        if isinstance(entry, Row):
            seen.add(entry.item.external_id)
        yield entry


def _retire(
    services: Services,
    options: Options,
    workspace: Workspace,
    seen: set[str],
    summary: ImportSummary,
    now: datetime,
) -> int:
    """Delete the items that are no longer in the file; none if parts of it could not be read."""
    if summary.unreadable or not seen:
        why = "has rows that could not be read" if summary.unreadable else "has no rows"
        notes.print(f"Nothing was deleted: {options.file.name} {why}.", highlight=False)
        return 0
    source = options.defaults(now).source
    with services.database.write() as session:
        return services.items.retire(session, workspace.id, source, seen, now)


def _measure(services: Services) -> None:
    """Measure the density around each new item, which ranking uses."""
    with progress_bar("Measuring density", None) as advance:
        while number := services.duplicates.measure_missing(limit=MEASURED_AT_ONCE):
            advance(number)


def _format_of(file: Path) -> str:
    found = "slack" if file.is_dir() else FORMATS.get(file.suffix.lower())
    if found is None:
        raise click.UsageError(
            f"The format of {file.name} is unknown: give --format jsonl, csv or slack."
        )
    return found


def _check(options: Options, replace: bool) -> None:
    if options.format == "slack":
        if options.channel or options.kind or options.source:
            raise click.UsageError("--channel, --kind and --source do not apply to a Slack export.")
    elif options.file.is_dir():
        raise click.UsageError(f"{options.file} is a folder: name a file in it.")
    if options.source is not None and not 0 < len(options.source) <= MAX_SOURCE_LENGTH:
        raise click.UsageError(f"--source takes 1 to {MAX_SOURCE_LENGTH} characters.")
    if replace and options.kind != "product":
        raise click.UsageError("--replace is for catalogs: add --kind product.")


@contextmanager
def _open(
    options: Options, workspace: Workspace, services: Services, now: datetime
) -> Iterator[tuple[Iterator[ImportEntry], int]]:
    """Open the file; give its entries, and how many steps its reader takes."""
    if options.format == "slack":
        with services.database.read() as session:
            rules = rules_of_channels(session, workspace.id)
        bots = BotAccounts(workspace.bot_user_id, services.settings.ticket_bots)
        reader = ExportReader(workspace.url, bots, rules)
        with open_archive(options.file) as archive:
            yield reader.read(archive), len(day_files(archive))
        return
    read = read_jsonl if options.format == "jsonl" else read_csv
    with as_text(options.file.open("rb")) as text:
        yield read(text, options.defaults(now)), count_lines(text)


def _show(summary: ImportSummary, removed: int | None, as_json: bool) -> None:
    counts = {name: summary.outcomes[name] for name in ("added", "updated", "unchanged")}
    counts["skipped"] = summary.skipped.total()
    if removed is not None:
        counts["removed"] = removed
    if as_json:
        errors = [{**one.location, "reason": one.reason} for one in summary.errors]
        print_json({**counts, "errors": errors})
    else:
        notes.print(", ".join(f"{number} {name}" for name, number in counts.items()) + ".")
        for reason, number in summary.skipped.most_common():
            notes.print(f"Skipped {number} {reason}.")
        for one in summary.errors[:MAX_SHOWN]:
            location = ", ".join(f"{name} {where}" for name, where in one.location.items())
            # Names and ids come from outside: no control characters may reach the terminal.
            notes.print(plain_text(f"{location}: {one.reason}"), markup=False, highlight=False)
        if summary.unreadable > MAX_SHOWN:
            notes.print(f"… and {summary.unreadable - MAX_SHOWN} more.")
    if summary.unreadable:
        rows = "1 row" if summary.unreadable == 1 else f"{summary.unreadable} rows"
        raise click.ClickException(f"{rows} could not be read.")
