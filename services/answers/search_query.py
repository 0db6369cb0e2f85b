"""Search queries: `in:#help from:@ana before:2026-11-01 after:2026-10-01 is:open` and free text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from models import Channel, Item
from models.queries import LIVE
from services.channels.audience import Audience
from services.errors import InputError, NotFoundError
from services.memory.ticket_status import SOLVED
from services.phrases import Phrase, phrase

_FILTER = re.compile(r"(?<!\S)(in|from|before|after|is):(\S+)", re.IGNORECASE)
# Slack writes `<#C1|name>` and `<@U1|name>`.
_REFERENCE = re.compile(r"<[#@]([A-Z0-9]+)(?:\|([^<>]*))?>")


@dataclass(frozen=True)
class SearchQuery:
    """A text to search for, perhaps empty, and the filters as a condition over `Item`.

    `channels` are those that the filters name, as they were typed.
    """

    text: str
    where: ColumnElement[bool]
    has_filters: bool
    channels: tuple[str, ...] = ()


def parse_query(typed: str) -> SearchQuery:
    """Split what somebody typed into filters and text. Raises `InputError` for a wrong filter.

    Whether the channels exist is up to `ensure_known`.
    """
    where = LIVE & (Item.kind == "ticket")
    found = _FILTER.findall(typed)
    for name, value in found:
        where &= _FILTERS[name.lower()](value)
    text = " ".join(_FILTER.sub(" ", typed).split())
    channels = tuple(value for name, value in found if name.lower() == "in")
    return SearchQuery(text, where, bool(found), channels)


def ensure_known(session: Session, audience: Audience, typed: Iterable[str]) -> None:
    """Raise `NotFoundError` for a channel that does not exist, or may not be named to its readers.

    Both read alike, so that nobody learns of a private channel.
    """
    for value in typed:
        known = select(Channel.id).where(audience.channels, _named(_channel_name(value)))
        if session.scalar(known.limit(1)) is None:
            reference = _REFERENCE.fullmatch(value)
            shown = reference[2] if reference and reference[2] else _channel_name(value)
            raise NotFoundError(_unknown(session, audience, shown))


def _unknown(session: Session, audience: Audience, name: str) -> Phrase:
    of_audience = select(Channel.name).where(audience.channels, Channel.name.is_not(None))
    nearest = get_close_matches(name, map(str, session.scalars(of_audience)), 1)
    if nearest:
        return phrase(
            "I know no channel {channel} that may be searched here. Do you mean {other}?",
            channel=f"#{name}",
            other=f"#{nearest[0]}",
        )
    return phrase("I know no channel {channel} that may be searched here.", channel=f"#{name}")


def newest_items(session: Session, audience: Audience, query: SearchQuery, limit: int) -> list[int]:
    """Return the ids of the newest items that pass a query's filters, those without a date last."""
    statement = select(Item.id).where(audience.items, query.where)
    statement = statement.order_by(
        Item.is_dated.desc(), Item.created_at.desc(), Item.id.desc()
    ).limit(limit)
    return list(session.scalars(statement))


def _in(value: str) -> ColumnElement[bool]:
    return Item.channel_id.in_(select(Channel.id).where(_named(_channel_name(value))))


def _named(name: str) -> ColumnElement[bool]:
    return or_(Channel.slack_id == name, Channel.name == name)


def _channel_name(value: str) -> str:
    """Return the name of a channel, or its Slack id where that is what a filter has."""
    return _referenced(value).removeprefix("#")


def _from(value: str) -> ColumnElement[bool]:
    return func.lower(Item.author) == _referenced(value).removeprefix("@").lower()


def _before(value: str) -> ColumnElement[bool]:
    return Item.reported_at < _day(value)


def _after(value: str) -> ColumnElement[bool]:
    return Item.reported_at >= _day(value)


def _is(value: str) -> ColumnElement[bool]:
    is_solved = func.lower(Item.status).in_(SOLVED)
    match value.lower():
        case "open":
            return ~is_solved
        case "solved" | "resolved" | "closed":
            return is_solved
        case _:
            raise InputError(
                phrase("Unknown filter is:{value}. Use is:open or is:solved.", value=value)
            )


_FILTERS: dict[str, Callable[[str], ColumnElement[bool]]] = {
    "in": _in,
    "from": _from,
    "before": _before,
    "after": _after,
    "is": _is,
}


def _referenced(value: str) -> str:
    """Return the id in a reference of Slack's markup, anything else as it is."""
    reference = _REFERENCE.fullmatch(value)
    return reference[1] if reference else value


def _day(value: str) -> datetime:
    try:
        return datetime.strptime(value, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise InputError(
            phrase("{value} is not a date. Write it like 2026-11-25.", value=value)
        ) from None
