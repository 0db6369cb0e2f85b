"""Issues are opened in each tracker with what it asks for, and found again by their reference."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import timedelta

import pytest

from services.errors import SourceError
from services.sources.api import Api
from services.sources.connector import Connector
from services.sources.github import GitHub
from services.sources.jira import Jira
from services.sources.new_issues import IssueWriter, NewIssue, issue_writer
from services.sources.zendesk import AccessTokens, Zendesk
from tests.conftest import NOW
from tests.trackers.github import REPOSITORY, GitHubStandIn
from tests.trackers.jira import SIGN_IN, JiraStandIn
from tests.trackers.server import Reply, serving
from tests.trackers.zendesk import CLIENT, SECRET, ZendeskStandIn

SINCE = NOW - timedelta(minutes=5)
ISSUE = NewIssue("HELP", "Blank pages", "blank\n\nDéjà: from Slack (deja-V1)", "(deja-V1)")
OTHER = NewIssue("HELP", "Other", "…\n\nDéjà: from Slack (deja-V12)", "(deja-V12)")

StandIn = GitHubStandIn | JiraStandIn | ZendeskStandIn


def open_writer(stack: ExitStack, tracker: StandIn) -> IssueWriter:
    """Let a stand-in listen, and return what opens issues there."""
    stack.enter_context(serving(tracker))
    connector: Connector
    if isinstance(tracker, GitHubStandIn):
        connector = GitHub(Api("GitHub", tracker.address, {}, "token"), REPOSITORY)
        site = REPOSITORY
    elif isinstance(tracker, JiraStandIn):
        headers = {"Authorization": SIGN_IN}
        api = Api("Jira", tracker.address, headers, "token")
        connector, site = Jira(api, ("HELP",)), "acme.atlassian.net"
    else:
        api = Api("Zendesk", tracker.address, {}, "client")
        connector, site = Zendesk(api, AccessTokens(CLIENT, SECRET)), "acme"
    stack.enter_context(closing(connector))
    return issue_writer(connector, site)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """Close what was opened."""
    with ExitStack() as opened:
        yield opened


@pytest.mark.parametrize(
    ("tracker", "id_", "url"),
    [
        (GitHubStandIn(is_public=True, page=1), "1", f"https://github.com/{REPOSITORY}/issues/1"),
        (JiraStandIn(page=1), "HELP-1", "https://acme.atlassian.net/browse/HELP-1"),
        (ZendeskStandIn(), "1", "https://acme.zendesk.com/agent/tickets/1"),
    ],
    ids=["github", "jira", "zendesk"],
)
def test_an_issue_is_opened_and_found_again(
    stack: ExitStack,
    tracker: StandIn,
    id_: str,
    url: str,
) -> None:
    """Among others, whose references begin with the same letters."""
    writer = open_writer(stack, tracker)
    assert writer.find(ISSUE, SINCE, NOW) is None
    opened = writer.open(ISSUE)
    assert (opened.id, opened.url) == (id_, url)
    writer.open(OTHER)
    assert writer.find(ISSUE, SINCE, NOW) == opened
    found = writer.find(OTHER, SINCE, NOW)
    assert found is not None
    assert found.id != id_


def test_the_usual_type_of_a_project_is_taken(stack: ExitStack) -> None:
    """Never a sub-task, which would need a parent."""
    tracker = JiraStandIn()
    writer = open_writer(stack, tracker)
    writer.open(ISSUE)
    assert tracker.calls[-1].json["fields"]["issuetype"] == {"id": "2"}
    tracker.types = [{"id": "3", "name": "Sub-task", "subtask": True}]
    with pytest.raises(SourceError, match="HELP has no type of issue"):
        writer.open(ISSUE)
    tracker.types.append({"id": "9", "name": "Incident", "subtask": False})
    writer.open(ISSUE)
    assert tracker.calls[-1].json["fields"]["issuetype"] == {"id": "9"}


def test_customers_do_not_get_the_text(stack: ExitStack) -> None:
    """A ticket of Zendesk is opened with a note that only agents see."""
    tracker = ZendeskStandIn()
    open_writer(stack, tracker).open(ISSUE)
    [[note]] = tracker.comments.values()
    assert note["public"] is False


def test_an_issue_that_is_not_taken_is_told_so(stack: ExitStack) -> None:
    """A project may ask for more fields."""
    tracker = JiraStandIn()
    writer = open_writer(stack, tracker)
    for status in (400, 422):
        tracker.fail(Reply(status, {"errors": {}}), "/rest/api/3/issue")
        tracker.types = tracker.types[1:]
        with pytest.raises(SourceError):
            writer.open(ISSUE)
