"""Jira's issues are read whole, whatever happens between two pages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from services.errors import SourceBusyError, SourceError
from services.sources.api import Api
from services.sources.api_records import items_of
from services.sources.jira import Jira
from tests.conftest import NOW
from tests.trackers.jira import SIGN_IN, TOKEN, JiraStandIn, document
from tests.trackers.reader import Reader
from tests.trackers.server import Reply, serving

ANSWER = "Roll the firmware back to 2.1."


@pytest.fixture
def jira() -> Iterator[JiraStandIn]:
    """Run the stand-in."""
    tracker = JiraStandIn()
    with serving(tracker):
        yield tracker


@pytest.fixture
def reader(jira: JiraStandIn) -> Iterator[Reader]:
    """Connect to the stand-in."""
    api = Api("Jira", jira.address, {"Authorization": SIGN_IN}, "DEJA_JIRA_TOKEN")
    connector = Jira(api, ("HELP",))
    yield Reader(connector, "key")
    connector.close()


def pass_time(jira: JiraStandIn, minutes: float) -> None:
    """Let time pass."""
    jira.now += timedelta(minutes=minutes)


def test_all_issues_are_read_and_then_only_changes(jira: JiraStandIn, reader: Reader) -> None:
    """Over several pages; the second round asks for the last minutes, in any time zone."""
    jira.page = 2
    for number in range(1, 8):
        jira.open(f"HELP-{number}", minutes=-number * 100)
    assert reader.round() == 4
    assert len(reader.stored) == 7
    pass_time(jira, 5)
    jira.open("HELP-8")
    jira.calls.clear()
    assert reader.round() == 1
    assert "HELP-8" in reader.stored
    assert jira.calls[-1].json["jql"] == (
        'project in ("HELP") AND updated >= "-21m" ORDER BY updated ASC, key ASC'
    )
    assert reader.connector.check() == f"HELP on {jira.address} as Ana"


def test_the_time_is_that_of_jira(jira: JiraStandIn, reader: Reader) -> None:
    """A place of a clock that was ahead, or was set back since, leaves no issue out."""
    jira.open("HELP-1", minutes=-300)
    reader.cursor = {"since": (NOW + timedelta(hours=1)).isoformat()}
    reader.round()
    assert list(reader.stored) == ["HELP-1"]
    assert datetime.fromisoformat(reader.cursor["since"]) == NOW
    jira.fail(Reply(200, {"serverTime": None}), "serverInfo")
    with pytest.raises(SourceError, match="what time it is"):
        reader.round()


def test_what_is_edited_between_pages_is_read_in_the_next_round(
    jira: JiraStandIn, reader: Reader
) -> None:
    """And what that edit pushed out of sight is found by the walk."""
    jira.page = 2
    for number in range(1, 7):
        jira.open(f"HELP-{number}", minutes=number - 3000)

    def edit() -> None:
        jira.after_search = None
        jira.issues["HELP-1"] |= {"summary": "edited", "updated": jira.time(0)}

    jira.after_search = edit
    reader.round()
    pass_time(jira, 5)
    reader.round()
    assert reader.stored["HELP-1"]["fields"]["summary"] == "edited"


def test_an_answer_of_a_closed_issue(jira: JiraStandIn, reader: Reader) -> None:
    """Of more comments than a search shows; a state of the team's own is known by its category."""
    jira.open("HELP-1", "Printer prints blank pages")
    jira.comments["HELP-1"] = [
        {"body": document(f"any update? {n}"), "created": jira.time(n), "author": {}}
        for n in range(5)
    ]
    jira.close_with("HELP-1", ANSWER, 9, state="Ausgeliefert")
    reader.round()
    found = items_of(reader.connector.layout, "jira/x", list(reader.stored.values()), NOW)
    assert found.refused == []
    [item] = found.items
    assert (item.external_id, item.status, item.resolution) == ("HELP-1", "resolved", ANSWER)
    assert item.url == f"{jira.address.replace('http:', 'https:')}/browse/HELP-1"
    assert (item.author, item.text) == ("Ana", "since the firmware update all pages are blank")


def test_an_issue_with_a_security_level_is_withheld(jira: JiraStandIn, reader: Reader) -> None:
    """And a comment that only a group reads answers nothing."""
    jira.open("HELP-1", security={"id": "10", "name": "Board", "description": ""})
    jira.open("HELP-2", security=None)
    jira.close_with("HELP-2", ANSWER, 9)
    jira.comments["HELP-2"][0]["visibility"] = {"type": "role", "value": "Administrators"}
    reader.round()
    found = items_of(reader.connector.layout, "jira/x", list(reader.stored.values()), NOW)
    assert [(one.external_id, one.resolution) for one in found.items] == [("HELP-2", None)]
    assert [one.external_id for one in found.withheld] == ["HELP-1"]


