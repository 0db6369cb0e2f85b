"""What every benchmark needs: figures with targets, a stopwatch, progress, and a fresh Déjà."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeVar

import numpy as np

import migrations
from bot.connection import connect
from bot.settings import Settings
from bot.wiring import Services, build
from services.search.embedders.embedding import Embedder

Mine = TypeVar("Mine")
Other = TypeVar("Other")


@dataclass(frozen=True)
class Figure:
    """A measured number; `target` is None if it only informs, `sense` says which way it bounds."""

    name: str
    value: float
    unit: str = ""
    target: float | None = None
    sense: Literal["at most", "at least"] = "at most"

    @property
    def is_met(self) -> bool:
        """Whether the number meets its target."""
        if self.target is None:
            return True
        return self.value <= self.target if self.sense == "at most" else self.value >= self.target

    def __str__(self) -> str:
        line = f"  {self.name:<58} {_short(self.value):>9} {self.unit:<9}"
        if self.target is None:
            return line.rstrip()
        verdict = "met" if self.is_met else "MISSED"
        return f"{line} {verdict}: {self.sense} {_short(self.target)}"


@dataclass
class Stopwatch:
    """The time of some blocks in seconds: elapsed and processor time, and each lap of both.

    `cpu_clock` tells the processor time: of every thread of this process, if it is not given.
    """

    laps: list[float] = field(default_factory=list)
    cpu_laps: list[float] = field(default_factory=list)
    cpu_clock: Callable[[], float] = time.process_time

    @property
    def seconds(self) -> float:
        """The elapsed time of all laps."""
        return sum(self.laps)

    @property
    def cpu(self) -> float:
        """The processor time of all laps."""
        return sum(self.cpu_laps)

    @contextmanager
    def lap(self) -> Iterator[None]:
        """Add the time of a block."""
        started, cpu = time.perf_counter(), self.cpu_clock()
        yield
        self.laps.append(time.perf_counter() - started)
        self.cpu_laps.append(self.cpu_clock() - cpu)


def time_in_turn(
    search: Callable[[Mine], object],
    queries: Sequence[Mine],
    bare_search: Callable[[Other], object],
    bare_queries: Sequence[Other],
) -> tuple[Stopwatch, Stopwatch]:
    """Time two searches in turn, so that other work on the machine slows both.

    `bare_queries` are the same queries as `bare_search` takes them. It is half a round behind, so
    that neither search finds what the other has just read into the cache.
    """
    ours, theirs = Stopwatch(), Stopwatch()
    for number, query in enumerate(queries):
        with ours.lap():
            search(query)
        other = bare_queries[number - len(bare_queries) // 2]
        with theirs.lap():
            bare_search(other)
    return ours, theirs


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that `share` percent of `values` do not exceed."""
    return float(np.percentile(values, share))


def show_progress(what: str, done: int, total: int, started: float) -> None:
    """Print to standard error how far a long step is; `started` is of `time.monotonic`."""
    seconds = time.monotonic() - started
    print(f"  {what}: {done:,} of {total:,} ({seconds:.0f} s)", file=sys.stderr, flush=True)


@contextmanager
def fresh_deja(embedder: Embedder, values: dict[str, str] | None = None) -> Iterator[Services]:
    """Give the services of an empty Déjà in a temporary folder; `values` are further settings."""
    with (
        tempfile.TemporaryDirectory(prefix="deja-bench-") as folder,
        deja_in(Path(folder), embedder, values) as services,
    ):
        yield services


@contextmanager
def deja_in(
    folder: Path, embedder: Embedder, values: dict[str, str] | None = None
) -> Iterator[Services]:
    """Give the services of the Déjà in a folder, a new one where there is none."""
    settings = Settings.from_mapping({"DEJA_DATA_DIR": str(folder), **(values or {})})
    database = connect(settings)
    migrations.upgrade(database.engine)
    database.close()
    services = build(settings, embedder)
    try:
        yield services
    finally:
        services.close()


def reset_peak_memory() -> None:
    """Forget the most memory that this process has had so far."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def peak_memory() -> float:
    """Return the most memory that this process has had since then, in megabytes."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    [kilobytes] = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
    return int(kilobytes) / 1024


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
