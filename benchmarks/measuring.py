"""Figures and their targets, a Déjà of one's own to measure, and the clock."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np

import migrations
from bot.connection import connect
from bot.settings import Settings
from bot.wiring import Services, build
from services.search.embedding import Embedder


@dataclass(frozen=True)
class Figure:
    """One measured number; `target` is the bound it should keep, None where it only informs."""

    name: str
    value: float
    unit: str = ""
    target: float | None = None
    sense: Literal["at most", "at least"] = "at most"

    @property
    def is_met(self) -> bool:
        """Say whether the number keeps its bound."""
        if self.target is None:
            return True
        low, high = sorted([self.value, self.target])
        return (self.value == low) if self.sense == "at most" else (self.value == high)

    def __str__(self) -> str:
        line = f"  {self.name:<58} {_short(self.value):>9} {self.unit:<9}"
        if self.target is None:
            return line.rstrip()
        verdict = "met" if self.is_met else "MISSED"
        return f"{line} {verdict}: {self.sense} {_short(self.target)}"


@dataclass
class Stopwatch:
    """Seconds of a block, on the clock and on the processors."""

    seconds: float = 0.0
    cpu: float = 0.0
    laps: list[float] = field(default_factory=list)

    @contextmanager
    def lap(self) -> Iterator[None]:
        """Add the time that the block takes."""
        started, cpu = time.perf_counter(), time.process_time()
        yield
        self.laps.append(time.perf_counter() - started)
        self.seconds += self.laps[-1]
        self.cpu += time.process_time() - cpu


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that `share` percent of `values` do not exceed."""
    return float(np.percentile(values, share))


@contextmanager
def fresh_deja(embedder: Embedder, values: dict[str, str] | None = None) -> Iterator[Services]:
    """Give a Déjà in a folder of its own, on SQLite unless `values` say otherwise."""
    with tempfile.TemporaryDirectory(prefix="deja-bench-") as folder:
        settings = Settings.from_mapping({"DEJA_DATA_DIR": str(Path(folder)), **(values or {})})
        database = connect(settings)
        migrations.upgrade(database.engine)
        database.close()
        services = build(settings, embedder)
        try:
            yield services
        finally:
            services.close()


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
