"""The form that asks for the solution of a ticket."""

from __future__ import annotations

from sqlalchemy import update

from models import Channel, Item
from tests.bot.tasks.resolutions import report_again
from tests.serving import Desk, buttons, words
from tests.slack_server import broken, dropped, rate_limited


def test_the_answers_button_opens_a_form(desk: Desk, answered: tuple[str, str]) -> None:
    """*Mark as solved…* opens a form, whose text is stored as the ticket's solution."""
    answer = report_again(desk)
    desk.click("C1", "solved", buttons(answer)["solved"])
    [view_id] = desk.slack.views
    desk.submit(view_id, {"answer": {"value": "  Buy paper "}}, user="U4")
    desk.drain()
    text = words(report_again(desk))
    assert "Buy paper" in text


def test_what_nobody_can_see_is_no_answer(desk: Desk, answered: tuple[str, str]) -> None:
    """The ticket is solved, as by a form without text."""
    answer = report_again(desk)
    desk.click("C1", "solved", buttons(answer)["solved"])
    [view_id] = desk.slack.views
    desk.submit(view_id, {"answer": {"value": "\u200b\u2060"}}, user="U4")
    desk.drain()
    with desk.services.database.read() as session:
        ticket = session.get_one(Item, int(buttons(answer)["solved"]))
        assert (ticket.status, ticket.resolution) == ("resolved", None)


def test_a_refused_form_is_explained_in_private(desk: Desk, answered: tuple[str, str]) -> None:
    """Who may not decide in the channel gets a private reply, and nothing is stored."""
    answer = report_again(desk)
    desk.click("C1", "solved", buttons(answer)["solved"], hook=desk.slack.hook())
    with desk.services.database.write() as session:
        session.execute(update(Channel).values(deciders=["U9"]))
    [view_id] = desk.slack.views
    desk.submit(view_id, {"answer": {"value": "Buy paper"}}, user="U4")
    desk.drain()
    assert "only certain people decide" in words(desk.slack.private_replies[-1])
    assert desk.item("C1", answered[0]).status == "open"


def test_a_form_that_slack_does_not_open_is_acknowledged(
    desk: Desk, answered: tuple[str, str]
) -> None:
    """Slack's errors are logged, and the click is acknowledged."""
    answer = report_again(desk)
    desk.slack.fail("views.open", rate_limited(3), broken(), dropped())
    for _ in range(3):
        assert desk.click("C1", "solved", buttons(answer)["solved"]).status == 200
    assert desk.slack.views == {}
    assert desk.item("C1", answered[0]).status == "open"


def test_a_forged_form_stores_nothing(desk: Desk, answered: tuple[str, str]) -> None:
    """A form that names a ticket of another channel is ignored."""
    desk.slack.add_channel("C2")
    answer = report_again(desk)
    desk.click("C1", "solved", buttons(answer)["solved"])
    [view_id] = desk.slack.views
    item_id = desk.item("C1", answered[0]).id
    desk.slack.views[view_id]["private_metadata"] = f"C2:{item_id}"
    desk.submit(view_id, {"answer": {"value": "forged"}})
    desk.drain()
    assert desk.item("C1", answered[0]).status == "open"
