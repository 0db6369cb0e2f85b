"""Stored messages: those of a change, those near others in time, and their overrides."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import inf
from typing import Any, TypeVar

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from models import Item, Part, is_among, many_texts
from services.channels.emoji import OverrideKind
from services.intake.bursts import BurstMessage
from services.intake.overrides import current_overrides, kinds_of
from services.memory.item_rows import known_keys, of_keys
from services.memory.new_items import ItemKey, NewItem
from services.text.slack.times import TS_FORMAT

# In seconds: a `ts` may be written with fewer digits.
TS_TOLERANCE = 1.0

# Built once, on plain tables, and run for each range: a statement with the conditions of all ranges
# takes longer to put together than to run.
_items, _parts = Item.__table__, Part.__table__
_AUTHORS = many_texts("authors")
_NEAR = (
    select(
        *(
            _items.c[name]
            for name in (
                "source", "external_id", "created_at", "channel_id", "author", "url", "extra", "ts",
                "revision",
            )
        ),
        _parts.c.text.label("part_text"),
        _parts.c.split_by,
    )
    .join(_parts, _parts.c.item_id == _items.c.id)
    .where(
        _items.c.channel_id == bindparam("channel"),
        is_among(_items.c.author, _AUTHORS),
        _items.c.ts.between(bindparam("first"), bindparam("last")),
    )
)  # fmt: skip

_STORED = of_keys(
    select(Item, Part)
    .outerjoin(Part, Part.item_id == Item.id)
    .execution_options(populate_existing=True)
)

# The channel and the author of messages.
Writer = tuple[int, str]
Range = tuple[float, float]

# Where a range begins and ends: seconds, or Slack's `ts`.
Bound = TypeVar("Bound", float, str)


def stored_messages(
    session: Session, workspace_id: int, keys: Iterable[ItemKey]
) -> dict[ItemKey, tuple[Item, Part | None]]:
    """Return stored items by key, each with its `Part` if it may be part of a burst."""
    found: dict[ItemKey, tuple[Item, Part | None]] = {}
    for known in known_keys(workspace_id, keys):
        rows = session.execute(_STORED, known)
        found |= {(item.source, item.external_id): (item, part) for item, part in rows}
    return found


def edited_since(session: Session, workspace_id: int, items: Sequence[NewItem]) -> list[NewItem]:
    """Return those of these messages that are stored as they were before their last edit."""
    edited = [item for item in items if item.revision]
    stored = stored_messages(session, workspace_id, [item.key for item in edited])
    return [
        item
        for item in edited
        if item.key in stored and stored[item.key][0].revision < item.revision
    ]


def messages_near(
    session: Session, ranges: Mapping[Writer, Sequence[Range]]
) -> dict[ItemKey, BurstMessage]:
    """Return the stored messages of these writers in these time ranges.

    The ranges of all writers of a channel are read together: those of a batch overlap, and a
    condition for each would cost more than the messages that are read in vain.
    """
    by_channel: dict[int, list[Range]] = defaultdict(list)
    authors: dict[int, set[str]] = defaultdict(set)
    for (channel_id, author), of_writer in ranges.items():
        by_channel[channel_id] += of_writer
        authors[channel_id].add(author)
    found: dict[ItemKey, BurstMessage] = {}
    for channel_id, of_channel in sorted(by_channel.items()):
        known = {"channel": channel_id, "authors": sorted(authors[channel_id])}
        for low, high in merged_ranges(of_channel):
            first, last = (
                TS_FORMAT.format(low - TS_TOLERANCE), TS_FORMAT.format(high + TS_TOLERANCE)
            )  # fmt: skip
            rows = session.execute(_NEAR, known | {"first": first, "last": last})
            found |= {
                (row.source, row.external_id): _stored(row, row.part_text, row.split_by)
                for row in rows
                if _is_in(row, ranges.get((channel_id, row.author or ""), ()))
            }
    return found


def _is_in(item: Any, ranges: Iterable[Range]) -> bool:
    at = float(item.ts or 0)
    return any(low - TS_TOLERANCE <= at <= high + TS_TOLERANCE for low, high in ranges)


def ranges_around(times: Sequence[float], reach: float) -> list[Range]:
    """Return a range of `reach` seconds on both sides of each time, overlapping ones merged."""
    found: list[Range] = []
    for at in sorted(times):
        if found and at - reach <= found[-1][1]:
            found[-1] = (found[-1][0], at + reach)
        else:
            found.append((at - reach, at + reach))
    return found


def seconds_since_last(at: float, times: Sequence[float]) -> float:
    """Return the seconds since the last of the times before `at`, infinity where there is none.

    `times` are in order: a writer of a long history has thousands.
    """
    earlier = bisect_left(times, at)
    return at - times[earlier - 1] if earlier else inf


def seconds_to_nearest(at: float, times: Sequence[float]) -> float:
    """Return the seconds between `at` and the nearest of times in order, infinity without any."""
    later = bisect_left(times, at)
    to_next = times[later] - at if later < len(times) else inf
    return min(seconds_since_last(at, times), to_next)


def merged_ranges(ranges: Iterable[tuple[Bound, Bound]]) -> list[tuple[Bound, Bound]]:
    """Return ranges that cover the same, in order, those that overlap as one."""
    merged: list[tuple[Bound, Bound]] = []
    for low, high in sorted(ranges):
        if merged and low <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], high))
        else:
            merged.append((low, high))
    return merged


def overrides_of(session: Session, items: Iterable[NewItem]) -> dict[ItemKey, OverrideKind]:
    """Return what reactions turn messages into, by key."""
    stamps: dict[int, dict[str, ItemKey]] = defaultdict(dict)
    for item in items:
        if item.channel_id is not None and item.ts is not None:
            stamps[item.channel_id][item.ts] = item.key
    return {
        keys[ts]: kind
        for channel_id, keys in stamps.items()
        for ts, kind in kinds_of(current_overrides(session, channel_id, keys)).items()
    }


def burst_message(item: Item, part: Part | None) -> BurstMessage:
    """Return a stored message with the text it was stored with."""
    return _stored(item, part.text if part else item.text, part.split_by if part else None)


def _stored(item: Any, text: str, split_by: str | None) -> BurstMessage:
    """Return a stored message; `item` is an `Item`, or a row with its columns."""
    return BurstMessage(
        NewItem(
            source=item.source,
            external_id=item.external_id,
            text=text,
            created_at=item.created_at,
            channel_id=item.channel_id,
            author=item.author,
            url=item.url,
            extra=item.extra,
            ts=item.ts,
            revision=item.revision,
            joins=True,
        ),
        split_by,
    )
