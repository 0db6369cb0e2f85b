"""Reporting how far a long piece of work is."""

from __future__ import annotations

from collections.abc import Callable

# Called with how much is done, and with the total.
Progress = Callable[[int, int], None]


def no_progress(done: int, total: int) -> None:
    """Ignore a report."""
