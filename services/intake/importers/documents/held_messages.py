"""Messages of a chat that says only behind them what room they are of."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from tempfile import SpooledTemporaryFile
from typing import Any

from services.intake.importers.audience.chat_rooms import in_room, room_of
from services.intake.importers.entries import RowError
from services.intake.importers.records import Record

# Bytes in memory; more are in a file meanwhile.
_IN_MEMORY = 8 << 20


# The list that chats may write before they say what room it is of.
HELD = "messages"


class HeldMessages(AbstractContextManager["HeldMessages"]):
    """Holds the entries of an object's list `HELD` until all that the object says is known."""

    def __init__(self) -> None:
        self._spool: SpooledTemporaryFile[bytes] | None = None

    def __exit__(self, *error: object) -> None:
        if self._spool is not None:
            self._spool.close()

    def hold(self, entries: Iterable[Record | RowError]) -> None:
        """Keep entries."""
        if self._spool is None:
            self._spool = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed at the exit
        for entry in entries:
            pickle.dump(entry, self._spool)

    def take(self, around: Mapping[str, Any], depth: int) -> Iterator[Record | RowError]:
        """Yield them with what the object `around` them says of their room."""
        if self._spool is not None:
            yield from in_room(_entries(self._spool), room_of(around, HELD, depth))


def _entries(spool: SpooledTemporaryFile[bytes]) -> Iterator[Record | RowError]:
    end = spool.tell()
    spool.seek(0)
    while spool.tell() < end:
        yield pickle.load(spool)  # noqa: S301 - written above
