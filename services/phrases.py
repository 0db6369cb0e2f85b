"""Phrases: what people are told, put into their language only where it is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any


@dataclass(frozen=True)
class Phrase:
    """An English text, perhaps with `{names}`, and what is to stand in their place.

    `str()` of it is English; a value may be a phrase itself.
    """

    text: str
    values: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        return self.text.format(**self.values) if self.values else self.text

    def stored(self) -> dict[str, Any]:
        """Return the phrase as it is stored; `read_phrase` brings it back."""
        values = {
            name: one.stored() if isinstance(one, Phrase) else one
            for name, one in self.values.items()
        }
        return {"text": self.text, "values": values}


def translatable(text: str) -> str:
    """Return the text itself: marks one that a phrase is made of elsewhere, as `gettext_noop`."""
    return text


def read_phrase(stored: Mapping[str, Any]) -> Phrase:
    """Return a phrase that was stored."""
    values = {
        name: read_phrase(one) if isinstance(one, dict) else one
        for name, one in stored["values"].items()
    }
    return Phrase(stored["text"], values)


def phrase(text: str, **values: Any) -> Phrase:
    """Return a phrase."""
    return Phrase(text, values)


def counted(number: int, one: str, several: str, **values: Any) -> Phrase:
    """Return the phrase for one or for several (or none); `{n}` is the number."""
    return Phrase(one if number == 1 else several, {"n": number, **values})


def joined(parts: Sequence[str | Phrase], pair: str) -> Phrase:
    """Return parts in one phrase; `pair` says how `{first}` and `{rest}` go together."""
    first, *rest = parts
    if not rest:
        return first if isinstance(first, Phrase) else Phrase("{it}", {"it": first})
    return Phrase(pair, {"first": first, "rest": joined(rest, pair)})


_UNITS = (
    (365, translatable("{n} year"), translatable("{n} years")),
    (30, translatable("{n} month"), translatable("{n} months")),
    (7, translatable("{n} week"), translatable("{n} weeks")),
    (1, translatable("{n} day"), translatable("{n} days")),
)


def span(gap: timedelta) -> Phrase:
    """Return a span in one number and the largest unit that fits; one below 0 is none."""
    gap = max(gap, timedelta())
    for length, one, several in _UNITS:
        if number := gap.days // length:
            return counted(number, one, several)
    hours = int(gap.total_seconds()) // 3600
    return counted(hours, "{n} hour", "{n} hours") if hours > 0 else phrase("minutes")
