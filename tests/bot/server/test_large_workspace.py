"""Hundreds of channels and thousands of people: no message makes the bot list them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import pytest

from bot.server.schedule import due_jobs
from tests.serving import Desk, buttons, words
from tests.slack_server import rate_limited
from tests.worlds import begin

PRINTER = "printer prints blank pages after the firmware update"
GUESTS = 20
PAGE = 200

# The methods that list people or channels.
LISTS = ("users.list", "users.conversations", "conversations.list", "conversations.members")


@dataclass(frozen=True)
class Size:
    """The numbers of people and channels, each more than a page."""

    people: int
    public: int
    private: int


@pytest.fixture(
    params=[Size(450, 205, 10), pytest.param(Size(5_000, 450, 50), marks=pytest.mark.thorough)],
    ids=["215 channels", "500 channels"],
)
def size(request: pytest.FixtureRequest) -> Size:
    """Give the size of a workspace."""
    found: Size = request.param
    return found


@pytest.fixture
def large(desk: Desk, size: Size) -> Desk:
    """Give a bot after its first sweep of such a workspace, with guests in every tenth channel."""
    begin(desk, f"a workspace of {size}", lambda: _fill(desk, size))
    return desk


@pytest.fixture
def swept(desk: Desk, size: Size) -> Desk:
    """Give the bot that has made the sweep itself, and so has the list of people in its memory."""
    _fill(desk, size)
    return desk


def _fill(desk: Desk, size: Size) -> None:
    people = [f"U{number:04}" for number in range(size.people)]
    guests = people[-GUESTS:]
    desk.slack.users = {user: {"is_restricted": user in guests} for user in people}
    desk.slack.channels["C1"]["members"] = people[:-GUESTS]
    for number in range(1, size.public):
        few = [guests[number % GUESTS]] if number % 10 == 0 else []
        desk.slack.add_channel(f"C1{number:03}", members=[*people[:-GUESTS], *few])
    for number in range(size.private):
        inside = people[number * 20 : number * 20 + 20]
        desk.slack.add_channel(f"G{number:03}", is_private=True, members=inside)
    desk.bot.worker.request_sweep()
    desk.drain()


def counted(desk: Desk) -> Counter[str]:
    """Run the due jobs; return how often each method was called since the last time."""
    desk.drain()
    calls = Counter(name for name, _ in desk.slack.calls)
    desk.slack.calls.clear()
    assert desk.jobs("failed") == []
    return calls


def lists(desk: Desk) -> dict[str, int]:
    """Run the due jobs; return how often people or channels were listed since the last time."""
    return {name: number for name, number in counted(desk).items() if name in LISTS}


def pages(number: int) -> int:
    """Return the number of pages of a list."""
    return -(-number // PAGE)


def test_a_sweep_lists_no_members(large: Desk, size: Size) -> None:
    """It lists the bot's channels once, the users once, and the channels of each guest."""
    first = {
        "users.conversations": pages(size.public + size.private) + GUESTS,
        "users.list": pages(size.people),
    }
    assert lists(large) == first
    large.clock.advance(900)
    large.bot.worker.request_sweep()
    assert lists(large) == {"users.conversations": pages(size.public + size.private)}
    large.clock.advance(24 * 3600)
    large.enqueue(*due_jobs(large.services, large.workspace_id, large.clock.now))
    assert lists(large) == first


def test_nothing_is_listed_for_messages_and_clicks(large: Desk) -> None:
    """However many there are, in any channel; the answers are still posted."""
    counted(large)
    channels = [*list(large.slack.channels)[:8], "G001", "G002"]
    threads = [(name, large.ticket(name, PRINTER, user="U0001")) for name in channels]
    assert lists(large) == {}
    named = [large.answers(name, ts) for name, ts in threads]
    assert sum(map(len, named)) > 5
    for (name, ts), answers in zip(threads, named, strict=True):
        for answer in answers:
            large.click(name, "duplicate", buttons(answer)["duplicate"], user="U0002")
        large.edit(name, ts, f"{PRINTER} again", "1795400000.000100")
        large.react(name, ts)
        large.delete(name, ts)
        large.join(name, "U0003")
    assert lists(large) == {}


def test_a_command_lists_the_private_channels_of_one_person(large: Desk) -> None:
    """Once per command, shortcut, search or Home tab, as somebody removed must not see more."""
    ts = large.ticket("C1", PRINTER)
    message = {"ts": ts, "text": PRINTER, "user": "U0001"}
    counted(large)
    for command in (f"similar {PRINTER}", "search is:open", "duplicates", "status", "why 1 2"):
        large.command("C1", command, user="U0001")
        assert lists(large) == {"users.conversations": 1}
    large.shortcut("deja_similar", "C1", message, user="U0001")
    assert lists(large) == {"users.conversations": 1}
    large.shortcut("deja_inspect", "C1", message, user="U0001")
    assert lists(large) == {"users.conversations": 1}
    large.shortcut("deja_mark", "C1", message, user="U0001")
    assert lists(large) == {}
    large.suggest(list(large.slack.views)[-1], "deja_mark_search", PRINTER, user="U0001")
    assert lists(large) == {"users.conversations": 1}
    large.deliver({"type": "app_home_opened", "user": "U0001", "tab": "home"})
    assert lists(large) == {"users.conversations": 1}
    large.click("C1", "share", f"similar {PRINTER}", user="U0001")
    large.ticket("C1", f"<@U0DEJA> similar {PRINTER}", user="U0001")
    assert lists(large) == {}


def test_members_still_read_their_private_channels(large: Desk, size: Size) -> None:
    """The one short list shows that; nobody else reads them."""
    large.ticket("G000", f"{PRINTER} secret")
    large.drain()
    for user, reads in (("U0001", True), ("U0100", False), (f"U{size.people - 1:04}", False)):
        large.command("C1", f"similar {PRINTER}", user=user)
        large.drain()
        assert ("secret" in words(large.slack.private_replies[-1])) is reads


def test_without_private_channels_nothing_is_listed(desk: Desk) -> None:
    """In a workspace with only public channels, a member's command lists nothing."""
    desk.ticket("C1", PRINTER)
    counted(desk)
    desk.command("C1", f"similar {PRINTER}")
    assert lists(desk) == {}
    assert PRINTER in words(desk.slack.private_replies[-1])


def test_a_new_channel_lists_members_until_the_first_guest(swept: Desk, size: Size) -> None:
    """Once, at its first event."""
    guest = f"U{size.people - 1:04}"
    swept.slack.add_channel("C9", members=[guest, *swept.slack.channels["C1"]["members"]])
    counted(swept)
    for _ in range(3):
        swept.ticket("C9", PRINTER)
    assert lists(swept) == {"conversations.members": 1}


def test_a_sweep_continues_after_a_rate_limit(large: Desk, size: Size) -> None:
    """It waits where it is; starting over, it might never finish."""
    later = int(large.clock.now.timestamp()) + 60
    for number, name in enumerate(list(large.slack.channels)[:40]):
        large.slack.say(name, f"{PRINTER} in {name}", ts=f"{later + number}.000100")
    counted(large)
    limited = rate_limited(1)
    large.slack.fail("conversations.history", limited)
    large.clock.advance(900)
    large.bot.worker.request_sweep()
    calls = counted(large)
    assert limited.over.is_set()
    assert calls["conversations.history"] <= size.public + size.private + 1
    large.command("C1", "status", user="U0001")
    large.drain()
    assert "40 tickets" in words(large.slack.private_replies[-1])
