"""Random histories of a channel, delivered as live events, read as a backfill, and as an export."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import select

from bot.tasks.backfill import backfill_job
from models import FollowUp, Item, Part, Workspace
from services.channels.settings import channel_of_slack
from services.intake.importers.files.archive import Archive
from services.intake.importers.slack.slack_export import ExportReader
from services.intake.importers.slack.slack_rows import KnownWorkspace
from services.intake.importers.storage.store import import_entries, rules_of_channels
from services.memory.channel_facts import ChannelFacts, save_channel
from tests.serving import Desk
from tests.slack_methods import BOT_USER

START = 1_795_350_000
PEOPLE = ("U1", "U2", "U3")

SOLVED, PIN, BELL = "white_check_mark", "pushpin", "no_bell"

# Pauses in seconds: within a burst, within a reference, within the windows of follow-ups, beyond.
PAUSES = (20, 100, 140, 600, 3 * 3600, 5 * 3600, 2 * 86_400, 4 * 86_400)

MATTERS = (
    "the printer prints blank pages", "vpn drops every hour", "Der Scanner piept zweimal",
    "la impresora no imprime", "*E-41* &amp; <https://a.example|E-42> after the update",
)  # fmt: skip
TEXTS = (
    *MATTERS,
    "since this morning", "it's the one next to the kitchen", "der neben der Küche",
    "it's the one with the red cable", "any news?", "same here", "bei mir auch", "ya funciona",
    "still broken, sorry", "us too, 3rd floor", "solved, cable was loose", "thanks!",
    "guten Morgen", "+1", "restart it", "Swap the ribbon",
    "x", f"<@{BOT_USER}> help", "<@U2> look at the gate, it is stuck", "",
)  # fmt: skip
EDITS = (
    "thanks!", "any news?", "same here", "us too, 3rd floor",
    "it's the one next to the kitchen", "+1",
)  # fmt: skip
SHARED = {
    "attachments": [
        {"is_msg_unfurl": True, "is_share": True, "author_id": "U3", "footer": "Posted in #ops",
         "text": "disk 3 of nas-02 is full", "from_url": "https://t.slack.com/archives/C9/p1"}
    ]
}  # fmt: skip
FORM = {"subtype": "bot_message", "user": None, "bot_id": "BWORK", "workflow_id": "W1"}
KINDS: tuple[dict[str, Any], ...] = (
    {}, {}, {}, {}, SHARED, FORM, {"bot_id": "B9"}, {"bot_id": "BALERT"}, {"user": BOT_USER},
    {"subtype": "channel_join"}, {"subtype": "file_share"}, {"subtype": "me_message"},
)  # fmt: skip


Way = Callable[[Desk, str, "History"], None]


@dataclass(frozen=True)
class Said:
    """A message as it was written, and what became of it.

    `thread` is the number of the message at the start of its thread, None outside of threads;
    `edit` its later text; `reactions` who reacted with what.
    """

    ts: str
    text: str
    user: str
    kind: dict[str, Any]
    thread: int | None = None
    is_broadcast: bool = False
    edit: str | None = None
    reactions: tuple[tuple[str, str], ...] = ()
    is_deleted: bool = False


@dataclass(frozen=True)
class History:
    """The messages of a channel; `edits_first` says that replies were edited before reactions.

    `marks_first` says that answers were marked before reactions made their messages tickets.
    """

    said: Sequence[Said]
    edits_first: bool = True
    marks_first: bool = False

    def written(self, number: int) -> dict[str, Any]:
        """Return a message as its event has it."""
        one = self.said[number]
        message = {"type": "message", "ts": one.ts, "user": one.user, "text": one.text, **one.kind}
        if one.thread is not None:
            message["thread_ts"] = self.said[one.thread].ts
            if one.is_broadcast:
                message["subtype"] = "thread_broadcast"
        return message

    def edited(self, number: int) -> dict[str, Any]:
        """Return a message as it is after its edit, if there was one."""
        one, message = self.said[number], self.written(number)
        if one.edit is None:
            return message
        edited = {"user": one.user, "ts": f"{float(one.ts) + 30:.6f}"}
        return message | {"text": one.edit, "edited": edited}

    def final(self, number: int) -> dict[str, Any]:
        """Return a message as Slack's history has it."""
        one, message = self.said[number], self.edited(number)
        replies = sum(other.thread == number and not other.is_deleted for other in self.said)
        if replies:
            message |= {"thread_ts": one.ts, "reply_count": replies}
        users: dict[str, list[str]] = {}
        for emoji, user in one.reactions:
            users.setdefault(emoji, []).append(user)
        reactions = [
            {"name": emoji, "users": by, "count": len(by)} for emoji, by in sorted(users.items())
        ]
        return message | ({"reactions": reactions} if reactions else {})

    @property
    def kept(self) -> list[int]:
        """The numbers of the messages that are still there."""
        return [number for number, one in enumerate(self.said) if not one.is_deleted]


