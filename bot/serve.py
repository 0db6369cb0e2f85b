"""One running bot: what listens, what works, and a clean stop."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk.errors import SlackApiError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot.app import Hands, build_app
from bot.events import Self
from bot.http import HttpServer, wsgi_app
from bot.marking import Option
from bot.scheduling import due_jobs
from bot.settings import Settings
from bot.slack import Slack, token_error
from bot.tasks import Tasks
from bot.wiring import Deja
from bot.worker import Bell, Chores, Worker, utc_now
from services.errors import SettingsError
from services.queue import NewJob, enqueue
from services.workspaces import (
    Team,
    is_installed,
    is_known,
    purge_uninstalled,
    save_workspace,
    uninstall,
)

# slack_sdk notices a silent drop after a few missed pings; its default of 10 s takes a minute.
PING_SECONDS = 3

EMBED_MISSING_AT_ONCE = 256

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Bot:
    """The parts of a bot that is connected to one workspace."""

    deja: Deja
    slack: Slack
    team: Team
    app: App
    tasks: Tasks
    worker: Worker


def build_bot(deja: Deja, clock: Callable[[], datetime] = utc_now) -> Bot:
    """Ask Slack who we are and return the bot; nothing runs yet."""
    settings = deja.settings
    slack = Slack.connect(settings)
    team = slack.identify()
    with deja.database.write() as session:
        workspace_id = save_workspace(session, team, clock()).id
    bell = Bell()
    me = Self(team.team_id, team.bot_user_id, settings.ticket_bots)
    tasks = Tasks(deja, slack, me)
    worker = Worker(
        deja.queue,
        tasks,
        Chores(
            maintain_index=deja.maintain_index,
            embed_missing=lambda: deja.items.embed_missing(limit=EMBED_MISSING_AT_ONCE),
            measure_missing=lambda: deja.duplicates.measure_missing(limit=EMBED_MISSING_AT_ONCE),
            due_jobs=lambda now: due_jobs(deja, workspace_id, now),
            is_installed=lambda: _is_installed(deja, team.team_id),
            purge=lambda now: _purge(deja, team.team_id, now),
        ),
        bell=bell,
        clock=clock,
    )

    def put_in(job: NewJob) -> None:
        with deja.database.write() as session:
            if is_known(session, team.team_id):  # what comes after the purge is not kept
                enqueue(session, [job], clock())
        bell.ring(job.kind)

    def end() -> None:
        slack.ended.set()
        with deja.database.write() as session:
            uninstall(session, team.team_id, clock())
        logger.warning(
            "the app was removed from %s: all work stops, and in %d hours its data is forgotten",
            team.name,
            settings.purge_hours,
        )

    def find(channel: str, ts: str, user: str, text: str) -> list[Option]:
        return tasks.marking.find(channel, ts, user, text, clock())

    hands = Hands(put_in, end, find)
    return Bot(deja, slack, team, build_app(settings, slack, team, hands), tasks, worker)


def _is_installed(deja: Deja, team_id: str) -> bool:
    with deja.database.read() as session:
        return is_installed(session, team_id)


def _purge(deja: Deja, team_id: str, now: datetime) -> None:
    """Forget the workspace where its app is gone for long enough."""
    before = now - timedelta(hours=deja.settings.purge_hours)
    with deja.database.write() as session:
        is_gone = purge_uninstalled(session, team_id, before)
    if is_gone:
        deja.rebuild_index()
        logger.warning("the data of the removed app is forgotten")


def check_listening(settings: Settings) -> None:
    """Raise `SettingsError` unless there are tokens for both ways: to Slack and from it."""
    Slack.connect(settings)
    if settings.slack_app_token is None and settings.slack_signing_secret is None:
        raise SettingsError(
            "Set SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP): without one of "
            "them Slack cannot reach the bot."
        )


def listen(bot: Bot, host: str, port: int) -> Callable[[], None]:
    """Begin to take what Slack sends, in Socket Mode where there is an app token, else by HTTP.

    Return the function that ends it.
    """
    settings = bot.deja.settings
    check_listening(settings)
    if settings.slack_app_token is not None:
        return _listen_on_socket(bot, settings.slack_app_token)
    try:
        server = HttpServer(wsgi_app(bot.app, lambda: is_healthy(bot.deja)), host, port)
    except OSError as error:
        raise SettingsError(f"Port {port} on {host} cannot be used: {error.strerror}.") from error
    server.start()
    logger.info("listening at http://%s:%d/slack/events", host, server.port)
    return server.stop


def is_healthy(deja: Deja) -> bool:
    """Say whether the database answers."""
    try:
        with deja.database.read() as session:
            session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return False
    return True


def _listen_on_socket(bot: Bot, app_token: str) -> Callable[[], None]:
    handler = SocketModeHandler(bot.app, app_token, ping_interval=PING_SECONDS)

    def on_frame(_client: Any, frame: dict[str, Any], _raw: str | None = None) -> None:
        if frame.get("type") == "hello":  # after a connection, so also after one was lost
            bot.worker.request_sweep()

    def close() -> None:
        handler.close()  # type: ignore[no-untyped-call]

    handler.client.message_listeners.append(on_frame)
    try:
        handler.connect()  # type: ignore[no-untyped-call]
    except SlackApiError as error:
        close()
        raise token_error("SLACK_APP_TOKEN", error) from error
    logger.info("connected to Slack in Socket Mode")
    return close
