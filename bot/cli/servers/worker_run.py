"""What `deja worker` does."""

from __future__ import annotations

import logging
from contextlib import ExitStack, suppress

from bot.cli.patience import Patience, StoppedError
from bot.cli.signals import stop_signals
from bot.cli.terminal import load_settings, open_services
from bot.model_numerics import load_model
from bot.server.monitor import monitored
from bot.server.serve import build_bot
from bot.traces import traced

logger = logging.getLogger(__name__)


def run_worker() -> None:
    """Run stored jobs until it is stopped."""
    settings = load_settings("INFO")
    with stop_signals() as wait, suppress(StoppedError), ExitStack() as stack:
        starting = Patience(lambda seconds: bool(wait(seconds)))
        services = starting.wait_for(lambda: stack.enter_context(open_services(settings)))
        stack.enter_context(traced(services.settings))
        readiness = stack.enter_context(monitored(services))
        bot = starting.wait_for(lambda: build_bot(services))
        load_model(services.embedder, settings)
        bot.worker.start()
        readiness.is_working = True
        logger.info("Déjà is working for %s", bot.workspaces.names())
        wait()
        readiness.is_working = False
        logger.info("stopping")
        bot.worker.stop()
