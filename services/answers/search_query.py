"""Search queries: `in:#help from:@ana before:2026-11-01 after:2026-10-01 is:open` and free text."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from models import Channel, Item
from models.queries import LIVE
from services.channels.audience import Audience
from services.errors import InputError
from services.memory.ticket_status import SOLVED
from services.phrases import phrase

_FILTER = re.compile(r"(?<!\S)(in|from|before|after|is):(\S+)", re.IGNORECASE)
# Slack writes `<#C1|name>` and `<@U1|name>`.
_REFERENCE = re.compile(r"<[#@]([A-Z0-9]+)(?:\|[^<>]*)?>")


@dataclass(frozen=True)
class SearchQuery:
    """A text to search for, perhaps empty, and the filters as a condition over `Item`."""

    text: str
    where: ColumnElement[bool]
    has_filters: bool


def parse_query(typed: str) -> SearchQuery:
    """Split what somebody typed into filters and text. Raises `InputError` for a wrong filter."""
    where = LIVE & (Item.kind == "ticket")
    found = _FILTER.findall(typed)
    for name, value in found:
        where &= _FILTERS[name.lower()](value)
    return SearchQuery(" ".join(_FILTER.sub(" ", typed).split()), where, bool(found))


def newest_items(session: Session, audience: Audience, query: SearchQuery, limit: int) -> list[int]:
    """Return the ids of the newest items that pass a query's filters, those without a date last."""
    statement = select(Item.id).where(audience.items, query.where)
    statement = statement.order_by(
        Item.is_dated.desc(), Item.created_at.desc(), Item.id.desc()
    ).limit(limit)
    return list(session.scalars(statement))


def _in(value: str) -> ColumnElement[bool]:
    name = _referenced(value).removeprefix("#")
    channels = select(Channel.id).where(or_(Channel.slack_id == name, Channel.name == name))
    return Item.channel_id.in_(channels)


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
