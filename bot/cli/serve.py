"""`deja run`, `deja serve`, `deja worker`."""

from __future__ import annotations

import logging

import click

import migrations
from bot.cli.signals import stop_signals
from bot.cli.terminal import load_settings, open_services
from bot.server.serve import build_bot, check_listening, listen
from bot.settings import Settings
from bot.wiring import connect

logger = logging.getLogger(__name__)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on (HTTP).")
@click.option("--port", type=click.IntRange(0, 65535), help="Port (HTTP); default DEJA_PORT.")
@click.option("--migrate", is_flag=True, help="Upgrade the database first.")
@click.option("--no-worker", is_flag=True, help="Only take events; `deja worker` does the work.")
def serve(host: str, port: int | None, migrate: bool, no_worker: bool) -> None:
    """Connect to Slack and answer, until stopped.

    In Socket Mode where SLACK_APP_TOKEN is set, otherwise by HTTP with SLACK_SIGNING_SECRET.
    The request address is /slack/events; /healthz tells whether the database answers.

    Example: deja serve --migrate
    """
    serve_settings(load_settings("INFO"), host=host, port=port, migrate=migrate, work=not no_worker)


@click.command()
def worker() -> None:
    """Do the work that `deja serve --no-worker` takes in; several may run on PostgreSQL.

    Example: deja worker
    """
    with open_services(load_settings("INFO")) as services, stop_signals() as wait:
        bot = build_bot(services)
        bot.worker.start()
        logger.info("working for %s", bot.teams.names())
        wait()
        logger.info("stopping")
        bot.worker.stop()


@click.command()
@click.pass_context
def run(ctx: click.Context) -> None:
    """Start Déjà: in Slack where there are tokens, otherwise on a local Slack to try it out.

    Example: deja run
    """
    settings = load_settings("INFO")
    if settings.has_slack:
        serve_settings(settings, host="127.0.0.1", port=None, migrate=True, work=True)
    else:
        from bot.cli.try_ import try_

        ctx.invoke(try_)


def serve_settings(
    settings: Settings, *, host: str, port: int | None, migrate: bool, work: bool
) -> None:
    """Serve one workspace until a signal to stop."""
    check_listening(settings)
    if migrate:
        database = connect(settings)
        migrations.upgrade(database.engine)
        database.close()
    with open_services(settings) as services, stop_signals() as wait:
        bot = build_bot(services)
        if work:
            logger.info("loading the model")
            services.embedder.encode(["a first text"])  # what is wrong with it is told now
        end = listen(bot, host, settings.port if port is None else port)
        if work:
            bot.worker.start()
        logger.info("Déjà remembers for %s", bot.teams.names())
        wait()
        logger.info("stopping")
        end()
        if work:
            bot.worker.stop()
