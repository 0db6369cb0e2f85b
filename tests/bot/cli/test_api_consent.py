"""A model behind an API is used after people agreed to send a backlog's texts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import select

from models import EmbeddingModel
from tests.databases import open_database
from tests.embedding_server import KEY, EmbeddingServer, embedding_server

Deja = Callable[..., Result]
NAME = "api:hashing-model"
TEXTS = ["the printer prints blank pages", "blank pages from the printer", "book a day of holiday"]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[EmbeddingServer]:
    """Run an API that the settings name."""
    with embedding_server() as running:
        monkeypatch.setenv("DEJA_EMBEDDING_URL", running.url)
        monkeypatch.setenv("DEJA_EMBEDDING_KEY", KEY)
        monkeypatch.setenv("DEJA_EMBEDDING_PRICE", "20000")
        yield running


@pytest.fixture
def file(tmp_path: Path) -> str:
    """Write a file of three tickets."""
    rows = [json.dumps({"id": f"T-{n}", "text": text}) for n, text in enumerate(TEXTS)]
    (tmp_path / "tickets.jsonl").write_text("\n".join(rows))
    return str(tmp_path / "tickets.jsonl")


def test_a_backlog_is_sent_after_a_yes(
    command_line: Deja, server: EmbeddingServer, file: str
) -> None:
    """The host, the tokens and the price are told; a no sends nothing of it."""
    assert command_line("import", file).exit_code == 0
    refused = command_line("model", "use", NAME, "--now", stdin="n\n")
    assert refused.exit_code == 1
    assert "texts of 3 tickets and products leave this machine for 127.0.0.1:" in refused.stderr
    assert "which cost about 0.3" in refused.stderr
    assert not set(TEXTS) & set(server.texts)
    used = command_line("model", "use", NAME, "--now", stdin="y\ny\n")
    assert used.exit_code == 0, used.output
    assert set(TEXTS) <= set(server.texts)
    (line,) = command_line("similar", "printer: blank pages", "--json").stdout.splitlines()
    assert {match["item"] for match in json.loads(line)["matches"][:2]} == {"T-0", "T-1"}


def test_an_import_asks_before_it_sends(
    command_line: Deja, server: EmbeddingServer, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nobody can be asked, `--yes` says so."""
    monkeypatch.setenv("DEJA_MODEL", NAME)
    refused = command_line("import", file)
    assert refused.exit_code == 1
    assert "give --yes to send them" in refused.stderr
    assert not set(TEXTS) & set(server.texts)
    assert command_line("import", file, "--yes").exit_code == 0
    assert set(TEXTS) <= set(server.texts)


def _owners(database_url: str) -> list[str | None]:
    """Return who makes the vectors of models that are not in use."""
    database = open_database(database_url)
    with database.read() as session:
        found = session.scalars(
            select(EmbeddingModel.owner).where(EmbeddingModel.state == "preparing")
        ).all()
    database.close()
    return list(found)


def test_an_api_that_fails_in_the_middle_loses_nothing(
    command_line: Deja, server: EmbeddingServer, file: str, database_url: str
) -> None:
    """The command says so in one line, and goes on at once when it is run again."""
    assert command_line("import", file).exit_code == 0
    server.change = lambda answer: answer["data"].clear() if len(answer["data"]) > 1 else None
    failed = command_line("model", "use", NAME, "--now", "--yes")
    assert failed.exit_code == 1
    assert "answered with 0 vectors for 3 texts" in failed.stderr
    assert _owners(database_url) == [None]
    server.change = None
    assert command_line("model", "use", NAME, "--now", "--yes").exit_code == 0
