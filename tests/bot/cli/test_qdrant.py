"""Commands where `DEJA_QDRANT_URL` names a server."""

from __future__ import annotations

import sys

import pytest

from tests.bot.cli.backlog import Run


def test_a_server_that_is_away_is_one_clear_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands that search say which setting to look at; others need no server."""
    monkeypatch.setenv("DEJA_QDRANT_URL", "http://127.0.0.1:1")
    for command in (["index", "verify"], ["index", "rebuild"], ["similar", "the printer is off"]):
        result = run(*command)
        assert result.exit_code == 1, command
        assert "Qdrant cannot be used now" in result.stderr
        assert "DEJA_QDRANT_URL" in result.stderr
        assert "Traceback" not in result.output
    assert run("status").exit_code == 0
    index = next(line for line in run("doctor", "--offline").stdout.splitlines() if "index" in line)
    assert "Qdrant" in index


def test_a_missing_client_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra the error says how to install it; an address must be one."""
    monkeypatch.setenv("DEJA_QDRANT_URL", "http://127.0.0.1:1")
    monkeypatch.setitem(sys.modules, "qdrant_client", None)
    assert "pip install 'deja[qdrant]'" in run("index", "verify").stderr
    monkeypatch.setenv("DEJA_QDRANT_URL", "localhost:6333")
    assert "must be an address such as http://127.0.0.1:6333" in run("status").stderr
