"""What Déjà needs of a connected tracker or help desk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, Self

from services.errors import SourceBusyError
from services.intake.importers.layouts.layout import Layout

# How what Déjà writes begins: it is no answer of a person.
SIGNATURE = "Déjà: "

# How far a connector has read, in a form of its own, as JSON.
Cursor = Mapping[str, Any]
# A ticket as the API has it, in the form that an import reads too.
ApiRecord = dict[str, Any]


@dataclass(frozen=True)
class CursorFields:
    """A cursor with the fields of one connector."""

    @classmethod
    def of(cls, stored: Cursor) -> Self:
        """Return a stored cursor, which may have fields of another version."""
        names = cls.__dataclass_fields__
        return cls(**{name: value for name, value in stored.items() if name in names})


@dataclass(frozen=True)
class SourcePage:
    """What one step of reading found.

    `records` were added or changed, those with the ids `gone` were deleted. `cursor` is where to go
    on, `is_last` says that nothing more has changed for now. All changes before `read_until` are
    read; None where that is not known. `wait` are seconds that the program asks to wait first.
    """

    records: Sequence[ApiRecord] = ()
    gone: Sequence[str] = ()
    cursor: Cursor = field(default_factory=dict)
    is_last: bool = False
    read_until: datetime | None = None
    wait: float | None = None


class KnownTickets(Protocol):
    """What is stored of a source."""

    def versions(self, ids: Sequence[str]) -> Mapping[str, str]:
        """Return when the stored tickets of these ids were changed, as their program writes it."""

    def ids_after(self, id_: str | None, limit: int) -> Sequence[str]:
        """Return the ids of the first stored tickets that were stored after one; None: of all.

        After an id that is not known any more come all.
        """

    def numbers_after(self, number: int, until: int | None, limit: int) -> Sequence[int]:
        """Return the lowest stored ids that are numbers, from above one up to another one."""


class Connector(Protocol):
    """Reads the tickets of one program. Errors are `SourceError` and `SourceBusyError`."""

    @property
    def layout(self) -> Layout:
        """How its records become tickets."""

    @property
    def version_field(self) -> str:
        """The field of a record that says when it was last changed."""

    def check(self) -> str:
        """Return what is connected, in words; raises an error if it cannot be read."""

    def read(self, cursor: Cursor, known: KnownTickets) -> SourcePage:
        """Return the next changes after a cursor; that of the beginning is empty."""

    def walk(self, cursor: Cursor, known: KnownTickets) -> SourcePage:
        """Return the next part of a walk over everything, which finds what `read` cannot.

        That is what was deleted, and what changed places while it was read.
        """

    def note(self, id_: str, text: str) -> str | None:
        """Write a comment on a ticket, and return its id, if it can be removed by that."""

    def find_note(self, id_: str, reference: str) -> str | None:
        """Return the id of the comment of Déjà with this reference; "" if it has none of its own.

        None if there is no such comment.
        """

    def remove_note(self, id_: str, note_id: str | None, text: str) -> None:
        """Remove a comment; where that cannot be done, write `text` after it."""

    def link(self, duplicate: str, original: str) -> str | None:
        """Link two tickets as duplicates, and return the link's id; None if there are no links."""

    def unlink(self, link_id: str) -> None:
        """Remove a link."""

    def mention(self, duplicate: str, original: str) -> str | None:
        """Return a line that says that a ticket is a duplicate of another one of the program."""

    def close(self) -> None:
        """Close the connections."""


def complete(
    tickets: Iterable[ApiRecord], fetch: Callable[[ApiRecord], ApiRecord]
) -> tuple[list[ApiRecord], float | None]:
    """Return what `fetch` makes of each ticket, for which it may ask the program again.

    Where the program asks to wait on the way, those so far, and for how long. Raises
    `SourceBusyError` before the first one and where the program cannot be reached.
    """
    records: list[ApiRecord] = []
    for ticket in tickets:
        try:
            records.append(fetch(ticket))
        except SourceBusyError as error:
            if not records or error.is_outage:
                raise
            return records, error.delay
    return records, None


def is_own(text: object, reference: str = "") -> bool:
    """Say whether the text of a comment is one that Déjà wrote, with this reference."""
    return (
        isinstance(text, str)
        and reference in text
        and any(line.startswith(SIGNATURE) for line in text.splitlines())
    )
