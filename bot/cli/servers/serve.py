"""`deja serve`."""

from __future__ import annotations

import click


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on (HTTP).")
@click.option("--port", type=click.IntRange(0, 65535), help="Port (HTTP). Default: DEJA_PORT.")
@click.option("--migrate", is_flag=True, help="Upgrade the database first.")
@click.option(
    "--no-worker", is_flag=True, help="Only receive events; run `deja worker` to process them."
)
@click.option("--web", is_flag=True, help="Show the dashboard as well (see `deja web`).")
def serve(host: str, port: int | None, migrate: bool, no_worker: bool, web: bool) -> None:
    """Connect to Slack and answer until stopped.

    With SLACK_APP_TOKEN it uses Socket Mode, otherwise HTTP with SLACK_SIGNING_SECRET. Over HTTP
    Slack's request URL is /slack/events; /healthz reports whether the database answers.

    If Slack or the database cannot be reached at the start, it says so in one line and waits.

    With --web the dashboard listens on DEJA_WEB_PORT, too: on this machine alone, or with
    DEJA_WEB_URL on the address of --host, and people sign in with Slack.

    \b
    Examples:
      deja serve --migrate
      deja serve --web
    """
    # The help needs none of what serving does.
    from bot.cli.servers.serve_run import ServedParts, serve_settings
    from bot.cli.terminal import load_settings

    settings = load_settings("INFO")
    parts = ServedParts(worker=not no_worker, dashboard=web)
    serve_settings(settings, parts, host=host, port=port, migrate=migrate)
