"""A bot in a process of its own that takes signed HTTP requests, with a choice of embedder."""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.error import URLError
from urllib.request import urlopen

from benchmarks.corpus import ROOT
from bot.cli.signals import stop_signals
from bot.server.serve import build_bot, listen
from bot.settings import Settings
from bot.wiring import build
from services.search.embedders.embedding import Embedder, SentenceTransformerEmbedder
from tests.hashing import HashingEmbedder

HOST = "127.0.0.1"
START_SECONDS, STOP_SECONDS = 60.0, 60.0
EMBEDDERS: dict[str, type[Embedder]] = {
    "hashing": HashingEmbedder,
    "model": SentenceTransformerEmbedder,
}


@contextmanager
def bot_process(embedder: str, values: dict[str, str]) -> Iterator[int]:
    """Start a bot and give its port; `values` are its settings."""
    with socket.create_server((HOST, 0)) as chosen:
        port: int = chosen.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.bot_process", embedder, str(port)],
        cwd=ROOT, env={**os.environ, **values},
    )  # fmt: skip
    try:
        _wait_until_healthy(process, port)
        yield port
    finally:
        process.terminate()
        process.wait(STOP_SECONDS)


def _wait_until_healthy(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(URLError, OSError), urlopen(f"http://{HOST}:{port}/healthz", timeout=1):
            return
        time.sleep(0.1)
    raise RuntimeError("the bot did not start")


def main(embedder: str, port: str) -> None:
    """Serve until SIGTERM."""
    logging.basicConfig(level=logging.ERROR)
    services = build(Settings.from_env(), EMBEDDERS[embedder]())
    services.embedder.encode(["the model is loaded before the first event"])
    bot = build_bot(services)
    with stop_signals() as wait:
        end = listen(bot, HOST, int(port))
        bot.worker.start()
        wait()
        end()
        bot.worker.stop()
        services.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
