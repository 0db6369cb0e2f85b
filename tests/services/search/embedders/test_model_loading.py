"""A model takes memory for as long as it is used."""

from __future__ import annotations

import gc
from pathlib import Path
from weakref import ref

from services.search.embedders.model_loading import load_model
from tests.tiny_model import make_tiny_model


def test_a_model_that_is_used_no_more_is_freed(tmp_path: Path) -> None:
    """Whoever goes over to another model, years after the start, gets the memory of the first."""
    folder = make_tiny_model(tmp_path / "tiny", seed=1)
    model, tokens = load_model("tiny", folder)
    is_used = ref(model)
    other, _ = load_model("tiny", folder)
    del model, tokens
    gc.collect()
    assert is_used() is None
    assert other is not None
