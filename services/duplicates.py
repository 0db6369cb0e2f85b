"""Was this seen before? Search, judge, and leave out what must not or need not be said."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from models import Channel, Database, Item
from services.audience import readable_by_administrator, readable_in
from services.index import Candidate, VectorIndex
from services.items import ItemStore
from services.matching import (
    MOST_MATCHES,
    NEAR_EXACT,
    Match,
    judge,
    merge_chunks,
    says_the_same,
)
from services.text import embedding_text
from services.verdicts import ruled_out

# Room for the ticket itself, for its thread, for ruled-out pairs and for later tickets.
SEARCH_LIMIT = 20

BACKLOG_BATCH = 256


@dataclass(frozen=True)
class Judged:
    """What is to be said of an item, and the later items that were judged without knowing it."""

    item_id: int
    matches: list[Match]
    overtaken: list[int]


@dataclass(frozen=True)
class Pair:
    """Two items of the backlog that seem alike; `item_id` is the later one."""

    item_id: int
    other_id: int
    similarity: float
    band: str


@dataclass(frozen=True)
class Duplicates:
    """Finds items that were seen before."""

    database: Database
    items: ItemStore
    index: VectorIndex

    def judge_items(self, item_ids: Sequence[int]) -> list[Judged]:
        """Judge stored items against what every reader of their channel may read.

        Only earlier items count as seen before. An item that comes late (a retry, a sweep) may
        have been overtaken by ones that repeat it; those are named, to be judged again.
        """
        with self.database.read() as session:
            items = session.scalars(
                select(Item).where(Item.id.in_(item_ids), Item.deleted_at.is_(None))
            ).all()
            vectors = self.items.vectors_of(session, [item.id for item in items])
            groups: dict[tuple[int | None, str], list[Item]] = defaultdict(list)
            for item in items:
                groups[item.channel_id, item.kind].append(item)
            judged = []
            for (channel_id, kind), group in groups.items():
                where = self._place(session, group[0].workspace_id, channel_id)
                found = self._search(
                    [vectors[item.id] for item in group], where & (Item.kind == kind)
                )
                judged += self._judge_group(session, group, found)
        return judged

    def similar(
        self, text: str, vectors: NDArray[np.float32], *, where: ColumnElement[bool], limit: int
    ) -> list[Match]:
        """Judge what is most alike to a text and its chunk vectors (shape `(chunks, dim)`)."""
        found = merge_chunks(self.index.search(vectors, limit=limit, where=where))
        with self.database.read() as session:
            return self._judge(session, embedding_text(None, text), found[:limit])

    def similar_items(
        self, item_ids: Sequence[int], *, where: ColumnElement[bool], limit: int
    ) -> dict[int, list[Match]]:
        """Judge what is most alike to stored items, without the pairs that people ruled out."""
        with self.database.read() as session:
            vectors = self.items.vectors_of(session, item_ids)
            excluded = ruled_out(session, item_ids)
        # Room for the item itself and for what is left out.
        most_excluded = max(Counter(item_id for item_id, _ in excluded).values(), default=0)
        found = self._search(list(vectors.values()), where, limit=limit + 1 + most_excluded)
        with self.database.read() as session:
            texts = _texts(session, item_ids)
            return {
                item_id: [
                    match
                    for match in self._judge(session, texts.get(item_id, ""), candidates)
                    if match.item_id != item_id and (item_id, match.item_id) not in excluded
                ][:limit]
                for item_id, candidates in zip(vectors, found, strict=True)
            }

    def ids(self, where: ColumnElement[bool]) -> Iterator[list[int]]:
        """Go through the live items that pass `where` in order of arrival, batch-wise."""
        last = 0
        while True:
            with self.database.read() as session:
                found = session.scalars(
                    select(Item.id)
                    .where(where, Item.deleted_at.is_(None), Item.id > last)
                    .order_by(Item.id)
                    .limit(BACKLOG_BATCH)
                ).all()
            if not found:
                return
            last = found[-1]
            yield list(found)

    def backlog(self, workspace_id: int) -> Iterator[tuple[int, list[Pair]]]:
        """Go through all tickets in order of arrival; yield batch sizes and suspected pairs."""
        where = readable_by_administrator(workspace_id) & (Item.kind == "ticket")
        for item_ids in self.ids(where):
            with self.database.read() as session:
                items = session.scalars(select(Item).where(Item.id.in_(item_ids))).all()
                vectors = self.items.vectors_of(session, [item.id for item in items])
                found = self._search([vectors[item.id] for item in items], where)
                judged = self._judge_group(session, items, found)
            yield (
                len(items),
                [
                    Pair(one.item_id, match.item_id, match.similarity, match.band)
                    for one in judged
                    for match in one.matches
                    if match.band is not None
                ],
            )

    def _judge(self, session: Session, text: str, candidates: Sequence[Candidate]) -> list[Match]:
        near = [one.item_id for one in candidates if one.similarity >= NEAR_EXACT]
        others = _texts(session, near) if near else {}
        same = {item_id for item_id, other in others.items() if says_the_same(text, other)}
        return judge(candidates, same)

    def _place(
        self, session: Session, workspace_id: int, channel_id: int | None
    ) -> ColumnElement[bool]:
        channel = None if channel_id is None else session.get(Channel, channel_id)
        if channel is None:
            return readable_by_administrator(workspace_id)
        return readable_in(channel)

    def _search(
        self,
        vectors: Sequence[NDArray[np.float32]],
        where: ColumnElement[bool],
        limit: int = SEARCH_LIMIT,
    ) -> list[list[Candidate]]:
        """Return the candidates of each item, all chunks of all items in one search."""
        rows = np.concatenate(vectors) if vectors else np.empty((0, 0), dtype=np.float32)
        found = iter(self.index.search(rows, limit=limit, where=where))
        return [merge_chunks([next(found) for _ in chunks]) for chunks in vectors]

    def _judge_group(
        self, session: Session, items: Sequence[Item], found: list[list[Candidate]]
    ) -> list[Judged]:
        ids = {candidate.item_id for candidates in found for candidate in candidates}
        rows = session.execute(
            select(Item.id, Item.created_at, Item.channel_id, Item.thread_ts, Item.ts).where(
                Item.id.in_(ids)
            )
        )
        others = {row.id: row for row in rows}
        excluded = ruled_out(session, [item.id for item in items])
        judged = []
        for item, candidates in zip(items, found, strict=True):
            matches, overtaken = [], []
            text = embedding_text(item.title, item.text)
            for match in self._judge(session, text, candidates):
                other = others.get(match.item_id)
                if (
                    other is None
                    or match.band is None
                    or other.id == item.id
                    or (item.id, other.id) in excluded
                    or _thread(other) == _thread(item) is not None
                ):
                    continue
                if (other.created_at, other.id) < (item.created_at, item.id):
                    matches.append(match)
                else:
                    overtaken.append(other.id)
            judged.append(Judged(item.id, matches[:MOST_MATCHES], overtaken))
        return judged


def _texts(session: Session, item_ids: Sequence[int]) -> dict[int, str]:
    """Return what is compared of tickets; a catalog has products that differ in one letter."""
    rows = session.execute(
        select(Item.id, Item.title, Item.text).where(Item.id.in_(item_ids), Item.kind == "ticket")
    )
    return {item_id: embedding_text(title, text) for item_id, title, text in rows}


def _thread(row: object) -> tuple[int, str] | None:
    """Return the Slack thread that an item stands in, or None for what is not from Slack."""
    ts = getattr(row, "thread_ts", None) or getattr(row, "ts", None)
    return None if ts is None else (getattr(row, "channel_id", 0), ts)
