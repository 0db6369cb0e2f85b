"""`deja serve`."""

from __future__ import annotations

import logging
from contextlib import ExitStack, suppress

import click

from bot.backups.upgrade import upgrade
from bot.cli.patience import Patience, StoppedError
from bot.cli.signals import stop_signals
from bot.cli.terminal import load_settings, open_services
from bot.clock import utc_now
from bot.model_numerics import ensure_measured
from bot.server.monitor import monitored
from bot.server.serve import build_bot, listen
from bot.settings import Settings
from bot.traces import traced

logger = logging.getLogger(__name__)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on (HTTP).")
@click.option("--port", type=click.IntRange(0, 65535), help="Port (HTTP). Default: DEJA_PORT.")
@click.option("--migrate", is_flag=True, help="Upgrade the database first.")
@click.option(
    "--no-worker", is_flag=True, help="Only receive events; run `deja worker` to process them."
)
def serve(host: str, port: int | None, migrate: bool, no_worker: bool) -> None:
    """Connect to Slack and answer until stopped.

    With SLACK_APP_TOKEN it uses Socket Mode, otherwise HTTP with SLACK_SIGNING_SECRET. Over HTTP
    Slack's request URL is /slack/events; /healthz reports whether the database answers.

    If Slack or the database cannot be reached at the start, it says so in one line and waits.

    Example: deja serve --migrate
    """
    serve_settings(load_settings("INFO"), host=host, port=port, migrate=migrate, work=not no_worker)


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
