"""Which replies say that an answer did not help."""

from __future__ import annotations

import pytest

from services.text.small_talk.failure_reports import says_it_failed


@pytest.mark.parametrize(
    "text",
    [
        "That didn't work :(", "That didn´t work", "That didn`t work",
        "Sadly it does not help.",
        "still broken",
        "same error, what else can I try?",
        "Geht leider nicht",
        "Das hat nicht geholfen, danke trotzdem",
        "sigue sin funcionar",
        "No funcionó",
    ],
)  # fmt: skip
def test_what_says_that_it_failed(text: str) -> None:
    """In three languages, however written."""
    assert says_it_failed(text)


@pytest.mark.parametrize(
    "text",
    [
        "That worked, thanks!",
        "hat geklappt",
        "the network is down",
        "funciona",
        "",
        f"still broken {'word ' * 25}",
    ],
)
def test_what_does_not(text: str) -> None:
    """Praise, other matters, and long stories."""
    assert not says_it_failed(text)
