"""No input of any command or option ends in a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.cli import main
from tests.bot.cli.backlog import Run
from tests.levels import rounds, variations

# They start servers. Their errors about wrong settings are tested elsewhere.
SERVERS = {("run",), ("try",)}
# It waits in peace if nothing is wrong.
WAITING = {("web",)}

# Done; what went wrong is told; the command line is wrong; interrupted.
EXIT_CODES = {0, 1, 2, 130}

NUMBERS = ["9" * 20, "-" + "9" * 20, "-1", "0", "1", "7", "nan", "inf", "1e999", "९९"]
DATES = ["2026-01-01", "0001-01-01", "9999-12-31", "99999w", "30d"]
NAMES = ["T-1", "printer-1", "#nowhere", "T0NOWHERE", "in:#nowhere", "mysql://x/y", "", "*", "[b]"]
FILES = ["tickets.jsonl", "nowhere/file", "new-file", ".", "-"]
# A byte that is not UTF-8, as Python passes it to a program; then text of every kind.
ODD = ["\udcff", "😀" * 300, "\u202e\x1b[31m", "a\nb"]
VALUES = st.sampled_from(NUMBERS + DATES + NAMES + FILES + ODD) | st.text(
    st.characters(exclude_characters="\0/"), max_size=12
)


def commands(
    group: click.Group, prefix: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield every command with its name as words."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, (*prefix, name))
        elif (*prefix, name) not in SERVERS:
            yield (*prefix, name), command


ALL = dict(commands(main))


@st.composite
def command_lines(draw: st.DrawFn) -> list[str]:
    """Draw a command with some of its options, each with any kind of value."""
    words = draw(st.sampled_from(sorted(ALL.keys() - WAITING)))
    options = [one for one in ALL[words].params if isinstance(one, click.Option)]
    arguments = [one for one in ALL[words].params if isinstance(one, click.Argument)]
    line = list(words)
    for option in draw(st.lists(st.sampled_from(options), max_size=3)) if options else []:
        names = [*option.opts, *option.secondary_opts]
        line.append(draw(st.sampled_from(names)))
        if not option.is_flag and not option.count:
            line.append(_value(draw, option))
    return [*line, "--", *(_value(draw, one) for one in arguments)]


def _value(draw: st.DrawFn, parameter: click.Parameter) -> str:
    """Draw a value that is often valid, so that commands get past click's own checks."""
    kind = parameter.type
    if isinstance(kind, click.Choice) and draw(st.booleans()):
        return str(draw(st.sampled_from(list(kind.choices))))
    if isinstance(kind, click.Path | click.File):
        return draw(st.sampled_from(FILES + ODD))
    if isinstance(kind, click.types.IntParamType) and draw(st.booleans()):
        return draw(st.sampled_from(NUMBERS))
    return draw(VALUES)


def assert_no_traceback(run: Run, line: list[str]) -> None:
    """Assert that a command ends with an exit code, and an error is a line."""
    result = run(*line, stdin="")
    assert result.exception is None or isinstance(result.exception, SystemExit), line
    assert result.exit_code in EXIT_CODES, line
    assert "Traceback" not in result.output, line


@rounds(30, 300)
def test_no_command_line_ends_in_a_traceback(run: Run, examples: int) -> None:
    """With any combination of options and values, on a database with tickets and topics."""
    run("cluster")

    @settings(
        max_examples=examples,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @given(command_lines())
    def check(line: list[str]) -> None:
        assert_no_traceback(run, line)

    check()


@pytest.mark.parametrize("words", sorted(ALL), ids=" ".join)
def test_numbers_of_twenty_digits_and_other_bytes(
    command_line: Run, words: tuple[str, ...]
) -> None:
    """Each option and argument gets a number too large for databases, or text that is not UTF-8."""
    command_line("db", "upgrade")
    arguments = [one for one in ALL[words].params if isinstance(one, click.Argument)]
    for value in ("9" * 20, "\udcff"):
        assert_no_traceback(command_line, [*words, "--", *[value] * len(arguments)])
        for option in ALL[words].params:
            if isinstance(option, click.Option) and not option.is_flag:
                rest = ["1"] * len(arguments)
                assert_no_traceback(command_line, [*words, option.opts[-1], value, "--", *rest])


@pytest.mark.parametrize(
    "url",
    [
        "mysql://x/y",
        "oracle://x",
        "sqlite+aiosqlite:///x",
        "postgresql+asyncpg://x/y",
        "postgresql://somebody:hunter2@127.0.0.1:99999/x",
        "postgresql+psycopg://somebody:hunter2@127.0.0.1:port/x",
        "postgresql+psycopg://somebody:hunter2@127.0.0.1:1/x",
        "sqlite:////proc/nowhere/x.db",
        "://",
        "hunter2",
    ],
)
def test_a_database_address_that_is_wrong_is_one_line(
    command_line: Run, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line does not contain the password."""
    monkeypatch.setenv("DEJA_DATABASE_URL", url)
    for words in (["status"], ["db", "upgrade"], ["topics", "list"]):
        result = command_line(*words)
        assert isinstance(result.exception, SystemExit)
        assert len(result.output.splitlines()) == 1, result.output
        assert "hunter2" not in result.output
    result = command_line("doctor", "--offline")
    assert isinstance(result.exception, SystemExit)
    assert "hunter2" not in result.output


def test_an_unknown_name_is_answered_with_the_nearest(run: Run) -> None:
    """An unknown workspace differs from one without tickets."""
    assert "There is no workspace T0NOWHERE" in run("groups", "--workspace", "T0NOWHERE").output
    assert "There is no channel #nowhere" in run("topics", "list", "--channel", "#nowhere").output


@pytest.mark.parametrize(
    ("arguments", "where"),
    variations(
        [
            (["--help"], "closed"),
            (["audit", "--json"], "full"),
            (["--help"], "full"),
            (["audit", "--json"], "closed"),
            (["jobs", "list"], "closed"),
            (["jobs", "list"], "full"),
        ],
        few=2,
    ),
)
def test_output_that_cannot_be_written(command_line: Run, arguments: list[str], where: str) -> None:
    """A closed pipe and a full disk end a command without a traceback."""
    command_line("db", "upgrade")
    ends = os.pipe()
    os.close(ends[0])
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-c", "from bot.cli import main; main()", *arguments],
            stdout=ends[1] if where == "closed" else full,
            stderr=subprocess.PIPE,
            check=False,
        )
    os.close(ends[1])
    assert b"Traceback" not in done.stderr
    assert b"Exception" not in done.stderr


@pytest.mark.parametrize(
    ("shell", "says"),
    [
        ("jobs list <&-", b"No jobs are waiting."),
        ("erase --resume >&-", b""),
        ("import - <&-", b"The file is empty"),
        ("jobs list 2>&-", b"No jobs are waiting."),
    ],
)
def test_a_stream_that_is_closed_is_empty(command_line: Run, shell: str, says: bytes) -> None:
    """Whoever starts a command without one, as some schedulers do, gets no traceback."""
    command_line("db", "upgrade")
    done = subprocess.run(
        ["sh", "-c", f"{sys.executable} -c 'from bot.cli import main; main()' {shell}"],
        capture_output=True,
        check=False,
    )
    assert b"Traceback" not in done.stderr
    assert says in done.stdout + done.stderr


def test_letters_that_a_terminal_does_not_have_are_replaced(command_line: Run) -> None:
    """The rest is shown."""
    command_line("db", "upgrade")
    done = subprocess.run(
        [sys.executable, "-c", "from bot.cli import main; main()", "status"],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert b"D?j?" in done.stdout
