"""One run of `deja sources sync`."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.cli.terminal import ProgressBar, progress_bar
from bot.jobs.kinds import enqueue_jobs, unique_jobs
from bot.tasks.connectors import open_connector
from bot.tasks.source_polls import log_refused, source_jobs
from services.errors import (
    NotNeededError,
    RetryLaterError,
    SourceBusyError,
    SourceError,
    UnreachableError,
)
from services.sources.connections import find_connection, note_failure, note_start, note_wait
from services.sources.poll import PageResult, Poll

if TYPE_CHECKING:
    from bot.wiring import Services
    from models import Source

# A longer wait is left to a later run, or to the worker.
MAX_PATIENCE = 60.0
OUTAGE_WAIT = 300.0


@dataclass
class SyncCounts:
    """How many tickets were changed, deleted and refused."""

    changed: int = 0
    deleted: int = 0
    refused: int = 0


@dataclass(frozen=True)
class SourceSync:
    """Reads a source until nothing is left."""

    services: Services
    clock: Callable[[], datetime]
    sleep: Callable[[float], object] = time.sleep

    def run(self, name: str) -> SyncCounts:
        """Read a source. Raises `SourceError`, or `UnreachableError` if that takes longer now."""
        with self.services.database.read() as session:
            source, connection = find_connection(session, name)
        counts = SyncCounts()
        opened = closing(open_connector(self.services.settings, source, connection))
        try:
            with opened as connector, progress_bar(name, None) as advance:
                poll = Poll(self.services.ingest, source, connector)
                while not self._step(poll, counts, advance):
                    pass
        except SourceError as error:
            with self.services.database.write() as session:
                note_failure(session, source.id, str(error), self.clock())
            raise
        return counts

    def _step(self, poll: Poll, counts: SyncCounts, advance: ProgressBar) -> bool:
        """Read a page; return whether it was the last one."""
        with self.services.database.write() as session:
            note_start(session, poll.source.id, self.clock())
        try:
            result = poll.page(self.clock())
            self._take(poll.source, result, counts, advance)
            if result.is_last:
                self._take(poll.source, poll.walk(self.clock()), counts, advance)
        except SourceBusyError as busy:
            with self.services.database.write() as session:
                note_wait(session, poll.source.id, busy, self.clock())
            self._wait(str(busy), OUTAGE_WAIT if busy.is_outage else busy.delay)
            return False
        except NotNeededError as error:  # a worker reads it, or it was removed
            raise UnreachableError(f"{error}: see `deja sources list`.") from None
        except RetryLaterError as error:
            self._wait(str(error), error.delay)
            return False
        if result.wait is not None:
            self._wait(f"{poll.source.name} asks to wait", result.wait)
        return result.is_last

    def _take(
        self, source: Source, result: PageResult, counts: SyncCounts, advance: ProgressBar
    ) -> None:
        log_refused(source, result.refused)
        counts.changed += len(result.changed)
        counts.deleted += len(result.gone)
        counts.refused += len(result.refused)
        advance(len(result.changed) + len(result.gone))
        now = self.clock()
        cause = f"sync:{source.id}:{now.timestamp():.6f}"
        jobs = unique_jobs(source_jobs(self.services, source, result, cause))
        with self.services.database.write() as session:
            enqueue_jobs(session, source.workspace_id, jobs, now)

    def _wait(self, reason: str, seconds: float) -> None:
        if seconds > MAX_PATIENCE:
            when = self.clock() + timedelta(seconds=seconds)
            raise UnreachableError(
                f"{reason}. What was read is stored: run this again after {when:%H:%M} UTC, or"
                " leave it to the worker."
            )
        self.sleep(seconds)
