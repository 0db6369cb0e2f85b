"""When Python looks for garbage: objects that nothing refers to but one another."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType

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


@contextmanager
def collecting_no_garbage() -> Iterator[None]:
    """Look for no garbage in this block, which makes many objects and drops few.

    It holds for all threads of the process.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def import_large(name: str) -> ModuleType:
    """Import a module: all that it makes stays, so there is no garbage in it to look for.

    The collector would go through it again and again, which is a sixth of the time that a command
    takes to start, and then in every long run of a command.
    """
    if name in sys.modules:
        return sys.modules[name]
    with collecting_no_garbage():
        module = import_module(name)
        gc.freeze()
        return module
