"""Products: similarity by meaning, letters and words, and what the sources add to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.judgement.product_ranking import (
    MARGIN_WEIGHT,
    Floats,
    product_scores,
    similarities_as_candidate,
    similarities_of_item,
    similarities_of_text,
)
from services.text.comparing.measures import terms_of_kind, typed_terms
from services.text.comparing.term_matrix import TermMatrix
from services.text.comparing.terms import Lexicon, trigrams

CATALOG = [
    "Steam shower cabin with seat", "Steam iron Presso 2400 W", "LED bulb E27 14W",
    "LED bulb E14 4-Watt", "LED floodlight 150 watt", "Door seal 30256", "Door seal 30573",
    "USB stick 5 GB", "USB stick 50GB", "Turntable PS-LX350H",
]  # fmt: skip
TERMS = [terms_of_kind(name, "product") for name in CATALOG]
LEXICON = Lexicon(
    len(CATALOG),
    sum(map(len, TERMS)) / len(TERMS),
    Counter(term for words in TERMS for term in {*words, *trigrams(words)}),
)
NAN = float("nan")
Similarities = Callable[[Sequence[Sequence[str]], TermMatrix, Floats, Lexicon], Floats]


def _similarities(similar: Similarities, texts: Sequence[Sequence[str]], dense: Floats) -> Floats:
    return similar(texts, TermMatrix.of([*map(Counter, texts)], LEXICON), dense, LEXICON)


def _typed(text: str) -> list[str]:
    """Return the catalog for a typed text, the most similar first, as if nothing had a meaning."""
    texts = [typed_terms(text, "product"), *TERMS]
    found = _similarities(similarities_of_text, texts, np.zeros(len(TERMS), dtype=np.float32))
    return [CATALOG[n] for n in np.argsort(-found, kind="stable")]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("steam shower", "Steam shower cabin with seat"),
        ("14 watt", "LED bulb E27 14W"),
        ("led 150w", "LED floodlight 150 watt"),
        ("seal 30256", "Door seal 30256"),
        ("seal 30573", "Door seal 30573"),
        ("5gb", "USB stick 5 GB"),
        ("50 gb stick", "USB stick 50GB"),
        ("pslx 350 h", "Turntable PS-LX350H"),
        ("turntabel", "Turntable PS-LX350H"),
    ],
)
def test_words_and_letters_find_what_is_typed(text: str, first: str) -> None:
    """Numbers are whole and have units; codes may have other spaces, words slips of the hand."""
    assert _typed(text)[0] == first


@pytest.mark.parametrize("similar", [similarities_of_item, similarities_as_candidate])
def test_a_product_is_most_similar_to_itself(similar: Similarities) -> None:
    """Of products with equal meaning the one of the same letters and words, from either side."""
    flat = np.zeros(len(TERMS), dtype=np.float32)
    for n, words in enumerate(TERMS):
        assert _similarities(similar, [words, *TERMS], flat).argmax() == n


def test_words_that_only_the_candidate_has_cost_less() -> None:
    """Who looks for a stick finds the one that says more; the other way round words are missing."""
    stick, more = ["usb", "stick", "5gb"], ["usb", "stick", "5gb", "blue", "metal", "keyring"]
    flat = np.zeros(1, dtype=np.float32)
    [found] = _similarities(similarities_of_item, [stick, more], flat)
    [back] = _similarities(similarities_as_candidate, [stick, more], flat)
    assert found > back


@given(st.lists(st.lists(st.sampled_from(["led", "14w", "seal", "new", "x"])), min_size=2))
def test_similarities_stay_in_their_range(texts: list[list[str]]) -> None:
    """Whatever is compared, empty texts too: never over 1, never without a figure."""
    ones = np.ones(len(texts) - 1, dtype=np.float32)
    for similar in (similarities_of_item, similarities_as_candidate, similarities_of_text):
        for dense in (ones, -ones):
            found = _similarities(similar, texts, dense)
            assert found.shape == dense.shape
            assert np.isfinite(found).all()
            assert (found >= -0.2 - 1e-5).all()
            assert (found <= 1 + 1e-5).all()


def _scores(similarity: list[float], is_own: list[bool], margins: list[float]) -> list[float]:
    scores = product_scores(
        np.array(similarity, dtype=np.float32),
        np.linspace(0.2, 0.8, len(similarity), dtype=np.float32),
        np.array(is_own, dtype=np.bool_),
        np.array(margins, dtype=np.float32),
    )
    return [float(one) for one in scores]


def test_what_another_item_fits_better_falls() -> None:
    """The second candidate is nobody else's, so it comes before one that is."""
    scores = _scores([0.6, 0.55], [False, False], [-0.2, 0.1])
    assert scores == pytest.approx([0.6 - 0.2 * MARGIN_WEIGHT, 0.55 + 0.1 * MARGIN_WEIGHT])


def test_what_was_not_measured_stays_behind() -> None:
    """A candidate is not better for being too low to be measured."""
    scores = _scores([0.6, 0.55, 0.5], [False, False, False], [-0.3, 0.0, NAN])
    assert scores[2] < min(scores[:2])


def test_of_its_own_source_what_resembles_everything_falls() -> None:
    """Two equally similar ones of the query's source differ by their density, no others do."""
    own = _scores([0.5, 0.5], [True, True], [NAN, NAN])
    assert own[0] > own[1]
    assert sum(own) == pytest.approx(1.0)
    mixed = _scores([0.5, 0.5], [True, False], [NAN, 0.0])
    assert mixed == pytest.approx([0.5, 0.5])


def test_no_candidates_have_no_scores() -> None:
    """A catalog of one product has nothing to compare it with."""
    assert _scores([], [], []) == []
