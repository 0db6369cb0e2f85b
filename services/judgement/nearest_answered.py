"""The nearest tickets that have an answer, which are compared however low they rank."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import BindParameter, bindparam, select
from sqlalchemy.orm import Session

from models import Item
from models.queries import in_parts
from services.judgement.bands import ANSWERED_SIMILARITY
from services.search.contract import Candidate

# Built once, on the plain table: every answer asks for dozens of ids.
_items = Item.__table__
_IDS: BindParameter[int] = bindparam("ids", expanding=True)
_ANSWERED = select(_items.c.id).where(_items.c.id.in_(_IDS), _items.c.resolution.is_not(None))


def nearest_answered(
    session: Session, nearest: Sequence[Sequence[Candidate]], number: int
) -> list[frozenset[int]]:
    """Return for each query up to `number` ids of its nearest candidates that have an answer.

    `nearest` are the candidates of each query, best first.
    """
    if not number:
        return [frozenset() for _ in nearest]
    near = [[one for one in own if one.similarity >= ANSWERED_SIMILARITY] for own in nearest]
    answered: set[int] = set()
    for ids in in_parts({one.item_id for own in near for one in own}):
        answered.update(session.connection().execute(_ANSWERED, {"ids": ids}).scalars())
    return [
        frozenset([one.item_id for one in own if one.item_id in answered][:number]) for own in near
    ]
