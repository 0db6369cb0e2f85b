"""Build a bot from its parts, and let it listen to Slack."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from socket import SHUT_RDWR
from typing import TYPE_CHECKING, Any

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.oauth import OAuthFlow
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode import SocketModeClient
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError

from bot.clock import utc_now
from bot.server.app import build_app
from bot.server.http import HttpServer, ingest_app, wsgi_app
from bot.server.ingest import IngestEndpoint
from bot.server.job_signal import JobSignal
from bot.server.worker import Maintenance, Worker
from bot.server.workspaces import ConnectedWorkspaces
from bot.slack.client import Slack
from bot.slack.errors import outage_of, token_error
from bot.slack.oauth import Installations, install_flow, stored_tokens
from bot.slack.tokens import OneToken
from bot.slack.web_api import NO_ANSWER
from bot.tasks.model_preparation import BackgroundPreparation
from bot.wiring import Services
from models import Source
from services.errors import SettingsError, UnreachableError
from services.memory.workspaces import save_workspace
from services.secrets.stored import seal_plain

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

# slack_sdk notices a dead connection after a few missed pings: a minute with its default of 10 s.
PING_SECONDS = 3

EMBED_MISSING_AT_ONCE = 256

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Bot:
    """The parts of a bot. `install` is there if any workspace may install the app."""

    services: Services
    workspaces: ConnectedWorkspaces
    app: App
    worker: Worker
    install: OAuthFlow | None


def build_bot(services: Services, clock: Callable[[], datetime] = utc_now) -> Bot:
    """Identify the bot in Slack and return its parts; nothing runs yet.

    Secrets that an older version stored are encrypted first. Raises `SettingsError` if a stored one
    was encrypted with a key that is not here.
    """
    settings, signal = services.settings, JobSignal()
    sealed = seal_plain(services.database, services.keyring)
    if sealed:
        logger.info("%d secrets in the database are encrypted now", sealed)
    install = None
    if settings.has_many_workspaces:
        installations = Installations(settings, services.database, clock)
        install = install_flow(settings, services.database, installations)
        tokens = stored_tokens(settings, installations)
        workspaces = ConnectedWorkspaces(services, tokens, signal, clock)
        app = build_app(settings, workspaces.listener_context, workspaces.uninstall)
    else:
        team, token = _only_team(services, clock)
        workspaces = ConnectedWorkspaces(services, OneToken(team, token), signal, clock)
        # A person who clicks in a shared channel may belong to another team.
        app = build_app(
            settings,
            lambda _: workspaces.listener_context(team),
            lambda _, event_time: workspaces.uninstall(team, event_time),
        )
    maintenance = Maintenance(
        maintain_index=lambda: services.live.get().maintain_index(),
        embed_missing=lambda: services.live.get().vectors.embed_missing(
            limit=EMBED_MISSING_AT_ONCE
        ),
        measure_missing=lambda: services.live.get().duplicates.measure_missing(
            limit=EMBED_MISSING_AT_ONCE
        ),
        prepare_model=BackgroundPreparation(services, clock).do_part,
        stop=services.stop_saving,
    )
    worker = Worker(services.queue, workspaces, maintenance, signal=signal, clock=clock)
    return Bot(services, workspaces, app, worker, install)


def _only_team(services: Services, clock: Callable[[], datetime]) -> tuple[str, str]:
    """Store the workspace of the settings' token; return its team id and the token."""
    slack = Slack.connect(services.settings)
    team = slack.identify()
    with services.database.write() as session:
        save_workspace(session, team, clock())
    return team.team_id, str(slack.client.token)


def listen(bot: Bot, host: str, port: int) -> Callable[[], None]:
    """Start to receive events: in Socket Mode if there is an app token, otherwise by HTTP.

    Returns the function that stops it. Raises `SettingsError` if a token is missing or rejected, or
    the port cannot be used, and `UnreachableError` if Slack does not answer.
    """
    settings = bot.services.settings
    settings.check_connection()
    if settings.slack_app_token is not None:
        return _listen_on_socket_and_port(
            bot, settings.slack_app_token.get_secret_value(), host, port
        )
    app = wsgi_app(bot.app, lambda: is_healthy(bot.services), bot.install, ingest_endpoint(bot))
    server = start_server(app, host, port)
    logger.info("listening at http://%s:%d/slack/events", host, server.port)
    if bot.install is not None:
        logger.info("the page to install the app is %s", bot.install.install_path)
    return server.stop


def ingest_endpoint(bot: Bot) -> IngestEndpoint:
    """Return what takes the tickets of other programs."""
    workspaces = bot.workspaces
    return IngestEndpoint(
        bot.services.database,
        workspaces.installed,
        workspaces.signal,
        bot.services.keyring,
        workspaces.clock,
    )


def is_healthy(services: Services) -> bool:
    """Say whether the database answers."""
    try:
        with services.database.read() as session:
            session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return False
    return True


def start_server(app: WSGIApplication, host: str, port: int) -> HttpServer:
    """Start to serve an application. Raises `SettingsError` if the port cannot be used."""
    try:
        server = HttpServer(app, host, port)
    except OSError as error:
        raise SettingsError(f"Port {port} on {host} cannot be used: {error.strerror}.") from error
    server.start()
    return server


def _listen_on_socket_and_port(
    bot: Bot, app_token: str, host: str, port: int
) -> Callable[[], None]:
    """Listen in Socket Mode; a port is opened only if other programs send tickets."""
    with bot.services.database.read() as session:
        has_sources = session.scalar(select(Source.id).limit(1)) is not None
    if not has_sources:
        return _listen_on_socket(bot, app_token)
    app = ingest_app(lambda: is_healthy(bot.services), ingest_endpoint(bot))
    server = start_server(app, host, port)
    try:
        close = _listen_on_socket(bot, app_token)
    except BaseException:
        server.stop()
        raise
    logger.info("tickets of other programs are taken at http://%s:%d/ingest/", host, server.port)

    def stop() -> None:
        close()
        server.stop()

    return stop


def stop_receiving(client: SocketModeClient) -> None:
    """End the wait for Slack's next frame; closing the connection would last until it comes."""
    client.auto_reconnect_enabled = False
    client.current_session_runner.event.set()  # it would begin to receive again
    client.current_session_state.terminated = True
    session = client.current_session
    connection = None if session is None else session.sock
    if connection is not None:
        with suppress(OSError):  # Slack has closed it already
            connection.shutdown(SHUT_RDWR)


def _listen_on_socket(bot: Bot, app_token: str) -> Callable[[], None]:
    handler = SocketModeHandler(bot.app, app_token, ping_interval=PING_SECONDS)

    def on_frame(_client: Any, frame: dict[str, Any], _raw: str | None = None) -> None:
        if frame.get("type") == "hello":  # after each connection, so after a lost one as well
            bot.worker.request_sweep()

    def close() -> None:
        stop_receiving(handler.client)
        handler.close()  # type: ignore[no-untyped-call]

    handler.client.message_listeners.append(on_frame)
    try:
        handler.connect()  # type: ignore[no-untyped-call]
    except SlackApiError as error:
        close()
        outage = outage_of(error)
        if outage is not None:
            raise UnreachableError(f"Slack cannot be reached: {outage}.") from error
        raise token_error("SLACK_APP_TOKEN", error) from error
    except NO_ANSWER as error:
        close()
        raise UnreachableError(f"Slack cannot be reached: {type(error).__name__}.") from error
    logger.info("connected to Slack in Socket Mode")
    return close
