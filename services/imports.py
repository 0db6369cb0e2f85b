"""Importing large libraries without looking for garbage meanwhile."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collecting_no_garbage() -> Iterator[None]:
    """Import in this block: all that is imported stays, so there is no garbage in it to look for.

    The collector would go through it again and again, which is a sixth of the time that a command
    takes to start, and of that of loading the model; and then in every long run of a command.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()
