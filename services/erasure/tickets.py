"""Erasing tickets: their rows become tombstones, and answers copied from them go, too."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.orm import Session

from models import (
    Document,
    Embedding,
    FollowUp,
    ImageText,
    ImageVector,
    Item,
    MessageOverride,
    Outcome,
    Part,
    Profile,
    Resolution,
)
from models.queries import SLACK_SOURCE, in_parts, lock_channels
from models.types import FloatVector
from services.erasure.subjects import Subject, whole_tickets
from services.intake.image_texts import delete_image_texts
from services.issues.resolutions import clear_resolution
from services.memory import pool_statistics
from services.memory.items import bury
from services.text.cleaning.mail_parts import without_mail_parts

# Erased in one transaction: so few that others who write need not wait for long.
BATCH = 100

# Snippets of what was erased, to search for afterwards.
MAX_SNIPPETS, SNIPPET_LENGTH, MIN_SNIPPET = 40, 48, 12

# Vectors of each model and transaction, to search for as well: to look through a large index takes
# a second.
MAX_VECTORS = 4


@dataclass
class Erased:
    """What a transaction erased: counts by surface, item ids, some of its texts and vectors.

    `vectors` are by the fingerprint of their model: each model has an index of its own.
    """

    counts: Counter[str] = field(default_factory=Counter)
    item_ids: list[int] = field(default_factory=list)
    # Other tickets, whose answer was copied from an erased one or written by an erased person.
    changed: list[int] = field(default_factory=list)
    snippets: list[str] = field(default_factory=list)
    vectors: dict[str, list[FloatVector]] = field(default_factory=dict)


def next_tickets(session: Session, subject: Subject, limit: int) -> list[int]:
    """Return the ids of the next tickets to erase, with all their messages; none at the end."""
    found = select(Item.id).where(subject.tickets).order_by(Item.id).limit(limit)
    ids = list(session.scalars(found))
    return whole_tickets(session, ids) if ids else []


def lock_tickets(session: Session, subject: Subject, item_ids: Sequence[int]) -> list[int]:
    """Keep others from writing into tickets; return those still to erase, with all their messages.

    While others had them, one may have got a message more, been solved, which keeps it longer, or
    been erased.
    """
    here = select(Item.channel_id).where(Item.id.in_(item_ids)).distinct()
    lock_channels(session, session.scalars(here))
    left = select(Item.id).where(Item.id.in_(item_ids), subject.tickets).order_by(Item.id)
    return whole_tickets(session, list(session.scalars(left.with_for_update())))


def erase_tickets(session: Session, item_ids: Sequence[int], now: datetime) -> Erased:
    """Erase items and what was made from them."""
    erased = Erased(item_ids=list(item_ids))
    rows = session.scalars(
        select(Item).where(Item.id.in_(item_ids)).order_by(Item.id).with_for_update()
    ).all()
    erased.counts += count_contents(session, Item.id.in_(item_ids))
    erased.snippets = [text for row in rows if (text := snippet(row.text or row.title or ""))]
    erased.vectors = _some_vectors(session, item_ids)
    pools = _pools_of(session, item_ids)
    for copy, item in _copied_answers(session, item_ids):
        clear_resolution(session, copy, item, now)
        erased.counts["answers copied to other tickets"] += 1
        erased.changed.append(item.id)
    _delete_beside(session, rows)
    bury(session, rows, now)
    _average_again(session, pools)
    return erased


def _some_vectors(session: Session, item_ids: Sequence[int]) -> dict[str, list[FloatVector]]:
    found: dict[str, list[FloatVector]] = defaultdict(list)
    own = select(Embedding.fingerprint, Embedding.vector).where(Embedding.item_id.in_(item_ids))
    for fingerprint, vector in session.execute(own.order_by(Embedding.id)):
        found[fingerprint].append(vector)
    return {fingerprint: vectors[:MAX_VECTORS] for fingerprint, vectors in found.items()}


def snippet(text: str) -> str:
    """Return a piece of a text that is long enough to be found by, "" of a short one.

    Quoted mail and disclaimers are in what others wrote, too.
    """
    lines = without_mail_parts(text).splitlines()
    line = max((one.strip() for one in lines), key=len, default="")
    return line[:SNIPPET_LENGTH] if len(line) >= MIN_SNIPPET else ""


def count_contents(session: Session, where: ColumnElement[bool]) -> Counter[str]:
    """Return how many rows of each kind belong to the items that pass `where`."""
    ids = select(Item.id).where(where)
    tickets = session.scalar(select(func.count(Item.id)).where(where)) or 0
    found = Counter({"tickets and products": tickets})
    for name, statement in {
        "messages of tickets": select(func.count(Part.item_id)).where(Part.item_id.in_(ids)),
        "vectors": select(func.count(Embedding.id)).where(Embedding.item_id.in_(ids)),
        "entries in the index of words": select(func.count(Document.item_id)).where(
            Document.item_id.in_(ids)
        ),
        "answers": select(func.count(Resolution.id)).where(
            Resolution.item_id.in_(ids), Resolution.text != ""
        ),
    }.items():
        found[name] = session.scalar(statement) or 0
    imported = Item.resolution.is_not(None) & ~Item.id.in_(
        select(Resolution.item_id).where(Resolution.text != "")
    )
    found["answers"] += session.scalar(select(func.count(Item.id)).where(where, imported)) or 0
    return found


def copied_answers(where: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition over `Resolution` for answers of these items used for other tickets.

    `Resolution.ts`, the message that an answer is from, is the same in a copy; outcomes say which
    way it was copied.
    """
    own = select(Resolution.id).join(Item, Item.id == Resolution.item_id).where(where)
    messages = select(Resolution.ts).join(Item, Item.id == Resolution.item_id).where(where)
    used = select(Outcome.item_id).where(Outcome.resolution_id.in_(own))
    texts = select(Resolution.text).where(Resolution.id.in_(own))
    return (
        Resolution.item_id.in_(used)
        & ~Resolution.item_id.in_(select(Item.id).where(where))
        & (Resolution.text != "")
        & or_(Resolution.ts.in_(messages), Resolution.text.in_(texts))
    )


