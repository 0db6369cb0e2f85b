"""What Déjà needs of a connected tracker or help desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from services.intake.importers.layouts.layout import Layout

# How far a connector has read, in a form of its own, as JSON.
Cursor = Mapping[str, Any]
# A ticket as the API has it, in the form that an import reads too.
ApiRecord = dict[str, Any]


@dataclass(frozen=True)
class Page:
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

    def ids(self) -> Sequence[str]:
        """Return the ids of all stored tickets, in the order in which they were stored."""


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

    def read(self, cursor: Cursor, known: KnownTickets) -> Page:
        """Return the next changes after a cursor; that of the beginning is empty."""

    def walk(self, cursor: Cursor, known: KnownTickets) -> Page:
        """Return the next part of a walk over everything, which finds what `read` cannot.

        That is what was deleted, and what changed places while it was read.
        """

    def close(self) -> None:
        """Close the connections."""
