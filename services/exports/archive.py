"""An export archive: a ZIP of tables with a manifest."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from models import Database
from services.errors import InputError
from services.exports.formats import (
    FORMATS,
    Format,
    import_pyarrow,
    read_table,
    write_table,
)
from services.exports.members import seekable_reader, seekable_writer
from services.exports.message_rows import follow_up_rows, message_rows, reaction_rows
from services.exports.rows import Selection, answer_rows, ticket_rows, verdict_rows
from services.exports.tables import TABLES, VERSION, ExportTable, Values, as_time
from services.exports.topic_rows import member_rows, run_rows, topic_rows
from services.exports.vectors import VectorFormat, write_vectors
from services.intake.importers.files.archive import check_member, check_total
from services.intake.importers.inputs import EXPORT_MANIFEST

_SOURCES: Mapping[str, Callable[[Database, Selection], Iterator[Values]]] = {
    "reactions": reaction_rows,
    "tickets": ticket_rows,
    "messages": message_rows,
    "follow_ups": follow_up_rows,
    "answers": answer_rows,
    "verdicts": verdict_rows,
    "topics": topic_rows,
    "topic_tickets": member_rows,
    "topic_runs": run_rows,
}


@dataclass(frozen=True)
class ExportOptions:
    """How an archive is written: the format of its tables, and that of vectors, None for none."""

    format: Format
    vectors: VectorFormat | None
    filter: str
    now: datetime


def write_archive(
    file: Path,
    database: Database,
    chosen: Selection,
    options: ExportOptions,
    on_ticket: Callable[[], object],
) -> dict[str, Any]:
    """Write an archive; return its manifest. `on_ticket` is called after each ticket.

    Raises `InputError` if Parquet is wanted and pyarrow is not installed.
    """
    if "parquet" in (options.format, options.vectors):
        import_pyarrow()
    counts: dict[str, int] = {}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for table in TABLES:
            rows = _counted(_SOURCES[table.name](database, chosen), table, counts, on_ticket)
            _write(archive, options.format, table, rows)
        vectors = (
            write_vectors(archive, options.vectors, database, chosen) if options.vectors else []
        )
        manifest = {
            "version": VERSION,
            "format": options.format,
            "exported_at": options.now.isoformat(),
            "filter": options.filter,
            "private_channels": chosen.with_private,
            "rows": counts,
            "vectors": vectors,
        }
        archive.writestr(EXPORT_MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=2))
    return manifest


def _counted(
    rows: Iterable[Values],
    table: ExportTable,
    counts: dict[str, int],
    on_ticket: Callable[[], object],
) -> Iterator[Values]:
    counts[table.name] = 0
    for row in rows:
        yield row
        counts[table.name] += 1
        if table.name == "tickets":
            on_ticket()


def _write(
    archive: zipfile.ZipFile, format_: Format, table: ExportTable, rows: Iterable[Values]
) -> None:
    name = f"{table.name}.{format_}"
    if format_ != "parquet":
        with archive.open(name, "w", force_zip64=True) as file:
            write_table(format_, table, rows, file)
        return
    with seekable_writer(archive, name) as file:
        write_table(format_, table, rows, file)


@dataclass(frozen=True)
class ExportArchive:
    """An open archive that `write_archive` wrote."""

    archive: zipfile.ZipFile
    format: Format
    rows: dict[str, int]
    vectors: list[dict[str, Any]]
    exported_at: datetime | None = None

    def read(self, table: ExportTable) -> Iterator[Values]:
        """Yield the rows of a table. Raises `InputError` if it is missing or damaged."""
        if table.is_optional and table.name not in self.rows:
            return
        try:
            with self._open(table) as file:
                yield from read_table(self.format, table, file)
        except (KeyError, zipfile.BadZipFile, EOFError) as error:
            raise InputError(f"the table {table.name} is missing or damaged.") from error

    def _open(self, table: ExportTable) -> AbstractContextManager[IO[bytes]]:
        name = f"{table.name}.{self.format}"
        if self.format == "parquet":
            return seekable_reader(self.archive, name)
        return self.archive.open(name)


@contextmanager
def open_export(file: Path) -> Iterator[ExportArchive]:
    """Open an archive. Raises `InputError` if it is damaged, a bomb, or of a newer version."""
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError) as error:
        raise InputError("it is not a ZIP archive, or it is damaged.") from error
    with archive:
        for info in archive.infolist():
            check_member(info, file.name)
        check_total(archive.infolist(), file.name)
        try:
            manifest = json.loads(archive.read(EXPORT_MANIFEST))
            version, format_ = int(manifest["version"]), manifest["format"]
            rows = {str(name): int(number) for name, number in manifest["rows"].items()}
            vectors = [one for one in manifest.get("vectors", ()) if isinstance(one, dict)]
            written = manifest.get("exported_at")
            exported_at = as_time(written) if written else None
        except (ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile) as error:
            raise InputError("its deja-export.json is damaged.") from error
        if version > VERSION or format_ not in FORMATS:
            raise InputError("it is an export of a newer version of Déjà.")
        yield ExportArchive(archive, format_, rows, vectors, exported_at)
