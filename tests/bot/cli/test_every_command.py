"""Rules for every command: those that read have output for programs."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from bot.cli import main, terminal
from bot.cli.group import KEPT, DejaGroup
from tests.bot.cli.all_commands import commands

# They change something, run until they are stopped, or ask a person.
NOT_READING = frozenset(
    {
        "run", "serve", "web", "worker", "try", "import", "backfill", "review", "restore",
        "retain set", "retain remove", "verdicts import", "verdicts undo", "topics rename",
        "topics merge", "topics split", "topics move", "topics hide", "topics undo", "jobs retry",
        "index rebuild", "db upgrade", "sources remove", "sources rotate", "sources add",
        "sources write-back", "sources create-issues", "sources token", "model drop", "model get",
        "model use", "settings apply", "secrets new-key", "help",
    }
)  # fmt: skip
# Their output is JSON lines already, or a file.
WRITES_JSON = frozenset({"verdicts export", "settings export"})


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
        group = DejaGroup(sections={})
        monkeypatch.setattr(group, "get_command", lambda _ctx, _name: stops)
        result = CliRunner().invoke(group, [name])
        assert result.exit_code == 130
        assert expected in result.stderr
        assert len(result.stderr.splitlines()) == 1


def test_help_groups_the_commands_by_what_people_want() -> None:
    """`deja --help` has headings, every command once, and no line wider than 80 columns."""
    lines = _help(["--help"])
    assert "Search:" in lines
    named = [line.split()[0] for line in lines if line.startswith("  ")]
    known = main.list_commands(click.Context(main))
    assert [name for name in known if named.count(name) != 1] == []


def test_summaries_are_whole_at_80_columns() -> None:
    """No summary of a command is cut, and no help is wider than a terminal of 80 columns."""
    groups = {name.rpartition(" ")[0] for name, _ in commands(main)}
    for name in groups | {name for name, _ in commands(main)}:
        lines = _help([*name.split(), "--help"])
        assert max(map(len, lines)) <= 80, name
        assert [line for line in lines[1:] if line.endswith("...")] == [], name


def test_help_of_a_command_is_what_its_option_prints() -> None:
    """`deja help topics merge` is `deja topics merge --help`; alone it lists all commands."""
    assert _help(["help", "topics", "merge"]) == _help(["topics", "merge", "--help"])
    assert _help(["help"]) == _help(["--help"])


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        (["help", "topcs"], "No such command 'topcs'. Did you mean 'topics'?"),
        (["help", "topics", "marge"], "No such command 'marge'. Did you mean 'merge'?"),
        (["topcs"], "No such command 'topcs'. Did you mean 'topics'?"),
        (["help", "similar", "more"], "'deja similar' has no commands."),
    ],
)
def test_an_unknown_command_is_named_with_the_nearest(typed: list[str], says: str) -> None:
    """A mistyped command is one clear line with what was perhaps meant."""
    result = CliRunner().invoke(main, typed, prog_name="deja")
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1].startswith(f"Error: {says[:-1]}")


def test_only_what_has_a_meaning_is_coloured() -> None:
    """Numbers, paths and quotations have no colour of their own, on any terminal."""
    said = "12 rows of /tmp/file for 'somebody'"
    for console in (terminal.console, terminal.notes):
        assert console.render_str(said).spans == []


def test_every_column_of_a_table_has_a_name() -> None:
    """A table with a nameless column is refused, whoever prints it."""
    with pytest.raises(ValueError, match="needs a name"):
        terminal.print_table("Title", ["item", ""], [["T-1", "solved"]])


def test_counts_are_words() -> None:
    """One thing is singular, any other number plural, thousands are grouped."""
    said = [terminal.count(number, "group") for number in (0, 1, 2, 1_204)]
    assert said == ["0 groups", "1 group", "2 groups", "1,204 groups"]
    assert terminal.count(2, "id is", "ids are") == "2 ids are"


def _help(typed: list[str]) -> list[str]:
    result = CliRunner().invoke(main, typed, prog_name="deja", terminal_width=80)
    assert result.exit_code == 0
    return result.stdout.splitlines()
