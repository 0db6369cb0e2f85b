"""Rules for every command: those that read have output for programs."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.cli.group import KEPT, DejaGroup

# They change something, run until they are stopped, or ask a person.
NOT_READING = frozenset(
    {
        "run", "serve", "worker", "try", "import", "backfill", "review", "restore", "retain set",
        "retain remove", "verdicts import", "verdicts undo", "topics rename", "topics merge",
        "topics split", "topics move", "topics hide", "topics undo", "jobs retry", "index rebuild",
        "db upgrade", "sources remove", "sources rotate", "sources add", "sources write-back",
        "sources create-issues", "sources token", "model drop", "model get", "model use",
        "settings apply", "secrets new-key",
    }
)  # fmt: skip
# Their output is JSON lines already, or a file.
WRITES_JSON = frozenset({"verdicts export", "settings export"})


def commands(group: click.Group, prefix: str = "") -> Iterator[tuple[str, click.Command]]:
    """Yield every command with its full name."""
    ctx = click.Context(group)
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        if isinstance(command, click.Group):
            yield from commands(command, f"{prefix}{name} ")
        elif command is not None:
            yield f"{prefix}{name}", command


def test_every_command_that_reads_has_json() -> None:
    """A command without `--json` is one that changes something, or writes JSON anyway."""
    without = {
        name
        for name, command in commands(main)
        if not any("--json" in parameter.opts for parameter in command.params)
        and name not in WRITES_JSON
    }
    reading = {name for name in without if not any(name.startswith(one) for one in NOT_READING)}
    assert reading == set()


def test_an_interrupted_command_says_what_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every command prints one line and exits with 130; those that write say what is kept."""
    assert {name for name in KEPT if name not in main.list_commands(click.Context(main))} == set()

    @click.command()
    def stops() -> None:
        raise KeyboardInterrupt

    for name, expected in (("export", "No file was written"), ("similar", "Nothing was changed")):
        group = DejaGroup(lazy={})
        monkeypatch.setattr(group, "get_command", lambda _ctx, _name: stops)
        result = CliRunner().invoke(group, [name])
        assert result.exit_code == 130
        assert expected in result.stderr
        assert len(result.stderr.splitlines()) == 1
