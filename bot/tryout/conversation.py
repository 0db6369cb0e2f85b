"""Déjà on a local Slack with the sample workspace: to try out, or with a scripted conversation."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import func, select

import migrations
from bot.blocks.parts import NOT_A_DUPLICATE
from bot.blocks.replies import SIMILAR_HEADING
from bot.connection import connect
from bot.server.serve import Bot, build_bot, listen
from bot.slack.web_api import web_client
from bot.tryout import sample, tour
from bot.tryout.local_slack import (
    BOT_TOKEN,
    LocalSlack,
    configuration,
    local_settings,
    start_local_slack,
)
from bot.tryout.page import TryoutPage, open_page
from bot.tryout.seed import HOST, Progress, SampleIds, fill
from bot.tryout.tour import QUESTION, TICKET_CHANNEL, Tour
from bot.wiring import build
from models import Job
from services.text.slack.markup import clean_slack

ANSWER_SECONDS = 60.0
POLL_SECONDS = 0.1

_DECIDED = str(NOT_A_DUPLICATE)

_MENTION = re.compile(r"<@(\w+)>")

T = TypeVar("T")
Json = dict[str, Any]


@dataclass(frozen=True)
class Trial:
    """A running bot on a local Slack. `tickets` maps item ids to the sample's tickets.

    People look at `page`; `local` is what stands behind it.
    """

    local: LocalSlack
    page: TryoutPage
    bot: Bot
    names: SampleIds
    tickets: dict[int, sample.SampleTicket]


@dataclass(frozen=True)
class TrialTurn:
    """A message or click, the bot's answer, and whether that is as expected."""

    channel: str
    author: str
    text: str
    answer: list[str]
    expected: str
    as_expected: bool


@contextmanager
def start_trial(
    folder: Path, now: datetime, *, on_progress: Progress, port: int | None = None
) -> Iterator[Trial]:
    """Start a local Slack with the sample in it, and a bot that has stored the sample."""
    with ExitStack() as stack:
        names = _names()
        config = configuration(_with_tour(sample.workspace()))
        local = stack.enter_context(start_local_slack(config, folder))
        page = stack.enter_context(open_page(local, names.users[HOST], port))
        settings = local_settings(page.url, folder)
        database = connect(settings)
        migrations.upgrade(database.engine)
        database.close()
        services = build(settings)
        stack.callback(services.close)
        bot = build_bot(services)
        page.connect(bot.app)
        tickets = fill(services, page, names, now, on_progress)
        client = web_client(BOT_TOKEN, str(settings.slack_api_url))
        # The channel of direct messages is there only once somebody opens it.
        client.conversations_open(users=names.users[HOST])
        Tour(local, client, names.channels[TICKET_CHANNEL], len(tickets)).start(bot.app)
        stack.callback(bot.worker.stop)
        stack.callback(listen(bot, "127.0.0.1", 0))
        bot.worker.start()
        yield Trial(local, page, bot, names, tickets)


def _names() -> SampleIds:
    """Return the ids of the sample's channels and users."""
    return SampleIds(
        channels={one["name"]: one["id"] for one in sample.workspace()["channels"]},
        users={one["name"]: one["id"] for one in sample.workspace()["users"]},
    )


def _with_tour(workspace: Json) -> Json:
    """Return a workspace whose page starts as the host, at the tour: with the first of each."""
    users = sorted(workspace["users"], key=lambda one: one["name"] != HOST)
    return {**workspace, "users": users, "channels": [tour.CHANNEL, *workspace["channels"]]}


def converse(trial: Trial, messages: Sequence[sample.SampleMessage]) -> Iterator[TrialTurn]:
    """Post the scripted messages one by one and yield the outcome of each.

    Then one user presses *Not a duplicate* on the first answer, and one asks a question.
    """
    first_answer: tuple[str, str, str] | None = None
    for message in messages:
        channel, user = trial.names.channels[message.channel], trial.names.users[message.author]
        ts, replies = _replies_to(trial, channel, user, message.text)
        groups = {trial.tickets[other].group for other in _candidates(replies) & set(trial.tickets)}
        if message.expect is None:
            expected, ok = "silence", not replies
        else:
            expected, ok = f"a ticket about {message.expect}", message.expect in groups
        if replies and first_answer is None:
            first_answer = channel, user, ts
        answer = _lines(trial, replies)
        yield TrialTurn(message.channel, message.author, message.text, answer, expected, ok)
    if first_answer is not None:
        yield _click(trial, *first_answer)
    yield _command(trial)


