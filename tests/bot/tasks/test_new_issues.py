"""*Create issue…* opens an issue once, shows it in the thread, and follows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select, update

from bot.jobs.request_kinds import IssueForm
from bot.tasks.write_backs import write_back_jobs
from models import Channel, Connection, Source, Verdict
from tests.bot.tasks.new_issues import PRINTER, Tracked, connect
from tests.serving import Desk, buttons, restarted, words
from tests.trackers.github import REPOSITORY, GitHubStandIn, at
from tests.trackers.server import Call, Reply, serving


@pytest.fixture
def tracked(desk: Desk) -> Iterator[Tracked]:
    """Connect a repository."""
    tracker = GitHubStandIn(is_public=True)
    with serving(tracker):
        connect(desk, tracker)
        yield Tracked(desk, tracker)


@pytest.mark.both_databases
def test_an_issue_is_created_shown_and_followed(tracked: Tracked) -> None:
    """From the button to the closed issue, which solves the ticket with its answer."""
    view_id = tracked.open_form()
    tracked.submit(view_id, title={"value": " Blank\npages "})
    [issue] = tracked.github.issues.values()
    assert issue["title"] == "Blank pages"
    assert issue["body"].startswith(PRINTER)
    item = tracked.desk.item("C1", tracked.ts)
    assert f"Déjà: from Slack {item.url} (deja-{view_id})" in issue["body"]
    assert f"<{issue['html_url']}|{REPOSITORY}#1> was created by <@U2>" in tracked.said()
    tracked.poll()
    tracked.github.close_with(1, "Roll the firmware back to 2.1.", at(9))
    tracked.poll()
    item = tracked.desk.item("C1", tracked.ts)
    assert (item.status, item.resolution) == ("resolved", "Roll the firmware back to 2.1.")
    assert "is closed: this ticket is solved" in tracked.said()
    assert "Roll the firmware back to 2.1." in tracked.said()
    tracked.github.open(1, updated=at(20))
    tracked.poll()
    assert tracked.desk.item("C1", tracked.ts).status == "open"
    assert "is closed" not in tracked.said()
    assert tracked.desk.jobs("failed") == []


def test_the_issue_and_the_ticket_are_the_same(tracked: Tracked) -> None:
    """Nobody is asked whether they are, and nothing more is written there about it."""
    tracked.submit(tracked.open_form())
    with tracked.desk.services.database.write() as session:
        session.execute(update(Connection).values(writes_since=tracked.desk.clock.now))
    tracked.poll()
    with tracked.desk.services.database.read() as session:
        [verdict] = session.scalars(select(Verdict))
    assert (verdict.verdict, verdict.decided_by) == ("duplicate", "U2")
    assert write_back_jobs(tracked.desk.services, tracked.desk.workspace_id) == []
    assert tracked.github.comments == {}


Lose = Callable[[Reply], Reply | None]


@pytest.mark.parametrize("lost", [lambda _: Reply(502), lambda _: None, lambda _: Reply(504)])
def test_an_error_after_the_issue_was_created_makes_no_second_one(
    tracked: Tracked, lost: Lose
) -> None:
    """It is looked for, and only opened again once the tracker would list it."""
    answer = tracked.github.answer

    def answer_and_lose(call: Call) -> Reply:
        reply = answer(call)
        return lost(reply) or Reply(503) if call.method == "POST" else reply

    tracked.github.answer = answer_and_lose  # type: ignore[method-assign]
    tracked.submit(tracked.open_form())
    assert len(tracked.github.issues) == 1
    assert [row.state for row in tracked.rows()] == ["begun"]
    tracked.github.answer = answer  # type: ignore[method-assign]
    for _ in range(4):
        tracked.desk.wait(61)
    assert len(tracked.github.issues) == 1
    assert [row.state for row in tracked.rows()] == ["done"]
    assert f"{REPOSITORY}#1> was created" in tracked.said()


def test_a_killed_bot_creates_the_issue_once(tracked: Tracked) -> None:
    """It was killed after the tracker had opened it, and the list did not have it at first."""
    desk, view_id = tracked.desk, tracked.open_form()
    answer = tracked.github.answer

    def answer_and_lose(call: Call) -> Reply:
        reply = answer(call)
        return Reply(502) if call.method == "POST" else reply

    tracked.github.answer = answer_and_lose  # type: ignore[method-assign]
    tracked.submit(view_id)
    tracked.github.answer = answer  # type: ignore[method-assign]
    hidden = tracked.github.issues.copy()
    assert len(hidden) == 1
    tracked.github.issues.clear()
    again = Tracked(restarted(desk), tracked.github, tracked.ts)
    again.desk.wait(61)
    assert tracked.github.issues == {}
    tracked.github.issues |= hidden
    for _ in range(4):
        again.desk.wait(61)
    assert len(tracked.github.issues) == 1
    assert f"{REPOSITORY}#1> was created" in again.said()


def test_a_bot_that_dies_before_it_says_so_says_so_once(tracked: Tracked) -> None:
    """The job runs again in another worker: there is one issue and one message."""
    view_id = tracked.open_form()
    tracked.submit_only(view_id)
    tracked.desk.run_and_die(IssueForm)
    tracked.desk.wait(600)
    assert len(tracked.github.issues) == 1
    assert "was created by" in tracked.said()
    tracked.desk.run_and_die(IssueForm)
    posted = [one for one in tracked.desk.answers("C1", tracked.ts) if "was created" in words(one)]
    assert len(posted) == 1


def test_what_was_never_opened_is_opened_later(tracked: Tracked) -> None:
    """The tracker was away, and then asked to wait: neither costs the issue."""
    tracked.github.fail(None, "/issues")
    tracked.submit(tracked.open_form())
    assert tracked.github.issues == {}
    tracked.github.fail(Reply(429, headers={"Retry-After": "30"}), "/issues")
    for _ in range(6):
        tracked.desk.wait(61)
    assert len(tracked.github.issues) == 1


def test_a_refusal_is_told_in_private(tracked: Tracked) -> None:
    """With its reason; a second try makes a new form."""
    tracked.github.fail(Reply(403), "/issues")
    tracked.submit(tracked.open_form())
    assert tracked.github.issues == {}
    told = words(tracked.desk.slack.private_replies[-1])
    assert "The issue was not created. GitHub does not allow this" in told
    assert [row.state for row in tracked.rows()] == ["failed"]
    tracked.github.fail(Reply(422), "/issues")
    tracked.submit(tracked.open_form(value=str(tracked.desk.item("C1", tracked.ts).id)))
    told = words(tracked.desk.slack.private_replies[-1])
    assert "GitHub does not take such an issue (422)" in told
    assert tracked.desk.jobs("failed") == []


def test_the_button_is_there_only_where_issues_are_taken(tracked: Tracked) -> None:
    """It is off at first, and a source of another channel's readers is not named."""
    assert "issue" in buttons(tracked.card())
    with tracked.desk.services.database.write() as session:
        session.execute(update(Connection).values(creates_issues=False))
    assert "issue" not in buttons(tracked.card())
    with tracked.desk.services.database.write() as session:
        other = Channel(
            workspace_id=tracked.desk.workspace_id, slack_id="C9", is_private=True, is_shared=False
        )
        session.add(other)
        session.flush()
        session.execute(update(Connection).values(creates_issues=True))
        session.execute(update(Source).values(channel_id=other.id))
    assert "issue" not in buttons(tracked.card())


