"""Hinted patterns: they find what their patterns find, and only look where a hint is."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.text.comparing.identifiers import identifiers
from services.text.words.hinted_patterns import HintedPattern
from services.text.words.patterns import HINTED_LINK, TIMES

BY_MARK = HintedPattern(re.compile(r"\b(?:error|code) \d+"), ("error", "code"))
BY_HINT = HintedPattern(re.compile(r"\b\d+\.\d+\b"), hint=re.compile(r"\d\.\d"))
BY_EITHER = HintedPattern(re.compile(r"\bv?\d\.\d|\bname\b"), ("name",), re.compile(r"\d\.\d"))

texts = st.lists(st.sampled_from(["error ", "code", "name", " ", "v", "1", "2", ".", "no"])).map(
    "".join
)


@given(texts)
def test_they_find_what_their_patterns_find(text: str) -> None:
    """Looking for marks and hints first changes neither what is found nor what is replaced."""
    for hinted in (BY_MARK, BY_HINT, BY_EITHER):
        assert hinted.findall(text) == hinted.pattern.findall(text)
        assert hinted.sub("#", text) == hinted.pattern.sub("#", text)
        assert bool(hinted.search(text)) == bool(hinted.pattern.search(text))


times_and_links = st.lists(
    st.sampled_from(
        ["at ", "bis zum ", "hasta el ", "1", "12", "123", "1234", "12345", ":", ".", "/", "-",
         "th", "am", " min", " Uhr", " ", "http", "HTTPS", "s", "mailto", "Tel", "p", "//", "a.b"]
    ),
    max_size=8,
).map("".join)  # fmt: skip


@given(times_and_links)
def test_times_and_links_are_found_in_any_text(text: str) -> None:
    """No time has a number of five figures, and a link has a scheme's last letter and a colon."""
    for hinted in (TIMES, HINTED_LINK):
        assert hinted.sub("#", text) == hinted.pattern.sub("#", text)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("it ends with 0x80070005", {"0x80070005"}),
        ("it ends with E42", {"e42"}),
        ("it ends with e-42", {"e42"}),
        ("ora-01555 again", {"ora01555"}),
        ("sql99 and http502 and hy000", {"sql99", "http502", "hy000"}),
        ("a bsod_12 tonight", {"bsod12"}),
        ("err_conn-99 or error_77", {"errconn99", "error77"}),
        ("ERR_NAME_UNKNOWN here", {"errnameunknown"}),
        ("login_failed", {"loginfailed"}),
        ("access_denied", {"accessdenied"}),
        ("read_timeout", {"readtimeout"}),
        ("conn_refused", {"connrefused"}),
        ("conn_reset", {"connreset"}),
        ("page_error", {"pageerror"}),
        ("status code: 503", {"503"}),
        ("Fehlercode 4711", {"4711"}),
        ("Fehler nr 47", {"47"}),
        ("errno 13", {"13"}),
        ("código 12", {"12"}),
        ("exit 137", {"137"}),
        ("/var/log/a1 says error 12", {"12"}),
    ],
)
def test_each_form_of_a_code_is_found(text: str, codes: set[str]) -> None:
    """No hint hides a code."""
    assert identifiers(text).codes == codes


@pytest.mark.parametrize(
    ("text", "versions"),
    [
        ("since 2.4.1", {"2.4.1"}),
        ("since v2.4", {"2.4"}),
        ("since v 7", {"7"}),
        ("version 3", {"3"}),
        ("release 9.0", {"9"}),
        *(
            (f"on {system} 12", {"12"})
            for system in (
                "iOS", "iPadOS", "Android", "Windows", "Win", "macOS", "Ubuntu", "Debian", "Fedora",
                "Python", "Java", "PHP", "Node", "Firefox", "Chrome", "Office", "Excel",
            )
        ),
    ],
)  # fmt: skip
def test_each_form_of_a_version_is_found(text: str, versions: set[str]) -> None:
    """No hint hides a version."""
    assert identifiers(text).versions == versions


@pytest.mark.parametrize(
    "nothing",
    [
        "a%20e42%2f", "0x123456789abc", "e+0x12f", "/opt/e42/err_77", r"C:\e42\err_77", "a1:e42",
        "e20240131x", "build e42", "rev 1.2.3", "0a1b2c3d-e4f5-4a6b-8c9d-0e1f2a3b4c5d", "e42f1a9",
        "tmp_e42", "temp12", "12.10.2024", "10:30 am", "10.0.0.1",
    ],
)  # fmt: skip
def test_what_names_nothing_is_no_code(nothing: str) -> None:
    """What only looks like a code or a version is taken out."""
    found = identifiers(f"since {nothing} it hangs")
    assert not found.codes
    assert not found.versions
