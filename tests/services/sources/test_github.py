"""GitHub's issues are read whole, whatever happens between two pages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from services.errors import SourceBusyError, SourceError
from services.sources.api import Api
from services.sources.github import GitHub
from tests.trackers.github import REPOSITORY, TOKEN, GitHubStandIn, at
from tests.trackers.reader import Reader
from tests.trackers.server import Reply, serving


@pytest.fixture
def github() -> Iterator[GitHubStandIn]:
    """Run the stand-in."""
    tracker = GitHubStandIn()
    with serving(tracker):
        yield tracker


@pytest.fixture
def reader(github: GitHubStandIn) -> Iterator[Reader]:
    """Connect to the stand-in."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    connector = GitHub(Api("GitHub", github.address, headers, "DEJA_GITHUB_TOKEN"), REPOSITORY)
    yield Reader(connector)
    connector.close()


def test_all_issues_are_read_and_no_pull_requests(github: GitHubStandIn, reader: Reader) -> None:
    """Over several pages; a round without news is one request that GitHub does not count."""
    github.page = 3
    for number in range(1, 11):
        github.open(number, updated=at(number * 300))
    github.open(11, updated=at(3000), pull_request={"url": "x"})
    reader.round()
    assert sorted(map(int, reader.stored)) == list(range(1, 11))
    reader.round()
    github.calls.clear()
    assert reader.round() == 1
    assert [call.headers["if-none-match"][:1] for call in github.calls] == ['"']
    assert reader.connector.check() == f"{REPOSITORY} on GitHub"


def test_an_issue_that_is_edited_between_pages_costs_no_other(
    github: GitHubStandIn, reader: Reader
) -> None:
    """It moves to the end of the list, and the others move up by one place."""
    github.page = 2
    for number in range(1, 9):
        github.open(number, updated=at(number))
    edits = iter([1, 3])

    def edit() -> None:
        number = next(edits, None)
        if number is not None:
            github.issues[number] |= {"title": "edited", "updated_at": at(60 + number)}

    github.after_list = edit
    reader.round()
    assert sorted(map(int, reader.stored)) == list(range(1, 9))
    assert {reader.stored[id_]["title"] for id_ in ("1", "3")} == {"edited"}


def test_more_issues_with_one_time_than_fit_on_a_page(
    github: GitHubStandIn, reader: Reader
) -> None:
    """A label that is renamed gives thousands the same time; edits between pages cost none."""
    github.page = 2
    for number in range(1, 8):
        github.open(number, updated=at(5))
    github.open(8, updated=at(6))
    edits = iter([1, 2])

    def edit() -> None:
        number = next(edits, None)
        if number is not None:
            github.issues[number] |= {"title": "edited", "updated_at": at(60 + number)}

    github.after_list = edit
    reader.round()
    assert sorted(map(int, reader.stored)) == list(range(1, 9))
    assert reader.stored["1"]["title"] == "edited"


def test_comments_are_fetched_once_for_what_is_closed(
    github: GitHubStandIn, reader: Reader
) -> None:
    """Those of bots are left out; of many comments the last ones are there."""
    github.open(1)
    github.close_with(1, "Roll the firmware back to 2.1.", at(9))
    github.comments[1] += [
        {"body": "closed as stale", "user": {"login": "stale", "type": "Bot"}, "created_at": at(9)}
    ]
    github.open(2, comments=3)
    reader.round()
    assert [one["body"] for one in reader.stored["1"]["comments"]] == [
        "Roll the firmware back to 2.1."
    ]
    assert "comments" not in reader.stored["2"]
    github.calls.clear()
    github.open(3, updated=at(10))
    reader.round()
    assert not any(call.path.endswith("/comments") for call in github.calls)


def test_the_last_comments_of_very_many(github: GitHubStandIn, reader: Reader) -> None:
    """The answer is among the last ones."""
    github.open(1)
    said = {"user": {"login": "ana", "type": "User"}, "created_at": at(1)}
    github.comments[1] = [{"body": f"comment {number}", **said} for number in range(1234)]
    github.close_with(1, "Roll the firmware back to 2.1.", at(9))
    reader.round()
    found = [one["body"] for one in reader.stored["1"]["comments"]]
    assert (found[0], found[-1], len(found)) == (
        "comment 800", "Roll the firmware back to 2.1.", 435,
    )  # fmt: skip


def test_a_limit_in_the_middle_of_a_page_loses_nothing(
    github: GitHubStandIn, reader: Reader
) -> None:
    """What was read is kept; then as long is waited as GitHub asks."""
    for number in (1, 2, 3):
        github.open(number)
        github.close_with(number, "Roll it back to 2.1.", at(number))
    limit = Reply(403, {"message": "secondary rate limit"}, {"Retry-After": "53"})
    github.fail(limit, "/2/comments")
    page = reader.take(reader.connector.read(reader.cursor, reader))
    assert (list(reader.stored), page.wait, page.is_last) == (["1"], 53.0, False)
    github.calls.clear()
    reader.round()
    assert sorted(reader.stored) == ["1", "2", "3"]
    assert [call.path for call in github.calls if "/1/" in call.path] == []


