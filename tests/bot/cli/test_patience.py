"""`deja serve`, started while Slack or the database is down, waits and can be stopped."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from shutil import copy

import pytest

from tests.serving import settings_values
from tests.slack_server import broken
from tests.slack_standin import SlackStandIn

SECONDS = 60


@contextmanager
def running(values: dict[str, str], folder: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """Run a `deja` command until the end of the block."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("DEJA_", "SLACK_"))}
    deja = "from bot.cli import main; main()"
    command = [sys.executable, "-c", deja, *words]
    with subprocess.Popen(
        command, env=inherited | values, cwd=folder, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def serving(
    values: dict[str, str], folder: Path, *more: str
) -> AbstractContextManager[subprocess.Popen[str]]:
    """Run `deja serve --no-worker` until the end of the block."""
    return running(values, folder, "serve", "--no-worker", "--port", "0", *more)


def read_until(process: subprocess.Popen[str], words: str) -> list[str]:
    """Return the lines up to one with these words."""
    assert process.stderr is not None
    lines = []
    for line in process.stderr:
        lines.append(line)
        if words in line:
            return lines
    raise AssertionError("".join(lines))


def test_serve_waits_for_slack(slack: SlackStandIn, sqlite_template: Path, tmp_path: Path) -> None:
    """One line says that it waits; once Slack answers, it starts."""
    slack.outage = broken
    url = f"sqlite:///{copy(sqlite_template, tmp_path / 'deja.db')}"
    values = settings_values(slack.url, url, str(tmp_path / "data"))
    with serving(values, tmp_path) as process:
        lines = read_until(process, "Slack cannot be reached")
        assert "Slack answers 500" in lines[-1]
        assert "Waiting for it." in lines[-1]
        while slack.count("auth.test") < 2:  # the second failure is not logged
            assert process.poll() is None
        slack.outage = None
        lines = read_until(process, "is working for")
        assert sum("cannot be reached" in line for line in lines) == 0
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS) == 0


@pytest.mark.parametrize("way", [signal.SIGINT, signal.SIGTERM])
def test_serve_waits_for_the_database_and_can_be_stopped(
    slack: SlackStandIn, tmp_path: Path, way: signal.Signals
) -> None:
    """It waits for a server that does not answer; a signal ends that at once."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    url = f"postgresql+psycopg://deja:secret@127.0.0.1:{port}/deja"
    values = settings_values(slack.url, url, str(tmp_path / "data"))
    with serving(values, tmp_path) as process:
        [*_, line] = read_until(process, "cannot be opened")
        assert "Waiting for it." in line
        assert "secret" not in line
        process.send_signal(way)
        assert process.wait(SECONDS) == 0
