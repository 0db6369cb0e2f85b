"""Garbage is looked for seldom while an import runs, and as before afterwards."""

from __future__ import annotations

import gc

import pytest

from services.garbage import COLLECTED_AFTER, collecting_seldom


def test_garbage_is_looked_for_as_before_afterwards() -> None:
    """Also where the block ends with an error, as an interrupted import does."""
    before = gc.get_threshold()
    with pytest.raises(KeyboardInterrupt), collecting_seldom():
        assert gc.isenabled()
        assert gc.get_threshold()[0] >= COLLECTED_AFTER
        raise KeyboardInterrupt
    assert gc.get_threshold() == before
