"""A workspace to attack: who may read what in it, and a watch on all that Slack is told."""

from __future__ import annotations

import json
import re
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from sqlalchemy import select, update

from bot.jobs.update_kinds import WeeklyDigest
from bot.slack.messages import mark_of
from models import Channel, Item, Workspace
from services.memory.channel_facts import ChannelFacts, save_channel
from services.memory.new_items import NewItem
from services.memory.workspaces import find_workspace
from tests.bot.attacker.places import GONE, GUEST, MEMBERS, USERS, Place
from tests.conftest import NOW
from tests.databases import SqliteFile
from tests.hashing import HashingEmbedder
from tests.serving import Desk, open_desk
from tests.slack_methods import BOT_ID, TEAM
from tests.slack_server import Json
from tests.slack_standin import SlackStandIn

PROBLEM = "printer prints blank pages after the firmware update"
WEEK = "2026-W48"
OTHER_WORDS = "invoice amount differs from the order in the portal"
QUESTION = "do you have a garden lamp"

# What names a ticket or a channel: words of its own, its address, its channel's name.
TELLING = (
    re.compile(r"secret([a-z]+)x[a-j]"),
    re.compile(r"room-([a-z]+)-of"),
    re.compile(r"/archives/([A-Z0-9]+)"),
    re.compile(r"<#([A-Z0-9]+)"),
    re.compile(r"//shop\.example\.com/([a-z0-9]+)"),
)
# Sources that are no channel of the workspace: what was imported without one, and another's.
NOWHERE, CATALOG, FOREIGN = "nowhere", "catalog", "foreign"

_ASKING = re.compile(
    r"auth\.test|users\.(info|list|conversations)|conversations\.(info|history|replies|members)"
    r"|chat\.delete"
)
# What was posted on somebody's request says what all there could read then.
_ONCE = ("deja-reply", "deja-share", "deja-offer", "deja-topic-")

_root = "https://stand-in.slack.com/archives"


@dataclass
class Attack:
    """A bot in such a workspace, and all that anybody was shown.

    `shown` keeps it for each person, without what changes by chance; `told` counts the tickets of
    each place; `other_words` names a place whose tickets are about something else.
    """

    desk: Desk
    places: dict[str, Place]
    other_words: str | None = None
    shown: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    told: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    threads: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _heard: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    _typed: set[str] = field(default_factory=set)
    _picture: Json = field(default_factory=dict)
    _stamps: Iterator[int] = field(default_factory=lambda: count(1_795_200_000))

    def stamp(self) -> str:
        """Return a new `ts`, the same in every run."""
        return f"{next(self._stamps)}.000100"

    def link(self, name: str, number: int = 0) -> str:
        """Return the address of a ticket of a place."""
        return f"<{_root}/{name}/p{self.threads[name][number].replace('.', '')}>"

    def say(self, name: str, number: int, user: str = "UFULL") -> None:
        """Say one more ticket in a place; of the same number it is in the same words."""
        words = OTHER_WORDS if name == self.other_words else PROBLEM
        text = f"{words} {self.places[name].secret(number)}"
        self.threads[name].append(self.desk.ticket(name, text, user=user, ts=self.stamp()))
        self.told[name] += 1
        self.look(None)

    def expected(self, user: str) -> int:
        """Return how many tickets somebody may read."""
        return sum(number for name, number in self.told.items() if self.may_read(name, user))

    def may_read(self, source: str, user: str) -> bool:
        """Say whether somebody may read what a source says."""
        if source in {NOWHERE, CATALOG}:
            return user in MEMBERS
        if source == FOREIGN or user == GONE:
            return False
        if source.startswith("D"):
            return source == f"D{user}"
        return self.places[source.upper()].is_read_by(user)

    def look(self, actor: str | None, *typed: str) -> None:
        """Do what is due; judge all that Slack was told meanwhile by whoever reads it.

        `actor` did something, and is who a reply or a form is for; `typed` is what they wrote
        themselves, which is no news to them.
        """
        self.desk.drain()
        self._typed.update(typed)
        slack = self.desk.slack
        for method, call in self._news("calls", slack.calls):
            if method.startswith("files."):
                self._look_at_picture(method, call)
            else:
                self._look_at_call(method, call, actor, typed)
        for reply in self._news("private replies", slack.private_replies):
            self._see(actor, reply, "a reply", typed)

    def _look_at_call(
        self, method: str, call: Json, actor: str | None, typed: Iterable[str]
    ) -> None:
        if method == "chat.postEphemeral":
            self._see(call["user"], call, method, typed)
        elif method.startswith("chat.post") or method == "chat.update":
            # A shared reply repeats the command that somebody shared it with, also when it is
            # brought up to date later.
            if (mark_of(call) or "").startswith("deja-share"):
                typed = [*typed, *self._typed]
            self._check(self._readers(call["channel"]), call, method, typed)
        elif method == "assistant.threads.setSuggestedPrompts":
            self._check(self._readers(call["channel_id"]), call, method, typed)
        elif method == "views.publish":
            self._see(call["user_id"], call["view"], method)
        elif method.startswith("views."):
            self._see(actor, call["view"], method)
        else:  # whatever else it is told, somebody may read
            assert _ASKING.fullmatch(method), method

    def _look_at_picture(self, method: str, call: Json) -> None:
        """Judge a picture by who reads the channel it goes to, which is said after its words."""
        if method == "files.getUploadURLExternal":
            self._picture = call
        elif method == "files.completeUploadExternal":
            self._check(self._readers(call["channel_id"]), self._picture, method, ())
        else:
            assert method == "files.delete", method

    def look_at_search(self, user: str, options: list[Json]) -> None:
        """Judge what the search of a form offers to somebody."""
        self._see(user, options, "a search")

    def standing(self) -> dict[str, list[str]]:
        """Judge what stands in each channel by who reads it now, and return it."""
        found = {}
        for name in self.places:
            messages = [
                message
                for message in self.desk.slack._messages[name].values()
                if message.get("bot_id") == BOT_ID
                and not (mark_of(message) or "").startswith(_ONCE)
            ]
            for message in messages:
                self._check(self._readers(name), message, f"standing in {name}", ())
            for file in self.desk.slack.files.values():
                if file["channel"] == name:
                    self._check(self._readers(name), file, f"a picture in {name}", ())
            found[name] = sorted(map(plain, messages))
        return found

    def change(self, name: str, **facts: Any) -> None:
        """Change a place; whoever was removed or came may read since then."""
        self.places[name] = replace(self.places[name], **facts)
        self.desk.slack.channels[name].update(self.places[name].facts)

    def products_in(self, name: str) -> None:
        """Make a channel one in which products are asked for."""
        with self.desk.services.database.write() as session:
            session.execute(update(Channel).where(Channel.slack_id == name).values(kind="products"))

    def channel_of(self, item_id: int) -> str:
        """Return the source of a stored item."""
        with self.desk.services.database.read() as session:
            text = session.scalars(select(Item.text).where(Item.id == item_id)).one_or_none()
        return next(iter(TELLING[0].findall(text or "")), FOREIGN)

    def digest(self, name: str) -> None:
        """Ask a channel what it would be asked once a week."""
        with self.desk.services.database.read() as session:
            here = Channel.workspace_id == self.desk.workspace_id
            found = session.scalars(select(Channel.id).where(Channel.slack_id == name, here))
            channel_id = found.one()
        self.desk.enqueue(WeeklyDigest(key=f"digest:{name}", channel_id=channel_id, week=WEEK))
        self.look(None)

    def _news(self, name: str, log: list[Any]) -> Iterable[Any]:
        news = log[self._heard[name] :]
        self._heard[name] = len(log)
        return news

    def _readers(self, channel: str) -> set[str]:
        return {channel[1:]} if channel.startswith("D") else self.places[channel].readers

    def _see(self, user: str | None, shown: object, what: str, typed: Iterable[str] = ()) -> None:
        assert user is not None, (what, shown)
        self._check({user}, shown, what, typed)
        self.shown[user].append(plain(shown))

    def _check(self, readers: set[str], shown: object, what: str, typed: Iterable[str]) -> None:
        """Assert that what is shown names only what all of its readers may read."""
        text = json.dumps(shown)
        for own in typed:
            text = text.replace(own.strip("<>"), "")
        for name in {name for telling in TELLING for name in telling.findall(text)}:
            barred = {reader for reader in readers if not self.may_read(name, reader)}
            assert not barred, (what, name, barred, text)


