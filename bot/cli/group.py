"""The group of all commands: it imports a command when it is used, and reports errors in a line."""

from __future__ import annotations

import atexit
import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from bot.cli.signals import all_interrupt
from bot.cli.streams import mend_streams
from services.errors import DejaError, RetryLaterError
from services.garbage import import_large

if TYPE_CHECKING:
    from sqlalchemy.exc import DBAPIError

# What there is at the end goes with the process: Python need not look through it for garbage.
atexit.register(gc.freeze)

# What Ctrl-C leaves behind, by command. The others change nothing, or say so themselves.
KEPT = {
    "backfill": "What was read is stored: run it again to go on.",
    "backup": "No file was written.",
    "db": "A copy or an upgrade goes on when it is run again.",
    "export": "No file was written.",
    "index": "The index is as it was.",
    "restore": "Run it again: the database may be incomplete.",
    "retain": "What was erased stays erased: `deja erase --resume` goes on.",
    "run": "Work that was running is done again at the next start.",
    "serve": "Work that was running is done again at the next start.",
    "tune": "Nothing was kept.",
    "worker": "Work that was running is done again at the next start.",
    "sources": "What was read is stored: run it again to go on.",
}
NOTHING_CHANGED = "Nothing was changed."
INTERRUPTED = 130

# More characters than any summary has.
_WHOLE = 1_000


# By a command's name: where it is (`module:attribute`), and what it does, in one line.
Commands = Mapping[str, tuple[str, str]]


class CommandGroup(click.Group):
    """A group that lists its commands as they are written, with what each does in full."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands; click would cut what they do at the end of the line."""
        rows = [
            (name, command.get_short_help_str(limit=_WHOLE))
            for name, command in self.commands.items()
        ]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


class LazyGroup(click.Group):
    """A group that knows its commands by name, so that its `--help` imports none of them.

    `sections` has the commands under a heading each.
    """

    def __init__(self, *args: Any, sections: Mapping[str, Commands], **options: Any) -> None:
        super().__init__(*args, **options)
        self._sections = sections
        self._lazy = {
            name: found for section in sections.values() for name, found in section.items()
        }

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._lazy:
            return None
        module, _, attribute = self._lazy[cmd_name][0].partition(":")
        command: click.Command = getattr(import_large(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands by sections, in one column over all of them."""
        width = max(map(len, self._lazy), default=0)
        for title, section in self._sections.items():
            with formatter.section(title):
                formatter.write_dl(
                    [(name.ljust(width), said) for name, (_, said) in section.items()]
                )


class DejaGroup(LazyGroup):
    """The group of all commands, which reports errors in a line."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command; the error names those that are written much the same."""
        try:
            return super().resolve_command(ctx, args)
        except click.exceptions.NoSuchCommand as error:
            raise click.exceptions.NoSuchCommand(
                error.command_name, possibilities=self._lazy, ctx=ctx
            ) from None

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run the command line, on whatever streams there are."""
        mend_streams()
        return super().main(*args, **extra)

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """Read the options; `--help` is printed here."""
        with _errors_in_one_line():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; what goes wrong is one clear line and a non-zero exit code."""
        try:
            with all_interrupt(), _errors_in_one_line():
                return super().invoke(ctx)
        except KeyboardInterrupt:
            kept = KEPT.get(ctx.invoked_subcommand or "", NOTHING_CHANGED)
            click.echo(f"Interrupted. {kept}", err=True)
            raise click.exceptions.Exit(INTERRUPTED) from None


@contextmanager
def _errors_in_one_line() -> Iterator[None]:
    try:
        yield
    except (click.ClickException, click.exceptions.Exit, BrokenPipeError):
        raise  # click ends quietly where the reader of a pipe has seen enough
    except DejaError as error:
        raise click.ClickException(str(error)) from error
    except RetryLaterError as error:
        raise click.ClickException(
            f"{str(error).capitalize()}: run this again. What was stored stays."
        ) from error
    except PermissionError as error:
        raise click.ClickException(f"No permission for {error.filename}.") from error
    except OSError as error:
        raise click.ClickException(_first_line(error)) from error
    except UnicodeEncodeError as error:
        # Python keeps bytes of the command line that are not UTF-8 as surrogates, which are fine
        # in the name of a file, but in no database or text.
        found = ascii(error.object[error.start : error.end])
        raise click.ClickException(f"There is text that is not valid UTF-8: {found}.") from error
    except _database_error() as error:
        raise click.ClickException(_database_line(error)) from error


def _database_error() -> type[DBAPIError]:
    """Return SQLAlchemy's error; imported only once there is an error to compare with it."""
    from sqlalchemy.exc import DBAPIError

    return DBAPIError


def _database_line(error: DBAPIError) -> str:
    from bot.connection import database_line

    return database_line(error)


def _first_line(error: Exception) -> str:
    from bot.connection import first_line

    return first_line(error)
