"""Serve Déjà over HTTP with the hashing embedder: `python -m tests.serve_hashing`.

Tests kill it, and benchmarks load it. Settings come from the environment, as for `deja serve`;
`CLOCK_AHEAD` sets the worker's clock that many seconds ahead, as if the machine had been down;
`CLOCK_FILE` names a file with that number, which may change. SIGUSR1 has the channels swept, as a
new connection in Socket Mode does. The first line of standard output is the port.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.cli.signals import stop_signals
from bot.clock import utc_now
from bot.server.http import HttpServer, wsgi_app
from bot.server.serve import build_bot, is_healthy
from bot.settings import Settings
from bot.wiring import build
from tests.hashing import HashingEmbedder


def _clock() -> Callable[[], datetime]:
    if "CLOCK_FILE" in os.environ:
        file = os.open(os.environ["CLOCK_FILE"], os.O_RDONLY)
        return lambda: utc_now() + timedelta(seconds=float(os.pread(file, 32, 0) or 0))
    ahead = timedelta(seconds=float(os.environ.get("CLOCK_AHEAD", "0")))
    return lambda: utc_now() + ahead


def _print_port(port: int) -> None:
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()


def main(announce: Callable[[int], object] = _print_port) -> None:
    """Serve until SIGTERM or SIGINT; `announce` is given the port."""
    logging.basicConfig(level=logging.INFO)
    logging.getLogger("services.judgement.noise_budget").setLevel(logging.DEBUG)
    settings = Settings.from_mapping(os.environ)
    clock = _clock()
    services = build(settings, HashingEmbedder())
    bot = build_bot(services, clock)
    server = HttpServer(wsgi_app(bot.app, lambda: is_healthy(services)), "127.0.0.1", settings.port)
    signal.signal(signal.SIGUSR1, lambda *_: bot.worker.request_sweep())
    with stop_signals() as wait:
        server.start()
        bot.worker.start()
        announce(server.port)
        wait()
    server.stop()
    bot.worker.stop()
    services.close()


if __name__ == "__main__":
    main()
