"""Addresses that a token may be sent to, and how long to wait."""

from __future__ import annotations

import pytest

from services.errors import InputError
from services.sources.api import asked_wait, check_address


@pytest.mark.parametrize(
    ("address", "checked"),
    [
        ("https://api.github.com/", "https://api.github.com"),
        (" https://ghe.acme.example/api/v3 ", "https://ghe.acme.example/api/v3"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://localhost:8080/", "http://localhost:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_addresses(address: str, checked: str) -> None:
    """Https anywhere, http on this machine."""
    assert check_address(address) == checked


@pytest.mark.parametrize(
    "address",
    [
        "http://api.github.com",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "http://10.0.0.1",
        "ftp://api.github.com",
        "api.github.com",
        "https://",
        "https://user:password@api.github.com",
        "https://api.github.com/?a=b",
        "https://api.github.com/#a",
        "https://api.github.com:port",
        "",
        "\0",
        "https://\ud800",
        "https://xn--é",
        "http://999999xn--",
    ],
)
def test_other_addresses_are_refused(address: str) -> None:
    """In plain text a token can be read on the way."""
    with pytest.raises(InputError):
        check_address(address)


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, None),
        ({"retry-after": "5"}, 5.0),
        ({"retry-after": "0"}, 1.0),
        ({"retry-after": "9" * 30}, 21_600.0),
        ({"retry-after": "Thu, 01 Jan 1970 00:02:00 GMT"}, 20.0),
        ({"retry-after": "Thu, 01 Jan 1970 00:00:00 GMT"}, 1.0),
        ({"retry-after": "soon"}, 60.0),
        ({"retry-after": "-5"}, 60.0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "130"}, 30.0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "soon"}, 60.0),
        ({"x-ratelimit-remaining": "0"}, 60.0),
        # The clock of the program is five minutes behind, or says what is no date.
        (
            {
                "retry-after": "Thu, 01 Jan 1970 00:01:00 GMT",
                "date": "Thu, 01 Jan 1970 00:00:30 GMT",
            },
            30.0,
        ),
        ({"retry-after": "Thu, 01 Jan 1970 00:02:00 GMT", "date": "now"}, 20.0),
        (
            {
                "x-ratelimit-remaining": "0",
                "x-ratelimit-reset": "100",
                "date": "Thu, 01 Jan 1970 00:00:10 GMT",
            },
            90.0,
        ),
        ({"x-ratelimit-remaining": "7", "x-ratelimit-reset": "130"}, None),
    ],
)
def test_how_long_to_wait(headers: dict[str, str], wait: float | None) -> None:
    """As the answer says, within bounds, whatever is written there."""
    assert asked_wait(headers, 100.0) == wait
