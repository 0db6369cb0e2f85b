"""`deja import --dry-run` and `--preview`: what an import would do, and nothing is changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bot.cli.history.import_files import Import, counts, import_command, items, write

# Punctuation is not embedded, so these rows need no model.
WORDLESS = [{"id": 1, "text": "!"}, {"id": 2, "text": "?", "channel": "help"}]


@pytest.fixture
def run(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Import:
    """Give `deja import` on an empty SQLite database, in a new folder."""
    return import_command(tmp_path, sqlite_url, monkeypatch)


def test_a_dry_run_and_a_preview_change_nothing(run: Import, sqlite_url: str) -> None:
    """Both read everything and report what would happen; a preview shows the first rows."""
    file = write("tickets.jsonl", *WORDLESS)
    assert counts(run(file, "--dry-run", "--json")) == {"read": 2, "added": 2, "undated": 2}
    shown = run(file, "--preview").stderr
    assert "As stored" in shown
    assert "Nothing was changed." in shown
    assert items(sqlite_url) == []
    assert run(file, "--preview", "--yes").exit_code == 0
    assert len(items(sqlite_url)) == 2
    assert counts(run(file, "--dry-run", "--json")) == {"read": 2, "unchanged": 2, "undated": 2}


def test_a_dry_run_counts_repeated_rows_as_an_import_does(run: Import, sqlite_url: str) -> None:
    """Without an id they are one ticket; with one the last counts, also far below."""
    bare, door = {"text": "!"}, {"id": 1, "text": "?"}
    others = [{"id": number, "text": "?" * number} for number in range(2, 600)]
    rows = [bare, door, bare, *others, bare, door, {"id": 1, "text": "?!"}]
    file = write("tickets.jsonl", *rows)
    expected = counts(run(file, "--dry-run", "--json"))
    assert counts(run(file, "--yes", "--json")) == expected
    assert len(items(sqlite_url)) == expected["added"] == 600


def test_an_interrupted_dry_run_does_not_say_that_it_stored(
    run: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an import says that is interrupted holds for rows that were stored."""

    def stop(_run: object, _paths: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("bot.cli.history.import_run.ImportRun.import_paths", stop)
    file = write("tickets.jsonl", *WORDLESS)
    for options in ([], ["--dry-run"]):
        result = run(file, *options)
        assert result.exit_code == 130
        assert ("is stored" in result.stderr) is not bool(options)
