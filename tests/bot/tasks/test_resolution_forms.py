"""The form that asks what solved a ticket."""

from __future__ import annotations

from sqlalchemy import update

from models import Channel
from tests.bot.tasks.resolutions import again
from tests.serving import Desk, buttons, words
from tests.slack_server import broken, dropped, rate_limited


def test_the_card_asks_what_solved_it(desk: Desk, solved: tuple[str, str]) -> None:
    """*Solved…* opens a form; what is typed is the answer of that thread's ticket."""
    answer = again(desk)
    desk.click("C1", "solved", buttons(answer)["solved"])
    [view_id] = desk.slack.views
    desk.submit(view_id, {"answer": {"value": "  Buy paper "}}, user="U4")
    desk.drain()
    found = words(again(desk))
    assert "Buy paper" in found


def test_a_form_that_is_refused_says_why(desk: Desk, solved: tuple[str, str]) -> None:
    """If others decide in the channel; whoever sent it gets a private reply."""
    answer = again(desk)
    desk.click("C1", "solved", buttons(answer)["solved"], hook=desk.slack.hook())
    with desk.services.database.write() as session:
        session.execute(update(Channel).values(deciders=["U9"]))
    [view_id] = desk.slack.views
    desk.submit(view_id, {"answer": {"value": "Buy paper"}}, user="U4")
    desk.drain()
    assert "only certain people decide" in words(desk.slack.whispers[-1])
    assert desk.item("C1", solved[0]).status == "open"


def test_a_form_that_slack_does_not_open_breaks_nothing(
    desk: Desk, solved: tuple[str, str]
) -> None:
    """Its limits and failures are logged, and the click is acknowledged."""
    answer = again(desk)
    desk.slack.fail("views.open", rate_limited(3), broken(), dropped())
    for _ in range(3):
        assert desk.click("C1", "solved", buttons(answer)["solved"]).status == 200
    assert desk.slack.views == {}
    assert desk.item("C1", solved[0]).status == "open"


def test_a_form_from_elsewhere_stores_nothing(desk: Desk, solved: tuple[str, str]) -> None:
    """A forged one, that names a ticket of another channel, is passed over."""
    desk.slack.add_channel("C2")
    answer = again(desk)
    desk.click("C1", "solved", buttons(answer)["solved"])
    [view_id] = desk.slack.views
    item_id = desk.item("C1", solved[0]).id
    desk.slack.views[view_id]["private_metadata"] = f"C2:{item_id}"
    desk.submit(view_id, {"answer": {"value": "forged"}})
    desk.drain()
    assert desk.item("C1", solved[0]).status == "open"
