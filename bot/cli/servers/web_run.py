"""What `deja web` does."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import ExitStack, suppress

from bot.cli.patience import Patience, StoppedError
from bot.cli.signals import stop_signals
from bot.cli.terminal import load_settings, me, open_services
from bot.web.serve import ensure_host, local_dashboard, serve_dashboard, team_dashboard

logger = logging.getLogger(__name__)


def serve_web(host: str, port: int | None, team_id: str | None) -> None:
    """Serve the dashboard until it is stopped."""
    settings = load_settings("INFO")
    ensure_host(settings, host)
    with stop_signals() as wait, suppress(StoppedError), ExitStack() as stack:
        starting = Patience(lambda seconds: bool(wait(seconds)))
        services = starting.wait_for(lambda: stack.enter_context(open_services(settings)))
        if settings.web_url is None:
            dashboard = local_dashboard(services, team_id, me())
        else:
            dashboard = starting.wait_for(lambda: team_dashboard(services))
        stop: Callable[[], None] = serve_dashboard(settings, dashboard, host, port)
        stack.callback(stop)
        wait()
        logger.info("stopping")
