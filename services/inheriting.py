"""Inheriting: a ticket that is none any more hands on what people said of it.

A message heads its burst no more where an earlier one became known, or where it was deleted; what
was answered and decided is about the same problem as before.
"""

from __future__ import annotations

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from models import Answer, ShownMatch, Verdict
from services.resolutions import move_resolutions


def inherit(session: Session, from_id: int, to_id: int) -> None:
    """Give the resolutions, answers and verdicts on one ticket to another one."""
    move_resolutions(session, from_id, to_id)
    _move_answer(session, from_id, to_id)
    _move_verdicts(session, from_id, to_id)
    named = select(ShownMatch.answer_id).where(ShownMatch.item_id == to_id)
    own = select(Answer.id).where(Answer.item_id == to_id)
    session.execute(
        update(ShownMatch)
        .where(
            ShownMatch.item_id == from_id,
            ShownMatch.answer_id.not_in(named),
            ShownMatch.answer_id.not_in(own),
        )
        .values(item_id=to_id)
        .execution_options(synchronize_session=False)
    )


def _move_answer(session: Session, from_id: int, to_id: int) -> None:
    if session.scalar(select(Answer.id).where(Answer.item_id == to_id)) is None:
        # One that stands nowhere yet is planned anew, in the right thread.
        own = (Answer.item_id == from_id) & Answer.message_ts.is_not(None)
        session.execute(update(Answer).where(own).values(item_id=to_id))


def _move_verdicts(session: Session, from_id: int, to_id: int) -> None:
    """Move verdicts to a ticket that has none: with others of its own they could contradict."""

    def about(item_id: int) -> list[Verdict]:
        either = or_(Verdict.item_a_id == item_id, Verdict.item_b_id == item_id)
        return list(session.scalars(select(Verdict).where(either)))

    if about(to_id):
        return
    for verdict in about(from_id):
        other = verdict.item_b_id if verdict.item_a_id == from_id else verdict.item_a_id
        verdict.item_a_id, verdict.item_b_id = min(other, to_id), max(other, to_id)
    session.flush()
