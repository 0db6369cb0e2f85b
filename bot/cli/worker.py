"""`deja worker`."""

from __future__ import annotations

import logging

import click

from bot.cli.signals import stop_signals
from bot.cli.terminal import load_settings, open_services
from bot.server.serve import build_bot

logger = logging.getLogger(__name__)


@click.command()
def worker() -> None:
    """Process the events that `deja serve --no-worker` receives.

    On PostgreSQL several workers may run at once.

    Example: deja worker
    """
    with open_services(load_settings("INFO")) as services, stop_signals() as wait:
        bot = build_bot(services)
        bot.worker.start()
        logger.info("Déjà is working for %s", bot.workspaces.names())
        wait()
        logger.info("stopping")
        bot.worker.stop()
