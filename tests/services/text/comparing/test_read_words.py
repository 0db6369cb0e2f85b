"""What was read in two pictures, compared."""

from __future__ import annotations

import pytest

from services.text.comparing.read_words import read_the_same, says_enough

SAID = "Connection to server SRV-12 failed\nError code: 0x80070035\nCheck the network cable\nRetry"


@pytest.mark.parametrize(
    "other",
    [
        SAID,
        # Misread letters, also in the code.
        "Conection to sever SRV-12 failed\nEror code: Ox8oo70035\nCheck the network cable\nRetry",
        # A margin was cut off, through words.
        "ection to server SRV-12 failed\nor code: 0x80070035\nck the network cable",
        # Icons were taken for letters.
        f"X {SAID} OK | B",
    ],
)
def test_one_text_may_be_read_in_several_ways(other: str) -> None:
    """As far as programs misread, and no further."""
    assert read_the_same(SAID, other)
    assert read_the_same(other, SAID)


@pytest.mark.parametrize(
    "other",
    [
        SAID.replace("0x80070035", "0x80070043"),
        SAID.replace("SRV-12", "SRV-13"),
        SAID.replace("network", "printer"),
        SAID.replace("failed", "succeeded"),
        "Connection to server SRV-12 failed",
        "",
    ],
)
def test_another_dialog_of_the_same_program_is_another(other: str) -> None:
    """One word or figure makes the difference."""
    assert not read_the_same(SAID, other)
    assert not read_the_same(other, SAID)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The client is connected to the office network", "disconnected"),
        ("Update installed on your computer today", "Update not installed on your computer today"),
        ("Your account is locked until tomorrow", "Your account is unlocked until tomorrow"),
        ("Die Anmeldung wurde heute zugelassen", "Die Anmeldung wurde heute nicht zugelassen"),
    ],
)
def test_opposites_are_not_misread(one: str, other: str) -> None:
    """However few letters they differ in."""
    if len(other.split()) == 1:
        other = one.replace("connected", other)
    assert not read_the_same(one, other)


def test_few_words_say_nothing() -> None:
    """Many buttons are called OK."""
    assert not says_enough("OK | Cancel")
    assert not read_the_same("OK Cancel", "OK Cancel")
    assert says_enough(SAID)
