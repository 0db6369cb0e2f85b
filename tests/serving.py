"""A bot on the stand-in of Slack: what happens in Slack reaches it signed, and nothing sleeps."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from urllib.parse import urlencode

from slack_bolt import BoltRequest, BoltResponse
from slack_sdk.signature import SignatureVerifier
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from bot.jobs.kinds import BotJob, enqueue_jobs
from bot.server.serve import Bot, build_bot
from bot.server.worker import BATCH
from bot.settings import Settings
from bot.tasks.registry import BATCHED, SINGLE, Tasks
from bot.wiring import Services, build
from models import Answer, Item, Job
from services.memory.workspaces import find_workspace
from services.queue import ClaimedJob
from services.search.embedding import Embedder
from tests.conftest import NOW
from tests.databases import open_database
from tests.slack_server import Json
from tests.slack_standin import TEAM, TOKEN, SlackStandIn

SECRET = "stand-in-signing-secret"

# Far above what any test needs; a drain that goes on for ever ends here.
MAX_ROUNDS = 500

LANES = ((BATCHED, BATCH), (SINGLE, 1))


def settings_values(slack_url: str, database_url: str, data_dir: str) -> dict[str, str]:
    """Return the environment of a bot on a stand-in."""
    return {
        "SLACK_BOT_TOKEN": TOKEN,
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_API_URL": f"{slack_url}/api",
        "DEJA_DATABASE_URL": database_url,
        "DEJA_DATA_DIR": data_dir,
        "DEJA_TICKET_BOTS": "BALERT",
        "DEJA_DEFAULT_MODE": "full",
        "DEJA_POST_INTERVAL": "0",
        "DEJA_BURST_SECONDS": "0",
    }


def sign(body: str, secret: str = SECRET, timestamp: float | None = None) -> dict[str, str]:
    """Return the headers with which Slack signs `body`; Bolt compares with the real time."""
    stamp = str(int(time.time() if timestamp is None else timestamp))
    signature = SignatureVerifier(secret).generate_signature(timestamp=stamp, body=body)
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": str(signature)}


def event_body(event: Json, event_id: str, **more: Any) -> str:
    """Return an Events API request's body."""
    body = {"type": "event_callback", "team_id": TEAM, "api_app_id": "A1", "event_id": event_id}
    return json.dumps({**body, "event": event, **more})


def json_headers(body: str) -> dict[str, str]:
    """Return the headers of a signed JSON request."""
    return {"Content-Type": "application/json", **sign(body)}


