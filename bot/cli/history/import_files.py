"""What `deja import` does."""

from __future__ import annotations

from dataclasses import replace as with_changes
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from bot.cli.group import INTERRUPTED
from bot.cli.history.import_options import ORDERS, Options
from bot.cli.history.import_report import Report, print_report
from bot.cli.history.import_run import ImportRun
from bot.cli.terminal import count, load_settings, notes, open_services
from bot.clock import utc_now
from bot.connection import make_tables
from bot.model_numerics import ensure_measured
from models.types import safe_text
from services.errors import InputError
from services.intake.importers.dates.date_parsing import DateReader
from services.intake.importers.plans.column_maps import load_map, parse_map
from services.intake.importers.recognition import ReadOptions
from services.memory.workspaces import local_workspace

MAX_SOURCE_LENGTH = 64

# Bytes of files that take much longer to read than it takes to measure how that is fastest.
LARGE = 500_000

KEPT = " What was read is stored: run it again to continue."


def import_files(
    files: tuple[Path, ...],
    maps: tuple[str, ...],
    map_file: Path | None,
    save_map: Path | None,
    preview: bool,
    dry_run: bool,
    strict: bool,
    yes: bool,
    dates: str | None,
    timezone: str | None,
    exported: str | None,
    encoding: str | None,
    format_: str | None,
    channel: str | None,
    kind: str | None,
    source: str | None,
    replace: bool,
    team_id: str | None,
    as_json: bool,
) -> None:
    """Import tickets or products from files, and report on each."""
    now = utc_now()
    read = _read_options(maps, map_file, dates, timezone, encoding, format_)
    options = Options(
        read=with_changes(read, now=now, exported=_exported(exported, read)),
        channel=(channel or "").strip().removeprefix("#") or None,
        kind=kind,
        source=safe_text(source) if source else None,
        replace=replace,
        preview=preview,
        dry_run=dry_run,
        strict=strict,
        yes=yes,
        as_json=as_json,
        save_map=save_map,
        has_map=bool(maps or map_file),
    )
    _check(files, options)
    _run(files, options, team_id, now)


def _run(files: tuple[Path, ...], options: Options, team_id: str | None, now: datetime) -> None:
    """Import the files and report on each, also where somebody interrupts it."""
    report = Report()
    settings = load_settings()
    make_tables(settings)
    with open_services(settings) as services:
        with services.database.write() as session:
            workspace = local_workspace(session, now, team_id)
        if _is_large(files):
            ensure_measured(services.embedder, services.settings)
        run = ImportRun(services, workspace, options, now, report)
        try:
            run.import_paths(files)
        except KeyboardInterrupt:
            print_report(report, options.as_json)
            notes.print(f"Interrupted.{'' if options.changes_nothing else KEPT}")
            raise click.exceptions.Exit(INTERRUPTED) from None
    print_report(report, options.as_json)
    _finish(report)


def _is_large(files: tuple[Path, ...]) -> bool:
    every = (one for file in files for one in (file.rglob("*") if file.is_dir() else [file]))
    return sum(one.stat().st_size for one in every if one.is_file()) >= LARGE


def _read_options(
    maps: tuple[str, ...],
    map_file: Path | None,
    dates: str | None,
    timezone: str | None,
    encoding: str | None,
    format_: str | None,
) -> ReadOptions:
    read = load_map(map_file) if map_file else ReadOptions()
    columns = {**read.columns, **parse_map(maps)}
    read = with_changes(read, columns=columns, format=format_, encoding=encoding)
    if dates:
        read = with_changes(read, order="day" if ORDERS[dates] == "day" else "month")
    if timezone:
        try:
            read = with_changes(read, zone=ZoneInfo(timezone))
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise InputError(f"There is no time zone {timezone}: try Europe/Berlin.") from error
    return read


def _exported(written: str | None, read: ReadOptions) -> datetime | None:
    """Return when a file was written; a day alone is its noon."""
    if written is None:
        return None
    try:
        found = DateReader(read.order, read.zone).read(written)
    except InputError as error:
        raise InputError(f"--exported: {error}. Try 2026-05-04, or 2026-05-04T16:30.") from error
    is_day = found is not None and ":" not in written
    return found + timedelta(hours=12) if found and is_day else found


def _check(files: tuple[Path, ...], options: Options) -> None:
    missing = next((one for one in files if str(one) != "-" and not one.exists()), None)
    if missing is not None:
        raise click.UsageError(f"{missing} does not exist.")
    if options.source is not None and not 0 < len(options.source) <= MAX_SOURCE_LENGTH:
        raise click.UsageError(f"--source takes 1 to {MAX_SOURCE_LENGTH} characters.")
    if options.replace and options.kind != "product":
        raise click.UsageError("--replace is for catalogs: add --kind product.")
    if options.replace and len(files) > 1:
        raise click.UsageError("--replace takes one file: all that is not in it is deleted.")


def _finish(report: Report) -> None:
    if report.failed:
        raise click.ClickException(report.failed)
    if report.unreadable:
        raise click.ClickException(f"{count(report.unreadable, 'row')} could not be read.")
