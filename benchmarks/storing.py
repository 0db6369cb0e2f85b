"""`storing`: the rows of a table, stored without a model, beside `sqlite3` writing the same rows.

The alternative takes every row that the import stored and writes it with `executemany` into an
empty database of the same schema, in batches of the same size: what SQLite itself needs, indexes
and words included. Machines are busy, so the ratio is of processor time.
"""

from __future__ import annotations

import gc
import resource
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import migrations
from benchmarks import corpus
from benchmarks.imports import StubEmbedder, open_tickets, write_csv
from benchmarks.measurement import Figure, Stopwatch, fresh_deja
from bot.clock import utc_now
from models import Database
from services.intake.importers.batches import MAX_BATCH
from services.intake.importers.store import import_entries
from services.memory.workspaces import local_workspace

ROWS = 100_000
TEXTS = 30_000

# What an import writes, in an order that keeps every reference.
TABLES = (
    "workspaces", "items", "embeddings", "pools", "documents", "frequencies", "profiles",
)  # fmt: skip


def run(quick: bool) -> list[Figure]:
    """Measure reading and storing a CSV, and storing its rows plainly."""
    return _run(300, corpus.tickets(60, from_sample=True)) if quick else run_with(ROWS)


def run_with(rows: int) -> list[Figure]:
    """Measure with this many rows."""
    return _run(rows, corpus.tickets(TEXTS, from_sample=not corpus.has_data()))


def _run(rows: int, texts: Sequence[str]) -> list[Figure]:
    gc.freeze()  # what was imported is no garbage, as in `deja` (`bot.cli.group`)
    with TemporaryDirectory(prefix="deja-bench-") as folder:
        file = Path(folder) / "tickets.csv"
        write_csv(file, texts, rows)
        return _measure(file, Path(folder) / "plain.db", rows)


def _measure(file: Path, plain_file: Path, rows: int) -> list[Figure]:
    reading, storing, before = Stopwatch(), Stopwatch(), _peak()
    with reading.lap(), open_tickets(file) as tickets:
        assert sum(1 for _ in tickets) == rows
    with fresh_deja(StubEmbedder()) as services:
        with services.database.write() as session:
            workspace_id = local_workspace(session, utc_now()).id
        with storing.lap(), open_tickets(file) as tickets:
            assert import_entries(services.ingest, workspace_id, tickets, utc_now()).read == rows
        taken = _peak() - before
        stored = Path(str(services.database.engine.url.database))
        plain = _write_plainly(stored, plain_file)
    return [
        Figure(
            f"CSV of {rows:,} rows: read", rows / reading.seconds, "a second", 5_000, "at least"
        ),
        Figure("  of processor time", rows / reading.cpu, "a second"),
        Figure("read and stored", rows / storing.seconds, "a second", 5_000, "at least"),
        Figure("  of processor time", rows / storing.cpu, "a second"),
        Figure("the same rows by sqlite3's executemany", rows / plain.cpu, "a second"),
        Figure("read and stored / executemany, processor time", storing.cpu / plain.cpu),
        Figure("  memory that it takes", taken, "MB", 300),
    ]


def _write_plainly(stored: Path, target: Path) -> Stopwatch:
    """Write all rows of one database into another, and measure only the writing."""
    watch = Stopwatch()
    database = Database.connect(f"sqlite:///{target}")
    migrations.upgrade(database.engine)
    database.close()
    with closing(sqlite3.connect(stored)) as source, closing(sqlite3.connect(target)) as to:
        to.execute("PRAGMA journal_mode = WAL")
        to.execute("PRAGMA synchronous = FULL")
        for table in TABLES:
            columns = [row[1] for row in source.execute(f"PRAGMA table_info({table})")]
            names, marks = ", ".join(columns), ", ".join("?" * len(columns))
            rows = source.execute(f"SELECT {names} FROM {table}")  # noqa: S608 - own names
            insert = f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({marks})"  # noqa: S608
            while batch := rows.fetchmany(MAX_BATCH):
                _write(to, insert, batch, watch)
    return watch


def _write(to: sqlite3.Connection, insert: str, rows: Sequence[object], watch: Stopwatch) -> None:
    with watch.lap(), to:
        to.executemany(insert, rows)  # type: ignore[arg-type]


def _peak() -> float:
    """Return the most memory that this process has had, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
