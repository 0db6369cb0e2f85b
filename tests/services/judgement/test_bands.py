"""Bands: what is said of a candidate before and after verdicts have taught a model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from services.judgement.bands import MIN_CONTRAST, MIN_TICKETS, Band, PairFigures, Rules, band_of
from services.judgement.compared_items import ComparedItem
from services.judgement.shown_similarity import SIMILAR_SIMILARITY
from services.text.comparing.terms import Lexicon
from tests.calibrated import USUAL, model_with_cut

NO_VECTORS = np.empty((0, 2), dtype=np.float32)


def said(text: str, kind: str = "ticket") -> ComparedItem:
    """Return a text as a subject."""
    return ComparedItem.of_text(text, kind, NO_VECTORS)


PRINTER = said("the printer prints blank pages")
OTHER = said("sheets come out of it empty")
OLD, NEW = said("crash since version 2.3"), said("crash since version 2.4")


LEXICON = Lexicon(100, 10.0, {})
COLD = Rules()
LEARNED = Rules.of(model_with_cut(0.8), 1)


def called(
    ours: ComparedItem, theirs: ComparedItem, cosine: float, rules: Rules = COLD,
    strength: float = 0.0,
) -> Band | None:  # fmt: skip
    """Return the band of a candidate."""
    figures = PairFigures(USUAL, cosine, strength, strength, 0.0, LEXICON)
    return band_of(ours, theirs, figures, rules)


def test_before_a_model() -> None:
    """The same words: duplicate. Alike: similar. Below: nothing."""
    asked = said("Why does the printer print blank pages?")
    again, other = said("why does our printer print blank pages"), said("the printer prints slowly")
    assert called(asked, again, 0.9) == "duplicate"
    assert called(asked, other, 0.94) == "similar"
    assert called(asked, other, SIMILAR_SIMILARITY) == "similar"
    assert called(asked, other, SIMILAR_SIMILARITY - 0.001) is None
    assert called(OLD, NEW, 1.0) == "similar"


def test_with_a_cut() -> None:
    """What is as strong is a duplicate whatever the cosine; the rule for a new team still holds."""
    bands = [called(PRINTER, OTHER, 0.1, LEARNED, strength) for strength in (0.9, 0.8, 0.79)]
    assert bands == ["duplicate", "duplicate", None]
    assert called(PRINTER, OTHER, SIMILAR_SIMILARITY, LEARNED, 0.79) == "similar"
    assert called(PRINTER, PRINTER, 0.99, LEARNED, 0.1) == "duplicate"


def test_a_model_without_a_cut_changes_nothing() -> None:
    """Where decisions found no cut, the rule for a new team decides."""
    unsure = Rules.of(replace(model_with_cut(0.8), labels=(False,) * 12), 1)
    assert called(PRINTER, OTHER, 0.1, unsure, 5.0) is None
    assert called(PRINTER, PRINTER, 0.99, unsure, 0.1) == "duplicate"


def test_what_is_less_close_than_all_reviewed_pairs_is_not_called() -> None:
    """However strong the other evidence: nobody has decided on such a pair."""
    rules = Rules.of(replace(model_with_cut(0.8), min_closeness=0.5), 1)
    far = PairFigures(USUAL, 0.1, closeness=0.4, strength=5.0, verbosity=0.0, lexicon=LEXICON)
    assert band_of(PRINTER, OTHER, far, rules) is None
    assert band_of(PRINTER, OTHER, replace(far, closeness=0.5), rules) == "duplicate"


def test_a_contradiction_is_no_duplicate_before_a_cut() -> None:
    """Another version is at most similar; decisions may teach that it does not matter."""
    assert called(OLD, NEW, 1.0, COLD, 5.0) == "similar"
    assert called(OLD, NEW, 1.0, LEARNED, 0.79) == "similar"
    assert called(OLD, NEW, 1.0, LEARNED, 5.0) == "duplicate"


def test_long_tickets_must_be_nearer_than_their_neighbours() -> None:
    """Among long tickets of one template a cosine says little; among one-liners it is enough."""
    features = replace(USUAL, similarity=0.501 + MIN_CONTRAST / 2, density=0.5)
    near = PairFigures(features, 0.8, 0.1, 0.1, verbosity=1.0, lexicon=LEXICON)
    far = replace(near, features=replace(features, density=0.51))
    assert band_of(PRINTER, OTHER, near, COLD) == "similar"
    assert band_of(PRINTER, OTHER, far, COLD) is None
    assert band_of(PRINTER, OTHER, replace(far, verbosity=0.49), COLD) == "similar"
    lamp, shade = said("a lamp", "product"), said("a shade", "product")
    assert band_of(lamp, shade, far, COLD) == "similar"
    few = replace(far, lexicon=Lexicon(MIN_TICKETS - 1, 10.0, {}))
    assert band_of(PRINTER, OTHER, few, COLD) == "similar"
    copies = replace(far, features=replace(features, density=1.0))
    assert band_of(PRINTER, OTHER, copies, COLD) is None