def test_deleted_and_moved_issues_are_gone(jira: JiraStandIn, reader: Reader) -> None:
    """The walk asks for the stored ones; what moved away has another key now."""
    for number in range(1, 6):
        jira.open(f"HELP-{number}")
    reader.round()
    del jira.issues["HELP-2"]
    jira.issues["OPS-1"] = jira.issues.pop("HELP-4")
    jira.moved["HELP-4"] = "OPS-1"
    jira.projects.add("OPS")
    assert sorted(reader.walk().gone) == ["HELP-2", "HELP-4"]
    assert sorted(reader.stored) == ["HELP-1", "HELP-3", "HELP-5"]


def test_the_walk_goes_on_after_an_issue_that_is_gone(jira: JiraStandIn, reader: Reader) -> None:
    """It does not begin again where the last one of a hundred was deleted."""
    for number in range(1, 103):
        jira.open(f"HELP-{number}", minutes=number - 3000)
    reader.round()
    del jira.issues["HELP-100"]
    assert reader.walk().gone == ["HELP-100"]
    jira.calls.clear()
    reader.walk()
    assert jira.calls[0].json["issueIdsOrKeys"] == ["HELP-101", "HELP-102"]


def test_a_project_that_cannot_be_read_loses_no_tickets(jira: JiraStandIn, reader: Reader) -> None:
    """That is an error, not a deletion."""
    jira.open("HELP-1")
    reader.round()
    jira.projects.clear()
    with pytest.raises(SourceError, match="check the name"):
        reader.walk()
    assert list(reader.stored) == ["HELP-1"]


def test_a_limit_in_the_middle_of_a_page_loses_nothing(jira: JiraStandIn, reader: Reader) -> None:
    """What was read is kept; then as long is waited as Jira asks."""
    jira.shown_comments = 0
    for key in ("HELP-1", "HELP-2", "HELP-3"):
        jira.open(key)
        jira.close_with(key, ANSWER, 1)
    jira.fail(Reply(429, headers={"Retry-After": "17"}), "/HELP-2/comment")
    page = reader.take(reader.connector.read(reader.cursor, reader))
    assert (list(reader.stored), page.wait, page.is_last) == (["HELP-1"], 17.0, False)
    reader.round()
    assert len(reader.stored) == 3


def test_a_page_whose_token_has_expired(jira: JiraStandIn, reader: Reader) -> None:
    """The round begins again."""
    jira.page = 1
    for number in (1, 2):
        jira.open(f"HELP-{number}")
    reader.take(reader.connector.read(reader.cursor, reader))
    reader.cursor = {**reader.cursor, "token": "expired"}
    reader.round()
    assert sorted(reader.stored) == ["HELP-1", "HELP-2"]


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(401), SourceError),
        (Reply(403), SourceError),
        (Reply(400, {"errorMessages": ["no such project"]}), SourceError),
        (Reply(200, {"issues": [{"key": "HELP-1"}]}), SourceError),
        (Reply(200, {"issues": [{"fields": {}}]}), SourceError),
        (Reply(200, {"issues": None}), SourceError),
        (Reply(302, headers={"Location": "https://id.atlassian.com/login"}), SourceError),
        (Reply(429, headers={"Retry-After": "5"}), SourceBusyError),
        (Reply(503), SourceBusyError),
        (None, SourceBusyError),
    ],
)
def test_errors_are_told_without_the_token(
    jira: JiraStandIn, reader: Reader, reply: Reply | None, error: type[Exception]
) -> None:
    """What passes is waited for; the rest is one line."""
    jira.fail(reply)
    with pytest.raises(error) as caught:
        reader.round()
    assert TOKEN not in str(caught.value)
    assert SIGN_IN not in str(caught.value)


def test_a_duplicate_is_noted_and_linked_and_that_is_undone(
    jira: JiraStandIn, reader: Reader
) -> None:
    """The inward end duplicates the outward one; what Déjà wrote is no answer."""
    jira.open("HELP-1")
    jira.open("HELP-2")
    connector = reader.connector
    link = connector.link("HELP-2", "HELP-1")
    assert link == "1"
    ends = (jira.links["1"]["inwardIssue"]["key"], jira.links["1"]["outwardIssue"]["key"])
    assert ends == ("HELP-2", "HELP-1")
    assert connector.link("HELP-2", "HELP-1") is None  # it is there, whoever made it
    assert connector.find_note("HELP-2", "deja-7") is None
    note = connector.note("HELP-2", "Déjà: the same as https://x.example (deja-7).")
    assert connector.find_note("HELP-2", "deja-7") == note
    reader.round()
    assert reader.stored["HELP-2"]["fields"]["comment"]["comments"] == []
    connector.remove_note("HELP-2", note, "")
    connector.unlink(link)
    assert (jira.comments["HELP-2"], jira.links) == ([], {})
