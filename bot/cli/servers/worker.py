"""`deja worker`."""

from __future__ import annotations

import click


@click.command()
def worker() -> None:
    """Process the events that `deja serve --no-worker` receives.

    On PostgreSQL several workers may run at once.

    Example: deja worker
    """
    # The help needs none of what this imports.
    from bot.cli.servers.worker_run import run_worker

    run_worker()
