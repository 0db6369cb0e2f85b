"""What readers find in a file: rows, what is left out on purpose, and what cannot be read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.memory.items import NewItem
from services.memory.workspaces import ChannelFacts


@dataclass(frozen=True)
class Row:
    """An item before its channel is looked up: `channel` is a name, or what Slack says of one.

    `step` is how far the reader is: the line, or in an export the number of the day file. Where
    the source has no date, `item.created_at` is the time of the import and `is_dated` is False.
    """

    step: int
    item: NewItem
    channel: str | ChannelFacts | None = None
    is_dated: bool = True


@dataclass(frozen=True)
class Skipped:
    """Something sound that is no item."""

    step: int
    reason: str


@dataclass(frozen=True)
class RowError:
    """What cannot be read. In an export `file` says where, and `index` (from 0) which message."""

    step: int
    reason: str
    file: str | None = None
    index: int | None = None

    @property
    def place(self) -> dict[str, str | int]:
        """Where it stands: a line, a file, or a file and an index."""
        if self.file is None:
            return {"line": self.step}
        return {"file": self.file} | ({} if self.index is None else {"index": self.index})


ImportEntry = Row | Skipped | RowError


@dataclass(frozen=True)
class Defaults:
    """What the rows of a file have in common. `channel` is for rows that name none."""

    source: str
    kind: str
    now: datetime
    channel: str | None = None
