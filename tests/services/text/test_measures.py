"""Numbers with their units, in the spellings of catalogs and of people who type."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.text.measures import measures, terms_of_kind, typed_terms
from services.text.terms import MAX_TERM_LENGTH, terms


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("14 watt, 14-Watt, 14W, 14 vatios", ["14w"] * 4),
        ("150 W", ["150w"]),
        ("5 GB / 5GB/50gb", ["5gb", "5gb", "50gb"]),
        ("2,4 GHz 2.40ghz", ["2.4ghz"] * 2),
        ("1.5 l 1,5L 1.50 Liter 1,5 litros", ["1.5l"] * 4),
        ("1,000 W 1.000 Watt 1000w", ["1000w"] * 3),
        ("10000 mAh", ["10000mah"]),
        ("2x4gb", ["4gb"]),
        ('24" 24 Zoll 24-inch 24″ 24 pulgadas', ["24in"] * 5),
        ('1-1/2" and 1/2-inch', ["1_1_2in", "1_2in"]),
        ("5-10 kg", ["10kg"]),
        ("３００㎏", ["300kg"]),
        ("9 kilos, 9 Kilogramm", ["9kg"] * 2),
        ("2 in 1, 1 a day", []),
        ("version 2.4.1 of 2026-11-28", []),
        ("E14 w14 PS-LX350H 4711", []),
        ("14 wattle, 5 geese", []),
    ],
)
def test_measures(text: str, expected: list[str]) -> None:
    """One spelling for each number and unit; words and codes are none."""
    assert measures(text) == expected


def test_products_have_their_measures_beside_their_terms() -> None:
    """A catalog is found by either; what is written as one term already is not said twice."""
    assert terms_of_kind("LED 14 Watt", "product") == ["led", "14", "watt", "14w"]
    assert terms_of_kind("LED 14W", "product") == ["led", "14w"]
    assert terms_of_kind("LED 14 Watt", "ticket") == ["led", "14", "watt"]


def test_who_types_a_measure_looks_for_nothing_less() -> None:
    """Neither for 14 of anything, nor for whatever has watts."""
    assert typed_terms("14-watt bulb", "product") == ["bulb", "14w"]
    assert typed_terms("2 in 1 PS-LX350H", "product") == terms("2 in 1 PS-LX350H")
    assert typed_terms("14-watt bulb", "ticket") == terms("14-watt bulb")


@given(st.text() | st.from_regex(r"[0-9.,/ -]{1,80}(w|gb|\"|in)", fullmatch=True))
def test_any_text_has_measures_that_a_database_can_keep(text: str) -> None:
    """They are made of what terms are made of: no query syntax, no spaces, not too long."""
    for measure in [
        *measures(text),
        *typed_terms(text, "product"),
        *terms_of_kind(text, "product"),
    ]:
        assert 0 < len(measure) <= MAX_TERM_LENGTH
        assert not set(measure) & set(" \t\n'\"\\\0/+-")


def test_a_long_run_of_figures_takes_no_time() -> None:
    """A log of numbers is read once, not once for each of its figures."""
    assert measures("1." * 50_000) == []
    assert measures("1" * 50_000 + " w") == []
