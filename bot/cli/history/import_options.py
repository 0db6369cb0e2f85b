"""What the command line of `deja import` says."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.intake.importers.entries import RowDefaults
    from services.intake.importers.recognition import ReadOptions

# The source of rows by kind; a ticket's layout may name it.
DEFAULT_SOURCES = {"ticket": None, "product": "catalog"}

# What stands first in a date such as 4/5/2026, by what --dates calls it.
ORDERS = {"day-first": "day", "month-first": "month"}


@dataclass(frozen=True)
class Options:
    """What the command line says."""

    read: ReadOptions
    channel: str | None
    kind: str | None
    source: str | None
    replace: bool = False
    preview: bool = False
    dry_run: bool = False
    strict: bool = False
    yes: bool = False
    as_json: bool = False
    save_map: Path | None = None
    has_map: bool = False

    def defaults(self, now: datetime) -> RowDefaults:
        """Return what all rows of a file have in common."""
        from services.intake.importers.entries import RowDefaults  # the help needs none of it

        kind = self.kind or "ticket"
        return RowDefaults(self.source or DEFAULT_SOURCES[kind], kind, now, self.channel)

    @property
    def can_ask(self) -> bool:
        """Whether somebody is there to answer a question."""
        return not (self.yes or self.as_json) and sys.stdin.isatty() and sys.stderr.isatty()

    @property
    def changes_nothing(self) -> bool:
        """Whether nothing is to be stored: a preview that nobody can agree to is a look."""
        return self.dry_run or (self.preview and not self.yes and not self.can_ask)
