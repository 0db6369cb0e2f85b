"""One run of `deja import`: each input is recognised, shown where it should be, and stored."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click
from rich.text import Text

from bot.cli.api_consent import agrees_to_send
from bot.cli.history.import_export import import_export
from bot.cli.history.import_preview import ask_for_columns, ask_for_order, show_preview
from bot.cli.history.import_report import FileReport, Report
from bot.cli.terminal import count, notes, progress_bar
from services.errors import InputError, NoTicketsError
from services.intake.classify import BotAccounts
from services.intake.importers.entries import ImportEntry, Row
from services.intake.importers.files.archive import open_archive
from services.intake.importers.files.folders import whole_table
from services.intake.importers.inputs import SLACK_KINDS, Input, open_inputs
from services.intake.importers.joined_files import named_apart, with_parts_together
from services.intake.importers.layouts.table import TABLE
from services.intake.importers.plans.column_maps import save_map
from services.intake.importers.plans.plan import Plan, make_plan
from services.intake.importers.reading_process import (
    Standby,
    read_export,
    read_tickets,
    standing_by,
)
from services.intake.importers.recognition import recognize
from services.intake.importers.rows.reply_files import ReplyStore, replies_apart
from services.intake.importers.rows.table_source import with_source
from services.intake.importers.rows.tickets import TicketReader
from services.intake.importers.slack.slack_export import ExportReader, day_files
from services.intake.importers.slack.slack_rows import KnownWorkspace
from services.intake.importers.slack.slackdump import DumpReader
from services.intake.importers.storage.replacements import check_replacements, first_rows, has_items
from services.intake.importers.storage.store import count_only, import_entries, rules_of_channels
from services.intake.importers.storage.summary import ImportSummary
from services.search.embedders.by_name import sends_texts
from services.text.words.plain import plain_text

if TYPE_CHECKING:
    from bot.cli.history.import_options import Options
    from bot.wiring import Services
    from models import Workspace
    from services.intake.ingest import TicketIngest

MEASURED_AT_ONCE = 256

# Column names shown where none of them is known to be a title or a text.
MAX_SHOWN_COLUMNS = 40


@dataclass
class ImportRun:
    """Imports the inputs of one command into a workspace, and reports on each."""

    services: Services
    workspace: Workspace
    options: Options
    now: datetime
    report: Report
    _apart: ReplyStore | None = None

    def import_paths(self, paths: Sequence[Path]) -> None:
        """Import what is at some paths. Raises `InputError` if nothing of one can be read."""
        with ExitStack() as stack:
            opened: list[Input] = []
            alone: list[Input] = []
            for path in paths:
                inputs = stack.enter_context(open_inputs(path, _stdin))
                if not inputs:
                    raise InputError(f"{path.name} holds no file that can be imported.")
                opened += named_apart(inputs, opened)
                alone += opened[-1:] if len(inputs) == 1 else []
            together = with_parts_together(opened)
            parts = stack.enter_context(replies_apart(together, self.options.read))
            self._apart = parts.store
            whole = {one.name for one in parts.inputs}
            for found in parts.inputs:
                if (other := whole_table(found.name)) in whole:
                    notes.print(Text(plain_text(f"{found.name}: passed over, {other} has it all")))
                    continue
                self._import_input(found, is_only=any(found is one for one in alone))
            for name in parts.files:
                file = FileReport(name, "replies to the tickets of other files")
                file.joined_elsewhere = parts.joined(name)
                self.store(file, parts.rest(name), None, by_step=False)
        if not self.options.changes_nothing:
            self._measure()

    def _import_input(self, found: Input, *, is_only: bool) -> None:
        wanted = self.options.read.format
        if found.kind == "slack" and wanted not in (None, "slack"):
            raise click.UsageError(f"{found.name} is a folder: name a file in it.")
        try:
            if wanted == "slack" or (wanted is None and found.kind in SLACK_KINDS):
                self._import_slack(found)
            elif found.kind == "deja":
                import_export(self, found)
            else:
                with standing_by() as standby:
                    self._import_table(found, standby)
        except InputError as error:
            if is_only:
                raise InputError(f"{found.name}: {error}") from error
            if not found.is_main or isinstance(error, NoTicketsError):
                notes.print(Text(plain_text(f"{found.name}: passed over, {error}")))
                return
            self.report.files.append(FileReport(found.name, problem=str(error)))

    def _import_slack(self, found: Input) -> None:
        if self.options.channel or self.options.kind or self.options.source:
            raise click.UsageError("--channel, --kind and --source do not apply to a Slack export.")
        with self.services.database.read() as session:
            rules = rules_of_channels(session, self.workspace.id)
        bots = BotAccounts(self.workspace.bot_user_id, self.services.settings.ticket_bots)
        own = (self.workspace.team_id, self.workspace.name)
        names = frozenset(name.casefold() for name in own if name)
        known = KnownWorkspace(self.workspace.url, bots, rules, names)
        file = FileReport(found.name, "slackdump", unit="message")
        file.warnings = [*found.warnings]
        if found.kind == "slackdump":
            entries = DumpReader(known).read(found.open, found.name)
            self.store(file, entries, None, by_step=False)
        elif found.kind == "slackdump database":
            entries = DumpReader(known).read_database(found.path)
            self.store(file, entries, None, by_step=False)
        else:
            file.format, file.unit = "Slack export", "day file"
            with open_archive(found.path) as archive:
                steps = len(day_files(archive))
            entries = read_export(ExportReader(known), found.path, steps)
            self.store(file, entries, steps, by_step=True)

    def _import_table(self, found: Input, standby: Standby) -> None:
        plan = self._plan(found, standby)
        with self.services.database.read() as session:
            defaults = self.options.defaults(self.now)
            defaults = with_source(session, self.workspace.id, plan, defaults)
        tickets = TicketReader(plan, defaults, self._apart)
        file = FileReport(found.name, plan.table.format, plan)
        file.warnings, file.source = [*plan.warnings], defaults.source
        if not self._agrees(plan, tickets, file):
            notes.print("Nothing was stored.")
            return
        if self.options.save_map:
            save_map(self.options.save_map, plan)
        if self.options.strict and self._has_warnings(file, tickets):
            return
        seen: set[str] = set()
        entries = read_tickets(tickets, standby=standby)
        self.store(file, _collecting_ids(entries, seen), plan.rows, by_step=False)
        if self.options.replace and not self.options.changes_nothing:
            file.removed = self._retire(file, seen)

    def _plan(self, found: Input, standby: Standby) -> Plan:
        """Recognise an input; what is unclear is asked where somebody can answer."""
        table = recognize(found, self.options.read)
        read = self.options.read
        with progress_bar("Reading", None) as bar:

            def on_rows(rows: int) -> None:
                bar.update(rows, rows)
                standby.on_rows(rows)

            plan = make_plan(table, read, on_rows)
        if plan.is_unclear and plan.rows:
            if not self.options.can_ask:
                names = ", ".join(plan.unused[:MAX_SHOWN_COLUMNS])
                raise NoTicketsError(
                    "no column is known to be the title or the text of a ticket: "
                    f"{plan.hint}. Columns: {names}"
                )
            read = replace(read, columns={**read.columns, **ask_for_columns(plan)})
            plan = make_plan(table, read)
        if plan.undecided and self.options.can_ask:
            plan = make_plan(table, replace(read, order=ask_for_order(plan)))
        return plan

    def _agrees(self, plan: Plan, tickets: TicketReader, file: FileReport) -> bool:
        """Show a preview where there should be one, and ask; say whether to go on."""
        with self.services.database.read() as session:
            rows = first_rows(tickets.read())
            source = rows[0].source if rows else None
            is_new = source is not None and not has_items(session, self.workspace.id, source)
            found = check_replacements(session, self.workspace.id, rows)
        # Any table may be of another kind than those before it, unless some of its rows are known.
        is_new |= plan.layout is TABLE and not found.known
        can_ask = self.options.can_ask and not self.options.dry_run
        if self.options.preview or (can_ask and is_new and not self.options.has_map):
            show_preview(plan, tickets, notes)
            if not can_ask:
                return True
            if not click.confirm("Store this?", default=True, err=True):
                return False
        if found.is_suspicious and not (self.options.yes or self.options.changes_nothing):
            warning = (
                f"{found.unrelated} of {count(found.checked, 'row')} would replace tickets of "
                f"{source} that have the same ids and are about something else."
            )
            if can_ask:
                return click.confirm(f"{warning} Replace them?", default=False, err=True)
            raise InputError(f"{warning} Give --source NAME to keep both, or --yes to replace.")
        if found.unrelated:
            file.warnings.append(found.warning(source))
        return self._agrees_to_send(plan, [f"{row.title or ''} {row.text}" for row in rows])

    def _agrees_to_send(self, plan: Plan, some: list[str]) -> bool:
        """Ask before the texts of a file go to an embedding API."""
        choice, options = self.services.choice, self.options
        if choice is None or options.changes_nothing or not sends_texts(choice.name):
            return True
        return agrees_to_send(
            self.services.settings, plan.rows, some, can_ask=options.can_ask, yes=options.yes
        )

    def _has_warnings(self, file: FileReport, tickets: TicketReader) -> bool:
        """Count without storing; say whether anything deserves a warning."""
        file.summary = count_only(self.services.ingest, self.workspace.id, tickets.read())
        if not (file.warnings or file.summary.warned or file.summary.unreadable):
            return False
        file.is_stored = False
        self.report.files.append(file)
        self.report.failed = "Nothing was stored: with --strict a warning is an error."
        return True

    def store(
        self,
        file: FileReport,
        entries: Iterator[ImportEntry],
        steps: int | None,
        *,
        by_step: bool,
        ingest: TicketIngest | None = None,
    ) -> None:
        """Store entries, or count them if nothing is to be changed; `ingest` is the usual one."""
        file.summary = ImportSummary()
        self.report.files.append(file)
        if self.options.changes_nothing:
            file.is_stored = False
            file.summary = count_only(self.services.ingest, self.workspace.id, entries)
            return
        with progress_bar("Importing", steps) as bar:

            def on_progress(step: int) -> None:
                done = step if by_step else file.summary.read
                bar.update(done, steps or done)

            import_entries(
                ingest or self.services.ingest,
                self.workspace.id,
                entries,
                self.now,
                on_progress,
                summary=file.summary,
            )

    def _retire(self, file: FileReport, seen: set[str]) -> int:
        """Delete the items no longer in the file; none if parts of it could not be read."""
        if file.summary.unreadable or not seen:
            why = "has rows that could not be read" if file.summary.unreadable else "has no rows"
            notes.print(f"Nothing was deleted: {file.name} {why}.")
            return 0
        source = self.options.defaults(self.now).source or ""
        with self.services.database.write() as session:
            return self.services.items.retire(session, self.workspace.id, source, seen, self.now)

    def _measure(self) -> None:
        """Measure the density around each new item, which ranking uses."""
        with progress_bar("Measuring density", None) as advance:
            while number := self.services.duplicates.measure_missing(limit=MEASURED_AT_ONCE):
                advance(number)


def _collecting_ids(entries: Iterator[ImportEntry], seen: set[str]) -> Iterator[ImportEntry]:
    """Pass rows on and collect their ids."""
    for entry in entries:
        if isinstance(entry, Row):
            seen.add(entry.item.external_id)
        yield entry


def _stdin() -> BinaryIO:
    return sys.stdin.buffer
