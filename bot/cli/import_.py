"""`deja import`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import click

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
    """What is to be read, and how. The last three are for JSON lines and CSV."""

    file: Path
    format: str
    channel: str | None
    kind: str | None
    source: str | None

    def defaults(self, now: datetime) -> RowDefaults:
        """Return what the file's rows have in common."""
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
    help="Default: as the file's name ends; a .zip or a folder is a Slack export.",
)
@click.option("--channel", metavar="NAME", help="The channel of rows that name none.")
@click.option("--kind", type=click.Choice(list(DEFAULT_SOURCES)), help="Default: ticket.")
@click.option(
    "--source",
    metavar="NAME",
    help="Whose ids these are. Default: import for tickets, catalog for products.",
)
@click.option("--replace", is_flag=True, help="Products: take out those that FILE has no more.")
@click.option("--workspace", metavar="TEAM_ID", help="Where there are several.")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as one JSON line.")
def import_(
    file: Path,
    format_: str | None,
    channel: str | None,
    kind: str | None,
    source: str | None,
    replace: bool,
    workspace: str | None,
    as_json: bool,
) -> None:
    """Remember the tickets or products in FILE: JSON lines, CSV or a Slack export.

    \b
    Fields of JSON lines, columns of CSV:
      id            what tells the row from all others of its source
      title, text   at least one of them
      created       ISO 8601 (UTC where no zone is named) or seconds since 1970; default: now
      author, channel, url, status, resolution, resolved

    All others are kept as metadata. The same id again, in another import, updates the item; in
    one file only the first row of an id counts, and the others are listed as errors.

    A Slack export is its ZIP or unpacked folder. Messages that start threads, and replies sent to
    the channel too, become tickets; direct messages are not read.

    What cannot be read is listed, the rest is imported, and the exit code is 1 (0: all was read,
    2: wrong usage).

    \b
    Examples:
      deja import tickets.jsonl --channel helpdesk
      deja import catalog.csv --kind product --replace
      deja import export.zip --json
    """
    options = Options(file, format_ or _format_of(file), channel, kind, source)
    _check(options)
    if replace and options.kind != "product":
        raise click.UsageError("--replace is for catalogs: say --kind product, too.")
    seen: set[str] = set()
    with open_services() as services:
        now = utc_now()
        with services.database.write() as session:
            place = local_workspace(session, now, workspace)
        with (
            _open(options, place, services, now) as (entries, steps),
            progress_bar("Importing", steps) as bar,
        ):
            summary = import_entries(
                services.ingest,
                place.id,
                _noted(entries, seen),
                now,
                lambda step: bar.update(step, steps),
            )
        _measure(services)
        removed = _retire(services, options, place, seen, summary, now) if replace else None
    _show(summary, removed, as_json)


def _noted(entries: Iterator[ImportEntry], seen: set[str]) -> Iterator[ImportEntry]:
    """Pass rows on, and note their ids."""
    for entry in entries:
        if isinstance(entry, Row):
            seen.add(entry.item.external_id)
        yield entry


def _retire(
    services: Services,
    options: Options,
    place: Workspace,
    seen: set[str],
    summary: ImportSummary,
    now: datetime,
) -> int:
    """Take out what the file has no more, unless it cannot be told what the file has."""
    if summary.unreadable or not seen:
        why = "has rows that could not be read" if summary.unreadable else "has no rows"
        notes.print(f"Nothing was taken out: {options.file.name} {why}.", highlight=False)
        return 0
    source = options.defaults(now).source
    with services.database.write() as session:
        return services.items.retire(session, place.id, source, seen, now)


def _measure(services: Services) -> None:
    """Measure how crowded it is around each item, which ranking needs; a running bot goes on."""
    with progress_bar("Measuring neighbourhoods", None) as advance:
        while number := services.duplicates.measure_missing(limit=MEASURED_AT_ONCE):
            advance(number)


def _format_of(file: Path) -> str:
    found = "slack" if file.is_dir() else FORMATS.get(file.suffix.lower())
    if found is None:
        raise click.UsageError(f"What is in {file.name}? Say --format jsonl, csv or slack.")
    return found


def _check(options: Options) -> None:
    if options.format == "slack":
        if options.channel or options.kind or options.source:
            raise click.UsageError("A Slack export names its channels itself, and holds tickets.")
    elif options.file.is_dir():
        raise click.UsageError(f"{options.file} is a folder: name a file in it.")
    if options.source is not None and not 0 < len(options.source) <= MAX_SOURCE_LENGTH:
        raise click.UsageError(f"--source takes 1 to {MAX_SOURCE_LENGTH} characters.")


@contextmanager
def _open(
    options: Options, place: Workspace, services: Services, now: datetime
) -> Iterator[tuple[Iterator[ImportEntry], int]]:
    """Give what is in the file, and how many steps its reader goes."""
    if options.format == "slack":
        with services.database.read() as session:
            rules = rules_of_channels(session, place.id)
        bots = BotAccounts(place.bot_user_id, services.settings.ticket_bots)
        reader = ExportReader(place.url, bots, rules)
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
            place = ", ".join(f"{name} {where}" for name, where in one.location.items())
            # Names and ids are somebody else's words: no control characters reach the terminal.
            notes.print(plain_text(f"{place}: {one.reason}"), markup=False, highlight=False)
        if summary.unreadable > MAX_SHOWN:
            notes.print(f"… and {summary.unreadable - MAX_SHOWN} more.")
    if summary.unreadable:
        rows = "1 row" if summary.unreadable == 1 else f"{summary.unreadable} rows"
        raise click.ClickException(f"{rows} could not be read.")
