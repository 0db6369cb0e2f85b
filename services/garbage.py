"""How often Python looks for garbage: objects that nothing refers to but one another."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

# Python looks after each 700 new objects, by default. A batch of an import makes tens of thousands,
# each used until the batch is stored: that was a sixth of the time of storing. Garbage is still
# collected: at most some megabytes of it wait.
COLLECTED_AFTER = 50_000


@contextmanager
def collecting_seldom() -> Iterator[None]:
    """Look for garbage seldom in this block, whose objects are used all at once and then dropped.

    It holds for all threads of the process.
    """
    before = gc.get_threshold()
    gc.set_threshold(max(COLLECTED_AFTER, before[0]), *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