class Clock:
    """The worker's time, moved by tests."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)


@dataclass(frozen=True)
class Desk:
    """A support team's Slack with the bot in it."""

    slack: SlackStandIn
    bot: Bot
    clock: Clock
    _ids: Iterator[int]

    @property
    def services(self) -> Services:
        """The bot's services."""
        return self.bot.services

    @property
    def tasks(self) -> Tasks:
        """The bot's tasks, to be run here instead of in the worker's threads."""
        return self.bot.workspaces.tasks(self.workspace_id)

    @property
    def workspace_id(self) -> int:
        """The workspace of this Slack."""
        with self.services.database.read() as session:
            return find_workspace(session, self.slack.team).id

    def put_in(self, *jobs: BotJob) -> None:
        """Put jobs in, as the bot itself would."""
        with self.services.database.write() as session:
            enqueue_jobs(session, self.workspace_id, jobs, self.clock.now)

    def claim(self, owner: str, *kinds: str) -> list[ClaimedJob]:
        """Let somebody take the jobs of some kinds that are due."""
        return self.services.queue.claim(
            owner, self.clock.now, limit=256, kinds=kinds, workspaces=[self.workspace_id]
        )

    def run_dying(self, kind: type[BotJob], owner: str = "dying") -> list[BotJob]:
        """Do the due jobs of a kind by a worker that dies then; return what would follow."""
        handler = {**BATCHED, **SINGLE}[kind](self.tasks)
        return handler(self.claim(owner, kind.kind), self.clock.now)

    def ticket(self, channel: str, text: str, **more: Any) -> str:
        """Say something in Slack, let the bot hear of it, and return its `ts`."""
        message = self.slack.say(channel, text, **more)
        assert self.hear(channel, message).status == 200
        return str(message["ts"])

    def hear(self, channel: str, message: Json, event_id: str | None = None) -> BoltResponse:
        """Deliver a message to the bot as an event."""
        facts = self.slack.channels[channel]
        kind = "group" if facts.get("is_private") else "channel"
        event = {"channel": channel, "channel_type": kind, **message}
        shared = bool(facts.get("is_ext_shared"))
        return self.deliver(event, event_id, is_ext_shared_channel=shared)

    def deliver(self, event: Json, event_id: str | None = None, **more: Any) -> BoltResponse:
        """Deliver an event, signed."""
        more = {"team_id": self.slack.team, **more}
        body = event_body(event, event_id or f"Ev{next(self._ids)}", **more)
        return self.request(body, json_headers(body))

    def edit(self, channel: str, ts: str, text: str, revision: str) -> BoltResponse:
        """Change a message, and tell the bot. `revision` is the time of the edit, like a `ts`."""
        edited = {"user": "U1", "ts": revision}
        message = {"type": "message", "ts": ts, "user": "U1", "text": text, "edited": edited}
        return self.hear(
            channel, {"type": "message", "subtype": "message_changed", "message": message}
        )

    def take_back(self, channel: str, ts: str) -> BoltResponse:
        """Tell the bot that a message is gone, as Slack does where it had no replies."""
        return self.hear(
            channel, {"type": "message", "subtype": "message_deleted", "deleted_ts": ts}
        )

    def click(
        self, channel: str, action: str, value: str, user: str = "U2", hook: str | None = None
    ) -> BoltResponse:
        """Press a button as a person."""
        number = next(self._ids)
        payload = {
            "type": "block_actions",
            "team": {"id": self.slack.team},
            "user": {"id": user},
            "channel": {"id": channel},
            "trigger_id": f"trigger-{number}",
            "response_url": hook,
            "actions": [{"type": "button", "action_id": f"deja_{action}", "value": value}],
        }
        return self.form({"payload": json.dumps(payload)})

    def press(self, view_id: str, action: str, value: str, user: str = "U2") -> BoltResponse:
        """Press a button of a form as a person."""
        payload = {
            "type": "block_actions",
            "team": {"id": self.slack.team},
            "user": {"id": user},
            "trigger_id": f"trigger-{next(self._ids)}",
            "view": {**self.slack.views[view_id], "id": view_id},
            "actions": [{"type": "button", "action_id": f"deja_{action}", "value": value}],
        }
        return self.form({"payload": json.dumps(payload)})

    def react(
        self, channel: str, ts: str, user: str = "U2", mark: str = "white_check_mark", **more: Any
    ) -> BoltResponse:
        """React to a message, or with `type="reaction_removed"` take that back."""
        item = {"type": "message", "channel": channel, "ts": ts}
        event = {"type": "reaction_added", "user": user, "reaction": mark, "item": item}
        return self.deliver({**event, **more})

    def shortcut(
        self, callback: str, channel: str, message: Json, user: str = "U2", hook: str | None = None
    ) -> BoltResponse:
        """Use a shortcut on a message."""
        payload = {
            "type": "message_action",
            "callback_id": callback,
            "team": {"id": self.slack.team},
            "user": {"id": user},
            "channel": {"id": channel},
            "trigger_id": f"trigger-{next(self._ids)}",
            "response_url": hook or self.slack.hook(),
            "message": message,
        }
        return self.form({"payload": json.dumps(payload)})

    def join(self, channel: str, user: str, inviter: str | None = None) -> BoltResponse:
        """Tell the bot that somebody has joined a channel."""
        event = {"type": "member_joined_channel", "user": user, "channel": channel}
        return self.deliver({**event, "inviter": inviter} if inviter else event)

    def suggest(self, view_id: str, action: str, typed: str, user: str = "U2") -> list[Json]:
        """Type into a search of a form and return the options that are offered."""
        payload = {
            "type": "block_suggestion",
            "team": {"id": self.slack.team},
            "user": {"id": user},
            "action_id": action,
            "block_id": "other",
            "value": typed,
            "view": self.slack.views[view_id],
        }
        response = self.form({"payload": json.dumps(payload)})
        return list(json.loads(response.body)["options"])

    def submit(self, view_id: str, state: Json, user: str = "U2") -> BoltResponse:
        """Send a form; `state` is each field's value, by block id."""
        return self.submit_values(view_id, {b: {b: v} for b, v in state.items()}, user)

    def submit_values(
        self, view_id: str, values: Json, user: str = "U2", **forged: Any
    ) -> BoltResponse:
        """Send a form with these values, by block and action; `forged` is what it says besides."""
        view = {**self.slack.views[view_id], **forged, "state": {"values": values}}
        payload = {
            "type": "view_submission",
            "team": {"id": self.slack.team},
            "user": {"id": user},
            "view": view,
        }
        return self.form({"payload": json.dumps(payload)})

    def command(
        self, channel: str, text: str, hook: str | None = None, user: str = "U2"
    ) -> BoltResponse:
        """Type `/deja text` as a person."""
        return self.form(
            {
                "command": "/deja",
                "text": text,
                "team_id": self.slack.team,
                "channel_id": channel,
                "user_id": user,
                "trigger_id": f"trigger-{next(self._ids)}",
                "response_url": hook or self.slack.hook(),
            }
        )

    def form(self, fields: dict[str, str]) -> BoltResponse:
        """Deliver what Slack sends as a form, signed."""
        body = urlencode(fields)
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.request(body, {**kind, **sign(body)})

    def request(self, body: str, headers: dict[str, str]) -> BoltResponse:
        """Give a request to Bolt."""
        return self.bot.app.dispatch(BoltRequest(body=body, headers=dict(headers)))

    def drain(self) -> None:
        """Do all the work that is due at the clock's time."""
        for _ in range(MAX_ROUNDS):
            waiting = self._waiting_kinds()
            lanes = [
                (lane, size)
                for lane, size in LANES
                if any(job_class.kind in waiting for job_class in lane)
            ]
            worked = [self.bot.worker.run_once(lane, size) for lane, size in lanes]
            if not any(worked):
                return
        raise AssertionError("the work never ends")

    def _waiting_kinds(self) -> set[str]:
        """Return the kinds of jobs that wait, due or not: nobody need claim any other."""
        waiting = select(Job.kind).where(Job.state.in_(("ready", "running"))).distinct()
        with self.services.database.read() as session:
            return set(session.scalars(waiting))

    def wait(self, seconds: float) -> None:
        """Let time pass, and do what is due then."""
        self.clock.advance(seconds)
        self.drain()

    def answers(self, channel: str, ts: str) -> list[Json]:
        """Do what is due; return the bot's messages in a thread."""
        self.drain()
        return self.slack.replies(channel, ts)

    def jobs(self, state: str) -> list[Job]:
        """Return the jobs in a state."""
        return self.services.queue.find([state], limit=1000)

    def item(self, channel: str, ts: str) -> Item:
        """Return what is remembered of a message."""
        with self.services.database.read() as session:
            return session.scalars(select(Item).where(Item.external_id == f"{channel}/{ts}")).one()

    def answer(self, channel: str, ts: str) -> Answer | None:
        """Return the stored answer on a message."""
        item = self.item(channel, ts)
        with self.services.database.read() as session:
            return session.scalar(
                select(Answer)
                .where(Answer.item_id == item.id)
                .options(selectinload(Answer.matches))
            )


