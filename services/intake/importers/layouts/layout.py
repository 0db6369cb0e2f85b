"""What a layout says of a tool's files."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from services.intake.importers.vocabulary.states import State
from services.intake.importers.vocabulary.synonyms import Field

Markup = Literal["any", "html", "markdown", "wiki"]
Values = Mapping[str, Any]


def marks(*names: str) -> frozenset[str]:
    """Return columns that together prove a layout, as `normalized` writes them."""
    return frozenset(names)


def _none(*_values: object) -> None:
    return None


@dataclass(frozen=True)
class Layout:
    """The files of one tool.

    `marks` are sets of columns of which one must be there; `columns` says which columns give each
    field, the first one that a file has. A field it does not list is found by `synonyms`, one it
    lists as `()` is never filled. Names are as `normalized` writes them.

    `notes` are columns of any other name in which the team writes for itself.

    `warning` says what no file of the tool tells. `states` are codes that the tool writes for
    states. `account` finds in a column's value which help desk it is, `skip` says why a record is
    no ticket, `link` gives the address for people. `is_first_reply_text` says that the first reply
    is the ticket's text, whoever wrote it.
    """

    key: str
    label: str
    marks: tuple[frozenset[str], ...]
    columns: Mapping[Field, tuple[str, ...]] = field(default_factory=dict)
    states: Mapping[str, State] = field(default_factory=dict)
    markup: Markup = "any"
    account: tuple[str, re.Pattern[str]] | None = None
    skip: Callable[[Values], str | None] = _none
    link: Callable[[Values, str], str | None] = _none
    warning: str = ""
    notes: frozenset[str] = frozenset()
    is_first_reply_text: bool = False

    def fits(self, columns: frozenset[str]) -> bool:
        """Say whether a file with these columns has this layout."""
        return any(mark <= columns for mark in self.marks)

    def account_of(self, values: Values) -> str | None:
        """Return which help desk a record is from, where it says so."""
        if self.account is None:
            return None
        column, pattern = self.account
        value = values.get(column)
        found = pattern.search(value) if isinstance(value, str) else None
        return found[1].lower() if found else None
