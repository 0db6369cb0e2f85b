"""The Home tab: issues that a person may read, and for administrators Déjà's status."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from models import Item
from services.judgement.cut import MIN_VERDICTS
from tests.bot.tasks import resolutions
from tests.bot.tasks.rises import run_due_jobs, store_rise
from tests.bot.tasks.test_outcomes import solve
from tests.conftest import NOW
from tests.serving import Desk, buttons

PRINTER = "printer prints blank pages after the firmware update"
SCANNER = "scanner makes grinding noises when it wakes up"


def home(desk: Desk, user: str = "U2") -> str:
    """Open a person's Home tab, and return what it shows."""
    desk.deliver({"type": "app_home_opened", "user": user, "tab": "home"})
    desk.drain()
    return json.dumps(desk.slack.views[f"home-{user}"], ensure_ascii=False)


def admin_home(desk: Desk, user: str = "UADMIN") -> str:
    """Press the button that shows administrators how Déjà is doing; return what it shows."""
    home(desk, user)
    desk.press(f"home-{user}", "home_admin", "admin", user)
    desk.drain()
    return json.dumps(desk.slack.views[f"home-{user}"], ensure_ascii=False)


def report_issue(desk: Desk, channel: str, text: str, times: int) -> None:
    """Report an issue several times, each confirmed to be the same as the first."""
    desk.ticket(channel, text)
    for _ in range(times - 1):
        [answer] = desk.answers(channel, desk.ticket(channel, text))
        desk.click(channel, "duplicate", buttons(answer)["duplicate"])
        desk.drain()


def test_an_empty_home_tab_explains_itself(desk: Desk) -> None:
    """Before there are tickets, the tab says what will be there."""
    found = home(desk)
    assert "0 tickets" in found
    assert "the most reported issues appear here" in found
    assert "/deja similar" in found
    assert "For administrators" not in found


@pytest.mark.both_databases
def test_the_most_reported_issues_come_first(desk: Desk) -> None:
    """Open issues are sorted by reports, and solved ones listed separately."""
    report_issue(desk, "C1", PRINTER, 2)
    report_issue(desk, "C1", SCANNER, 3)
    found = home(desk)
    assert found.index(SCANNER) < found.index(PRINTER)
    assert "3 reports" in found
    assert "Most reported, solved" not in found
    desk.react("C1", next(iter(desk.slack._messages["C1"])))
    found = home(desk)
    assert found.index("Most reported, solved") < found.index(PRINTER)


@pytest.mark.parametrize(("user", "sees"), [("U2", False), ("UIN", True)])
def test_private_issues_are_shown_to_members_only(desk: Desk, user: str, sees: bool) -> None:
    """Titles, numbers and channel names are shown only to who may read them."""
    desk.slack.add_channel("G1", is_private=True, members=["UIN"])
    desk.slack.users[user] = {"is_admin": True}
    report_issue(desk, "G1", PRINTER, 3)
    found = home(desk, user)
    assert (PRINTER in found) is sees
    assert ("3 reports" in found) is sees
    assert ("remembers 0 tickets" in found) is not sees
    assert ("#g1" in admin_home(desk, user)) is sees


def test_administrators_see_the_status(desk: Desk) -> None:
    """The status has the judge, open decisions, channels with their modes, and failed jobs."""
    desk.slack.users["UADMIN"] = {"is_admin": True}
    desk.ticket("C1", PRINTER)
    desk.ticket("C1", PRINTER)
    desk.drain()
    assert "Nothing learned yet" not in home(desk, "UADMIN")
    found = admin_home(desk)
    assert "Nothing learned yet" in found
    assert f"Learning starts after {MIN_VERDICTS} more decisions" in found
    assert "Waiting for a decision" in found
    assert "#c1 · Full · 1 in ten may be wrong" in found
    assert "0 failed" in found


def test_only_administrators_see_their_view(desk: Desk) -> None:
    """A forged click of somebody else shows them the tickets; an administrator switches."""
    desk.slack.users["UADMIN"] = {"is_admin": True}
    report_issue(desk, "C1", PRINTER, 2)
    found = admin_home(desk, "U2")
    assert PRINTER in found
    assert "Nothing learned yet" not in found
    assert "0 failed" not in found
    assert "0 failed" in admin_home(desk)
    desk.press("home-UADMIN", "home_team", "team", "UADMIN")
    desk.drain()
    assert PRINTER in json.dumps(desk.slack.views["home-UADMIN"])
    assert "0 failed" not in json.dumps(desk.slack.views["home-UADMIN"])


def test_the_last_seven_days_are_counted(desk: Desk) -> None:
    """New tickets beside those of the seven days before, and topics asked more than usual."""
    store_rise(desk, topic_alerts=True)
    run_due_jobs(desk, NOW)
    found = home(desk)
    assert "In the last seven days" in found
    assert "• 9 new tickets, 0 in the seven days before" in found
    assert "• 0 tickets solved" in found
    assert "Asked more than usual: *" in found
    assert ", 9 times, usually " in found
    with desk.services.database.write() as session:
        solved, gone = session.scalars(select(Item).order_by(Item.reported_at.desc()).limit(2))
        solved.status, solved.resolved_at = "resolved", NOW
        gone.deleted_at = NOW
    found = home(desk)
    assert "• 8 new tickets" in found
    assert "• 1 ticket solved" in found
    desk.slack.users["UGUEST"] = {"is_restricted": True}
    found = home(desk, "UGUEST")
    assert "• 0 new tickets" in found
    assert "Asked more than usual" not in found


def test_answers_that_helped_are_shown_to_readers_only(desk: Desk) -> None:
    """An answer that worked for another report of its issue."""
    root = desk.ticket("C1", resolutions.PRINTER)
    desk.drain()
    report = desk.ticket("C1", resolutions.PRINTER)
    [answer] = desk.answers("C1", report)
    desk.click("C1", "duplicate", buttons(answer)["duplicate"])
    solve(desk, root)
    notice = next(m for m in desk.slack.replies("C1", report) if "told_works" in buttons(m))
    desk.click("C1", "told_works", buttons(notice)["told_works"])
    found = home(desk)
    assert "Answers that helped" in found
    assert resolutions.ANSWER in found
    assert "worked for 1 other ticket" in found
    assert "• 2 tickets solved" in found
    desk.slack.users["UGUEST"] = {"is_restricted": True}
    assert resolutions.ANSWER not in home(desk, "UGUEST")


def test_the_messages_tab_gets_no_view(desk: Desk) -> None:
    """Only the Home tab is published."""
    desk.deliver({"type": "app_home_opened", "user": "U2", "tab": "messages"})
    desk.drain()
    assert desk.slack.views == {}


def test_a_hundred_channels_fit(desk: Desk) -> None:
    """The list is shortened, and says how many channels are left out."""
    desk.slack.users["UADMIN"] = {"is_admin": True}
    for number in range(100):
        desk.slack.add_channel(f"C1{number}", name=f"channel-with-a-rather-long-name-{number}" * 2)
    desk.bot.worker.request_sweep()
    desk.drain()
    assert "and 81 more" in admin_home(desk)
