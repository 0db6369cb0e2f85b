"""Phrases: texts for people, translated and formatted only where they are shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Any


@dataclass(frozen=True)
class Phrase:
    """An English text, perhaps with `{names}`, and the values that replace them.

    A value may be anything that `format_value` takes. `plural` is the English text for any number
    but one, the number being the value `n`. `context` tells apart texts that are the same in
    English only. `str()` gives the English text.
    """

    text: str
    values: Mapping[str, Any] = field(default_factory=dict, hash=False)
    plural: str | None = None
    context: str | None = None

    def __str__(self) -> str:
        return render(self)

    def stored(self) -> dict[str, Any]:
        """Return the phrase as JSON; `read_phrase` brings it back."""
        kept: dict[str, Any] = {
            "text": self.text,
            "values": {name: _stored(value) for name, value in self.values.items()},
        }
        if self.plural is not None:
            kept["plural"] = self.plural
        if self.context is not None:
            kept["context"] = self.context
        return kept


@dataclass(frozen=True)
class Percent:
    """A share of one, shown as a percentage."""

    share: float

    def __str__(self) -> str:
        return format_value(self)


@dataclass(frozen=True)
class AnyOf:
    """Alternatives, shown as a list with "or"."""

    parts: tuple[Any, ...]

    def __str__(self) -> str:
        return format_value(self)


# Returns the text of a phrase in some language, with its `{names}` still in it.
Translate = Callable[[Phrase], str]


def phrase(text: str, **values: Any) -> Phrase:
    """Return a phrase."""
    return Phrase(text, values)


def counted(number: int, one: str, several: str, **values: Any) -> Phrase:
    """Return a phrase that depends on a number, which is `{n}` in it."""
    return Phrase(one, {"n": number, **values}, several)


def in_context(context: str, text: str, **values: Any) -> Phrase:
    """Return a phrase that means something else elsewhere: an open ticket, to open a form."""
    return Phrase(text, values, context=context)


def translatable(text: str) -> str:
    """Return the text itself: marks one that becomes a phrase elsewhere, like `gettext_noop`."""
    return text


def in_english(said: Phrase) -> str:
    """Return the English text of a phrase."""
    if said.plural is None or said.values["n"] == 1:
        return said.text
    return said.plural


def render(said: Phrase, locale: str = "en", translate: Translate = in_english) -> str:
    """Return a phrase as a text in the language of `locale`."""
    text = translate(said)
    if not said.values:
        return text
    values = said.values.items()
    return text.format(**{name: format_value(value, locale, translate) for name, value in values})


def format_value(value: object, locale: str = "en", translate: Translate = in_english) -> str:
    """Return a value as people write it in a language.

    Numbers are grouped, with at most one decimal. A span is one number and the largest unit that
    fits, rounded down, at least a minute. Other objects are shown as their `str()`.
    """
    from babel import dates, lists, numbers

    match value:
        case Phrase():
            text = render(value, locale, translate)
        case AnyOf():
            parts = [format_value(part, locale, translate) for part in value.parts]
            text = lists.format_list(parts, "or", locale=locale)
        case Percent():
            text = numbers.format_percent(value.share, locale=locale)
        case int() | float():
            text = numbers.format_decimal(value, "#,##0.#", locale=locale)
        case timedelta():
            whole = _round_down(value)
            text = dates.format_timedelta(whole, "minute", threshold=1, locale=locale)
        case date():
            text = dates.format_date(value, "medium", locale=locale)
        case time():
            text = dates.format_time(value, "short", locale=locale)
        case _:
            text = str(value)
    return text


def format_age(age: timedelta, locale: str = "en") -> str:
    """Return how long ago something was ("2 days ago"), in one unit as `format_value` does."""
    from babel import dates

    past = -_round_down(age)
    return dates.format_timedelta(past, "minute", threshold=1, add_direction=True, locale=locale)


# As Babel counts them, the longest first.
_UNITS = (*(timedelta(days=days) for days in (365, 30, 7, 1)), timedelta(hours=1))
_MINUTE = timedelta(minutes=1)


def _round_down(gap: timedelta) -> timedelta:
    """Return a span in whole units: Babel would round up, and 47 hours are not yet two days."""
    unit = next((unit for unit in _UNITS if gap >= unit), _MINUTE)
    return max(gap // unit, 1) * unit


def read_phrase(stored: Mapping[str, Any]) -> Phrase:
    """Return a phrase that was stored, by this version or an earlier one."""
    values = {name: _read(value) for name, value in stored["values"].items()}
    return Phrase(stored["text"], values, stored.get("plural"), stored.get("context"))


def _stored(value: object) -> Any:
    kept: Any = value
    match value:
        case Phrase():
            kept = value.stored()
        case AnyOf():
            kept = {"any_of": [_stored(part) for part in value.parts]}
        case Percent():
            kept = {"percent": value.share}
        case timedelta():
            kept = {"seconds": value.total_seconds()}
        case date():
            kept = {"date": value.isoformat()}
        case time():
            kept = {"time": value.isoformat()}
    return kept


def _read(stored: Any) -> Any:
    value = stored
    match stored:
        case {"text": _, "values": _}:
            value = read_phrase(stored)
        case {"any_of": parts}:
            value = AnyOf(tuple(_read(part) for part in parts))
        case {"percent": share}:
            value = Percent(share)
        case {"seconds": seconds}:
            value = timedelta(seconds=seconds)
        case {"date": day}:
            value = date.fromisoformat(day)
        case {"time": clock}:
            value = time.fromisoformat(clock)
    return value
