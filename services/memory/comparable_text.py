"""What an item is compared by: its text, unless it is a ticket that says nothing of a matter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from services.text.cleaning import embedding_text, readable_text

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
    if item.extra.get(PINNED):
        return readable_text(item.title, item.text)
    return embedding_text(item.title, item.text, item.kind)
