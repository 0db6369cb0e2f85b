"""Planning answers to tickets that were just judged: new answers, and updates of earlier ones."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from models import Answer, Channel, Item, ShownMatch, is_among, many_ids, many_texts
from models.judgements import MARKED
from models.queries import in_parts, items_by_id, lock_channels
from services.issues.verdicts import current_verdicts
from services.judgement.bands import Match
from services.judgement.duplicates import JudgedItem
from services.judgement.noise_budget import AnswerLimiter

# Built once: every message asks.
_answers = Answer.__table__
_ANSWERS = select(Answer).where(is_among(Answer.item_id, many_ids("ids")))
_ANSWERED = select(_answers.c.channel_id, _answers.c.thread_ts).where(
    is_among(_answers.c.channel_id, many_ids("channels")),
    is_among(_answers.c.thread_ts, many_texts("threads")),
)


def plan_answers(session: Session, judged: Sequence[JudgedItem], now: datetime) -> list[int]:
    """Store new and changed answers; return the ids of the judged items that have one.

    Matches that people have decided on stay as they were shown. A muted channel gets no new answer.
    An unchanged answer is returned too: the worker that planned it may have died before posting it.
    Two workers plan for a channel one after the other, until the end of their transactions.
    """
    ids = [one.item_id for one in judged]
    items = items_by_id(session, ids)
    # Neither of two would see what the other plans: a thread would be answered twice, and a
    # channel's limit exceeded.
    lock_channels(session, [item.channel_id for item in items.values()])
    answers = {
        answer.item_id: answer
        for part in in_parts(ids)
        for answer in session.scalars(_ANSWERS, {"ids": part})
    }
    this_round = _Round(session, items.values())
    answered = []
    for one in judged:
        item, answer = items.get(one.item_id), answers.get(one.item_id)
        if item is None or item.channel_id is None or item.ts is None:
            continue
        if answer is not None:
            _update_matches(session, answer, one)
        elif selected := this_round.select(item, one.matches):
            session.add(_new_answer(item, selected, now))
        else:
            continue
        answered.append(item.id)
    session.flush()
    return answered


class _Round:
    """Selects what to answer in threads without an answer, for one round of judged items."""

    def __init__(self, session: Session, items: Collection[Item]) -> None:
        self._session = session
        self._tickets = len(items)
        self._limiters: dict[int, AnswerLimiter] = {}
        self._answered: set[tuple[int | None, str | None]] = set()
        channels = sorted({item.channel_id for item in items if item.channel_id is not None})
        for part in in_parts(sorted({item.head_ts or "" for item in items})):
            known = {"channels": channels, "threads": part}
            rows = session.connection().execute(_ANSWERED, known)
            self._answered.update((channel_id, thread_ts) for channel_id, thread_ts in rows)

    def select(self, item: Item, matches: Sequence[Match]) -> list[Match]:
        """Return the matches to show for a ticket; a thread is answered once."""
        thread = (item.channel_id, item.head_ts)
        channel = self._session.get(Channel, item.channel_id) if matches else None
        if channel is None or channel.slack_id is None or thread in self._answered:
            return []
        if channel.id not in self._limiters:
            self._limiters[channel.id] = AnswerLimiter(self._session, channel, self._tickets)
        selected = self._limiters[channel.id].select(item.ts or "", matches)
        if selected:
            self._answered.add(thread)
        return selected


def show_marked_pair(session: Session, item: Item, other_id: int, now: datetime) -> None:
    """Have the thread of a ticket show that a person marked a pair, also where the bot was silent.

    A thread whose answer is to another ticket stays as it is.
    """
    answer = session.scalar(
        select(Answer).where(
            or_(
                Answer.item_id == item.id,
                and_(Answer.channel_id == item.channel_id, Answer.thread_ts == item.head_ts),
            )
        )
    )
    if answer is None:
        answer = _new_answer(item, [], now)
        session.add(answer)
    if answer.item_id == item.id and all(one.item_id != other_id for one in answer.matches):
        position = 1 + max((one.position for one in answer.matches), default=-1)
        # Nothing was judged: the figures say so.
        marked = ShownMatch(item_id=other_id, position=position, similarity=0.0, band=MARKED)
        answer.matches.append(marked)
    session.flush()


def _new_answer(item: Item, matches: Sequence[Match], now: datetime) -> Answer:
    return Answer(
        item_id=item.id,
        channel_id=item.channel_id,
        thread_ts=item.head_ts,
        created_at=now,
        matches=_shown_matches(matches),
    )


def _update_matches(session: Session, answer: Answer, judged: JudgedItem) -> None:
    """Replace the undecided matches of an answer."""
    decided = current_verdicts(session, answer.item_id)
    kept = [match for match in answer.matches if match.item_id in decided]
    fresh = [match for match in judged.matches if match.item_id not in decided]
    before = [match for match in answer.matches if match.item_id not in decided]
    if [(match.item_id, match.band) for match in before] == [
        (match.item_id, match.band) for match in fresh
    ]:
        return
    answer.matches = kept
    session.flush()
    answer.matches = kept + _shown_matches(fresh, start=len(kept))


def _shown_matches(matches: Sequence[Match], start: int = 0) -> list[ShownMatch]:
    return [
        ShownMatch(
            item_id=match.item_id,
            position=position,
            similarity=match.similarity,
            probability=match.probability,
            band=match.band,
        )
        for position, match in enumerate(matches, start)
    ]
