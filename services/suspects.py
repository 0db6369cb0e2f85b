"""Suspects: pairs that were called duplicates and that nobody has decided on yet."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, aliased

from models import Answer, Item, ShownMatch, Verdict
from services.audience import Place
from services.text import headline


@dataclass(frozen=True)
class Suspect:
    """A ticket that was called a duplicate of an earlier one: title and address of both."""

    title: str
    url: str | None
    other_title: str
    other_url: str | None
    probability: float | None


def newest_suspects(session: Session, place: Place, limit: int) -> list[Suspect]:
    """Return the newest suspected duplicates whose both sides a place may name."""
    other = aliased(Item)
    decided = (
        select(Verdict.id)
        .where(
            Verdict.undone_at.is_(None),
            or_(
                and_(Verdict.item_a_id == Answer.item_id, Verdict.item_b_id == ShownMatch.item_id),
                and_(Verdict.item_b_id == Answer.item_id, Verdict.item_a_id == ShownMatch.item_id),
            ),
        )
        .exists()
    )
    # The audience's condition is over `Item`: each side is asked for it.
    readable = select(Item.id).where(place.items, Item.deleted_at.is_(None))
    rows = session.execute(
        select(Answer.item_id, ShownMatch.item_id, ShownMatch.probability)
        .join(ShownMatch, ShownMatch.answer_id == Answer.id)
        .join(other, other.id == Answer.item_id)
        .where(
            ShownMatch.band == "duplicate",
            ~decided,
            other.workspace_id == place.workspace_id,
            Answer.item_id.in_(readable),
            ShownMatch.item_id.in_(readable),
        )
        .order_by(Answer.id.desc(), ShownMatch.position)
        .limit(limit)
    ).all()
    ids = {item_id for row in rows for item_id in row[:2]}
    items = {item.id: item for item in session.scalars(select(Item).where(Item.id.in_(ids)))}
    return [
        Suspect(
            headline(items[one].title, items[one].text),
            items[one].url,
            headline(items[two].title, items[two].text),
            items[two].url,
            probability,
        )
        for one, two, probability in rows
    ]
