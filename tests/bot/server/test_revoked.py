"""The app's token is revoked while jobs run: no noise, and nothing is wrongly kept or lost."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread
from typing import Any

import pytest
from sqlalchemy import func, select

from models import Base
from tests.serving import Desk, restarted
from tests.slack_server import done_later
from tests.slack_standin import TOKEN

PRINTER = "printer prints blank pages after the firmware update"
UNINSTALLED = {"type": "app_uninstalled"}
REVOKED = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": ["U0DEJA"]}}
DAY = 24 * 3600


def rows(desk: Desk) -> int:
    """Return the number of rows in all tables."""
    with desk.services.database.read() as session:
        return sum(
            session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        )


def in_work(desk: Desk, method: str, during: Callable[[], None]) -> None:
    """Run the due jobs, and do something else during the call of a method."""
    release = Event()
    fault = done_later(release)
    desk.slack.fail(method, fault)
    worker = Thread(target=desk.drain)
    worker.start()
    try:
        assert fault.begun.wait(10)
        during()
    finally:
        release.set()
        worker.join(30)
    assert not worker.is_alive()


@pytest.mark.parametrize("event", [UNINSTALLED, REVOKED])
@pytest.mark.both_databases
def test_a_purged_workspace_stores_nothing_that_arrives_later(
    desk: Desk, event: dict[str, Any]
) -> None:
    """This holds for messages, deletions, joins, clicks, commands, shortcuts and the Home tab."""
    message = desk.slack.say("C1", PRINTER)
    desk.deliver_message("C1", message)
    desk.drain()
    desk.deliver(event)
    desk.clock.advance(DAY + 1)
    desk.bot.workspaces.purge(desk.clock())
    assert rows(desk) == 0
    calls = len(desk.slack.calls)
    responses = [
        desk.deliver_message("C1", desk.slack.say("C1", PRINTER)),
        desk.delete("C1", message["ts"]),
        desk.edit("C1", message["ts"], "other words", "1795400000.000100"),
        desk.join("C1", "U7"),
        desk.react("C1", message["ts"]),
        desk.click("C1", "duplicate", "1:2"),
        desk.command("C1", f"similar {PRINTER}"),
        desk.shortcut("deja_similar", "C1", message),
        desk.deliver({"type": "app_home_opened", "user": "U2", "tab": "home"}),
        desk.deliver(event),
    ]
    assert {response.status for response in responses} == {200}
    assert rows(desk) == 0
    desk.bot.worker.request_sweep()
    desk.drain()
    assert rows(desk) == 0
    assert len(desk.slack.calls) == calls


@pytest.mark.parametrize("event", [UNINSTALLED, REVOKED])
@pytest.mark.parametrize("method", ["conversations.replies", "users.info"])
def test_a_running_job_posts_nothing_more(desk: Desk, event: dict[str, Any], method: str) -> None:
    """Neither in a thread nor in private; it waits, and does not fail."""
    desk.ticket("C1", PRINTER)
    desk.drain()
    ts = desk.ticket("C1", PRINTER)
    desk.command("C1", f"similar {PRINTER}")

    def remove() -> None:
        desk.deliver(event)
        desk.slack.calls.clear()

    in_work(desk, method, remove)
    assert desk.slack.replies("C1", ts) == []
    if method == "users.info":
        assert desk.slack.private_replies == []
    assert {name for name, _ in desk.slack.calls} <= {method}
    assert desk.jobs("failed") == []
    assert desk.services.queue.counts()["running"] == 0


@pytest.mark.parametrize("method", ["conversations.replies", "chat.postMessage"])
def test_a_running_job_is_finished_after_a_reinstallation(desk: Desk, method: str) -> None:
    """Within the grace period nothing is lost, and nothing is posted twice."""
    desk.ticket("C1", PRINTER)
    desk.drain()
    ts = desk.ticket("C1", PRINTER)

    def remove() -> None:
        desk.slack.tokens.clear()
        desk.deliver(REVOKED)

    in_work(desk, method, remove)
    assert desk.jobs("failed") == []
    meanwhile = desk.ticket("C1", PRINTER, user="U3")
    desk.clock.advance(3600)
    desk.slack.tokens.add(TOKEN)
    again = restarted(desk)
    again.bot.workspaces.purge(again.clock())
    again.drain()
    for thread in (ts, meanwhile):
        assert len(again.slack.replies("C1", thread)) == 1
    assert again.jobs("failed") == []


def test_a_workspace_that_returns_after_the_purge_starts_empty(desk: Desk) -> None:
    """It has nothing from before, and everything from then on."""
    desk.ticket("C1", PRINTER)
    desk.drain()
    desk.deliver(UNINSTALLED)
    desk.clock.advance(DAY + 1)
    desk.bot.workspaces.purge(desk.clock())
    again = restarted(desk)
    assert again.answers("C1", again.ticket("C1", PRINTER)) == []
    assert len(again.answers("C1", again.ticket("C1", PRINTER))) == 1
