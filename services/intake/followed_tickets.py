"""The tickets that follow-ups belong to, looked up for many at once.

An import brings hundreds of follow-ups a batch, and a query for each cost more than all else.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session, aliased

from models import Channel, FollowUp, Item, Part, is_among, many_texts
from models.queries import LIVE, SLACK_SOURCE, in_parts
from services.intake.nearby_messages import merged_ranges
from services.intake.slack_messages import external_id
from services.text.slack.times import TS_FORMAT
from services.text.small_talk.follow_ups import FollowUpKind

# A ticket of Friday is asked about on Monday. What says nothing of a matter can hardly be about
# anything else; the time only keeps it from ending up at a ticket that everybody has forgotten.
OWN_WINDOW = timedelta(hours=72)

# "Same here" is an answer to what stands above it. After two hours the channel has moved on.
AGREEMENT_WINDOW = timedelta(hours=2)

# Built once, on a plain table, and run for each range: a statement with the conditions of all
# ranges takes longer to put together than to run.
_items = Item.__table__
_TICKETS = select(_items.c.author, _items.c.ts, _items.c.id).where(
    _items.c.deleted_at.is_(None),
    _items.c.channel_id == bindparam("channel"),
    _items.c.ts >= bindparam("low"),
    _items.c.ts < bindparam("high"),
)
_OF_AUTHORS = _TICKETS.where(is_among(_items.c.author, many_texts("authors")))

# A channel, and the `ts` of a message in it.
Place = tuple[int, str]

# A channel and an author, or None for any; with the tickets there, by `ts`.
_Group = tuple[int, str | None]
_Range = tuple[str, str]


def find_followed(session: Session, rows: Iterable[FollowUp]) -> dict[Place, int | None]:
    """Return the ids of the tickets that follow-ups belong to; None if there is none near one."""
    by_thread: list[FollowUp] = []
    by_time: list[FollowUp] = []
    for row in rows:
        (by_time if row.thread_ts is None else by_thread).append(row)
    return _of_threads(session, by_thread) | _of_times(session, by_time)


def _of_threads(session: Session, rows: Sequence[FollowUp]) -> dict[Place, int | None]:
    """Return the tickets at the start of the threads, or that their starts are part of."""
    if not rows:
        return {}
    channels = {
        channel.id: channel
        for channel in session.scalars(
            select(Channel).where(Channel.id.in_({row.channel_id for row in rows}))
        )
    }
    starts = {
        (row.channel_id, row.ts): external_id(
            str(channels[row.channel_id].slack_id), str(row.thread_ts)
        )
        for row in rows
    }
    workspaces = {channel.workspace_id for channel in channels.values()}
    found: dict[tuple[int | None, str], int] = {}
    for some in in_parts(sorted(set(starts.values()))):
        for query in _at_starts(workspaces, some):
            found |= {(at, name): id_ for at, name, id_ in session.execute(query)}
    return {place: found.get((place[0], name)) for place, name in starts.items()}


def _at_starts(
    workspaces: Collection[int], names: Sequence[str]
) -> Iterator[Select[*tuple[Any, ...]]]:
    """Yield the queries for the tickets that messages are part of, and that they are."""
    part, head = aliased(Item), aliased(Item)
    yield (
        select(part.channel_id, part.external_id, head.id)
        .join(Part, Part.item_id == part.id)
        .join(head, head.id == Part.head_id)
        .where(
            part.workspace_id.in_(workspaces),
            part.source == SLACK_SOURCE,
            part.external_id.in_(names),
            head.deleted_at.is_(None),
        )
    )
    yield select(Item.channel_id, Item.external_id, Item.id).where(
        Item.workspace_id.in_(workspaces),
        Item.source == SLACK_SOURCE,
        Item.external_id.in_(names),
        LIVE,
    )


def _of_times(session: Session, rows: Sequence[FollowUp]) -> dict[Place, int | None]:
    """Return the newest ticket before each follow-up, of its author or of anybody."""
    ranges: dict[_Group, list[_Range]] = defaultdict(list)
    for row in rows:
        ranges[_group(row)].append((_earliest(row), row.ts))
    tickets = _tickets_in(session, ranges)
    found: dict[Place, int | None] = {}
    for row in rows:
        own = tickets.get(_group(row), [])
        before = bisect_left(own, (row.ts, 0)) - 1
        is_near = before >= 0 and own[before][0] >= _earliest(row)
        found[row.channel_id, row.ts] = own[before][1] if is_near else None
    return found


def _group(row: FollowUp) -> _Group:
    return row.channel_id, None if row.kind == FollowUpKind.SAME else row.author


def _earliest(row: FollowUp) -> str:
    window = AGREEMENT_WINDOW if row.kind == FollowUpKind.SAME else OWN_WINDOW
    return TS_FORMAT.format(float(row.ts) - window.total_seconds())


def _tickets_in(
    session: Session, ranges: Mapping[_Group, Sequence[_Range]]
) -> dict[_Group, list[tuple[str, int]]]:
    """Return at least the tickets in these ranges, by group in the order of `ts`.

    The ranges of all authors of a channel are read together: those of a batch overlap, and a
    condition for each would cost more than the tickets that are read in vain.
    """
    of_anybody: dict[int, list[_Range]] = defaultdict(list)
    of_authors: dict[int, list[_Range]] = defaultdict(list)
    authors: dict[int, set[str]] = defaultdict(set)
    for (channel_id, author), of_group in ranges.items():
        if author is None:
            of_anybody[channel_id] += of_group
        else:
            of_authors[channel_id] += of_group
            authors[channel_id].add(author)
    found: dict[_Group, set[tuple[str, int]]] = defaultdict(set)
    for statement, by_channel in ((_TICKETS, of_anybody), (_OF_AUTHORS, of_authors)):
        for channel_id, of_channel in by_channel.items():
            known = {"channel": channel_id, "authors": sorted(authors[channel_id])}
            for low, high in merged_ranges(of_channel):
                rows = session.connection().execute(statement, known | {"low": low, "high": high})
                for author, ts, id_ in rows:
                    found[channel_id, author].add((str(ts), id_))
                    found[channel_id, None].add((str(ts), id_))
    return {group: sorted(tickets) for group, tickets in found.items()}
