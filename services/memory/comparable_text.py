"""What an item is compared by: its text, unless it is a ticket that says nothing of a matter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from services.memory.new_items import ComparableText, NewItem
from services.text.cleaning.compared_text import embedding_text, readable_text
from services.text.comparing.measures import terms_of_kind
from services.text.words.plain import text_hash

# An item with more terms than this is a log, and PostgreSQL limits what it indexes.
MAX_TERMS = 5_000

# Returns what an item of this title, text, kind and `extra` is compared by; None where that is left
# to whoever stores it.
FindWords = Callable[[str | None, str, str, Mapping[str, Any]], ComparableText | None]

# The key in `extra` of a ticket that somebody made one by a reaction.
PINNED = "pinned"


class HasText(Protocol):
    """An item, stored or not."""

    @property
    def kind(self) -> str: ...
    @property
    def title(self) -> str | None: ...
    @property
    def text(self) -> str: ...
    @property
    def extra(self) -> Mapping[str, Any]: ...


def comparable_text(item: HasText) -> str:
    """Return what the model reads of an item, or `""` where there is nothing to compare.

    A ticket that somebody made one is compared whatever it says: "good morning everyone".
    """
    return _comparable(item.title, item.text, item.kind, item.extra)


def indexed_terms(text: str, kind: str) -> list[str]:
    """Return the terms by which an item that is compared by a text is found."""
    return terms_of_kind(text, kind)[:MAX_TERMS]


def compared_of(item: NewItem) -> ComparableText:
    """Return what a new item is compared by, where its reader has not found that out."""
    return item.compared or compared(item.title, item.text, item.kind, item.extra)


def compared(title: str | None, text: str, kind: str, extra: Mapping[str, Any]) -> ComparableText:
    """Return what an item that says this is compared by."""
    own = _comparable(title, text, kind, extra)
    hash_ = text_hash(own) if own else None
    return ComparableText(own, hash_, " ".join(indexed_terms(own, kind)))


def _comparable(title: str | None, text: str, kind: str, extra: Mapping[str, Any]) -> str:
    is_pinned = bool(extra.get(PINNED))
    return readable_text(title, text) if is_pinned else embedding_text(title, text, kind)
