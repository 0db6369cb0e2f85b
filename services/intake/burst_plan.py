"""Planning: the tickets that messages make, from what is new and what is stored near it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import and_, or_, select, tuple_
from sqlalchemy.orm import Session

from models import Item, Part
from models.queries import in_parts
from services.intake.bursts import MAX_MESSAGES, Burst, BurstMessage, bursts, chains
from services.memory.items import NewItem

# Slack's `ts` in seconds, and as text that sorts like a number.
TS = "{:017.6f}"

# In seconds: a `ts` may be written with fewer digits.
SLACK = 1.0

# Each a condition of five comparisons.
RANGES_AT_ONCE = 100

ItemKey = tuple[str, str]
Writer = tuple[int, str]
Range = tuple[float, float]


@dataclass(frozen=True)
class Changes:
    """What is new: items as their source tells them, messages that are gone, and decisions.

    `gone` and `split` are keys; `split` tells who says that a message is a ticket of its own, None
    where somebody says that it is not.
    """

    items: Sequence[NewItem] = ()
    gone: frozenset[ItemKey] = frozenset()
    split: Mapping[ItemKey, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """The tickets that messages make, and all other items.

    `outdated` is what is older than what is known.
    """

    bursts: list[Burst]
    others: list[NewItem]
    outdated: frozenset[ItemKey]

    @property
    def tickets(self) -> list[NewItem]:
        """All that is to be embedded and found."""
        return [*self.others, *(burst.ticket for burst in self.bursts)]

    @property
    def heads(self) -> dict[ItemKey, ItemKey]:
        """The messages, in order, and what each is part of: the head of its burst."""
        return {
            one.item.key: burst.messages[0].item.key
            for burst in self.bursts
            for one in burst.messages
        }

    @property
    def parts(self) -> list[NewItem]:
        """The messages that are no tickets of their own."""
        return [one.item for burst in self.bursts for one in burst.messages[1:]]


def plan_news(session: Session, workspace_id: int, news: Changes, window: float) -> Plan:
    """Lay the news over what is stored near them, and return the tickets that come of it."""
    keys = {*(item.key for item in news.items if _joins(item)), *news.gone, *news.split}
    stored = stored_messages(session, workspace_id, keys)
    outdated: set[ItemKey] = set()
    fresh: dict[ItemKey, NewItem] = {}
    for item in news.items:
        old = fresh.get(item.key)
        if not _joins(item) or (old is not None and item.revision < old.revision):
            continue
        if item.key in stored and item.revision < stored[item.key][0].revision:
            outdated.add(item.key)
        else:
            fresh[item.key] = item
    laid = _Overlay(fresh, news, {key: _said(*row) for key, row in stored.items() if row[1]})
    return Plan(
        _bursts(session, laid, window),
        [item for item in news.items if not _joins(item)],
        frozenset(outdated - fresh.keys()),
    )


def stored_messages(
    session: Session, workspace_id: int, keys: Iterable[ItemKey]
) -> dict[ItemKey, tuple[Item, Part | None]]:
    """Return what is stored of messages, and of what they are parts."""
    found: dict[ItemKey, tuple[Item, Part | None]] = {}
    for some in in_parts(sorted(keys)):
        rows = session.execute(
            select(Item, Part)
            .outerjoin(Part, Part.item_id == Item.id)
            .where(
                Item.workspace_id == workspace_id,
                tuple_(Item.source, Item.external_id).in_(some),
            )
            .execution_options(populate_existing=True)
        )
        found |= {(item.source, item.external_id): (item, part) for item, part in rows}
    return found


def _bursts(session: Session, laid: _Overlay, window: float) -> list[Burst]:
    """Return the tickets that the chains of messages around the news make."""
    times = laid.times()
    reach = window * MAX_MESSAGES
    while True:
        ranges = {writer: _ranges(of_writer, reach) for writer, of_writer in times.items()}
        near = laid.over(_near(session, ranges))
        found = [
            (writer, chain)
            for writer in sorted(times)
            for chain in chains(near.get(writer, []), window)
            if any(abs(one.at - at) <= window for one in chain for at in times[writer])
        ]
        if all(_is_whole(chain, ranges[writer], window) for writer, chain in found):
            return [burst for _, chain in found for burst in bursts(chain)]
        reach *= 2


@dataclass(frozen=True)
class _Overlay:
    """What is new of messages, to be laid over what is stored of them and their neighbours."""

    fresh: Mapping[ItemKey, NewItem]
    news: Changes
    stored: Mapping[ItemKey, BurstMessage]

    def times(self) -> dict[Writer, list[float]]:
        """Return when the messages were said that something is new of, by who said them where."""
        said = [BurstMessage(item) for item in self.fresh.values()]
        said += [
            self.stored[key] for key in (*self.news.gone, *self.news.split) if key in self.stored
        ]
        found: dict[Writer, list[float]] = defaultdict(list)
        for one in said:
            found[_writer(one.item)].append(one.at)
        return found

    def over(self, near: Mapping[ItemKey, BurstMessage]) -> dict[Writer, list[BurstMessage]]:
        """Return the messages as they are with the news, by who said them where."""
        messages = dict(near)
        for key, item in self.fresh.items():
            old = messages.get(key)
            messages[key] = BurstMessage(item, old.split_by if old else None)
        for key, by in self.news.split.items():
            if key in messages:
                messages[key] = replace(messages[key], split_by=by)
        found: dict[Writer, list[BurstMessage]] = defaultdict(list)
        for key, one in messages.items():
            if key not in self.news.gone:
                found[_writer(one.item)].append(one)
        return found


def _joins(item: NewItem) -> bool:
    return item.joins and None not in (item.channel_id, item.author, item.ts)


def _writer(item: NewItem) -> Writer:
    return item.channel_id or 0, item.author or ""


def _said(item: Item, part: Part | None) -> BurstMessage:
    return BurstMessage(
        NewItem(
            source=item.source,
            external_id=item.external_id,
            text=part.text if part else item.text,
            created_at=item.created_at,
            channel_id=item.channel_id,
            author=item.author,
            url=item.url,
            extra=item.extra,
            ts=item.ts,
            revision=item.revision,
            joins=True,
        ),
        part.split_by if part else None,
    )


def _ranges(times: Sequence[float], reach: float) -> list[Range]:
    """Return the times with `reach` seconds on both sides, where they overlap as one."""
    found: list[Range] = []
    for at in sorted(times):
        if found and at - reach <= found[-1][1]:
            found[-1] = (found[-1][0], at + reach)
        else:
            found.append((at - reach, at + reach))
    return found


def _near(
    session: Session, ranges: Mapping[Writer, Sequence[Range]]
) -> dict[ItemKey, BurstMessage]:
    """Return what these people said in these channels at these times."""
    conditions = [
        and_(
            Item.channel_id == channel_id,
            Item.author == author,
            Item.ts.between(TS.format(low - SLACK), TS.format(high + SLACK)),
        )
        for (channel_id, author), of_writer in sorted(ranges.items())
        for low, high in of_writer
    ]
    found: dict[ItemKey, BurstMessage] = {}
    for start in range(0, len(conditions), RANGES_AT_ONCE):
        rows = session.execute(
            select(Item, Part)
            .join(Part, Part.item_id == Item.id)
            .where(or_(*conditions[start : start + RANGES_AT_ONCE]))
            .execution_options(populate_existing=True)
        )
        found |= {(item.source, item.external_id): _said(item, part) for item, part in rows}
    return found


def _is_whole(chain: Sequence[BurstMessage], ranges: Sequence[Range], window: float) -> bool:
    """Say whether what comes before and after a chain was looked at, too."""
    first, last = chain[0].at - window, chain[-1].at + window
    return any(low <= first and last <= high for low, high in ranges)
