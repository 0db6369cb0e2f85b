"""Was this seen before? Judge, and leave out what must not or need not be said."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from models import Database, Item
from models.queries import LIVE, items_by_id
from services.channels.audience import Audience, whole_workspace
from services.errors import InputError
from services.issues.groups import Group, groups_of
from services.issues.verdicts import ruled_out
from services.judgement.bands import MAX_MATCHES, Match
from services.judgement.calibration import SURE
from services.judgement.judge import ANSWER, Judge, Ranked, limits_for_list
from services.judgement.noise_budget import place_and_cut
from services.judgement.similar import MIN_QUERY_NORM, NO_WORDS, SAME_SIDES
from services.judgement.subjects import ComparedItem, load_subjects
from services.memory import density
from services.memory.items import ItemStore
from services.search.contract import Candidate

BACKLOG_BATCH = 256


@dataclass(frozen=True)
class Judged:
    """What is to be said of an item, and the later items that were judged without knowing it.

    `nearest` are the ten nearest by meaning, whatever is said of them.
    """

    item_id: int
    matches: list[Match]
    overtaken: list[int]
    nearest: list[Candidate]


@dataclass(frozen=True)
class AlikePair:
    """Two items of the backlog that seem alike; `item_id` is the later one."""

    item_id: int
    match: Match


@dataclass(frozen=True)
class Duplicates:
    """Finds items that were seen before."""

    database: Database
    items: ItemStore
    judge: Judge

    def judge_items(self, item_ids: Sequence[int]) -> list[Judged]:
        """Judge stored items against what every reader of their channel may read.

        Only earlier items count as seen before. An item that comes late (a retry, a sweep) may
        have been overtaken by ones that repeat it; those are named, to be judged again.
        """
        with self.database.read() as session:
            return [
                judged
                for group in _of_one_place(_live(session, item_ids))
                for judged in self._judge_group(
                    session,
                    group,
                    *place_and_cut(session, group[0].workspace_id, group[0].channel_id),
                )
            ]

    def similar(self, text: str, *, kind: str, place: Audience, limit: int) -> list[Match]:
        """Judge what is most alike to a text that somebody typed; nothing is stored."""
        vectors = self.items.encode(text)
        if not len(vectors):
            return []
        subject = ComparedItem.of_text(text, kind, vectors)
        with self.database.read() as session:
            (ranked,) = self.judge.rank(session, [subject], place, limits_for_list(limit))
            return ranked.matches

    def like(
        self,
        wanted: Sequence[int | str],
        unwanted: Sequence[int | str],
        *,
        place: Audience,
        limit: int,
    ) -> list[Match]:
        """Judge what is like the one and not like the other: items by id, or texts.

        The query is the mean of what is wanted less that of what is not, as a unit vector. Raises
        `InputError` where nothing is left of it.
        """
        with self.database.read() as session:
            direction = self._mean(session, wanted)
            if unwanted:
                direction = direction - self._mean(session, unwanted)
            length = float(np.linalg.norm(direction))
            if length < MIN_QUERY_NORM:
                raise InputError(SAME_SIDES)
            said = " ".join(one for one in wanted if isinstance(one, str))
            subject = ComparedItem.of_text(said, "ticket", (direction / length)[None, :])
            named = {one for one in (*wanted, *unwanted) if isinstance(one, int)}
            breadth = limits_for_list(limit + len(named))
            (ranked,) = self.judge.rank(session, [subject], place, breadth)
            return [match for match in ranked.matches if match.item_id not in named][:limit]

    def _mean(self, session: Session, parts: Sequence[int | str]) -> NDArray[np.float32]:
        """Return the mean of the parts' vectors, shape `(dim,)`; each part is the mean of its own.

        Raises `InputError` for one without words.
        """
        ids = [one for one in parts if isinstance(one, int)]
        stored = self.items.vectors_of(session, ids)
        vectors = [stored[one] if isinstance(one, int) else self.items.encode(one) for one in parts]
        if not vectors or not all(len(one) for one in vectors):
            raise InputError(NO_WORDS)
        means = np.stack([one.mean(axis=0) for one in vectors])
        return np.asarray(means.mean(axis=0), dtype=np.float32)

    def similar_items(
        self, item_ids: Sequence[int], *, place: Audience, limit: int, kind: str | None = None
    ) -> dict[int, list[Match]]:
        """Judge what is most alike to stored items, without the pairs that people ruled out.

        `kind` is what is looked for, where it is not that of the items.
        """
        with self.database.read() as session:
            subjects = load_subjects(session, self.items, item_ids)
            excluded = ruled_out(session, item_ids)
            most = max(Counter(item_id for item_id, _ in excluded).values(), default=0)
            by_kind: dict[str, list[ComparedItem]] = defaultdict(list)
            for subject in subjects.values():
                wanted = kind or subject.kind
                by_kind[wanted].append(replace(subject, kind=wanted))
            found: dict[int, list[Match]] = {item_id: [] for item_id in item_ids}
            for group in by_kind.values():
                ranked = self.judge.rank(session, group, place, limits_for_list(limit + most))
                for subject, one in zip(group, ranked, strict=True):
                    item_id = subject.item_id or 0
                    found[item_id] = [
                        match for match in one.matches if (item_id, match.item_id) not in excluded
                    ][:limit]
        return found

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

    def backlog(self, workspace_id: int) -> Iterator[tuple[int, list[AlikePair]]]:
        """Go through all tickets in order of arrival; yield batch sizes and suspected pairs."""
        place = whole_workspace(workspace_id)
        for item_ids in self.ids(place.items & (Item.kind == "ticket")):
            with self.database.read() as session:
                items = _live(session, item_ids)
                judged = self._judge_group(session, items, place, SURE)
            yield (
                len(items),
                [AlikePair(one.item_id, match) for one in judged for match in one.matches],
            )

    def to_replay(
        self,
        workspace_id: int,
        *,
        since: datetime | None = None,
        channel_id: int | None = None,
        limit: int | None = None,
    ) -> list[int]:
        """Return the live tickets to replay, the newest `limit` of them, in order of arrival."""
        wanted = (Item.workspace_id == workspace_id) & (Item.kind == "ticket") & LIVE
        if since is not None:
            wanted &= Item.created_at >= since
        if channel_id is not None:
            wanted &= Item.channel_id == channel_id
        newest_first = select(Item.id).where(wanted)
        newest_first = newest_first.order_by(Item.created_at.desc(), Item.id.desc())
        with self.database.read() as session:
            return list(session.scalars(newest_first.limit(limit)))[::-1]

    def replay(self, item_ids: Sequence[int]) -> Iterator[tuple[Item, list[Match]]]:
        """Play the past: each of these tickets against what came before it.

        The model and the cuts are those of now. Nothing is changed.
        """
        here: dict[int | None, tuple[Audience, float]] = {}
        for item_id in item_ids:
            with self.database.read() as session:
                for item in _live(session, [item_id]):
                    if item.channel_id not in here:
                        here[item.channel_id] = place_and_cut(
                            session, item.workspace_id, item.channel_id
                        )
                    place, cut = here[item.channel_id]
                    earlier = (Item.created_at < item.created_at) | (
                        (Item.created_at == item.created_at) & (Item.id < item.id)
                    )
                    (judged,) = self._judge_group(session, [item], place.among(earlier), cut)
                    yield item, judged.matches

    def measure_missing(self, *, limit: int) -> int:
        """Measure up to `limit` neighbourhoods that are not known and return how many."""
        fingerprint = self.items.embedder.fingerprint
        with self.database.read() as session:
            missing = density.unmeasured(session, fingerprint, limit=limit)
            found: dict[int, list[Candidate]] = {}
            for group in _of_one_place(_live(session, missing)):
                first, ids = group[0], [item.id for item in group]
                place, _ = place_and_cut(session, first.workspace_id, first.channel_id)
                found |= self.judge.nearest(session, ids, place.among(Item.kind == first.kind))
        if found:
            with self.database.write() as session:
                density.save_density(session, fingerprint, found)
        return len(missing)

    def _judge_group(
        self, session: Session, items: Sequence[Item], place: Audience, cut: float
    ) -> list[Judged]:
        """Judge items of one kind and place."""
        subjects = load_subjects(session, self.items, [item.id for item in items])
        asked = [item for item in items if item.id in subjects]
        ranked = self.judge.rank(session, [subjects[i.id] for i in asked], place, ANSWER, cut)
        found = dict(zip((item.id for item in asked), ranked, strict=True))
        others = items_by_id(session, {m.item_id for one in ranked for m in one.matches})
        excluded = ruled_out(session, [item.id for item in items])
        issues = groups_of(session, others)
        return [
            _judged(item, found.get(item.id, Ranked([], [])), others, excluded, issues)
            for item in items
        ]


def _judged(
    item: Item,
    ranked: Ranked,
    others: dict[int, Item],
    excluded: set[tuple[int, int]],
    issues: Mapping[int, Group],
) -> Judged:
    matches, overtaken = [], []
    for match in ranked.matches:
        other = others[match.item_id]
        if (
            match.band is None
            or (item.id, other.id) in excluded
            or _thread(other) == _thread(item) is not None
        ):
            continue
        if (other.created_at, other.id) < (item.created_at, item.id):
            matches.append(match)
        else:
            overtaken.append(other.id)
    matches.sort(key=lambda match: match.probability or 0.0, reverse=True)
    nearest = ranked.nearest[: density.NEAREST]
    return Judged(item.id, _of_each(issues, matches)[:MAX_MATCHES], overtaken, nearest)


def _of_each(issues: Mapping[int, Group], matches: Sequence[Match]) -> list[Match]:
    """Return of the matches that people said are one issue only the best."""
    best: dict[int, Match] = {}
    for match in matches:
        issue = issues.get(match.item_id)
        best.setdefault(issue.root_id if issue else match.item_id, match)
    return list(best.values())


def _of_one_place(items: Sequence[Item]) -> list[list[Item]]:
    """Return the items by their workspace, channel and kind."""
    groups: dict[tuple[int, int | None, str], list[Item]] = defaultdict(list)
    for item in items:
        groups[item.workspace_id, item.channel_id, item.kind].append(item)
    return list(groups.values())


def _live(session: Session, item_ids: Sequence[int]) -> Sequence[Item]:
    return session.scalars(
        select(Item).where(Item.id.in_(item_ids), Item.deleted_at.is_(None)).order_by(Item.id)
    ).all()


def _thread(item: Item) -> tuple[int | None, str] | None:
    """Return the Slack thread that an item stands in, or None for what is not from Slack."""
    return None if item.head_ts is None else (item.channel_id, item.head_ts)
