"""Remembering: messages become tickets, several of them one where they are a burst.

Each message has an item. That of a burst's head is the ticket, with all that was said; the others'
stand hidden, and `Part` keeps what each said. What is new is laid over what is stored near it, the
tickets are made anew from that, and only what differs is embedded and stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from models import Answer, Channel, Database, Item, Part, ShownMatch, Verdict, put
from models.queries import in_parts
from services.errors import RetryLaterError
from services.intake.burst_plan import Changes, ItemKey, Plan, plan_news, stored_messages
from services.issues.resolutions import move_resolutions
from services.memory.items import ItemStore, NewItem, Prepared, Saved, SaveOutcome

# How often somebody else may be faster.
MAX_TRIES = 5
RETRY_SECONDS = 0.5


@dataclass(frozen=True)
class PreparedIngest:
    """News with their plan and its embeddings, on the way into the database."""

    workspace_id: int
    news: Changes
    plan: Plan
    prepared: list[Prepared]


@dataclass(frozen=True)
class IngestResult:
    """What became of the news' items, in their order; a part has the ticket's id.

    By id: the `tickets` that messages make, of these the `joined` ones that several make, the
    messages that are `hidden` as parts of them, and those that are `gone`.
    """

    saved: list[Saved]
    tickets: list[int]
    joined: list[int]
    hidden: list[int]
    gone: list[int]


@dataclass(frozen=True)
class TicketIngest:
    """Remembers what is said. `window` is the longest pause in a burst in seconds; 0: no bursts."""

    database: Database
    items: ItemStore
    window: float

    def remember(self, workspace_id: int, items: Sequence[NewItem], now: datetime) -> IngestResult:
        """Store items. Raises `RetryLaterError` where others change the same all the time."""
        news = Changes(items)
        for _ in range(MAX_TRIES):
            ready = self.prepare(workspace_id, news)
            try:
                with self.database.write() as session:
                    return self.save(session, ready, now)
            except RetryLaterError:
                continue
        raise RetryLaterError("others write into the same tickets", RETRY_SECONDS)

    def prepare(self, workspace_id: int, news: Changes) -> PreparedIngest:
        """Embed what the news make, all of it in one `encode`, outside of any transaction."""
        with self.database.read() as session:
            plan = plan_news(session, workspace_id, news, self.window)
        return PreparedIngest(
            workspace_id, news, plan, self.items.prepare(workspace_id, plan.tickets)
        )

    def save(self, session: Session, ready: PreparedIngest, now: datetime) -> IngestResult:
        """Store what was prepared.

        Raises `RetryLaterError`, before anything is changed, where others changed it meanwhile.
        """
        workspace_id, news, plan = ready.workspace_id, ready.news, ready.plan
        _lock_channels(session, plan)
        if plan_news(session, workspace_id, news, self.window) != plan:
            raise RetryLaterError("somebody else wrote into the same ticket", RETRY_SECONDS)
        saved = self.items.save(session, workspace_id, ready.prepared, now)
        parts, tickets = plan.parts, saved[len(plan.others) :]
        ids = self.items.hide(session, workspace_id, parts, now) | {
            new.item.key: one.item_id for new, one in zip(ready.prepared, saved, strict=True)
        }
        heads = {ids[key]: ids[head] for key, head in plan.heads.items()}
        gone = _ids(session, workspace_id, news.gone)
        before = _parts(session, [*heads, *gone.values()])
        _hand_over(session, heads, before)
        for key in news.gone:
            gone[key] = self.items.remove(session, workspace_id, key, now)
        _put_parts(session, plan, ids, heads)
        made = zip(plan.bursts, tickets, strict=True)
        outcomes = {burst.messages[0].item.key: one for burst, one in made}
        outcomes |= {
            one.key: Saved(heads[ids[one.key]], _outcome(before.get(ids[one.key]), one))
            for one in parts
        }
        outcomes |= {
            key: Saved(item_id, "outdated")
            for key, item_id in _ids(session, workspace_id, plan.outdated).items()
        }
        others = iter(saved)
        return IngestResult(
            [outcomes.get(item.key) or next(others) for item in news.items],
            [one.item_id for one in tickets],
            sorted({heads[ids[one.key]] for one in parts}),
            sorted(ids[one.key] for one in parts),
            sorted(gone.values()),
        )


def parts_of(session: Session, head_id: int) -> list[Item]:
    """Return the messages that are one ticket, in order, the head among them."""
    rows = select(Item).join(Part, Part.item_id == Item.id).where(Part.head_id == head_id)
    return list(session.scalars(rows.order_by(Item.ts, Item.external_id)))


def _ids(session: Session, workspace_id: int, keys: Iterable[ItemKey]) -> dict[ItemKey, int]:
    return {key: item.id for key, (item, _) in stored_messages(session, workspace_id, keys).items()}


def _lock_channels(session: Session, plan: Plan) -> None:
    """Wait for whoever else makes tickets in these channels."""
    ids = {one.item.channel_id for burst in plan.bursts for one in burst.messages}
    locked = select(Channel.id).where(Channel.id.in_(ids)).order_by(Channel.id)
    session.execute(locked.with_for_update(key_share=True)).all()


def _parts(session: Session, item_ids: Sequence[int]) -> dict[int, tuple[int, str]]:
    """Return the heads and texts of stored parts, by item id."""
    return {
        item_id: (head_id, text)
        for some in in_parts(item_ids)
        for item_id, head_id, text in session.execute(
            select(Part.item_id, Part.head_id, Part.text).where(Part.item_id.in_(some))
        )
    }


def _hand_over(
    session: Session, heads: Mapping[int, int], before: Mapping[int, tuple[int, str]]
) -> None:
    """Give what was said of tickets that are none any more to those that their messages are now.

    `heads` are the messages, in order, and their tickets.
    """
    moved: dict[int, int] = {}
    for item_id, head_id in heads.items():
        former, _ = before.get(item_id, (head_id, ""))
        if heads.get(former) != former:
            moved.setdefault(former, heads.get(former, head_id))
    for former, head_id in moved.items():
        inherit(session, former, head_id)


def _put_parts(
    session: Session, plan: Plan, ids: Mapping[ItemKey, int], heads: Mapping[int, int]
) -> None:
    rows = [
        {
            "item_id": ids[one.item.key],
            "head_id": heads[ids[one.item.key]],
            "text": one.item.text,
            "split_by": one.split_by,
        }
        for burst in plan.bursts
        for one in burst.messages
    ]
    put(session, Part, sorted(rows, key=lambda row: int(row["item_id"] or 0)))


def _outcome(before: tuple[int, str] | None, part: NewItem) -> SaveOutcome:
    if before is None:
        return "added"
    return "unchanged" if before[1] == part.text else "updated"


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
