"""Reading a large file in a process of its own, while this one stores what was read.

Reading, cleaning and finding the words of a row take as long as storing it. The entries come in
their order; the other process is one message ahead, not more.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from multiprocessing import get_context, resource_tracker
from multiprocessing.connection import Connection

from services.errors import DejaError, InputError
from services.intake.importers.batches import MAX_BATCH, cut
from services.intake.importers.entries import ImportEntry
from services.intake.importers.tickets import TicketReader

# Below this a file is read before another process has started: rows, and day files of an export.
MIN_ROWS = 5_000
MIN_DAYS = 500


# What reads all entries of a file; it can be sent to another process.
Reading = Callable[[], Iterator[ImportEntry]]


def read_tickets(reader: TicketReader, min_rows: int = MIN_ROWS) -> Iterator[ImportEntry]:
    """Read all rows of a table; from `min_rows` on in another process."""
    # A new one: what this one has found out meanwhile need not be sent.
    large = reader.plan.rows >= min_rows
    return read_elsewhere(replace(reader).read) if large else reader.read()


def read_elsewhere(reading: Reading) -> Iterator[ImportEntry]:
    """Read all entries of a file in another process."""
    # Not forked: this process may have threads, such as those of PyTorch.
    context = get_context("spawn")
    receiving, sending = context.Pipe(duplex=False)
    process = context.Process(
        target=_send_entries,
        args=(sending, reading),
        daemon=True,
    )
    # What is blocked here is blocked there: Ctrl-C reaches both, and only this one handles it. The
    # tracker, which starts with the first process, unblocks it.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    sending.close()
    try:
        yield from _received(receiving)
    finally:
        receiving.close()
        process.terminate()
        process.join()


def _received(receiving: Connection) -> Iterator[ImportEntry]:
    while True:
        try:
            message: list[ImportEntry] | Exception | None = receiving.recv()
        except EOFError as error:
            raise InputError("reading stopped: the process that read the file ended.") from error
        if message is None:
            return
        if isinstance(message, Exception):
            raise message
        yield from message


def _send_entries(sending: Connection, reading: Reading) -> None:
    """Send all entries of a file, then None, or the error at which reading ended."""
    try:
        for message in cut(reading(), lambda: MAX_BATCH):
            sending.send(message)
        sending.send(None)
    except BrokenPipeError:  # nobody wants the rest
        return
    except (DejaError, OSError) as error:
        sending.send(error)
