"""What all commands share: settings, services, tables, progress bars, JSON lines."""

from __future__ import annotations

import getpass
import json
import os
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from bot.cli.streams import has_all_letters
from services.errors import InputError
from services.garbage import collecting_no_garbage

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from bot.index_wiring import IndexedDatabase
    from bot.settings import Settings
    from bot.wiring import Services
    from models import Database

# Half of a terminal of 80 columns.
MAX_WHOLE = 40

# Colour where a command gives one: not for whatever looks like a number, a path or a quotation.
console = Console(highlight=False)
notes = Console(stderr=True, highlight=False)


def load_settings(log_level: str = "WARNING") -> Settings:
    """Read the settings and set up logging at `log_level`, unless they name another level."""
    with collecting_no_garbage():
        from bot.logs import set_up_logging  # the help of a command needs neither
        from bot.settings import Settings

        settings = Settings.from_env()
    set_up_logging(settings.log_level or log_level, settings.log_format)
    return settings


@contextmanager
def open_database(settings: Settings | None = None) -> Iterator[Database]:
    """Give the database, for commands that need no model; close it at the end."""
    from bot.connection import open_current  # nor this

    database = open_current(settings or load_settings())
    try:
        yield database
    finally:
        database.close()


@contextmanager
def open_index(settings: Settings | None = None) -> Iterator[IndexedDatabase]:
    """Give the database with its index, for commands that judge nothing; close it at the end."""
    from bot.index_wiring import build_index  # NumPy takes a tenth of a second

    found = build_index(settings or load_settings())
    try:
        yield found
    finally:
        found.close()


@contextmanager
def open_services(settings: Settings | None = None) -> Iterator[Services]:
    """Give the services; close them at the end."""
    from bot.wiring import build  # its imports take seconds

    services = build(settings or load_settings())
    try:
        yield services
    finally:
        services.close()


def me() -> str:
    """Return who works at this machine, for the record."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run as a user without a name
        return "deja"


def next_key() -> str:
    """Return the next key from standard input, skipping white space."""
    while key := sys.stdin.read(1):
        if not key.isspace():
            return key
    raise EOFError


def count(number: int, one: str, several: str | None = None) -> str:
    """Return a number of things in words: `1 group`, `1,204 groups`; `several` if not with an s."""
    return f"{number:,} {one if number == 1 else several or f'{one}s'}"


def ensure_writable(file: Path) -> None:
    """Raise `InputError` if a file cannot be written: before the work, not after it."""
    if file.is_dir():
        raise InputError(f"{file} is a folder.")
    if not file.parent.is_dir():
        raise InputError(f"There is no folder {file.parent}.")
    if not os.access(file if file.exists() else file.parent, os.W_OK):
        raise InputError(f"No permission for {file}.")


def print_json(line: Any) -> None:
    """Write one JSON line to standard output; a name in a file may be no valid text."""
    written = json.dumps(line, ensure_ascii=not has_all_letters(sys.stdout))
    click.echo(written.encode("utf-8", "replace").decode())


def print_table(
    title: str,
    columns: list[str],
    rows: list[list[str]],
    *,
    headings: Collection[int] = (),
    starts: Collection[int] = (),
    whole: Collection[int] = (),
    to: Console = console,
) -> None:
    """Write a table to standard output, or to standard error with the question that it is about.

    By index, the rows `headings` are bold, the rows `starts` begin a section, and the columns
    `whole` keep their width, up to `MAX_WHOLE`, on narrow terminals. Raises `ValueError` for a
    column without a name.
    """
    from rich.cells import cell_len
    from rich.table import Table
    from rich.text import Text

    if not all(columns):
        raise ValueError("Every column needs a name")
    # `Text`, because what tickets say must not be read as markup.
    heading = Text(title, style="table.title")
    table = Table(title=heading, title_justify="left", header_style="bold")
    for index, column in enumerate(columns):
        longest = max(cell_len(cell[index]) for cell in [columns, *rows])
        table.add_column(
            column, overflow="fold", width=min(longest, MAX_WHOLE) if index in whole else None
        )
    for index, row in enumerate(rows):
        if index in starts:
            table.add_section()
        table.add_row(*map(Text, row), style="bold" if index in headings else None)
    to.print(table)


@contextmanager
def paged() -> Iterator[None]:
    """Show what is printed to a terminal in its pager, if it is longer than the screen.

    `PAGER` says which one; to a file or a pipe it is printed as it is.
    """
    if not sys.stdout.isatty():
        yield
        return
    os.environ.setdefault("LESS", "-FRX")  # ends by itself where it all fits, and keeps colours
    with console.pager(styles=True):
        yield


class ProgressBar:
    """A progress bar on a terminal; nothing is drawn if standard error is something else."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress = progress
        self._task = task

    def __call__(self, number: int = 1) -> None:
        """Advance by `number` steps."""
        self._progress.advance(self._task, number)

    def update(self, done: int, total: int) -> None:
        """Show `done` of `total` steps."""
        self._progress.update(self._task, completed=done, total=total)


@contextmanager
def progress_bar(label: str, total: int | None) -> Iterator[ProgressBar]:
    """Give a progress bar for `total` steps (None: not known yet)."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=notes,
        disable=not sys.stderr.isatty(),
    ) as progress:
        yield ProgressBar(progress, progress.add_task(label, total=total))
