"""Which earlier items a new one repeats: judged, without what must not or need not be shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from models import Database, Item, is_among, many_ids
from models.queries import LIVE, ids_in_batches, in_parts, items_by_id
from services.channels.audience import Audience, scopes_of, whole_workspace
from services.issues.groups import Group, groups_of
from services.issues.verdicts import ruled_out
from services.judgement.bands import MAX_MATCHES, Match, keep_an_answer
from services.judgement.candidate_limits import ANSWER_LIMITS
from services.judgement.compared_items import load_compared_items
from services.judgement.cut import DEFAULT_BUDGET
from services.judgement.judge import Judge, RankedMatches
from services.judgement.noise_budget import audience_and_budget
from services.memory import density
from services.search.indexes.contract import Candidate

# Built once: every message asks.
_LIVE_ITEMS = select(Item).where(is_among(Item.id, many_ids("ids")), LIVE).order_by(Item.id)


@dataclass(frozen=True)
class JudgedItem:
    """What an item repeats, and the later items that were judged before it was known.

    `nearest` are the ten nearest items by meaning, shown or not.
    """

    item_id: int
    matches: list[Match]
    overtaken: list[int]
    nearest: list[Candidate]


@dataclass(frozen=True)
class SuspectedPair:
    """Two items of the backlog that may be duplicates; `item_id` is the later one."""

    item_id: int
    match: Match


@dataclass(frozen=True)
class Duplicates:
    """Finds the earlier items that stored items repeat."""

    database: Database
    judge: Judge

    def judge_items(self, item_ids: Sequence[int]) -> list[JudgedItem]:
        """Judge stored items against what every reader of their channel may read.

        Only earlier items count as matches. An item that comes late (a retry, a sweep) may have
        been overtaken by items that repeat it; those are listed, to be judged again. Those whose
        readers may not read the item are left out: that their answer is updated would tell of it.
        """
        with self.database.read() as session:
            return [
                judged
                for group in _by_channel_and_kind(_live(session, item_ids))
                for judged in self.judge_group(
                    session,
                    group,
                    *audience_and_budget(session, group[0].workspace_id, group[0].channel_id),
                )
            ]

    def backlog(
        self, workspace_id: int, only: ColumnElement[bool] | None = None
    ) -> Iterator[tuple[int, list[SuspectedPair]]]:
        """Go through the tickets in order of arrival; yield batch sizes and suspected pairs.

        With `only`, a condition over `Item`, those that pass it are compared with all earlier ones.
        """
        audience = whole_workspace(workspace_id)
        wanted = audience.items & (Item.kind == "ticket")
        for item_ids in ids_in_batches(self.database, wanted if only is None else wanted & only):
            with self.database.read() as session:
                items = _live(session, item_ids)
                judged = self.judge_group(session, items, audience, DEFAULT_BUDGET)
            yield (
                len(items),
                [SuspectedPair(one.item_id, match) for one in judged for match in one.matches],
            )

    def measure_missing(self, *, limit: int) -> int:
        """Measure the density of up to `limit` items that have none, and return how many."""
        fingerprint = self.judge.vectors.embedder.fingerprint
        with self.database.read() as session:
            missing = density.unmeasured(session, fingerprint, limit=limit)
            found: dict[int, list[Candidate]] = {}
            for group in _by_channel_and_kind(_live(session, missing)):
                first, ids = group[0], [item.id for item in group]
                audience, _ = audience_and_budget(session, first.workspace_id, first.channel_id)
                of_kind = audience.among(Item.kind == first.kind)
                found |= self.judge.nearest(session, ids, of_kind)
        if found:
            with self.database.write() as session:
                density.save_density(session, fingerprint, found)
        return len(missing)

    def judge_group(
        self, session: Session, items: Sequence[Item], audience: Audience, wrong_in_ten: int
    ) -> list[JudgedItem]:
        """Judge items of one kind against what `audience` may read.

        `wrong_in_ten` is the noise budget, which decides what is called a duplicate.
        """
        compared = load_compared_items(session, self.judge.vectors, [item.id for item in items])
        asked = [item for item in items if item.id in compared]
        ranked = self.judge.rank(
            session, [compared[item.id] for item in asked], audience, ANSWER_LIMITS, wrong_in_ten
        )
        found = dict(zip((item.id for item in asked), ranked, strict=True))
        others = items_by_id(session, {match.item_id for one in ranked for match in one.matches})
        known = _KnownItems(
            others,
            ruled_out(session, [item.id for item in items]),
            groups_of(session, others),
            scopes_of(session, {one.channel_id for one in (*items, *others.values())}),
        )
        return [_judged(item, found.get(item.id, RankedMatches([], [])), known) for item in items]


@dataclass(frozen=True)
class _KnownItems:
    """The items that were found, by id, the pairs that people ruled out, and who reads what."""

    others: Mapping[int, Item]
    excluded: set[tuple[int, int]]
    groups: Mapping[int, Group]
    scopes: Mapping[int | None, int]


def _judged(item: Item, ranked: RankedMatches, known: _KnownItems) -> JudgedItem:
    matches, overtaken = [], []
    for match in ranked.matches:
        other = known.others[match.item_id]
        if (
            match.band is None
            or (item.id, other.id) in known.excluded
            or _thread(other) == _thread(item) is not None
        ):
            continue
        if (other.created_at, other.id) < (item.created_at, item.id):
            matches.append(match)
        elif known.scopes[other.channel_id] == known.scopes[item.channel_id]:
            overtaken.append(other.id)
    matches.sort(key=_order)
    nearest = ranked.nearest[: density.NEAREST]
    shown = _most_useful(_best_of_each(known.groups, matches))
    return JudgedItem(item.id, shown, overtaken, nearest)


def _order(match: Match) -> tuple[bool, float]:
    """Order duplicates before others, and by strength once verdicts have taught what it means."""
    return match.band != "duplicate", 0.0 if match.probability is None else -match.strength


def _most_useful(matches: Sequence[Match]) -> list[Match]:
    """Return what an answer shows: the first matches, one of them with an answer if any has one.

    What is similar enough only for its answer is not shown beside another one.
    """
    near = [match for match in matches if match.band != "answered"]
    if any(match.is_answered for match in near):
        return keep_an_answer(near, MAX_MATCHES)
    weak = [match for match in matches if match.band == "answered"]
    return keep_an_answer([*near[:MAX_MATCHES], *weak[:1]], MAX_MATCHES)


def _best_of_each(groups: Mapping[int, Group], matches: Sequence[Match]) -> list[Match]:
    """Return the matches, and of those that people grouped as one issue only the best."""
    best: dict[int, Match] = {}
    for match in matches:
        group = groups.get(match.item_id)
        best.setdefault(group.root_id if group else match.item_id, match)
    return list(best.values())


def _by_channel_and_kind(items: Sequence[Item]) -> list[list[Item]]:
    groups: dict[tuple[int, int | None, str], list[Item]] = defaultdict(list)
    for item in items:
        groups[item.workspace_id, item.channel_id, item.kind].append(item)
    return list(groups.values())


def _live(session: Session, item_ids: Sequence[int]) -> Sequence[Item]:
    return [
        item
        for part in in_parts(sorted(item_ids))
        for item in session.scalars(_LIVE_ITEMS, {"ids": part})
    ]


def _thread(item: Item) -> tuple[int | None, str] | None:
    """Return the Slack thread of an item, or None for one that is not from Slack."""
    return None if item.head_ts is None else (item.channel_id, item.head_ts)
