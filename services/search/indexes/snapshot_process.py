"""Writing a large snapshot in a process of its own.

While hnswlib writes a file, no other thread of its process runs: for seconds where the graph has a
million rows. The other process reads the last snapshot, takes the rows that are new, and writes.
"""

from __future__ import annotations

import os
import secrets
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from models import Database
from services.interruption import start_shielded
from services.search.indexes.snapshot import SnapshotFiles

# Fewer rows are written in a tenth of a second or two; another process takes a second to start.
MIN_ROWS = 50_000

# More new rows than this share of all take longer to add once more (two milliseconds each) than
# the threads would stand still.
MAX_NEW = 0.02

# It yields the processor to those who are waited for, and the memory first of all where that is
# short (Linux's scale): the same is then written by the process that asked for it.
NICENESS, FIRST_TO_KILL = 10, "1000"

# How late it may be seen that it is done; it takes seconds.
POLL_SECONDS = 0.1


@dataclass(frozen=True)
class SnapshotProcess:
    """Writes snapshots of at least `min_rows` rows; smaller ones need no process."""

    min_rows: int = MIN_ROWS

    def can_write(self, files: SnapshotFiles, rows: int) -> bool:
        """Say whether another process is to write a graph of `rows` rows.

        Not without a snapshot to begin with: building a graph takes far longer than writing it.
        """
        if rows < self.min_rows:
            return False
        saved = files.describe()
        return saved is not None and rows - saved.rows <= rows * MAX_NEW

    def write(
        self, database: Database, files: SnapshotFiles, exact_rows: int, stop: threading.Event
    ) -> bool:
        """Bring the snapshot up to date; return whether that was done.

        It takes as much memory as the graph in this process meanwhile. What went wrong there
        happens again, and is raised, where this process writes instead. `stop` ends it.
        """
        from multiprocessing import get_context  # few commands need it

        files = replace(files, writer=f"{secrets.token_hex(8)}-")
        # Not forked: this process has threads, and may be within BLAS, which no fork survives.
        process = get_context("spawn").Process(
            target=_write,
            args=(database.engine.url.render_as_string(hide_password=False), files, exact_rows),
            daemon=True,
        )
        try:
            start_shielded(process)
        except OSError:  # too many files are open, or processes running
            return False
        while process.is_alive() and not stop.wait(POLL_SECONDS):
            pass
        if process.is_alive():
            process.kill()  # what it wrote goes below
        process.join()
        if process.exitcode == 0:
            return True
        files.delete_unfinished()  # it may have been killed; the disk may have no room for two
        return False


def _write(url: str, files: SnapshotFiles, exact_rows: int) -> None:
    """Write the snapshot, and end with 1 if that fails."""
    from services.search.indexes.workspace_graph import WorkspaceGraph  # which knows this module

    with suppress(OSError):  # the system call may be forbidden, as by `deploy/deja.service`
        os.nice(NICENESS)
    with suppress(OSError):  # not Linux
        Path("/proc/self/oom_score_adj").write_text(FIRST_TO_KILL, encoding="ascii")
    graph = WorkspaceGraph(Database.connect(url), files, exact_rows=exact_rows)
    try:
        sys.exit(0 if graph.renew_snapshot() else 1)
    except (OSError, MemoryError):
        sys.exit(1)
