"""Importing large libraries without looking for garbage meanwhile."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType


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


@contextmanager
def collecting_no_garbage() -> Iterator[None]:
    """Look for no garbage in this block, which makes many objects and drops few."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
