"""Batches of an import: as large as they are stored fast, and never large in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from time import perf_counter

from services.intake.importers.entries import ImportEntry, Row

# Entries of the first batch, as many as a model embeds efficiently at once, and of the largest.
# Small batches are lost less where somebody interrupts; each costs the same some 20 statements.
BATCH = 256
MAX_BATCH = 2048

# A batch that takes longer, in seconds, is large enough: with a model the first one does. Only
# after as many fast ones in a row it grows: most files are stored by then.
MAX_SECONDS = 2.0
MIN_FAST = 3

# Characters of a batch's texts: one batch is held in memory.
MAX_CHARACTERS = 8_000_000


@dataclass
class Batches:
    """Cuts entries into batches, twice as large as before while they are fast."""

    size: int = BATCH
    _fast: int = 0

    def of(self, entries: Iterable[ImportEntry]) -> Iterator[list[ImportEntry]]:
        """Yield batches; the time until the next one is asked for is what a batch took."""
        for batch in cut(entries, lambda: self.size):
            started = perf_counter()
            yield batch
            self._adapt(perf_counter() - started)

    def grow(self) -> None:
        """Make the next batches twice as large."""
        self.size = min(2 * self.size, MAX_BATCH)

    def _adapt(self, seconds: float) -> None:
        self._fast = self._fast + 1 if seconds < MAX_SECONDS / 2 else 0
        if self._fast >= MIN_FAST:
            self.grow()
        elif seconds > MAX_SECONDS:
            self.size = max(self.size // 2, BATCH)


def cut(entries: Iterable[ImportEntry], size: Callable[[], int]) -> Iterator[list[ImportEntry]]:
    """Cut entries into lists of as many as `size` says at that time, fewer where texts are long."""
    batch: list[ImportEntry] = []
    room = MAX_CHARACTERS
    for entry in entries:
        batch.append(entry)
        if isinstance(entry, Row):
            room -= len(entry.item.text)
        if len(batch) >= size() or room < 0:
            yield batch
            batch, room = [], MAX_CHARACTERS
    if batch:
        yield batch
