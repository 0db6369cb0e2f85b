"""What is decided at the command line is what Slack shows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from click.testing import Result
from sqlalchemy import select

from bot.cli.decisions.review_run import Review
from bot.clock import utc_now
from bot.jobs.decisions import PairDecision, decide_outside_slack
from models import Item
from services.answers.review_queue import ReviewRequest, load_queue
from services.channels.audience import whole_workspace
from tests.serving import Desk

CommandLine = Callable[..., Result]
PRINTER = "printer prints blank pages after the firmware update"


def _work(desk: Desk) -> str:
    """Do the work that is due by the real time; return what the cards say."""
    desk.clock.now = utc_now() + timedelta(minutes=1)
    desk.drain()
    return str(desk.slack.posted())


def _repeated(desk: Desk, *users: str) -> list[int]:
    """Post tickets alike, whose second one has a card; return their ids."""
    for user in users:
        desk.ticket("C1", PRINTER, user=user)
        desk.drain()
    with desk.services.database.read() as session:
        return list(session.scalars(select(Item.id).order_by(Item.id)))


def test_keys_of_the_review_update_the_card(desk: Desk) -> None:
    """The card shows who decided, until the decision is undone."""
    _repeated(desk, "U3", "U4", "U5")
    undecided, decided = _work(desk), list[str]()

    def keys() -> Iterator[str]:
        yield "s"
        decided.append(_work(desk))
        yield "u"
        yield "q"

    workspace_id, read = desk.workspace_id, keys()
    with desk.services.database.read() as session:
        request = ReviewRequest("ticket", limit=2)
        queue = load_queue(session, desk.services.judge, whole_workspace(workspace_id), request)
    Review(desk.services, workspace_id, "ticket", "ann", queue, 2).run(lambda: next(read))
    assert "ann" in decided[0]
    assert "ann" not in undecided
    assert _work(desk) == undecided


@pytest.mark.both_databases
def test_undoing_a_verdict_updates_the_card(desk: Desk, command_line: CommandLine) -> None:
    """`deja verdicts undo` takes the decision of somebody off the card, too."""
    first, second = _repeated(desk, "U3", "U4")
    undecided = _work(desk)
    with desk.services.database.write() as session:
        names = [str(session.get_one(Item, one).external_id) for one in (first, second)]
        decision = PairDecision(desk.workspace_id, (first, second), "duplicate", "U2", utc_now())
        decide_outside_slack(session, decision, place="test")
    assert _work(desk) != undecided
    done = command_line("verdicts", "undo", *names)
    assert done.exit_code == 0, done.output
    assert _work(desk) == undecided
    assert command_line("verdicts", "undo", *names).exit_code == 1


@pytest.mark.both_databases
def test_imported_verdicts_update_the_cards(desk: Desk, command_line: CommandLine) -> None:
    """Also where a verdict of the file replaces an earlier one, and not where nothing changes."""
    first, second = _repeated(desk, "U3", "U4")
    undecided = _work(desk)
    with desk.services.database.read() as session:
        names = [str(session.get_one(Item, one).external_id) for one in (first, second)]
    seen = [undecided]
    for verdict in ("duplicate", "distinct", "distinct"):
        line = {"a": names[0], "b": names[1], "verdict": verdict, "by": "Ann, who has left"}
        done = command_line("verdicts", "import", "-", stdin=json.dumps(line))
        assert done.exit_code == 0, done.output
        seen.append(_work(desk))
    assert "Ann, who has left" in seen[1]
    assert seen[1] != seen[2] == seen[3]
