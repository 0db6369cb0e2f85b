"""Typed queries: `in:#help from:@ana before:2026-11-01 after:2026-10-01 is:open` and free text.

What is in quotes is text, whatever it looks like: `"error in:Main"`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from models import Channel, Item
from models.queries import LIVE
from services.answers.known_names import (
    ensure_people,
    find_channels,
    is_author,
    is_channel,
    shown_value,
)
from services.channels.audience import Audience
from services.errors import InputError
from services.memory.ticket_status import IS_SOLVED
from services.phrases import Phrase, phrase
from services.text.words.nearest import nearest

# Those of all languages: phones and Macs type the ones of their own.
QUOTES = '"“”„«»'
_VALUE = rf"(?:[{QUOTES}]([^{QUOTES}]+)[{QUOTES}]|(<[#@][^<>]+>|\S+))"
_QUOTED = rf"(?<![^\s|])[{QUOTES}][^{QUOTES}]+[{QUOTES}]"
# A filter. What is in quotes is matched first, so that no filter is found within.
_FILTER = re.compile(rf"{_QUOTED}|(?<!\S)(in|from|before|after|is):{_VALUE}", re.IGNORECASE)
# What looks like one.
_ALMOST = re.compile(rf"{_QUOTED}|(?<!\S)([a-z]{{2,10}}):([^\s/]\S*)", re.IGNORECASE)
_STATES = ("open", "solved", "resolved", "closed")
# What other programs, and people who speak German or Spanish, call the filters of time.
_OTHER_NAMES = {
    **dict.fromkeys(("since", "seit", "ab", "desde"), "after"),
    **dict.fromkeys(("until", "till", "bis", "vor", "hasta", "antes"), "before"),
}
_TIMES, _EXAMPLE_DAY = ("before", "after"), "2026-11-25"
# Values that only a filter has, and which.
_VALUES = {
    re.compile(r"<?#\S+"): "in",
    re.compile(r"<?@\S+"): "from",
    re.compile(r"\d{4}-\d\d-\d\d"): "after",
    re.compile("|".join(_STATES), re.IGNORECASE): "is",
}


@dataclass(frozen=True)
class SearchQuery:
    """A text to search for, perhaps empty, and the filters as a condition over `Item`.

    `channels` and `people` are those that the filters name, as they were typed.
    """

    text: str
    where: ColumnElement[bool]
    has_filters: bool
    channels: tuple[str, ...] = ()
    people: tuple[str, ...] = ()


def parse_query(typed: str) -> SearchQuery:
    """Split what somebody typed into filters and text. Raises `InputError` for a wrong filter.

    The text keeps its lines, by which a stack trace is recognised. Whether the channels and people
    exist is up to `ensure_known`.
    """
    where = LIVE & (Item.kind == "ticket")
    found = [
        (name.lower(), quoted or bare) for name, quoted, bare in _FILTER.findall(typed) if name
    ]
    for name, value in found:
        where &= _FILTERS[name](value)
    rest = _FILTER.sub(lambda match: " " if match.group(1) else match.group(), typed)
    text = "\n".join(" ".join(line.split()) for line in rest.splitlines()).strip()
    _refuse_unknown(text)
    channels, people = (
        tuple(value for name, value in found if name == wanted) for wanted in ("in", "from")
    )
    return SearchQuery(text, where, bool(found), channels, people)


def ensure_known(session: Session, audience: Audience, query: SearchQuery) -> None:
    """Raise `NotFoundError` for a channel or a person that a query's readers do not know."""
    find_channels(session, audience, query.channels)
    ensure_people(session, audience, query.people)


def newest_items(session: Session, audience: Audience, query: SearchQuery, limit: int) -> list[int]:
    """Return the ids of the newest items that pass a query's filters, those without a date last."""
    statement = select(Item.id).where(audience.items, query.where)
    statement = statement.order_by(
        Item.is_dated.desc(), Item.created_at.desc(), Item.id.desc()
    ).limit(limit)
    return list(session.scalars(statement))


def _in(value: str) -> ColumnElement[bool]:
    return Item.channel_id.in_(select(Channel.id).where(is_channel(value)))


def _before(value: str) -> ColumnElement[bool]:
    return Item.reported_at < _day(value)


def _after(value: str) -> ColumnElement[bool]:
    return Item.reported_at >= _day(value)


def _is(value: str) -> ColumnElement[bool]:
    if value.lower() not in _STATES:
        raise InputError(_unknown_state(value))
    return ~IS_SOLVED if value.lower() == "open" else IS_SOLVED


def _unknown_state(value: str) -> Phrase:
    other = nearest(value, _STATES)
    if other is None:
        return phrase("Unknown filter is:{value}. Use is:open or is:solved.", value=value)
    return phrase("Unknown filter is:{value}. Do you mean is:{other}?", value=value, other=other)


def _refuse_unknown(text: str) -> None:
    """Raise `InputError` for a word that is meant as a filter, and is none.

    A ticket may say `error:500`: only what is almost a filter's name, or has a filter's value, is
    taken for one.
    """
    for name, value in _ALMOST.findall(text):
        if name and (other := _meant(name, value)):
            typed = f"{name}:{shown_value(value)}"
            meant = f"{other}:{_possible_value(other, value)}"
            raise InputError(
                phrase("There is no filter {typed}. Do you mean {other}?", typed=typed, other=meant)
            )


def _possible_value(filter_name: str, value: str) -> str:
    """Return a value as it is shown; of a filter of time an example if it is no date."""
    try:
        if filter_name in _TIMES:
            _day(value)
    except InputError:
        return _EXAMPLE_DAY
    return shown_value(value)


def _meant(name: str, value: str) -> str | None:
    """Return the filter that a word and its value were most likely meant as, if any."""
    if (other := _OTHER_NAMES.get(name.lower())) is not None:
        return other
    for pattern, filter_name in _VALUES.items():
        if pattern.fullmatch(value):
            return nearest(name, _FILTERS) or filter_name
    return nearest(name, _FILTERS)


_FILTERS: dict[str, Callable[[str], ColumnElement[bool]]] = {
    "in": _in,
    "from": is_author,
    "before": _before,
    "after": _after,
    "is": _is,
}


def _day(value: str) -> datetime:
    try:
        return datetime.strptime(value, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise InputError(
            phrase("{value} is not a date. Write it like 2026-11-25.", value=value)
        ) from None
