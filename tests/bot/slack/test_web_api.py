"""Results in pages: slack_sdk reads them, and errors of any page are translated."""

from __future__ import annotations

import pytest

from bot.slack.client import Slack
from bot.slack.web_api import PAGE_SIZE
from services.errors import RetryLaterError, UnavailableError
from tests.serving import Desk
from tests.slack_server import broken, dropped, rate_limited

MEMBERS = [f"U{number:04}" for number in range(2 * PAGE_SIZE + 1)]


@pytest.fixture
def web_api(desk: Desk) -> Slack:
    """Give the Slack client of a bot in a channel whose members fill three pages."""
    desk.slack.add_channel("CBIG", members=MEMBERS)
    return desk.tasks.slack


def test_all_pages_are_read(desk: Desk, web_api: Slack) -> None:
    """Each page is one call."""
    assert list(web_api.members("CBIG")) == MEMBERS
    assert desk.slack.count("conversations.members") == 3


def test_errors_of_a_later_page_are_translated(desk: Desk, web_api: Slack) -> None:
    """A rate limit postpones the job, and a broken response is an outage."""
    for fault, error in (
        (rate_limited(30), RetryLaterError),
        (broken(), UnavailableError),
        (dropped(), UnavailableError),
    ):
        members = web_api.members("CBIG")
        next(members)
        desk.slack.fail("conversations.members", fault)
        with pytest.raises(error):
            list(members)


def test_an_uninstalled_app_reads_no_more_pages(web_api: Slack) -> None:
    """The next page is not requested once the app is uninstalled."""
    members = web_api.members("CBIG")
    next(members)
    web_api.uninstalled.set()
    with pytest.raises(RetryLaterError):
        list(members)
