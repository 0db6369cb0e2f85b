"""`imports`: a large Slack export and tables, read and stored without a model.

The alternatives are a plain reading of the same file, and `sqlite3` writing the same rows: all that
the import stored, with `executemany` into an empty database of the same schema, in batches of the
same size. That is what SQLite itself needs, indexes and words included. Machines are busy, so the
ratios are of processor time. `whole_import` measures an import with the model.
"""

from __future__ import annotations

import csv
import gc
import io
import json
import os
import random
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

import migrations
from benchmarks import corpus
from benchmarks.large_export import MESSAGES, THREADS, write_export
from benchmarks.measurement import (
    Figure,
    Stopwatch,
    fresh_deja,
    peak_memory,
    reset_peak_memory,
)
from bot.clock import utc_now
from bot.wiring import Services
from models import Database
from services.intake.importers.entries import ImportEntry, RowDefaults
from services.intake.importers.files.archive import open_archive
from services.intake.importers.inputs import open_inputs
from services.intake.importers.plans.plan import make_plan
from services.intake.importers.reading_process import (
    Standby,
    read_export,
    read_tickets,
    standing_by,
)
from services.intake.importers.recognition import ReadOptions, recognize
from services.intake.importers.rows.tickets import TicketReader
from services.intake.importers.slack.slack_export import ExportReader, day_files
from services.intake.importers.storage.batches import MAX_BATCH
from services.intake.importers.storage.store import import_entries
from services.memory.workspaces import local_workspace
from services.search.embedders.embedding import Embedder
from tests.hashing import HashingEmbedder

# As many as the target speaks of: it takes a second until the other process reads.
ROWS = 100_000
TEXTS = 30_000

# Messages or rows a second, and megabytes.
MIN_RATE = 5_000
MAX_MEMORY = 300

# What an import writes, in an order that keeps every reference.
STORED = (
    "workspaces", "items", "embeddings", "pools", "documents", "frequencies", "profiles",
)  # fmt: skip


