"""`whole_import`: `deja import` of a Slack export takes little longer than embedding its texts.

The export has the shape of a large company's: 80,000 messages, 4,600 of them at the start of a
thread, with `--items 80000`; by default a tenth. It is imported as the command does it, with the
densities that are measured at the end. "Embedding" is the time within `encode` in the same run.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from benchmarks import corpus
from benchmarks.large_export import MESSAGES, THREADS, write_export
from benchmarks.measurement import Figure, fresh_deja, peak_memory, reset_peak_memory
from bot.cli.history.import_options import Options
from bot.cli.history.import_report import Report
from bot.cli.history.import_run import ImportRun
from bot.clock import utc_now
from services.intake.importers.recognition import ReadOptions
from services.memory.workspaces import local_workspace
from services.search.embedders.embedding import Embedder, SentenceTransformerEmbedder
from tests.hashing import HashingEmbedder

# A tenth of the whole: minutes instead of most of an hour.
DEFAULT = MESSAGES // 10
QUICK = 100
TEXTS = 30_000

# The most that an import may take, in times of its embedding.
MAX_RATIO = 1.15


@dataclass
class TimedEmbedder:
    """Measures the time in another embedder's `encode`, of the clock and of the processor."""

    inner: Embedder
    seconds: float = 0.0
    processor: float = 0.0
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
        started, processor = time.perf_counter(), time.process_time()
        rows = self.inner.encode(texts)
        self.seconds += time.perf_counter() - started
        self.processor += time.process_time() - processor
        self.texts += len(texts)
        return rows


def run(quick: bool) -> list[Figure]:
    """Measure the import of a small export."""
    return _measure(QUICK, HashingEmbedder()) if quick else run_with(DEFAULT)


def run_with(messages: int) -> list[Figure]:
    """Measure the import of an export of so many messages."""
    return _measure(messages, SentenceTransformerEmbedder())


def _measure(messages: int, embedder: Embedder) -> list[Figure]:
    is_quick = messages == QUICK
    from_sample = is_quick or not corpus.has_data()
    texts = corpus.tickets(60 if is_quick else TEXTS, from_sample=from_sample)
    timed = TimedEmbedder(embedder)
    with TemporaryDirectory(prefix="deja-bench-") as folder:
        path = Path(folder) / "export.zip"
        written = write_export(path, texts, messages, max(1, messages * THREADS // MESSAGES))
        seconds, processor, memory = _import(path, timed)
    return [
        Figure(f"import of {written:,} messages", seconds, "s"),
        Figure(f"  of that embedding {timed.texts:,} chunks", timed.seconds, "s"),
        Figure("import / embedding time", seconds / timed.seconds, "", MAX_RATIO),
        Figure("  the same in processor time", processor / timed.processor),
        Figure("  memory that it takes", memory, "MB"),
    ]


def _import(path: Path, timed: TimedEmbedder) -> tuple[float, float, float]:
    """Import an export; return the seconds, those of the processor, and megabytes."""
    with fresh_deja(timed) as services:
        timed.encode(["the first call of a process is slow"] * 16)
        timed.seconds = timed.processor = timed.texts = 0
        now = utc_now()
        with services.database.write() as session:
            workspace = local_workspace(session, now)
        options = Options(ReadOptions(), channel=None, kind=None, source=None, as_json=True)
        reset_peak_memory()
        before = peak_memory()
        started, processor = time.perf_counter(), time.process_time()
        ImportRun(services, workspace, options, now, Report()).import_paths([path])
        return (
            time.perf_counter() - started,
            time.process_time() - processor,
            peak_memory() - before,
        )
