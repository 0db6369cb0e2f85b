"""Numbers with their units, in the spellings of catalogs and of people who type."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.text.comparing.measures import measures, terms_of_kind, typed_terms
from services.text.comparing.terms import MAX_TERM_LENGTH, terms
from services.text.comparing.units import ONLY_UNSPACED, UNIT_OF


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
        ("5-10 kg, 5 bis 10 kg", ["5kg", "10kg"] * 2),
        (
            "iPod 5 - 16 GB, 2005-10 kg, Windows 7-64 bit, PS-350-500 GB",
            ["16gb", "10kg", "64bit", "500gb"],
        ),
        (
            "100-240V 100–240 V AC 110/220V 12/24 V",
            ["100v", "240v", "100v", "240v", "110v", "220v", "12v", "24v"],
        ),
        ('½ inch, 1½ inch, 1 ½" and 1/2-3/4 in', ["1_2in", "1_1_2in", "1_1_2in", "1_2in", "3_4in"]),
        ("16 GB/s 16GB/sec 16 Gbit/s", ["16gb_s", "16gb_s", "16gbps"]),
        ("5 g/h, 3 kWh/year", []),
        ("500GB/7200rpm 4GB/DDR3", ["500gb", "7200rpm", "4gb"]),
        ("12VDC 12 V DC 230vac", ["12v", "12v", "230v"]),
        ("5 km 5 Kilometer", ["5km"] * 2),
        ("10 m² 10 m2 10 qm 120 sq ft 2 m³", ["10m2"] * 3 + ["120ft2", "2m3"]),
        ("4,7µF 4.7 μF 47kΩ 8 Ohm", ["4.7uf", "4.7uf", "47kohm", "8ohm"]),
        ("20°C 20 ℃ 20ºC 20 Grad Celsius", ["20degc"] * 4),
        ("-20 °C, −20 bis -5 °C", ["_20degc", "_20degc", "_5degc"]),
        ("10 x 20 x 30 cm, 10x20cm", ["10cm", "20cm", "30cm", "10cm", "20cm"]),
        ("2 x 4 GB", ["4gb"]),
        ("10 000 mAh, iPhone 5 128 GB", ["10000mah", "128gb"]),
        (".5 L 0.5l", ["0.5l"] * 2),
        ('say "24" twice', []),
        ("12 fl. oz. 12 floz", ["12floz"] * 2),
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


SPELLINGS = sorted(UNIT_OF)
AMOUNTS = st.integers(1, 9_999) | st.decimals(0, 99, places=1).map(lambda one: one.normalize())


@given(AMOUNTS, st.sampled_from(SPELLINGS), st.sampled_from(["", " ", "-"]))
def test_a_number_keeps_its_unit_in_every_spelling(amount: object, spelled: str, gap: str) -> None:
    """Other spellings of a unit give the same term; a word of English is a unit without a space."""
    text = f"{amount:f}{gap}{spelled}"
    is_word = gap == " " and spelled in ONLY_UNSPACED and isinstance(amount, int)
    assert measures(f"x {text}, y") == (
        [] if is_word else [f"{amount:f}".removesuffix(".000000") + UNIT_OF[spelled]]
    )


@given(st.integers(1, 999), st.integers(1, 999), st.sampled_from(["v", "gb", "kg", "mm", "%"]))
def test_a_larger_number_is_not_the_end_of_another(low: int, high: int, unit: str) -> None:
    """Of a range both ends are found, whole, and nothing else."""
    found = measures(f"{low}-{high}{unit}")
    end = "pct" if unit == "%" else unit
    assert found == ([f"{low}{end}"] if low < high else []) + [f"{high}{end}"]


@given(
    st.integers(1, 9_999), st.sampled_from(SPELLINGS), st.sampled_from(["s", "min", "h", "year"])
)
def test_an_amount_for_each_hour_is_not_the_amount(amount: int, spelled: str, per: str) -> None:
    """16 GB/s is not 16 GB."""
    assert f"{amount}{UNIT_OF[spelled]}" not in measures(f"{amount} {spelled}/{per}")


def test_a_long_run_of_figures_takes_no_time() -> None:
    """A log of numbers is read once, not once for each of its figures."""
    assert measures("1." * 50_000) == []
    assert measures("1" * 50_000 + " w") == []