class StubEmbedder(HashingEmbedder):
    """Gives vectors without looking at the texts, and takes all of them whole."""

    fingerprint = "stub@1/384/clean2"
    dim = 384

    def token_offsets(self, text: str) -> list[tuple[int, int]]:
        """Return one token for each text."""
        return [(0, len(text))]

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the same vectors each time: what is measured is all but the embedding."""
        return np.resize(_vectors(self.dim), (len(texts), self.dim))


@cache
def _vectors(dim: int) -> NDArray[np.float32]:
    rows = np.random.default_rng(1).standard_normal((MAX_BATCH, dim))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows.astype(np.float32)


def run(quick: bool) -> list[Figure]:
    """Measure the import of an export, and of tables."""
    return _run(200, corpus.tickets(60, from_sample=True), (400, 25)) if quick else run_with(ROWS)


def run_with(rows: int) -> list[Figure]:
    """Measure with tables of this many rows."""
    texts = corpus.tickets(max(rows, TEXTS), from_sample=not corpus.has_data())
    return _run(rows, texts, (MESSAGES, THREADS))


def _run(rows: int, texts: Sequence[str], sizes: tuple[int, int]) -> list[Figure]:
    gc.freeze()  # what was imported is no garbage, as in `deja` (`bot.cli.group`)
    with TemporaryDirectory(prefix="deja-bench-") as folder:
        path = Path(folder) / "export.zip"
        messages = write_export(path, texts, *sizes)
        return [*_export(path, messages), *_tables(Path(folder), texts, rows)]


def _export(path: Path, messages: int) -> list[Figure]:
    plain = Stopwatch()
    with plain.lap(), open_archive(path) as archive:
        assert sum(len(json.loads(archive.read(name))) for name in day_files(archive)) == messages
    reset_peak_memory()
    before, spent = peak_memory(), _cpu_of_others()
    watch = _import(path, StubEmbedder())
    cpu = watch.cpu + _cpu_of_others() - spent
    return [
        *_rates(f"export of {messages:,} messages: read and stored", messages, watch),
        Figure("  of processor time of both", messages / cpu, "a second"),
        Figure("  / that of a plain reading", watch.cpu / plain.cpu),
        Figure("  memory that it takes", peak_memory() - before, "MB", MAX_MEMORY),
    ]


def _rates(name: str, entries: int, watch: Stopwatch) -> list[Figure]:
    return [
        Figure(name, entries / watch.seconds, "a second", MIN_RATE, "at least"),
        Figure("  of processor time", entries / watch.cpu, "a second"),
    ]


def _import(path: Path, embedder: Embedder) -> Stopwatch:
    watch = Stopwatch()
    with fresh_deja(embedder) as services, watch.lap():
        _store(services, read_export(ExportReader(), path))
    return watch


def _store(services: Services, entries: Iterator[ImportEntry]) -> int:
    with services.database.write() as session:
        workspace_id = local_workspace(session, utc_now()).id
    return import_entries(services.ingest, workspace_id, entries, utc_now()).read


def _tables(folder: Path, texts: Sequence[str], rows: int) -> list[Figure]:
    return [
        figure
        for name, write, read in (
            ("csv", _write_csv, _read_csv), ("zendesk.json", _write_zendesk, _read_json),
            ("jira.json", _write_jira, _read_json),
        )
        for figure in _table(folder / name, write, read, texts, rows)
    ]  # fmt: skip


def _table(
    path: Path,
    write: Callable[[Path, Sequence[str], int], None],
    read: Callable[[Path], int],
    texts: Sequence[str],
    rows: int,
) -> list[Figure]:
    write(path, texts, rows)
    plain, planning, reading, storing = Stopwatch(), Stopwatch(), Stopwatch(), Stopwatch()
    with plain.lap():
        assert read(path) == rows
    with planning.lap(), _open_tickets(path) as tickets:
        pass
    with _open_tickets(path) as tickets, reading.lap():
        assert sum(1 for _ in tickets.read()) == rows
    with fresh_deja(StubEmbedder()) as services:
        reset_peak_memory()
        before, spent = peak_memory(), _cpu_of_others()
        with standing_by() as standby, _open_tickets(path, standby) as tickets, storing.lap():
            assert _store(services, read_tickets(tickets, standby=standby)) == rows
        taken, spent = peak_memory() - before, _cpu_of_others() - spent
        stored = Path(str(services.database.engine.url.database))
        writing = _write_plainly(stored, path.with_suffix(".db"))
    return [
        Figure(f"{path.name} of {rows:,} rows: looked through", rows / planning.cpu, "a second"),
        *_rates("read", rows, reading),
        Figure("  / that of a plain reading", reading.cpu / plain.cpu),
        # As `deja import` does it: another process reads large tables, and starts while they are
        # looked through. Its time is not in it.
        *_rates("read and stored", rows, storing),
        Figure("  of processor time of both", rows / (storing.cpu + spent), "a second"),
        Figure("  / that of sqlite3's executemany", storing.cpu / writing.cpu),
        Figure("  memory that it takes", taken, "MB", MAX_MEMORY),
    ]


def _cpu_of_others() -> float:
    """Return the processor time of the processes that this one started and that ended, seconds."""
    times = os.times()
    return times.children_user + times.children_system


def _write_plainly(stored: Path, target: Path) -> Stopwatch:
    """Write all rows of one database into another, and measure only the writing."""
    watch = Stopwatch()
    database = Database.connect(f"sqlite:///{target}")
    migrations.upgrade(database.engine)
    database.close()
    with closing(sqlite3.connect(stored)) as source, closing(sqlite3.connect(target)) as to:
        to.execute("PRAGMA journal_mode = WAL")
        to.execute("PRAGMA synchronous = FULL")
        for table in STORED:
            columns = [row[1] for row in source.execute(f"PRAGMA table_info({table})")]
            names, marks = ", ".join(columns), ", ".join("?" * len(columns))
            rows = source.execute(f"SELECT {names} FROM {table}")  # noqa: S608 - own names
            insert = f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({marks})"  # noqa: S608
            while batch := rows.fetchmany(MAX_BATCH):
                with watch.lap(), to:
                    to.executemany(insert, batch)
    return watch


@contextmanager
def _open_tickets(path: Path, standby: Standby | None = None) -> Iterator[TicketReader]:
    """Look through a table; as `deja import` does it, the other process starts meanwhile."""
    with open_inputs(path, io.BytesIO) as (found,):
        on_rows = (lambda _rows: None) if standby is None else standby.on_rows
        plan = make_plan(recognize(found, ReadOptions()), ReadOptions(), on_rows)
        yield TicketReader(plan, RowDefaults(None, "ticket", utc_now()))


def _read_csv(path: Path) -> int:
    with path.open(newline="", encoding="utf-8") as lines:
        return sum(1 for _ in csv.DictReader(lines))


def _read_json(path: Path) -> int:
    return len(next(iter(json.loads(path.read_text(encoding="utf-8")).values())))


def _write_csv(path: Path, texts: Sequence[str], rows: int) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["Ticket ID", "Subject", "Description", "Created", "Status", "Priority"])
        for number in range(rows):
            text = texts[number % len(texts)]
            writer.writerow(
                [number, text[:60], text, "2026-05-04 10:00", ("open", "closed")[number % 2], "low"]
            )


def _write_zendesk(path: Path, texts: Sequence[str], rows: int) -> None:
    random_ = random.Random(1)
    tickets = [
        {
            "id": number,
            "url": f"https://acme.zendesk.com/api/v2/tickets/{number}.json",
            "subject": texts[number % len(texts)][:60],
            "description": texts[number % len(texts)],
            "created_at": "2026-05-04T10:00:00Z",
            "status": "closed",
            "requester_id": 5,
            "tags": ["a", "b"],
            "comments": [
                {"author_id": 5 + place, "body": random_.choice(texts), "public": True}
                for place in range(2)
            ],
        }
        for number in range(rows)
    ]
    path.write_text(json.dumps({"tickets": tickets}), encoding="utf-8")


def _write_jira(path: Path, texts: Sequence[str], rows: int) -> None:
    issues = [
        {
            "key": f"OPS-{number}",
            "self": f"https://acme.atlassian.net/rest/api/2/issue/{number}",
            "fields": {
                "summary": texts[number % len(texts)][:60],
                "description": f"h2. Steps\n* {texts[number % len(texts)]}\n{{code}}x = 1{{code}}",
                "created": "2026-05-04T10:00:00.000+0000",
                "status": {"name": "Done", "statusCategory": {"key": "done"}},
                "comment": {"comments": [{"body": "Try *again*", "author": {"name": "ben"}}]},
            },
        }
        for number in range(rows)
    ]
    path.write_text(json.dumps({"issues": issues}), encoding="utf-8")