@pytest.mark.parametrize(
    ("reply", "delay", "is_outage"),
    [
        (Reply(429, headers={"Retry-After": "7"}), 7.0, False),
        (Reply(429), 60.0, False),
        (Reply(403, headers={"x-ratelimit-remaining": "0", "x-ratelimit-reset": "0"}), 1.0, False),
        (Reply(503, headers={"Retry-After": "90"}), 90.0, True),
        (Reply(502, b"<html>bad gateway"), 60.0, True),
        (None, 60.0, True),
    ],
)
def test_what_passes_is_waited_for(
    github: GitHubStandIn, reader: Reader, reply: Reply | None, delay: float, is_outage: bool
) -> None:
    """Limits, errors of the server, and connections that drop."""
    github.fail(reply)
    with pytest.raises(SourceBusyError) as caught:
        reader.round()
    assert (caught.value.delay, caught.value.is_outage) == (delay, is_outage)
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(401), "rejects DEJA_GITHUB_TOKEN"),
        (Reply(403), "does not allow this with DEJA_GITHUB_TOKEN"),
        (Reply(404), "check the name and DEJA_GITHUB_TOKEN"),
        (Reply(418), "answers 418"),
        (Reply(200, b"<html>a login page"), "what is no JSON"),
        (Reply(200, b"[" * 100_000), "what is no JSON"),
        (Reply(200, {"issues": []}), "another form"),
        (Reply(200, [1]), "another form"),
        (Reply(200, [{"number": 1}]), "no time of its change"),
        (Reply(200, [{"number": 1, "updated_at": "soon"}]), "no time of its change"),
        (Reply(200, [{"updated_at": at(1)}]), "no number"),
        (Reply(302, headers={"Location": "https://example.com/"}), "another host"),
        (Reply(302, headers={"Location": "/repos/acme/desk/issues"}), "circle"),
        (Reply(302, headers={"Location": "https://999999xn--"}), "no (HTTP|address)"),
        (Reply(200, [], {"Content-Encoding": "gzip"}), "no HTTP"),
    ],
)
def test_what_does_not_pass_is_said_in_one_line(
    github: GitHubStandIn, reader: Reader, reply: Reply, reason: str
) -> None:
    """What is wrong and what to look at, without the token."""
    for _ in range(4):
        github.fail(reply)
    with pytest.raises(SourceError, match=reason) as caught:
        reader.round()
    assert TOKEN not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_token_goes_to_no_other_host(github: GitHubStandIn, reader: Reader) -> None:
    """Neither a redirect nor the address of the next page leads it away."""
    with serving(other := GitHubStandIn()):
        github.fail(Reply(301, headers={"Location": f"{other.address}/repos/acme/desk/issues"}))
        with pytest.raises(SourceError, match="another host"):
            reader.round()
        github.page = 1
        for number in (1, 2):
            github.open(number)
        reader.take(reader.connector.read({}, reader))
        reader.cursor = {**reader.cursor, "next": f"{other.address}/repos/acme/desk/issues"}
        with pytest.raises(SourceError, match="another host"):
            reader.round()
        assert other.calls == []


def test_deleted_and_transferred_issues_are_gone(github: GitHubStandIn, reader: Reader) -> None:
    """The list does not say so: a walk over all issues finds what is missing, and asks."""
    github.page = 3
    for number in range(1, 8):
        github.open(number, updated=at(number))
    reader.round()
    del github.issues[2], github.issues[7]
    github.moved[5] = "acme/other"
    del github.issues[5]
    gone = [id_ for _ in range(3) for id_ in reader.walk().gone]
    assert sorted(gone) == ["2", "5", "7"]
    assert sorted(reader.stored) == ["1", "3", "4", "6"]


def test_the_walk_finds_what_was_missed(github: GitHubStandIn, reader: Reader) -> None:
    """An issue of the past appears, as one that is transferred to the repository."""
    github.open(5, updated=at(300))
    reader.round()
    github.open(6, updated=at(5))
    reader.round()
    assert list(reader.stored) == ["5"]
    assert len(reader.walk().records) == 1
    assert reader.walk().records == []


def test_a_repository_that_loses_its_rights_loses_no_tickets(
    github: GitHubStandIn, reader: Reader
) -> None:
    """A token that may not read it any more is an error, not a deletion."""
    github.open(1)
    reader.round()
    for status in (404, 410, 401):
        github.fail(Reply(status), "/issues")
        with pytest.raises(SourceError):
            reader.walk()
    assert list(reader.stored) == ["1"]
