"""The attacker's side: in any workspace, nothing of an item reaches anyone who may not read it.

Every ticket says a word that stands for its channel. Whatever a surface shows to somebody, it must
name no word, and count no ticket, of a channel that they may not read. Guests in a public channel
are told by commands only what they may read; what is posted in it they read with the others, which
the README states as a limit, so posts are judged by members and outsiders.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.hashing import HashingEmbedder
from tests.serving import Desk, buttons, open_desk
from tests.slack_standin import SlackStandIn

PROBLEM = "printer prints blank pages after the firmware update"
USERS = ("UFULL", "UOTHER", "UADMIN", "UGUEST", "UOUTSIDE")
WORD = re.compile(r"secretof([a-z0-9]+)")


@dataclass(frozen=True)
class Place:
    """A channel: of which kind, and who is in it."""

    name: str
    kind: str
    members: frozenset[str]

    def is_read_by(self, user: str) -> bool:
        """Say whether somebody may read it."""
        is_full = user in {"UFULL", "UOTHER", "UADMIN"}
        return user in self.members or (self.kind != "private" and is_full)

    @property
    def readers(self) -> set[str]:
        """Everybody who reads what is posted in it, without guests."""
        return {user for user in USERS if user != "UGUEST" and self.is_read_by(user)}


_kinds = st.sampled_from(["public", "private", "shared"])
_workspaces = st.lists(
    st.tuples(_kinds, st.frozensets(st.sampled_from(USERS))), min_size=2, max_size=4
).map(lambda rows: [_place(number, *row) for number, row in enumerate(rows)])


def _place(number: int, kind: str, members: frozenset[str]) -> Place:
    # People of other organisations are only in channels that are shared with them.
    inside = members if kind == "shared" else members - {"UOUTSIDE"}
    return Place(f"C{number}", kind, inside)


@contextmanager
def workspace(places: list[Place], template: Path) -> Iterator[Desk]:
    """Run a bot in such a workspace, in which each channel has said its ticket twice."""
    slack = SlackStandIn()
    slack.users = {
        "UGUEST": {"is_restricted": True},
        "UOUTSIDE": {"team_id": "T9", "is_stranger": True},
        "UADMIN": {"is_admin": True},
    }
    for place in places:
        slack.add_channel(
            place.name,
            is_private=place.kind == "private",
            is_ext_shared=place.kind == "shared",
            members=sorted(place.members),
        )
    with (
        slack.running(),
        tempfile.TemporaryDirectory() as folder,
        open_desk(slack, _copy(template, folder), folder, HashingEmbedder()) as desk,
    ):
        yield desk


def _copy(template: Path, folder: str) -> str:
    return f"sqlite:///{shutil.copy(template, Path(folder) / 'deja.db')}"


def check(places: list[Place], readers: set[str], shown: object, what: str) -> None:
    """Assert that what is shown names only what all of its readers may read."""
    by_name = {place.name.lower(): place for place in places}
    for name in set(WORD.findall(json.dumps(shown))):
        assert all(by_name[name].is_read_by(reader) for reader in readers), (what, name, readers)


def say(desk: Desk, place: Place) -> str:
    """Say the ticket of a channel."""
    return desk.ticket(place.name, f"{PROBLEM} secretof{place.name.lower()}")


def ask(desk: Desk, place: Place, user: str, command: str) -> Any:
    """Ask by a command and return what only they see."""
    desk.command(place.name, command, user=user)
    desk.drain()
    return desk.slack.whispers[-1]


def _check_posts(desk: Desk, places: list[Place]) -> None:
    for place in places:
        said = [
            message
            for message in desk.slack._messages[place.name].values()
            if message.get("bot_id") == "B0DEJA"
        ]
        check(places, place.readers, said, f"posted in {place.name}")


# A workspace is small, and each example takes seconds: it is not shrunk.
@settings(
    max_examples=8,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(_workspaces)
def test_nothing_reaches_whoever_may_not_read_it(
    sqlite_template: Path, places: list[Place]
) -> None:
    """Through threads, clicks, commands, shares, shortcuts, forms and the Home tab."""
    with workspace(places, sqlite_template) as desk:
        threads = {place.name: [say(desk, place), say(desk, place)] for place in places}
        desk.drain()
        for place in places:  # people confirm, and one answers
            for ts in threads[place.name]:
                for answer in desk.slack.replies(place.name, ts)[:1]:
                    value = buttons(answer).get("duplicate")
                    if value:
                        desk.click(place.name, "duplicate", value, user="UFULL")
                        desk.drain()
            reply = desk.slack.say(
                place.name, f"answer secretof{place.name.lower()}",
                thread_ts=threads[place.name][0],
            )  # fmt: skip
            desk.react(place.name, reply["ts"])
            desk.drain()
            say(desk, place)
            desk.drain()
        _check_posts(desk, places)
        for user in USERS:
            _ask_everything(desk, places, user, threads)
        _check_posts(desk, places)
        assert desk.jobs("failed") == []


def _ask_everything(
    desk: Desk, places: list[Place], user: str, threads: dict[str, list[str]]
) -> None:
    readable = [place for place in places if place.is_read_by(user)]
    root = "https://stand-in.slack.com/archives"
    first = {place.name: threads[place.name][0].replace(".", "") for place in places}
    links = [f"<{root}/{place.name}/p{first[place.name]}>" for place in places]
    for place in readable:
        for command in (
            f"similar {PROBLEM}",
            f"similar {links[0]}",
            f'similar {links[-1]} but not "invoice"',
            "search after:2000-01-01",
            "duplicates",
            f"why {links[0]}",
            f"why {' '.join(links[:2])}",
        ):
            check(places, {user}, ask(desk, place, user, command), f"{user}: {command}")
        counted = json.dumps(ask(desk, place, user, "status"))
        number = 3 * len(readable)
        assert f"{number} ticket" in counted, (user, place.name, number, counted)
        message = {"ts": threads[place.name][0], "text": PROBLEM, "user": "U1"}
        for shortcut in ("deja_similar", "deja_inspect"):
            desk.shortcut(shortcut, place.name, message, user=user)
            desk.drain()
            check(places, {user}, desk.slack.whispers[-1], f"{user}: {shortcut}")
        desk.shortcut("deja_mark", place.name, message, user=user)
        offered = desk.suggest(list(desk.slack.views)[-1], "deja_mark_search", PROBLEM, user=user)
        check(places, {user}, offered, f"{user}: search of a form")
        desk.click(place.name, "share", f"similar {PROBLEM}", user=user)
        desk.drain()
    desk.deliver({"type": "app_home_opened", "user": user, "tab": "home"})
    desk.drain()
    home = desk.slack.views[f"home-{user}"]
    check(places, {user}, home, f"{user}: Home")
    assert f"{3 * len(readable)} ticket" in json.dumps(home)
