"""What was decided about a ticket goes to the one that replaces it."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from models import Answer, ShownMatch, Verdict
from services.issues.resolutions import move_resolutions


def hand_over(
    session: Session, heads: Mapping[int, int], before: Mapping[int, tuple[int, str]]
) -> None:
    """Give what was decided about messages that are no longer heads to their current tickets.

    `heads` are the messages, in order, and their tickets.
    """
    moved: dict[int, int] = {}
    for item_id, head_id in heads.items():
        former, _ = before.get(item_id, (head_id, ""))
        if heads.get(former) != former:
            moved.setdefault(former, heads.get(former, head_id))
    for former, head_id in moved.items():
        _inherit(session, former, head_id)


def _inherit(session: Session, from_id: int, to_id: int) -> None:
    """Move the resolutions, answers and verdicts of a ticket to the one that replaces it."""
    move_resolutions(session, from_id, to_id)
    _move_answer(session, from_id, to_id)
    _move_verdicts(session, from_id, to_id)
    _move_shown_matches(session, from_id, to_id)


def _move_answer(session: Session, from_id: int, to_id: int) -> None:
    if session.scalar(select(Answer.id).where(Answer.item_id == to_id)) is None:
        # An answer that is not posted yet is planned again, in the right thread.
        own = (Answer.item_id == from_id) & Answer.message_ts.is_not(None)
        session.execute(update(Answer).where(own).values(item_id=to_id))


def _move_verdicts(session: Session, from_id: int, to_id: int) -> None:
    """Move verdicts to a ticket that has none: with its own verdicts they could contradict."""

    def about(item_id: int) -> list[Verdict]:
        either = or_(Verdict.item_a_id == item_id, Verdict.item_b_id == item_id)
        return list(session.scalars(select(Verdict).where(either)))

    if about(to_id):
        return
    for verdict in about(from_id):
        other = verdict.item_b_id if verdict.item_a_id == from_id else verdict.item_a_id
        verdict.item_a_id, verdict.item_b_id = min(other, to_id), max(other, to_id)
    session.flush()


def _move_shown_matches(session: Session, from_id: int, to_id: int) -> None:
    """Let answers that show the one ticket show the other, unless they are about it or show it."""
    showing = select(ShownMatch.answer_id).where(ShownMatch.item_id == to_id)
    own = select(Answer.id).where(Answer.item_id == to_id)
    session.execute(
        update(ShownMatch)
        .where(
            ShownMatch.item_id == from_id,
            ShownMatch.answer_id.not_in(showing),
            ShownMatch.answer_id.not_in(own),
        )
        .values(item_id=to_id)
        .execution_options(synchronize_session=False)
    )
