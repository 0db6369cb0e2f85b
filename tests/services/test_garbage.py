"""Garbage is looked for seldom while an import runs, and as before afterwards."""

from __future__ import annotations

import gc

import pytest

from services.garbage import COLLECTED_AFTER, collecting_seldom


@collecting_seldom()
def interrupted() -> None:
    """End as an import does when somebody interrupts it."""
    assert gc.isenabled()
    assert gc.get_threshold()[0] >= COLLECTED_AFTER
    raise KeyboardInterrupt


def test_garbage_is_looked_for_as_before_afterwards() -> None:
    """Also where an error ends the block."""
    before = gc.get_threshold()
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert gc.get_threshold() == before
