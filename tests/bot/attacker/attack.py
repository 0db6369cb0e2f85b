"""A workspace to attack: who may read what in it, and a check of everything sent to Slack."""

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

# What identifies a ticket or a channel: its own words, its link, the channel's name.
IDENTIFYING = (
    re.compile(r"secret([a-z]+)x[a-j]"),
    re.compile(r"room-([a-z]+)-of"),
    re.compile(r"/archives/([A-Z0-9]+)"),
    re.compile(r"<#([A-Z0-9]+)"),
    re.compile(r"//shop\.example\.com/([a-z0-9]+)"),
)
# Sources that are not channels of this workspace: imports without a channel, and another workspace.
NOWHERE, CATALOG, FOREIGN = "nowhere", "catalog", "foreign"

_READING = re.compile(
    r"auth\.test|users\.(info|list|conversations)|conversations\.(info|history|replies|members)"
    r"|chat\.delete"
)
# Posted at somebody's request, these say what everybody in the channel could read at the time.
_NEVER_UPDATED = ("deja-reply", "deja-share", "deja-offer", "deja-topic-")

_root = "https://stand-in.slack.com/archives"


@dataclass
class Attack:
    """A bot in such a workspace, and everything that each person was shown.

    `shown` has it by person, without what differs between runs; `ticket_counts` has the number of
    tickets by place; `other_words` names a place whose tickets are about something else. Of the
    answers in a channel with the same button, `presses` are pressed (None: all).
    """

    desk: Desk
    places: dict[str, Place]
    other_words: str | None = None
    presses: int | None = None
    shown: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    ticket_counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    threads: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _checked_counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    _typed: set[str] = field(default_factory=set)
    _picture: Json = field(default_factory=dict)
    _stamps: Iterator[int] = field(default_factory=lambda: count(1_795_200_000))

    def new_ts(self) -> str:
        """Return a new `ts`, the same in every run."""
        return f"{next(self._stamps)}.000100"

    def link(self, name: str, number: int = 0) -> str:
        """Return the link of a ticket in a place."""
        return f"<{_root}/{name}/p{self.threads[name][number].replace('.', '')}>"

    def post_ticket(self, name: str, number: int, user: str = "UFULL") -> None:
        """Post a ticket in a place; tickets with the same number have the same words."""
        words = OTHER_WORDS if name == self.other_words else PROBLEM
        text = f"{words} {self.places[name].secret(number)}"
        self.threads[name].append(self.desk.ticket(name, text, user=user, ts=self.new_ts()))
        self.ticket_counts[name] += 1
        self.run_and_check(None)

    def expected(self, user: str) -> int:
        """Return how many tickets somebody may read."""
        return sum(
            number for name, number in self.ticket_counts.items() if self.may_read(name, user)
        )

    def may_read(self, source: str, user: str) -> bool:
        """Say whether somebody may read what a source says."""
        if source in {NOWHERE, CATALOG}:
            return user in MEMBERS
        if source == FOREIGN or user == GONE:
            return False
        if source.startswith("D"):
            return source == f"D{user}"
        return self.places[source.upper()].is_read_by(user)

    def run_and_check(self, actor: str | None, *typed: str) -> None:
        """Run the due jobs, and check what was sent to Slack against what its readers may read.

        `actor` made the request, and gets the reply or the form; `typed` is what they wrote
        themselves, which gives nothing away to them.
        """
        self.desk.drain()
        self._typed.update(typed)
        slack = self.desk.slack
        for method, call in self._new_entries("calls", slack.calls):
            if method.startswith("files."):
                self._check_picture(method, call)
            else:
                self._check_call(method, call, actor, typed)
        for reply in self._new_entries("private replies", slack.private_replies):
            self._record(actor, reply, "a reply", typed)

    def _check_call(self, method: str, call: Json, actor: str | None, typed: Iterable[str]) -> None:
        if method == "chat.postEphemeral":
            self._record(call["user"], call, method, typed)
        elif method.startswith("chat.post") or method == "chat.update":
            # A shared reply repeats the command that it was shared with, even when it is updated.
            if (mark_of(call) or "").startswith("deja-share"):
                typed = [*typed, *self._typed]
            self._check(self._readers(call["channel"]), call, method, typed)
        elif method == "assistant.threads.setSuggestedPrompts":
            self._check(self._readers(call["channel_id"]), call, method, typed)
        elif method == "views.publish":
            self._record(call["user_id"], call["view"], method)
        elif method.startswith("views."):
            self._record(actor, call["view"], method)
        else:  # other methods only read
            assert _READING.fullmatch(method), method

    def _check_picture(self, method: str, call: Json) -> None:
        """Check a picture and its texts; Slack gets the texts first, the channel later."""
        if method == "files.getUploadURLExternal":
            self._picture = call
        elif method == "files.completeUploadExternal":
            self._check(self._readers(call["channel_id"]), self._picture, method, ())
        else:
            assert method == "files.delete", method

    def check_search(self, user: str, options: list[Json]) -> None:
        """Check what the search in a form offers to somebody."""
        self._record(user, options, "a search")

    def check_posted(self) -> dict[str, list[str]]:
        """Check the bot's messages in each channel against who reads it now, and return them."""
        found = {}
        for name in self.places:
            messages = [
                message
                for message in self.desk.slack._messages[name].values()
                if message.get("bot_id") == BOT_ID
                and not (mark_of(message) or "").startswith(_NEVER_UPDATED)
            ]
            for message in messages:
                self._check(self._readers(name), message, f"a message in {name}", ())
            for file in self.desk.slack.files.values():
                if file["channel"] == name:
                    self._check(self._readers(name), file, f"a picture in {name}", ())
            found[name] = sorted(map(plain, messages))
        return found

    def change(self, name: str, **facts: Any) -> None:
        """Change a place, and so who may read it."""
        self.places[name] = replace(self.places[name], **facts)
        self.desk.slack.channels[name].update(self.places[name].facts)

    def use_for_products(self, name: str) -> None:
        """Make a channel one for questions about products."""
        with self.desk.services.database.write() as session:
            session.execute(update(Channel).where(Channel.slack_id == name).values(kind="products"))

    def channel_of(self, item_id: int) -> str:
        """Return the source of a stored item."""
        with self.desk.services.database.read() as session:
            text = session.scalars(select(Item.text).where(Item.id == item_id)).one_or_none()
        return next(iter(IDENTIFYING[0].findall(text or "")), FOREIGN)

    def request_digest(self, name: str) -> None:
        """Post the weekly digest in a channel."""
        with self.desk.services.database.read() as session:
            here = Channel.workspace_id == self.desk.workspace_id
            found = session.scalars(select(Channel.id).where(Channel.slack_id == name, here))
            channel_id = found.one()
        self.desk.enqueue(WeeklyDigest(key=f"digest:{name}", channel_id=channel_id, week=WEEK))
        self.run_and_check(None)

    def _new_entries(self, name: str, log: list[Any]) -> Iterable[Any]:
        news = log[self._checked_counts[name] :]
        self._checked_counts[name] = len(log)
        return news

    def _readers(self, channel: str) -> set[str]:
        return {channel[1:]} if channel.startswith("D") else self.places[channel].readers

    def _record(
        self, user: str | None, shown: object, what: str, typed: Iterable[str] = ()
    ) -> None:
        assert user is not None, (what, shown)
        self._check({user}, shown, what, typed)
        self.shown[user].append(plain(shown))

    def _check(self, readers: set[str], shown: object, what: str, typed: Iterable[str]) -> None:
        """Assert that all readers may read everything that the shown text identifies."""
        text = json.dumps(shown)
        for own in typed:
            text = text.replace(own.strip("<>"), "")
        for name in {name for pattern in IDENTIFYING for name in pattern.findall(text)}:
            barred = {reader for reader in readers if not self.may_read(name, reader)}
            assert not barred, (what, name, barred, text)


def plain(shown: object) -> str:
    """Return the shown text without times, counters and ids, which differ between runs."""
    text = json.dumps(shown, sort_keys=True)
    text = re.sub(r'"(ts|thread_ts|event_ts|hash|view_id|trigger_id|edited)": "[^"]*"', "", text)
    varying = (
        r"deja-(?:share|topics?)-\d+|\d{10}\.\d{6}|/p\d{16}|http://127\.0\.0\.1:\d+/commands/\d+"
    )
    return re.sub(varying, "", text)


@contextmanager
def attacked(
    places: Iterable[Place],
    database: SqliteFile,
    other_words: str | None = None,
    presses: int | None = None,
) -> Iterator[Attack]:
    """Run a bot in a workspace with these channels and check it; there is a second workspace."""
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
        attack = Attack(desk, known, other_words, presses)
        _import(attack)
        yield attack
    assert slack.violations == []


def _import(attack: Attack) -> None:
    """Store a ticket and a product without a channel, and tickets of another workspace."""
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
    attack.ticket_counts[NOWHERE] = 1


def _item(source: str, external_id: str, **more: Any) -> NewItem:
    return NewItem(source=source, external_id=external_id, created_at=NOW, **more)
