"""Tickets that show the same picture: a screenshot that somebody posts again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import BindParameter, bindparam, func, select, union_all
from sqlalchemy.orm import Session

from models import ImageText, Item, Part, is_among, many_ids
from models.queries import in_parts, live_ids
from services.channels.audience import Audience

# A picture that more other tickets have is a logo, a banner or a portrait, and says nothing.
MAX_TICKETS = 5

# Built once, on plain tables: every answer asks, and hardly any ticket has a picture.
_images, _items, _parts = ImageText.__table__, Item.__table__, Part.__table__
_IDS = many_ids("ids")
_PICTURES: BindParameter[str] = bindparam("pictures", expanding=True)
_OF_MESSAGE = (_images.c.channel_id == _items.c.channel_id) & (_images.c.ts == _items.c.ts)
_OWN = union_all(
    select(_items.c.id, _images.c.same_as)
    .join(_images, _OF_MESSAGE)
    .where(is_among(_items.c.id, _IDS), _images.c.same_as.is_not(None)),
    select(_parts.c.head_id, _images.c.same_as)
    .join(_items, _items.c.id == _parts.c.item_id)
    .join(_images, _OF_MESSAGE)
    .where(is_among(_parts.c.head_id, _IDS), _images.c.same_as.is_not(None)),
)
_SHOWN_IN = (
    select(_images.c.same_as, func.coalesce(_parts.c.head_id, _items.c.id))
    .join(_items, _OF_MESSAGE)
    .outerjoin(_parts, _parts.c.item_id == _items.c.id)
    .where(_images.c.same_as.in_(_PICTURES))
)


def find_same_pictures(
    session: Session, item_ids: Sequence[int], audience: Audience
) -> dict[int, frozenset[int]]:
    """Return the other tickets that show a picture of these, by id; those without are left out.

    Only what the audience may read counts, both as found and as too many.
    """
    own = _pictures_of(session, item_ids)
    pictures = {picture for found in own.values() for picture in found}
    if not pictures:
        return {}
    shown = _tickets_with(session, pictures, audience)
    found = {
        item_id: frozenset(
            other
            for picture in of_item
            if len(others := shown[picture] - {item_id}) <= MAX_TICKETS
            for other in others
        )
        for item_id, of_item in own.items()
    }
    return {item_id: others for item_id, others in found.items() if others}


def _pictures_of(session: Session, item_ids: Sequence[int]) -> Mapping[int, set[str]]:
    """Return the pictures of tickets, of all messages that they consist of."""
    found: dict[int, set[str]] = defaultdict(set)
    for ids in in_parts(item_ids):
        for item_id, picture in session.connection().execute(_OWN, {"ids": ids}):
            found[item_id].add(picture)
    return found


def _tickets_with(
    session: Session, pictures: set[str], audience: Audience
) -> Mapping[str, set[int]]:
    """Return the tickets that show these pictures and that the audience may read."""
    known = {"pictures": sorted(pictures)}
    rows = session.connection().execute(_SHOWN_IN, known).all()
    readable = live_ids(session, (item_id for _, item_id in rows), audience.items)
    found: dict[str, set[int]] = defaultdict(set)
    for picture, item_id in rows:
        if item_id in readable:
            found[picture].add(item_id)
    return found