@contextmanager
def open_desk(
    slack: SlackStandIn,
    database_url: str,
    data_dir: str,
    embedder: Embedder,
    *,
    default_mode: str = "full",
    burst_seconds: int = 0,
    settings: Mapping[str, str] | None = None,
) -> Iterator[Desk]:
    """Give a bot on the stand-in, on a migrated database.

    Without bursts: most tests have one person say one ticket after the other. `settings` are
    further ones, by the names that they have in the environment.
    """
    values = settings_values(slack.url, database_url, data_dir) | dict(settings or {})
    values["DEJA_DEFAULT_MODE"] = default_mode
    values["DEJA_BURST_SECONDS"] = str(burst_seconds)
    services = build(Settings.from_mapping(values), embedder, open_database(database_url))
    clock = Clock()
    yield Desk(slack, build_bot(services, clock), clock, count(1))
    services.close()


def restarted(desk: Desk) -> Desk:
    """Return the same desk with another process's worker: nothing in memory is shared."""
    return replace(desk, bot=build_bot(desk.services, desk.clock))


def buttons(message: Json) -> dict[str, str]:
    """Return the values of a message's buttons, by action; the first of each kind."""
    found: dict[str, str] = {}
    for block in message["blocks"]:
        accessory = [block["accessory"]] if "accessory" in block else []
        for element in [*block.get("elements", []), *accessory]:
            if element.get("type") == "button":
                found.setdefault(element["action_id"].removeprefix("deja_"), element["value"])
    return found


def words(message: Json) -> str:
    """Return all that a message shows."""
    return json.dumps([message["text"], message["blocks"]], ensure_ascii=False)