@dataclass(frozen=True)
class Remembered:
    """What is stored of a channel, by the `ts` of its messages."""

    tickets: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    parts: dict[str, str] = field(default_factory=dict)
    follow_ups: dict[str, tuple[str, str]] = field(default_factory=dict)


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Draw the history of a channel."""
    said: list[Said] = []
    second = START
    for number in range(draw(st.integers(1, 9))):
        second += draw(st.sampled_from(PAUSES))
        said.append(_draw_message(draw, said, f"{second}.{number:06d}"))
    for number in range(len(said)):
        has_replies = any(one.thread == number for one in said)
        if not has_replies and draw(st.integers(0, 9)) == 0:
            said[number] = replace(said[number], is_deleted=True)
    return History(said, draw(st.booleans()), draw(st.booleans()))


def _draw_message(draw: st.DrawFn, before: Sequence[Said], ts: str) -> Said:
    user, text = draw(st.sampled_from(PEOPLE)), draw(st.sampled_from(TEXTS))
    parents = [number for number, one in enumerate(before) if one.thread is None]
    thread = draw(st.none() | st.sampled_from(parents)) if parents else None
    kind = draw(st.sampled_from(KINDS))
    emoji = [SOLVED, SOLVED, PIN, BELL]
    if thread is not None:
        kind = {} if "subtype" in kind else kind
        # A backfill does not read the threads of bots and notices.
        if before[thread].kind not in ({}, SHARED) or not before[thread].text:
            emoji = [SOLVED]
    reacted = draw(st.none() | st.none() | st.sampled_from(emoji))
    reactions = () if reacted is None else ((reacted, draw(st.sampled_from(PEOPLE))),)
    edit = draw(st.none() | st.none() | st.sampled_from((*MATTERS, *EDITS))) if not kind else None
    is_broadcast = thread is not None and draw(st.integers(0, 3)) == 0
    return Said(ts, text, user, kind, thread, is_broadcast, edit, reactions)


def add_channel(desk: Desk, channel: str) -> None:
    """Add a channel that Déjà listens to, with nothing in it."""
    desk.slack.add_channel(channel)
    with desk.services.database.write() as session:
        facts = ChannelFacts(channel, channel.lower(), is_private=False)
        save_channel(session, desk.workspace_id, facts, mode="full")


def live(desk: Desk, channel: str, history: History) -> None:
    """Deliver all that happened as events, each phase in the order of the messages."""
    for number in range(len(history.said)):
        _deliver(desk, channel, history.written(number))
    _deliver_edits(desk, channel, history, of_replies=False)
    if history.edits_first:
        _deliver_edits(desk, channel, history, of_replies=True)
    _deliver_reactions(desk, channel, history)
    if not history.edits_first:
        _deliver_edits(desk, channel, history, of_replies=True)
    for one in history.said:
        if one.is_deleted:
            desk.slack.remove(channel, one.ts)
            desk.delete(channel, one.ts)
    desk.drain()


def _deliver(desk: Desk, channel: str, message: dict[str, Any]) -> None:
    desk.slack.say(channel, **message)
    assert desk.deliver_message(channel, message).status == 200
    desk.drain()


def _deliver_edits(desk: Desk, channel: str, history: History, *, of_replies: bool) -> None:
    for number, one in enumerate(history.said):
        is_reply = one.thread is not None and not one.is_broadcast
        if one.edit is not None and is_reply == of_replies:
            message = history.edited(number)
            desk.slack.say(channel, **message)
            event = {"type": "message", "subtype": "message_changed", "message": message}
            assert desk.deliver_message(channel, event).status == 200
    desk.drain()


def _deliver_reactions(desk: Desk, channel: str, history: History) -> None:
    for number, one in enumerate(history.said):
        if one.reactions:
            is_reply = one.thread is not None and not one.is_broadcast
            is_edited = history.edits_first or not is_reply
            message = history.edited(number) if is_edited else history.written(number)
            desk.slack.say(channel, **message, reactions=history.final(number)["reactions"])
    phases = [(PIN, BELL), (SOLVED,)]
    for wanted in phases[:: -1 if history.marks_first else 1]:
        for one in history.said:
            for emoji, user in one.reactions:
                if emoji in wanted:
                    assert desk.react(channel, one.ts, user, emoji).status == 200
        desk.drain()


def backfill(desk: Desk, channel: str, history: History) -> None:
    """Read the history through the Web API."""
    for number in history.kept:
        desk.slack.say(channel, **history.final(number))
    with desk.services.database.read() as session:
        stored = channel_of_slack(session, desk.workspace_id, channel)
    assert stored is not None
    since = desk.clock() - timedelta(days=365)
    desk.enqueue(backfill_job(stored.id, since, user=None, cause="x"))
    desk.drain()


def export(desk: Desk, channel: str, history: History) -> None:
    """Import an export with a file for each day."""
    days: dict[str, list[dict[str, Any]]] = {}
    for number in history.kept:
        message = history.final(number)
        day = int(float(message["ts"])) // 86_400 - START // 86_400 + 1
        days.setdefault(f"{channel}/2026-01-{day:02d}.json", []).append(message)
    users: list[dict[str, Any]] = [{"id": user} for user in PEOPLE]
    files: dict[str, Any] = {
        "channels.json": [{"id": channel, "name": channel}], "users.json": users, **days,
    }  # fmt: skip
    raw = {name: json.dumps(content).encode() for name, content in files.items()}
    with desk.services.database.read() as session:
        workspace = session.scalars(select(Workspace)).one()
        rules = rules_of_channels(session, workspace.id)
    reader = ExportReader(KnownWorkspace(workspace.url, desk.tasks.me.bots, rules))
    entries = reader.read(Archive(sorted(raw), raw.__getitem__))
    import_entries(desk.services.ingest, workspace.id, entries, desk.clock())


def remembered(desk: Desk, channel: str) -> Remembered:
    """Return what is stored of a channel."""
    with desk.services.database.read() as session:
        stored = channel_of_slack(session, desk.workspace_id, channel)
        assert stored is not None
        of_channel = select(Item).where(Item.channel_id == stored.id)
        items = {item.id: item for item in session.scalars(of_channel)}
        parts = session.scalars(select(Part).where(Part.item_id.in_(items)))
        heads = {part.item_id: items[part.head_id] for part in parts}
        rows = session.scalars(select(FollowUp).where(FollowUp.channel_id == stored.id))
        follow_ups = {
            row.ts: (row.kind, str(items[row.item_id].ts)) for row in rows if row.item_id in items
        }
    tickets = {
        str(item.ts): (item.text, item.author, item.thread_ts, item.status, item.resolution)
        for item in items.values()
        if item.deleted_at is None
    }
    joined = {
        str(items[item_id].ts): str(head.ts)
        for item_id, head in heads.items()
        if head.deleted_at is None and head.id != item_id
    }
    return Remembered(tickets, joined, follow_ups)
