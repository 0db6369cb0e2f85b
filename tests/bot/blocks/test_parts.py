"""Parts of messages: words, links and ages."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given

from bot.blocks.parts import link, words
from services.answers.item_view import FirstReport
from services.phrases import format_value
from tests.bot.blocks.messages import CANDIDATE, URL, answer, hostile, markup


@given(hostile)
def test_words_are_one_line_without_marks(text: str) -> None:
    """No character is left that Slack reads as a style, a link, a mention or a quote."""
    shown = words(text)
    assert "\n" not in shown
    assert not re.search(r"[<>*~`|\x00]", shown)
    assert not re.search(r"(?<![^\W_])_|_(?![^\W_])", shown)
    assert "&" not in re.sub(r"&(amp|lt|gt);", "", shown)


def test_error_codes_stay_readable() -> None:
    """An underscore inside a word stays, as it is not a style."""
    assert words("ERR_CERT_EXPIRED & co") == "ERR_CERT_EXPIRED &amp; co"


@pytest.mark.parametrize(
    "url",
    [None, "javascript:alert(1)", "https://a.example/|x", "https://a.example/>x", "https://a b",
     "https://a.example/" + "x" * 500],
)  # fmt: skip
def test_a_bad_address_makes_no_link(url: str | None) -> None:
    """An address that is not a plain web address is left out, and the title stays."""
    assert link("title", url) == "title"


def test_a_ticket_without_words_has_a_placeholder_as_title() -> None:
    """A title without a visible character is shown as (…)."""
    assert link("\u200b\x00", URL) == f"<{URL}|(…)>"


@pytest.mark.parametrize(
    ("gap", "expected"),
    [
        (timedelta(seconds=-5), "1 minute"),
        (timedelta(minutes=59), "59 minutes"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(hours=23, minutes=59), "23 hours"),
        (timedelta(days=1), "1 day"),
        (timedelta(days=7), "1 week"),
        (timedelta(days=29), "4 weeks"),
        (timedelta(days=30), "1 month"),
        (timedelta(days=364), "12 months"),
        (timedelta(days=800), "2 years"),
    ],
)
def test_an_age_has_one_number_and_one_unit(gap: timedelta, expected: str) -> None:
    """The unit is the largest that fits."""
    assert format_value(gap) == expected


@pytest.mark.parametrize(
    ("own", "of_first", "shown"),
    [
        ("open", "resolved", "resolved"),
        ("open", "waiting", "open"),
        ("Done", "open", "done"),
        ("waiting", "Closed", "closed"),
    ],
)
def test_a_report_of_a_solved_issue_is_not_called_open(own: str, of_first: str, shown: str) -> None:
    """ "Answered before?" beside "open" would contradict itself: the first report tells."""
    root = FirstReport(1, "blank pages everywhere", URL, of_first, None)
    text = markup(answer(replace(CANDIDATE, status=own, root=root, group_size=2)).blocks)
    assert f"of the same issue · {shown} ·" in text.lower()


def test_a_probability_is_shown_where_there_is_one() -> None:
    """A probability is in whole percent and at most 99; the number of reports follows."""
    text = markup(answer(replace(CANDIDATE, probability=0.9999, group_size=4)).blocks)
    assert "99% likely the same · one of 4 reports of the same issue · resolved · 3 weeks" in text
    assert "similar" not in text


def test_a_probability_that_denies_the_heading_is_not_shown() -> None:
    """Verdicts of one kind teach that nothing is likely; what is similar may still be unlikely."""
    text = markup(answer(replace(CANDIDATE, probability=0.04)).blocks)
    assert "likely the same" not in text
    assert "very similar · resolved" in text
    text = markup(answer(replace(CANDIDATE, probability=0.04, band="similar")).blocks)
    assert "4% likely the same · resolved" in text
