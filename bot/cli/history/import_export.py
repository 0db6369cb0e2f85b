"""`deja import` of what `deja export` wrote."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from bot.cli.history.import_report import FileReport
from services.exports.archive import ExportArchive, open_export
from services.exports.restore import (
    RestoreCounts,
    keep_decided,
    restore_answers,
    restore_verdicts,
)
from services.exports.restore_messages import restore_follow_ups, restore_reactions
from services.exports.restore_newer import keep_newer
from services.exports.restore_tickets import ticket_entries, whole_tickets
from services.exports.restore_topics import restore_topics
from services.exports.stored_vectors import open_vectors

if TYPE_CHECKING:
    from bot.cli.history.import_run import ImportRun
    from services.intake.importers.entries import ImportEntry
    from services.intake.importers.inputs import Input


def import_export(run: ImportRun, found: Input) -> None:
    """Import what `deja export` wrote: tickets first, then what is about them."""
    if run.options.channel or run.options.kind or run.options.source:
        raise click.UsageError("--channel, --kind and --source do not apply to an export.")
    file = FileReport(found.name, "export of Déjà", unit="ticket")
    with open_export(found.path) as archive:
        if run.options.changes_nothing:
            entries = _kept(run, archive, whole_tickets(archive))
            run.store(file, entries, archive.rows.get("tickets"), by_step=True)
            return
        counts = RestoreCounts()
        restore_reactions(run.services.database, run.workspace.id, archive, counts)
        _store_tickets(run, file, archive, counts)
        for restore in (restore_follow_ups, restore_answers, restore_verdicts, restore_topics):
            restore(run.services.database, run.workspace.id, archive, counts)
    file.restored = counts.as_json()


def _kept(
    run: ImportRun, archive: ExportArchive, entries: Iterator[ImportEntry]
) -> Iterator[ImportEntry]:
    """Pass entries on without what is newer here, or decided here."""
    database, workspace_id = run.services.database, run.workspace.id
    decided = keep_decided(database, workspace_id, entries)
    return keep_newer(database, workspace_id, decided, archive.exported_at)


def _store_tickets(
    run: ImportRun, file: FileReport, archive: ExportArchive, counts: RestoreCounts
) -> None:
    """Store the tickets; the model reads only what has no vector in the archive."""
    usual = run.services.ingest
    with open_vectors(archive, usual.items.vectors.embedder) as embedder:
        vectors = replace(usual.items.vectors, embedder=embedder)
        ingest = replace(usual, items=replace(usual.items, vectors=vectors))
        entries = _kept(run, archive, ticket_entries(archive))
        steps = archive.rows.get("tickets")
        run.store(file, entries, steps, by_step=True, ingest=ingest)
        if archive.vectors:
            counts.added["vectors"] += embedder.reused
            counts.left_out["vectors"] += embedder.computed
