"""Reading a large file in a process of its own, while this one stores what was read.

Reading and cleaning a row take about as long as storing it. Finding its words may be done by
either: `WordShare` shares them out so that neither process waits long for the other. The entries
come in their order; the other process is one message ahead, not more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from time import perf_counter
from typing import Any

from services.errors import DejaError, InputError
from services.garbage import collecting_seldom
from services.intake.importers.entries import ImportEntry
from services.intake.importers.rows.tickets import TicketReader
from services.intake.importers.slack.slack_export import ExportReader
from services.intake.importers.storage.batches import MAX_BATCH, Batches, cut
from services.interruption import start_shielded
from services.memory.comparable_text import compared
from services.memory.new_items import ComparableText

# Below this a file is read before another process has started: rows, and day files of an export.
MIN_ROWS = 5_000
MIN_DAYS = 500

# By how much the share of rows changes after each message; two seconds of storing are enough then.
SHARE_STEP = 1 / 8

# Seconds to send a message of two megabytes to a process that waits for it, at most.
MAX_SENDING = 0.03

# What reads all entries of a file; it can be sent to another process.
Reading = Callable[[], Iterator[ImportEntry]]


@dataclass
class WordShare:
    """Finds the words of a share of the rows, and leaves those of the others to who stores them."""

    share: float = 0.5
    _due: float = 0.0

    def find(
        self, title: str | None, text: str, kind: str, extra: Mapping[str, Any]
    ) -> ComparableText | None:
        """Return what a row is compared by, or None where that is left to others."""
        self._due += self.share
        if self._due < 1:
            return None
        self._due -= 1
        return compared(title, text, kind, extra)

    def adapt(self, seconds: float) -> None:
        """Find more words if it took long to send the last rows: the other process is behind."""
        step = SHARE_STEP if seconds > MAX_SENDING else -SHARE_STEP
        self.share = min(max(self.share + step, 0.0), 1.0)


@dataclass
class Standby:
    """Starts the other process while a large table is looked through: that takes it a second."""

    _stack: ExitStack
    _started: Connection | None = None

    def on_rows(self, rows: int) -> None:
        """Start the process once a table has so many rows that another process reads it."""
        if self._started is None and rows >= MIN_ROWS:
            self._started = self._stack.enter_context(_other_process())

    def take(self) -> Connection | None:
        """Return the connection to the process, which reads one table; None if there is none."""
        started, self._started = self._started, None
        return started


@contextmanager
def standing_by() -> Iterator[Standby]:
    """Give what starts the other process early; at the end of the block the process ends."""
    with ExitStack() as stack:
        yield Standby(stack)


def read_tickets(
    reader: TicketReader, min_rows: int = MIN_ROWS, standby: Standby | None = None
) -> Iterator[ImportEntry]:
    """Read all rows of a table; from `min_rows` on in another process, that of `standby`."""
    if reader.plan.rows < min_rows:
        return reader.read()
    words = WordShare()
    started = None if standby is None else standby.take()
    # A new one: what this one has found out meanwhile need not be sent.
    return _read_elsewhere(replace(reader, find_words=words.find).read, words, started)


def read_export(reader: ExportReader, path: Path, days: int = MIN_DAYS) -> Iterator[ImportEntry]:
    """Read the messages of the Slack export at a path; from many day files on in another process.

    `days` is how many it has.
    """
    if days < MIN_DAYS:
        return reader.read_path(path)
    words = WordShare()
    return _read_elsewhere(partial(replace(reader, find_words=words.find).read_path, path), words)


def _read_elsewhere(
    reading: Reading, words: WordShare, started: Connection | None = None
) -> Iterator[ImportEntry]:
    """Read all entries of a file in another process; `reading` finds words by `words`."""
    with _other_process() if started is None else nullcontext(started) as connection:
        with suppress(ConnectionError):  # whatever ended the process, `received` says so
            connection.send((reading, words))  # together, so that both have the same share
        yield from received(connection)


@contextmanager
def _other_process() -> Iterator[Connection]:
    """Give a connection to a new process, which sends the entries of what it is told to read."""
    # Not forked: this process may have threads, such as those of PyTorch.
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_read_when_told, args=(theirs,), daemon=True)
    start_shielded(process)
    theirs.close()
    try:
        yield ours
    finally:
        ours.close()
        process.terminate()
        process.join()


def received(receiving: Connection) -> Iterator[ImportEntry]:
    """Yield the entries that the other process sends. Raises what ended its reading."""
    while True:
        try:
            message: list[ImportEntry] | Exception | None = receiving.recv()
        except (EOFError, OSError) as error:  # it ended between two messages, or within one
            raise InputError("reading stopped: the process that read the file ended.") from error
        if message is None:
            return
        if isinstance(message, Exception):
            raise message
        yield from message


def _read_when_told(connection: Connection) -> None:
    """Read what the connection says, unless it is closed, and send the entries through it."""
    with suppress(EOFError, ConnectionError):
        _send_entries(connection, *connection.recv())


@collecting_seldom()
def _send_entries(sending: Connection, reading: Reading, words: WordShare) -> None:
    """Send all entries of a file, then None, or the error at which reading ended."""
    messages = Batches()  # small at first: nothing is stored before the first message
    try:
        for message in cut(reading(), lambda: messages.size):
            pickled = ForkingPickler.dumps(message)
            started = perf_counter()
            sending.send_bytes(pickled)
            if messages.size == MAX_BATCH:  # before that, who stores has waited for the start
                words.adapt(perf_counter() - started)
            messages.grow()
        sending.send(None)
    except ConnectionError:  # nobody wants the rest
        return
    except (DejaError, OSError) as error:
        sending.send(error)