def plain(shown: object) -> str:
    """Return what is shown without what a clock or a counter makes of it."""
    text = json.dumps(shown, sort_keys=True)
    text = re.sub(r'"(ts|thread_ts|event_ts|hash|view_id|trigger_id|edited)": "[^"]*"', "", text)
    by_chance = (
        r"deja-(?:share|topics?)-\d+|\d{10}\.\d{6}|/p\d{16}|http://127\.0\.0\.1:\d+/commands/\d+"
    )
    return re.sub(by_chance, "", text)


@contextmanager
def attacked(
    places: Iterable[Place], database: SqliteFile, other_words: str | None = None
) -> Iterator[Attack]:
    """Run a bot in a workspace with these channels, beside another workspace, and watch it."""
    slack = SlackStandIn()
    slack.users = {
        **{user: {} for user in MEMBERS},
        "UADMIN": {"is_admin": True},
        GUEST: {"is_restricted": True},
        GONE: {"deleted": True},
        "UOUTSIDE": {"team_id": "T9", "is_stranger": True},
        "UBOSS": {"team_id": "T9", "is_admin": True},
    }
    known = {place.name: place for place in places}
    for place in known.values():
        slack.add_channel(place.name, **place.facts)
        slack.channels[place.name].update(place.facts)
    for user in (*USERS, GONE):
        slack.add_channel(f"D{user}", is_im=True, is_private=True, user=user)
    with (
        slack.running(),
        tempfile.TemporaryDirectory() as folder,
        open_desk(slack, database.renew(), folder, HashingEmbedder()) as desk,
    ):
        attack = Attack(desk, known, other_words)
        _import(attack)
        yield attack
    assert slack.violations == []


def _import(attack: Attack) -> None:
    """Store a ticket and a product that no channel has, and tickets of another workspace."""
    services = attack.desk.services
    with services.database.write() as session:
        here = find_workspace(session, TEAM).id
        foreign = Workspace(team_id="T2", name="Foreign", created_at=NOW)
        session.add(foreign)
        session.flush()
        there = save_channel(session, foreign.id, ChannelFacts("CA", "room-foreign-of", False))
    title = f"{PROBLEM} secret{NOWHERE}xa"
    services.ingest.store(here, [_item("import", "1", text=title)], NOW)
    product = f"Garden lamp secret{CATALOG}xa"
    shop = f"https://shop.example.com/{CATALOG}"
    services.ingest.store(
        here, [_item("catalog", "2", text=product, title=product, kind="product", url=shop)], NOW
    )
    alien = [
        _item("slack", f"CA/{n}", text=f"{PROBLEM} secret{FOREIGN}xa", channel_id=there.id)
        for n in range(3)
    ]
    services.ingest.store(foreign.id, alien, NOW)
    attack.told[NOWHERE] = 1


def _item(source: str, external_id: str, **more: Any) -> NewItem:
    return NewItem(source=source, external_id=external_id, created_at=NOW, **more)
