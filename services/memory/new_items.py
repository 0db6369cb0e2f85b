"""New items: what sources report, before and after it is embedded and stored."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from models.types import safe_text

if TYPE_CHECKING:
    from services.memory.item_vectors import Chunk

SaveOutcome = Literal["added", "updated", "unchanged", "outdated"]
ItemKey = tuple[str, str]


@dataclass(frozen=True)
class ComparableText:
    """What an item is compared by: a text, "" where it says nothing, and its terms in order.

    The terms are in one string, separated by spaces, as they are stored; `hash` is that of the
    text, None where it says nothing.
    """

    text: str
    hash: str | None
    terms: str


@dataclass(frozen=True)
class NewItem:
    """An item as its source reports it.

    `revision` orders the versions of one item; `""` is the first. `status`, `resolution` and
    `resolved_at` are None where the source does not say; the stored values then stay, unless it
    `is_unanswered`: of all its replies none answers it. Where the source names no date,
    `created_at` is the time of the import and `is_dated` is False. `joins` says that the item may
    become part of a ticket that was written in several messages. `compared` is what it is compared
    by, where the reader of its file has found that out.
    """

    source: str
    external_id: str
    text: str
    created_at: datetime
    is_dated: bool = True
    kind: str = "ticket"
    channel_id: int | None = None
    title: str | None = None
    author: str | None = None
    url: str | None = None
    status: str | None = None
    resolution: str | None = None
    resolved_at: datetime | None = None
    extra: dict[str, Any] = field(default_factory=dict)
    ts: str | None = None
    thread_ts: str | None = None
    revision: str = ""
    joins: bool = False
    compared: ComparableText | None = field(default=None, compare=False, repr=False)
    is_unanswered: bool = field(default=False, compare=False)

    @cached_property
    def key(self) -> ItemKey:
        """The source and id that identify this item in its workspace, as they are stored."""
        return safe_text(self.source), safe_text(self.external_id)


@dataclass(frozen=True)
class PreparedItem:
    """A new item with the embeddings of its chunks; none where its stored ones still hold.

    `content_hash` and `terms` are those of what the item is compared by (`ComparableText`).
    """

    item: NewItem
    content_hash: str | None
    chunks: list[Chunk]
    terms: str = ""


@dataclass(frozen=True)
class SavedItem:
    """What became of a new item."""

    item_id: int
    outcome: SaveOutcome
