"""What `deja serve` and `deja run` do until they are stopped."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from bot.backups.upgrade import upgrade
from bot.cli.patience import Patience, StoppedError
from bot.cli.signals import stop_signals
from bot.cli.terminal import me, open_services
from bot.clock import utc_now
from bot.model_numerics import load_model
from bot.server.monitor import monitored
from bot.server.serve import build_bot, listen
from bot.traces import traced
from services.errors import InputError, NotFoundError

if TYPE_CHECKING:
    from bot.server.workspaces import ConnectedWorkspaces
    from bot.settings import Settings
    from bot.wiring import Services

LOCAL_HOST = "127.0.0.1"
NO_DASHBOARD = (
    "there is no dashboard: without DEJA_WEB_URL it shows the only workspace, and there is none "
    "yet, or several. Set DEJA_WEB_URL, or start `deja web --workspace TEAM_ID` beside this"
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ServedParts:
    """What runs beside what receives events: the worker, and the dashboard."""

    worker: bool = True
    dashboard: bool = False


def serve_settings(
    settings: Settings, parts: ServedParts, *, host: str, port: int | None, migrate: bool
) -> None:
    """Serve until a signal to stop arrives."""
    settings.check_connection()
    if parts.dashboard and settings.web_url is not None:
        settings.require_web_credentials()  # fails before anything is started
    with stop_signals() as wait, suppress(StoppedError), ExitStack() as stack:
        starting = Patience(lambda seconds: bool(wait(seconds)))
        if migrate:
            done = starting.wait_for(lambda: upgrade(settings, utc_now()))
            if done.backup is not None:
                logger.info("upgraded to revision %s; backup: %s", done.after, done.backup.file)
        services = starting.wait_for(lambda: stack.enter_context(open_services(settings)))
        stack.enter_context(traced(services.settings))
        readiness = stack.enter_context(monitored(services))
        bot = starting.wait_for(lambda: build_bot(services))
        if parts.worker:
            load_model(services.embedder, settings)
        # Before events are taken, which would be left if its port cannot be used.
        if parts.dashboard:
            start = partial(start_dashboard, services, bot.workspaces, host)
            stack.callback(starting.wait_for(start))
        listening = settings.port if port is None else port
        stop_listening = starting.wait_for(lambda: listen(bot, host, listening))
        if parts.worker:
            bot.worker.start()
        readiness.is_working = True
        logger.info("Déjà is working for %s", bot.workspaces.names())
        wait()
        readiness.is_working = False
        logger.info("stopping")
        stop_listening()
        if parts.worker:
            bot.worker.stop()


def start_dashboard(
    services: Services, workspaces: ConnectedWorkspaces, host: str
) -> Callable[[], None]:
    """Start the dashboard; without sign-in it is for this machine alone. Return what stops it.

    Where sign-in is missing and nobody says whose dashboard it is, the bot works without one.
    """
    # A bot without a dashboard needs none of what draws one.
    from bot.web.serve import connected_dashboard, local_dashboard, serve_dashboard

    settings = services.settings
    if settings.web_url is not None:
        dashboard = connected_dashboard(services, workspaces, utc_now)
        return serve_dashboard(settings, dashboard, host, None)
    try:
        local = local_dashboard(services, None, me())
    except (NotFoundError, InputError):
        logger.warning(NO_DASHBOARD)
        return lambda: None
    return serve_dashboard(settings, local, LOCAL_HOST, None)
