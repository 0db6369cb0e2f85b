"""`deja run`."""

from __future__ import annotations

import click

from bot.cli.terminal import load_settings


@click.command()
@click.pass_context
def run(ctx: click.Context) -> None:
    """Start Déjà in Slack if there are tokens, otherwise on a local Slack to try it out.

    Example: deja run
    """
    settings = load_settings("INFO")
    if settings.has_slack:
        from bot.cli.servers.serve_run import ServedParts, serve_settings

        serve_settings(settings, ServedParts(), host="127.0.0.1", port=None, migrate=True)
    else:
        from bot.cli.servers.try_ import try_

        ctx.invoke(try_)
