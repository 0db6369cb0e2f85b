"""A program that opens an index, prints what that takes as JSON, and keeps what it has built."""

from __future__ import annotations

import gc
import json
import sys
import time
from pathlib import Path

import numpy as np
import psutil

from benchmarks.measurement import peak_memory, reset_peak_memory, show_progress
from models import Database
from services.search.indexes.hnsw import HnswIndex

# Seconds between two lines of progress.
PROGRESS_SECONDS = 20.0


def main(url: str, fingerprint: str, dim: str, folder: str) -> None:
    """Load the index in `folder`, or build it if there is none, and search once.

    Printed are the bytes by which that makes the process grow, and at most on the way, and seconds,
    elapsed and of the processor.
    """
    database = Database.connect(url)
    index = HnswIndex(database, fingerprint=fingerprint, dim=int(dim), folder=Path(folder))
    process = psutil.Process()
    gc.collect()
    before = process.memory_info().rss
    reset_peak_memory()
    started, cpu = time.monotonic(), time.process_time()
    index.load(_ShownProgress(started))
    seconds, cpu = time.monotonic() - started, time.process_time() - cpu
    index.search(np.ones((1, int(dim)), dtype=np.float32), workspace_id=1, limit=10)
    gc.collect()
    growth, peak = process.memory_info().rss - before, peak_memory() * 1024**2 - before
    index.save()
    print(json.dumps({"growth": growth, "peak": peak, "seconds": seconds, "cpu": cpu}))


class _ShownProgress:
    """Progress on standard error, now and then."""

    def __init__(self, now: float) -> None:
        self._started = self._shown = now

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._shown > PROGRESS_SECONDS:
            self._shown = now
            show_progress("rows in the graph", done, total, self._started)


if __name__ == "__main__":
    main(*sys.argv[1:])
