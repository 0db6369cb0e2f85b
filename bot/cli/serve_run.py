"""What `deja serve` and `deja run` do until they are stopped."""

from __future__ import annotations

import logging
from contextlib import ExitStack, suppress

from bot.backups.upgrade import upgrade
from bot.cli.patience import Patience, StoppedError
from bot.cli.signals import stop_signals
from bot.cli.terminal import open_services
from bot.clock import utc_now
from bot.model_numerics import ensure_measured
from bot.server.monitor import monitored
from bot.server.serve import build_bot, listen
from bot.settings import Settings
from bot.traces import traced

logger = logging.getLogger(__name__)


def serve_settings(
    settings: Settings, *, host: str, port: int | None, migrate: bool, work: bool
) -> None:
    """Serve until a signal to stop arrives."""
    settings.check_connection()
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
        if work:
            logger.info("loading the model")
            ensure_measured(services.embedder, settings)
            services.embedder.encode(["a first text"])  # fails now if the model is unusable
        listening = settings.port if port is None else port
        stop_listening = starting.wait_for(lambda: listen(bot, host, listening))
        if work:
            bot.worker.start()
        readiness.is_working = True
        logger.info("Déjà is working for %s", bot.workspaces.names())
        wait()
        readiness.is_working = False
        logger.info("stopping")
        stop_listening()
        if work:
            bot.worker.stop()
