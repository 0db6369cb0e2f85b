"""Startup: processor time of every command's help, and of commands that only read.

Each runs in a process of its own, on an empty database, several times by turns with a bare import
of SQLAlchemy, which every command that reads needs; the least of each is given.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence

import click

import migrations
from benchmarks.corpus import ROOT
from benchmarks.measurement import Figure
from bot.cli import main
from bot.clock import utc_now
from bot.connection import connect
from bot.settings import Settings
from services.memory.workspaces import local_workspace

# In seconds of processor time, on quiet cores: nobody should wait for a help.
TARGET = 0.5
TIMES = 5
DEJA = "from bot.cli import main; main()"
BARE = ("-c", "import sqlalchemy")

READING = (
    "jobs list", "audit", "groups", "workspaces list", "verdicts export -", "budget",
    "calibrate --list", "sources list", "secrets status", "settings export -", "retain list",
    "topics changes", "model list", "status",
)  # fmt: skip


def run(quick: bool) -> Iterator[Figure]:
    """Yield the seconds of each, and the greatest as a ratio to importing SQLAlchemy."""
    helps = [f"{name} --help" for name in ("", *_commands(main))]
    with tempfile.TemporaryDirectory(prefix="deja-bench-") as folder:
        _make_database(folder)
        bare = _least([BARE], folder, 1 if quick else TIMES)[BARE]
        yield Figure("import sqlalchemy", bare, "s")
        for title, names in (("help", helps), ("reading", READING)):
            chosen = [("-c", DEJA, *name.split()) for name in (names[:2] if quick else names)]
            found = _least([BARE, *chosen], folder, 1 if quick else TIMES)
            bare = found.pop(BARE)
            for command, seconds in found.items():
                yield Figure(" ".join(("deja", *command[2:])), seconds, "s", TARGET)
            yield Figure(f"the slowest {title} / import sqlalchemy", max(found.values()) / bare)


def _commands(group: click.Group, prefix: str = "") -> Iterator[str]:
    """Yield the names of a group's commands, and of theirs."""
    context = click.Context(group)
    for name in group.list_commands(context):
        yield f"{prefix}{name}"
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from _commands(command, f"{prefix}{name} ")


def _make_database(folder: str) -> None:
    """Make a database that has a workspace, and nothing in it."""
    database = connect(Settings.from_mapping({"DEJA_DATA_DIR": folder}))
    migrations.upgrade(database.engine)
    with database.write() as session:
        local_workspace(session, utc_now(), None)
    database.close()


def _least(
    commands: Sequence[tuple[str, ...]], folder: str, times: int
) -> dict[tuple[str, ...], float]:
    """Return the least seconds of processor time that each took, run by turns."""
    seconds = dict.fromkeys(commands, float("inf"))
    for _ in range(times):
        for command in commands:
            seconds[command] = min(seconds[command], _seconds(command, folder))
    return seconds


def _seconds(command: Sequence[str], folder: str) -> float:
    # Modules are compiled once, also where the environment forbids to keep that.
    kept = {"DEJA_DATA_DIR": folder, "PYTHONDONTWRITEBYTECODE": ""}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, *command], cwd=ROOT, env={**os.environ, **kept}, check=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
