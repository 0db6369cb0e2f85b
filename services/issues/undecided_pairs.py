"""Pairs that an answer called duplicates and nobody has decided on yet."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Answer, Item, ShownMatch, Verdict
from models.queries import COMPARED, LIVE, items_by_id
from services.channels.audience import Audience
from services.issues.verdicts import on_shown_pair
from services.text.cleaning.headline import headline


@dataclass(frozen=True)
class UndecidedPair:
    """A ticket and the earlier one that it may repeat: id, title and address of both."""

    item_id: int
    title: str
    url: str | None
    other_id: int
    other_title: str
    other_url: str | None
    probability: float | None


def newest_undecided_pairs(session: Session, audience: Audience, limit: int) -> list[UndecidedPair]:
    """Return the newest undecided pairs whose tickets an audience may both read."""
    decided = select(Verdict.id).where(on_shown_pair(), Verdict.undone_at.is_(None))
    # The audience's condition is over `Item`, so each side is checked by a subquery.
    readable = select(Item.id).where(audience.items, LIVE, COMPARED)
    rows = session.execute(
        select(Answer.item_id, ShownMatch.item_id, ShownMatch.probability)
        .join(ShownMatch, ShownMatch.answer_id == Answer.id)
        .where(
            ShownMatch.band == "duplicate",
            ~decided.exists(),
            Answer.item_id.in_(readable),
            ShownMatch.item_id.in_(readable),
        )
        .order_by(Answer.id.desc(), ShownMatch.position)
        .limit(limit)
    ).all()
    items = items_by_id(session, {item_id for row in rows for item_id in row[:2]})
    return [
        UndecidedPair(
            one,
            headline(items[one].title, items[one].text),
            items[one].url,
            two,
            headline(items[two].title, items[two].text),
            items[two].url,
            probability,
        )
        for one, two, probability in rows
    ]
