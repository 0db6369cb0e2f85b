"""The port for monitoring: `/metrics` for Prometheus, `/healthz` and `/readyz`.

It is a port of its own, because Slack's is open to the world and numbers of a team are not.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from prometheus_client import REGISTRY, CollectorRegistry, make_wsgi_app

from bot.clock import utc_now
from bot.connection import ensure_current, write_fault
from bot.server.http import HttpServer
from bot.server.json_answers import answer, answer_health
from bot.server.serve import is_healthy
from bot.server.state_metrics import StateMetrics
from bot.wiring import Services
from services.errors import DatabaseError, SettingsError

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

logger = logging.getLogger(__name__)


@dataclass
class Readiness:
    """Whether this process does its work by now; it sets the flags as it starts and stops."""

    services: Services
    is_working: bool = False

    def faults(self) -> list[str]:
        """Return why the process is not ready, in words."""
        found = [] if self.is_working else ["the bot is starting or stopping"]
        if not is_healthy(self.services):
            return [*found, "the database does not answer"]
        try:
            ensure_current(self.services.database)
            fault = write_fault(self.services.database)
        except DatabaseError as error:  # another process has upgraded it
            fault = str(error)
        return found if fault is None else [*found, fault]


def monitor_app(readiness: Readiness, collector: StateMetrics) -> WSGIApplication:
    """Return the WSGI application of the port."""
    registry = CollectorRegistry()
    registry.register(collector)
    registry.register(REGISTRY)
    metrics = make_wsgi_app(registry)

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == "/metrics":
            return cast("Iterable[bytes]", metrics(environ, start_response))
        if path == "/healthz":
            return answer_health(start_response, lambda: is_healthy(readiness.services))
        if path == "/readyz":
            faults = readiness.faults()
            return answer(start_response, 503 if faults else 200, ok=not faults, faults=faults)
        return answer(start_response, 404, error="there is no such page")

    return serve


@contextmanager
def monitored(services: Services) -> Iterator[Readiness]:
    """Serve the port of the settings, if there is one, until the end of the block.

    Raises `SettingsError` if it cannot be used.
    """
    settings, readiness = services.settings, Readiness(services)
    if settings.metrics_port is None:
        yield readiness
        return
    host, port = settings.metrics_host, settings.metrics_port
    try:
        server = HttpServer(monitor_app(readiness, StateMetrics(services, utc_now)), host, port)
    except OSError as error:
        raise SettingsError(
            f"Port {port} on {host}, of DEJA_METRICS_PORT, cannot be used: {error.strerror}."
        ) from error
    server.start()
    logger.info("monitoring at http://%s:%d/metrics", host, server.port)
    try:
        yield readiness
    finally:
        readiness.is_working = False
        server.stop()
