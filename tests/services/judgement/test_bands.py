"""Bands: what is said of a candidate before and after verdicts have taught a model."""

from __future__ import annotations

import numpy as np

from services.judgement.bands import SIMILAR_SIMILARITY, band_of
from services.judgement.compared_items import ComparedItem

NO_VECTORS = np.empty((0, 2), dtype=np.float32)


def said(text: str, kind: str = "ticket") -> ComparedItem:
    """Return a text as a subject."""
    return ComparedItem.of_text(text, kind, NO_VECTORS)


PRINTER = said("the printer prints blank pages")
OLD, NEW = said("crash since version 2.3"), said("crash since version 2.4")


def test_before_a_model() -> None:
    """The same words: duplicate. Alike: similar. Below: nothing."""
    asked = said("Why does the printer print blank pages?")
    again, other = said("why does our printer print blank pages"), said("the printer prints slowly")
    assert band_of(asked, again, 0.9, None, 0.9) == "duplicate"
    assert band_of(asked, other, 0.99, None, 0.9) == "similar"
    assert band_of(asked, other, SIMILAR_SIMILARITY, None, 0.9) == "similar"
    assert band_of(asked, other, SIMILAR_SIMILARITY - 0.001, None, 0.9) is None
    assert band_of(OLD, NEW, 1.0, None, 0.9) == "similar"


def test_with_a_model() -> None:
    """The probability decides, whatever the cosine; the cut is the channel's."""
    bands = [band_of(PRINTER, PRINTER, 0.1, chance, 0.9) for chance in (0.9, 0.89, 0.3, 0.29)]
    assert bands == ["duplicate", "similar", "similar", None]
    assert band_of(PRINTER, PRINTER, 0.1, 0.6, 0.5) == "duplicate"


def test_a_contradiction_is_never_a_duplicate() -> None:
    """However sure the model: another version is at most related."""
    assert band_of(OLD, NEW, 1.0, 0.99, 0.9) == "similar"