def _click(trial: Trial, channel: str, user: str, ts: str) -> TrialTurn:
    """Press *Not a duplicate* on an answer and wait until the message shows it."""
    message = trial.local.replies(channel, ts)[0]
    trial.local.click(channel, user, message["ts"], find_buttons(message)["deja_distinct"])

    def decided() -> list[str]:
        lines = _lines(trial, trial.local.replies(channel, ts))
        return lines if any(_DECIDED in line for line in lines) else []

    lines = _wait(decided)
    return TrialTurn(
        _name(trial.names.channels, channel),
        _name(trial.names.users, user),
        "(presses “Not a duplicate” on the first answer)",
        lines,
        "the decision in the message",
        bool(lines),
    )


def _command(trial: Trial) -> TrialTurn:
    """Ask for similar tickets and wait for the ephemeral answer."""
    channel, user = trial.names.channels[TICKET_CHANNEL], trial.names.users[HOST]
    before = {message["ts"] for message in trial.local.messages(channel)}
    trial.local.command(channel, user, f"similar {QUESTION}")
    found = _wait(
        lambda: [
            message
            for message in trial.local.messages(channel)
            if message["ts"] not in before and message.get("subtype") == "ephemeral"
        ]
    )
    lines = _lines(trial, found)
    ok = any(str(SIMILAR_HEADING) in line for line in lines)
    return TrialTurn(
        "help-devices", "mei", f"/deja similar {QUESTION}", lines, "similar tickets", ok
    )


def _replies_to(trial: Trial, channel: str, user: str, text: str) -> tuple[str, list[Json]]:
    """Post a message; return its `ts`, and what is in its thread once the bot is done with it.

    What the bot does not keep ("thanks!") leaves nothing but its event.
    """
    queue, before = trial.bot.services.queue, _newest_event(trial)
    ts = trial.local.post(channel, user, text)
    _wait(lambda: _newest_event(trial) > before and not any(queue.counts().values()))
    return ts, trial.local.replies(channel, ts)


def _newest_event(trial: Trial) -> int:
    """Return the id of the newest job of one of Slack's events; 0 before the first."""
    newest = select(func.max(Job.id)).where(Job.key.startswith("Ev"))
    with trial.bot.services.database.read() as session:
        return session.scalar(newest) or 0


def _wait(find: Callable[[], T]) -> T:
    """Return what `find` finds as soon as it finds something, or its last empty result."""
    deadline = time.monotonic() + ANSWER_SECONDS
    while True:
        found = find()
        if found or time.monotonic() > deadline:
            return found
        time.sleep(POLL_SECONDS)


def find_buttons(message: Json) -> dict[str, Json]:
    """Return the first button, or choice of a menu, of each action in a message."""
    found: dict[str, Json] = {}
    for block in message.get("blocks") or []:
        for element in [*block.get("elements", []), block.get("accessory") or {}]:
            if element.get("type") == "button":
                found.setdefault(element["action_id"], element)
            for option in element.get("options", []):
                name = option["value"].partition(":")[0]
                chosen = {**element, "selected_option": option, "text": option["text"]}
                found.setdefault(f"deja_{name}", chosen)
    return found


def _candidates(messages: list[Json]) -> set[int]:
    """Return the ids of the items that the bot's messages show."""
    values = [
        element["value"]
        for message in messages
        for block in message.get("blocks") or []
        for element in block.get("elements", [])
        if element.get("action_id") == "deja_duplicate"
    ]
    return {int(value.split(":")[1]) for value in values}


def _lines(trial: Trial, messages: list[Json]) -> list[str]:
    """Return the text of messages as lines without markup and buttons, with people's names."""
    lines = []
    for message in messages:
        for number, block in enumerate(message.get("blocks") or []):
            texts = [block.get("text"), *block.get("elements", [])]
            found = [text["text"] for text in texts if text and isinstance(text.get("text"), str)]
            plain = [line for text in found for line in _plain(trial, text).splitlines()]
            if number and block["type"] == "section":
                lines.append(f"• {plain.pop(0)}")
            lines += [f"  {line}" if number else line for line in plain]
    return lines


def _plain(trial: Trial, text: str) -> str:
    named = _MENTION.sub(lambda match: "@" + _name(trial.names.users, match[1]), text)
    return clean_slack(named)


def _name(names: dict[str, str], id_: str) -> str:
    return next((name for name, known in names.items() if known == id_), id_)