def test_a_form_without_a_title_is_not_taken(tracked: Tracked) -> None:
    """The error stands beside the field."""
    view_id = tracked.open_form()
    response = tracked.desk.submit(
        view_id,
        {
            "place": {
                "selected_option": tracked.desk.slack.views[view_id]["blocks"][0]["element"][
                    "initial_option"
                ]
            },
            "title": {"value": " \n"},
            "text": {"value": None},
        },
    )
    assert "An issue needs a title." in str(response.body)
    assert tracked.github.issues == {}


def test_who_may_not_is_told_why(tracked: Tracked) -> None:
    """Guests, people who may not decide there, and a tracker that takes no issues any more."""
    item = buttons(tracked.card())["issue"]
    tracked.desk.slack.users["UGUEST"] = {"is_restricted": True}
    tracked.desk.slack.channels["C1"]["members"] = ["UGUEST"]
    assert "full members" in str(tracked.desk.slack.views[tracked.open_form("UGUEST", value=item)])
    with tracked.desk.services.database.write() as session:
        session.execute(update(Channel).values(deciders=["U9"]))
    refused = tracked.desk.slack.views[tracked.open_form(value=item)]
    assert "only certain people decide" in str(refused)
    with tracked.desk.services.database.write() as session:
        session.execute(update(Channel).values(deciders=[]))
    view_id = tracked.open_form(value=item)
    with tracked.desk.services.database.write() as session:
        session.execute(update(Connection).values(creates_issues=False))
    tracked.submit(view_id)
    assert "No tracker takes issues" in words(tracked.desk.slack.private_replies[-1])
    assert tracked.github.issues == {}


def test_a_forged_form_creates_nothing(tracked: Tracked) -> None:
    """One that names a ticket of a channel that its sender cannot read, or an unknown place."""
    desk = tracked.desk
    desk.slack.add_channel("C2", is_private=True, members=["U7"])
    secret = desk.slack.say("C2", "the secret project is late", user="U7")
    desk.deliver_message("C2", secret)
    view_id = tracked.open_form()
    hidden = desk.find_item("C2", secret["ts"])
    numbers = [] if hidden is None else [hidden.id]
    for number in [*numbers, 10**17]:
        for channel in ("C1", "C2"):
            desk.slack.views[view_id]["private_metadata"] = f"{channel}:{number}"
            desk.slack.views[view_id]["id"] = f"V{channel}{number}"
            tracked.submit(view_id)
    desk.slack.views[view_id]["private_metadata"] = "nonsense"
    tracked.submit(view_id)
    own = desk.item("C1", tracked.ts).id
    desk.slack.views[view_id] |= {"private_metadata": f"C1:{own}", "id": "Vplace"}
    for value in ("1:HELP", "99:", "x", "1:" + "9" * 30):
        tracked.submit(view_id, place={"selected_option": {"value": value}})
    assert tracked.github.issues == {}
    assert desk.jobs("failed") == []
