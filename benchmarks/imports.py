"""`imports`: a large Slack export and tables, compared with what cannot be saved.

An export of 80,000 messages takes little longer than the model needs for its texts. "Embedding" is
the time within `encode` in the same run. Everything but the embedding is measured with a stand-in
for the model, in messages or rows a second, beside a plain reading of the same file.
"""

from __future__ import annotations

import csv
import io
import json
import random
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from benchmarks import corpus
from benchmarks.large_export import MESSAGES, THREADS, write_export
from benchmarks.measurement import Figure, Stopwatch, fresh_deja
from bot.clock import utc_now
from bot.wiring import Services
from services.intake.importers.archive import open_archive
from services.intake.importers.entries import ImportEntry, RowDefaults
from services.intake.importers.opening import open_inputs
from services.intake.importers.plan import make_plan
from services.intake.importers.recognition import ReadOptions, recognize
from services.intake.importers.slack_export import ExportReader, day_files
from services.intake.importers.store import import_entries
from services.intake.importers.tickets import TicketReader
from services.memory.workspaces import local_workspace
from services.search.embedding import Embedder, SentenceTransformerEmbedder
from tests.hashing import HashingEmbedder

ROWS = 20_000
TEXTS = 30_000


@dataclass
class TimedEmbedder:
    """Measures the time in another embedder's `encode`."""

    inner: Embedder
    seconds: float = 0.0
    texts: int = 0

    def __post_init__(self) -> None:
        """Take over what describes the model."""
        self.fingerprint, self.dim = self.inner.fingerprint, self.inner.dim
        self.max_tokens = self.inner.max_tokens

    def token_offsets(self, text: str) -> list[tuple[int, int]]:
        """Return the offsets of the tokens."""
        return self.inner.token_offsets(text)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors of texts, and count their time."""
        started = time.perf_counter()
        rows = self.inner.encode(texts)
        self.seconds += time.perf_counter() - started
        self.texts += len(texts)
        return rows


class StubEmbedder(HashingEmbedder):
    """Gives vectors without looking at the texts, and takes all of them whole."""

    fingerprint = "stub@1/384/clean2"
    dim = 384

    def token_offsets(self, text: str) -> list[tuple[int, int]]:
        """Return one token for each text."""
        return [(0, len(text))]

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the same vectors in another order each time."""
        rows = np.random.default_rng(len(texts)).standard_normal((len(texts), self.dim))
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        return rows.astype(np.float32)


def run(quick: bool) -> list[Figure]:
    """Measure the import of an export with the model, and of all else without."""
    from_sample = quick or not corpus.has_data()
    texts = corpus.tickets(60 if quick else TEXTS, from_sample=from_sample)
    sizes = (400, 25) if quick else (MESSAGES, THREADS)
    with TemporaryDirectory(prefix="deja-bench-") as folder:
        path = Path(folder) / "export.zip"
        messages = write_export(path, texts, *sizes)
        figures = [
            *_without_model(path, messages),
            *_tables(Path(folder), texts, 200 if quick else ROWS),
        ]
        embedder: Embedder = HashingEmbedder() if quick else SentenceTransformerEmbedder()
        return [*_with_model(path, messages, embedder), *figures]


def _with_model(path: Path, messages: int, embedder: Embedder) -> list[Figure]:
    timed = TimedEmbedder(embedder)
    timed.encode(["the first call of a process is slow"] * 8)
    timed.seconds = timed.texts = 0
    before = _peak()
    watch = _import(path, timed)
    return [
        Figure(f"import of {messages:,} messages", watch.seconds, "s"),
        Figure(f"  of that embedding {timed.texts:,} chunks", timed.seconds, "s"),
        Figure("import / embedding time", watch.seconds / timed.seconds, "", 1.15),
        Figure("  memory that it takes", _peak() - before, "MB"),
    ]


def _without_model(path: Path, messages: int) -> list[Figure]:
    plain, before = Stopwatch(), _peak()
    with plain.lap(), open_archive(path) as archive:
        assert sum(len(json.loads(archive.read(name))) for name in day_files(archive)) == messages
    watch = _import(path, StubEmbedder())
    return [
        Figure(
            "export, all but the embedding", messages / watch.seconds, "a second", 5_000, "at least"
        ),
        Figure("  time / that of a plain reading", watch.seconds / plain.seconds),
        Figure("  memory that it takes", _peak() - before, "MB"),
    ]


def _import(path: Path, embedder: Embedder) -> Stopwatch:
    watch = Stopwatch()
    with fresh_deja(embedder) as services, open_archive(path) as archive, watch.lap():
        _store(services, ExportReader().read(archive))
    return watch


def _store(services: Services, entries: Iterator[ImportEntry]) -> int:
    with services.database.write() as session:
        workspace_id = local_workspace(session, utc_now()).id
    return import_entries(services.ingest, workspace_id, entries, utc_now()).read


def _tables(folder: Path, texts: Sequence[str], rows: int) -> list[Figure]:
    return [
        figure
        for name, write, read in (
            ("csv", write_csv, _read_csv), ("zendesk.json", _write_zendesk, _read_json),
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
    plain, reading, storing = Stopwatch(), Stopwatch(), Stopwatch()
    with plain.lap():
        assert read(path) == rows
    with reading.lap(), open_tickets(path) as tickets:
        assert sum(1 for _ in tickets) == rows
    with fresh_deja(StubEmbedder()) as services, open_tickets(path) as tickets, storing.lap():
        assert _store(services, tickets) == rows
    name = path.name
    return [
        Figure(f"{name}: read", rows / reading.seconds, "a second", 5_000, "at least"),
        Figure(f"{name}: read and stored", rows / storing.seconds, "a second", 5_000, "at least"),
        Figure("  reading / plain reading", reading.seconds / plain.seconds),
        Figure("  all / plain reading", storing.seconds / plain.seconds),
    ]


@contextmanager
def open_tickets(path: Path) -> Iterator[Iterator[ImportEntry]]:
    with open_inputs(path, io.BytesIO) as (found,):
        plan = make_plan(recognize(found, ReadOptions()), ReadOptions())
        yield TicketReader(plan, RowDefaults(None, "ticket", utc_now())).read()


def _read_csv(path: Path) -> int:
    with path.open(newline="", encoding="utf-8") as lines:
        return sum(1 for _ in csv.DictReader(lines))


def _read_json(path: Path) -> int:
    return len(next(iter(json.loads(path.read_text(encoding="utf-8")).values())))


def write_csv(path: Path, texts: Sequence[str], rows: int) -> None:
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


def _peak() -> float:
    """Return the most memory that this process has had, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
