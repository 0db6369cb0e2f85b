"""`deja web`."""

from __future__ import annotations

from typing import Any

import click

from bot.cli.options import WORKSPACE


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), help="Default: DEJA_WEB_PORT.")
@WORKSPACE
def web(**options: Any) -> None:
    """Show topics, decisions and health in a browser, and decide on pairs there.

    On this machine alone nobody signs in, and whoever works here sees all that the command line
    shows. With DEJA_WEB_URL people sign in with Slack, and each sees what they can read there.

    Example: deja web
    """
    # The help needs none of what this imports.
    from bot.cli.servers.web_run import serve_web

    serve_web(**options)