def _copied_answers(session: Session, item_ids: Sequence[int]) -> list[tuple[Resolution, Item]]:
    rows = session.execute(
        select(Resolution, Item)
        .join(Item, Item.id == Resolution.item_id)
        .where(copied_answers(Item.id.in_(item_ids)))
        .order_by(Resolution.id)
    )
    return [(copy, item) for copy, item in rows]


def _delete_beside(session: Session, rows: Sequence[Item]) -> None:
    """Delete what reactions made of erased messages, and what was read in their pictures."""
    for row in rows:
        if row.source == SLACK_SOURCE and row.channel_id is not None and row.ts is not None:
            of_message = (MessageOverride.channel_id == row.channel_id) & (
                MessageOverride.ts == row.ts
            )
            session.execute(delete(MessageOverride).where(of_message))
            delete_image_texts(session, row.channel_id, row.ts)


def _pools_of(session: Session, item_ids: Sequence[int]) -> set[int]:
    return {
        pool_id
        for part in in_parts(item_ids)
        for pool_id in session.scalars(select(Document.pool_id).where(Document.item_id.in_(part)))
    }


def _average_again(session: Session, pools: Collection[int]) -> None:
    """Compute the mean vectors of pools without what was erased."""
    models = session.execute(
        select(Profile.pool_id, Profile.fingerprint).where(Profile.pool_id.in_(pools))
    ).all()
    pool_statistics.delete_profiles(session, sorted(pools))
    for pool_id, fingerprint in models:
        pool_statistics.refresh(session, [pool_id], fingerprint)


def delete_follow_ups(session: Session, channel_id: int) -> int:
    """Delete what is known of the other messages of a channel; return how many follow-ups."""
    for table in (ImageText, ImageVector):
        session.execute(delete(table).where(table.channel_id == channel_id))
    gone = delete(FollowUp).where(FollowUp.channel_id == channel_id)
    return len(session.execute(gone.returning(FollowUp.ts)).all())
