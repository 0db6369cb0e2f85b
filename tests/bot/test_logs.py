"""Log lines: one JSON object each, joined by the request that they are about."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from io import StringIO

import pytest

from bot.logs import MAX_NAMED, log_handler, request_context
from tests.serving import Desk
from tests.slack_server import Fault

PRINTER = "printer prints blank pages after the firmware update"


@pytest.fixture
def log() -> Iterator[StringIO]:
    """Give what the bot logs as JSON."""
    written, logger = StringIO(), logging.getLogger("bot")
    handler, level = log_handler(written, "json"), logger.level
    logger.addHandler(handler)
    logger.setLevel("INFO")
    yield written
    logger.removeHandler(handler)
    logger.setLevel(level)


def _lines(log: StringIO) -> list[dict[str, str]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_a_request_can_be_followed_to_its_answer(desk: Desk, log: StringIO) -> None:
    """The line about the posted answer has the id of the event that caused it."""
    for _ in range(2):
        desk.ticket("C1", PRINTER)
        desk.drain()
    lines = _lines(log)
    stored = [line["request_id"] for line in lines if line["message"].startswith("stored")]
    posted = [line["request_id"] for line in lines if line["message"].startswith("posted")]
    assert len(set(stored)) == 2
    assert posted == stored[1:]


def test_no_line_holds_message_text(desk: Desk, log: StringIO) -> None:
    """Not even when a job fails, nor does it lose what it was about."""
    desk.ticket("C1", PRINTER)
    desk.ticket("C1", PRINTER)
    desk.slack.fail("chat.postMessage", Fault(status=500))
    desk.drain()
    assert "printer" not in log.getvalue()
    assert all("request_id" in line for line in _lines(log))


def test_lines_outside_a_request_have_no_id(log: StringIO) -> None:
    """Nor have those about more requests than can be read."""
    logger = logging.getLogger("bot.test")
    logger.info("outside")
    with request_context(["answer:1:Ev1", "answer:2:Ev2", "judge:3:Ev1"]):
        logger.info("of two")
    with request_context([f"Ev{number}" for number in range(MAX_NAMED + 1)]):
        logger.info("of many")
    logger.info("outside again")
    assert [line.get("request_id") for line in _lines(log)] == [None, "Ev1 Ev2", None, None]
