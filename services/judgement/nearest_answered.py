"""The nearest tickets that have an answer, which are compared however low they rank."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Item
from models.queries import in_parts
from services.judgement.bands import ANSWERED_SIMILARITY
from services.search.contract import Candidate


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
        with_answer = select(Item.id).where(Item.id.in_(ids), Item.resolution.is_not(None))
        answered.update(session.scalars(with_answer))
    return [
        frozenset([one.item_id for one in own if one.item_id in answered][:number]) for own in near
    ]
