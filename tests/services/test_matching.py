"""Bands: what is said of a candidate before and after verdicts have taught a model."""

from __future__ import annotations

import numpy as np
import pytest

from services.matching import NEAR_EXACT, SIMILAR_SIMILARITY, band_of, says_the_same
from services.subjects import Subject

NO_VECTORS = np.empty((0, 2), dtype=np.float32)


def said(text: str, kind: str = "ticket") -> Subject:
    """Return a text as a subject."""
    return Subject(None, kind, text, NO_VECTORS)


PRINTER = said("the printer prints blank pages")
OLD, NEW = said("crash since version 2.3"), said("crash since version 2.4")


def test_before_a_model() -> None:
    """Said twice: duplicate. Alike: similar. Below: nothing, whatever the words."""
    cuts = [NEAR_EXACT, NEAR_EXACT - 0.001, SIMILAR_SIMILARITY, SIMILAR_SIMILARITY - 0.001]
    bands = [band_of(PRINTER, PRINTER, similarity, None, 0.9) for similarity in cuts]
    assert bands == ["duplicate", "similar", "similar", None]
    assert band_of(OLD, NEW, 1.0, None, 0.9) == "similar"
    product = said("turntable", "product")
    assert band_of(product, product, 1.0, None, 0.9) == "similar"


def test_with_a_model() -> None:
    """The probability decides, whatever the cosine; the cut is the channel's."""
    bands = [band_of(PRINTER, PRINTER, 0.1, chance, 0.9) for chance in (0.9, 0.89, 0.3, 0.29)]
    assert bands == ["duplicate", "similar", "similar", None]
    assert band_of(PRINTER, PRINTER, 0.1, 0.6, 0.5) == "duplicate"


def test_a_contradiction_is_never_a_duplicate() -> None:
    """However sure the model: another version is at most related."""
    assert band_of(OLD, NEW, 1.0, 0.99, 0.9) == "similar"


@pytest.mark.parametrize(
    ("ours", "theirs", "same"),
    [
        ("The printer prints blank pages!", "the printer prints blank pages", True),
        ("the printer prints blank pages", "our printer prints blank pages again", True),
        ("login fails with error 502", "login fails with error 504", False),
        ("invoice 4711 is missing", "invoice 4712 is missing", False),
        ("invoice 4711 is missing", "the invoice is missing", True),
        ("I can log in", "I cannot log in", False),
        ("word " * 90, "word " * 80, True),
        (" ".join(f"w{n}x" for n in range(50)), " ".join(f"w{n}x" for n in range(51)), False),
    ],
)
def test_what_is_said_twice(ours: str, theirs: str, same: bool) -> None:
    """Other codes, numbers and the opposite are another ticket; long templates are too."""
    one, other = said(ours), said(theirs)
    assert says_the_same(one, other) is says_the_same(other, one) is same
