"""Groups: the items that people said are the same issue. Derived from the standing verdicts.

Nothing about groups is stored, so nothing can chain, loop or get out of step: a group is what
standing *duplicate* verdicts connect, and its root is its earliest item. A pair nobody looked at
connects nothing, however alike its items are.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from models import Item, Verdict
from models.queries import LIVE, in_parts

PairIds = tuple[int, int]

# A query each. Groups are a few decisions across; in a longer chain reading all is cheaper.
MAX_LEVELS = 16

_EVER_SAME = Verdict.verdict == "duplicate"
_SAME = _EVER_SAME & Verdict.undone_at.is_(None)


@dataclass(frozen=True)
class Group:
    """Two or more items that are one issue, in order of arrival; `root_id` is the first one."""

    root_id: int
    members: tuple[int, ...]


@dataclass
class Links:
    """A graph that knows at any time what hangs together, while its edges come and go."""

    _neighbours: dict[int, set[int]] = field(default_factory=dict)
    # The members of a group share one set.
    _groups: dict[int, set[int]] = field(default_factory=dict)

    def join(self, pair: PairIds) -> None:
        """Add an edge. The smaller group moves to the larger, so that many joins stay cheap."""
        for one, other in (pair, pair[::-1]):
            self._neighbours.setdefault(one, set()).add(other)
            self._groups.setdefault(one, {one})
        small, large = sorted((self._groups[one] for one in pair), key=len)
        if small is not large:
            large |= small
            self._groups.update(dict.fromkeys(small, large))

    def part(self, pair: PairIds) -> None:
        """Take an edge away; what then hangs together no longer becomes two groups."""
        for one, other in (pair, pair[::-1]):
            self._neighbours[one].discard(other)
        whole = self._groups[pair[0]]
        side = set(self._came_from(pair[0], pair[1]))
        if pair[1] not in side:
            for group in (side, whole - side):
                self._groups.update(dict.fromkeys(group, group))

    def group(self, node: int) -> set[int]:
        """Return all that hangs together with a node, itself among it."""
        return self._groups.get(node, {node})

    def groups(self) -> list[set[int]]:
        """Return every group once."""
        return list({id(group): group for group in self._groups.values()}.values())

    def path(self, first: int, last: int) -> list[PairIds]:
        """Return the edges (lower id first) of a shortest way between two nodes; [] if none.

        Of several the one is taken that keeps to the lower ids, so that the answer is always one.
        """
        if first == last or last not in self.group(first):
            return []
        before = self._came_from(first, last)
        way = [last]
        while way[-1] != first:
            way.append(before[way[-1]])
        return [(min(step), max(step)) for step in pairwise(way)]

    def _came_from(self, start: int, goal: int) -> dict[int, int]:
        """Search breadth-first until `goal`; return the node before each node that was reached."""
        before = {start: start}
        waiting = deque([start])
        while waiting and goal not in before:
            node = waiting.popleft()
            for other in sorted(self._neighbours.get(node, ())):
                if other not in before:
                    before[other] = node
                    waiting.append(other)
        return before


def groups_of(session: Session, item_ids: Iterable[int]) -> dict[int, Group]:
    """Return the groups of these items by item id; an item in none is left out.

    A deleted item is nobody's root and no member. What it held together stays together: people
    said of both sides that they are its issue, and that is as true as before.
    """
    wanted = set(item_ids)
    groups = _groups(session, _edges_around(session, wanted, _SAME))
    return {one: group for group in groups for one in group.members if one in wanted}


def all_groups(session: Session, workspace_id: int) -> list[Group]:
    """Return all groups of a workspace, the largest first, of equal ones the earliest."""
    return _groups(session, _edges(session, _SAME & (Verdict.workspace_id == workspace_id)))


def connected(session: Session, item_ids: Iterable[int]) -> set[int]:
    """Return these items and all that are in a group with one of them, deleted ones too.

    This is whose root or members change where one of `item_ids` is decided on, goes, or is hidden.
    """
    wanted = set(item_ids)
    return wanted.union(*_edges_around(session, wanted, _SAME))


def ever_connected(session: Session, item_ids: Iterable[int]) -> list[set[int]]:
    """Return what was ever in a group with one of these items, by what hung together."""
    return _linked(_edges_around(session, set(item_ids), _EVER_SAME)).groups()


def _edges_around(session: Session, item_ids: set[int], same: ColumnElement[bool]) -> set[PairIds]:
    """Return the duplicate verdicts in the groups of these items, level by level."""
    edges: set[PairIds] = set()
    seen, fresh = set(item_ids), set(item_ids)
    for _ in range(MAX_LEVELS):
        if not fresh:
            return edges
        for part in in_parts(fresh):
            either = or_(Verdict.item_a_id.in_(part), Verdict.item_b_id.in_(part))
            edges |= _edges(session, same & either)
        fresh = {node for edge in edges for node in edge} - seen
        seen |= fresh
    every = _edges(session, same)
    near = {node for group in _linked(every).groups() if group & item_ids for node in group}
    return {edge for edge in every if edge[0] in near}


def _edges(session: Session, where: ColumnElement[bool]) -> set[PairIds]:
    rows = session.execute(select(Verdict.item_a_id, Verdict.item_b_id).where(where))
    return {(first, second) for first, second in rows}


def _linked(edges: Iterable[PairIds]) -> Links:
    links = Links()
    for edge in edges:
        links.join(edge)
    return links


def _groups(session: Session, edges: set[PairIds]) -> list[Group]:
    arrival = {
        item_id: (created_at, item_id)
        for part in in_parts({node for edge in edges for node in edge})
        for item_id, created_at in session.execute(
            select(Item.id, Item.created_at).where(Item.id.in_(part), LIVE)
        )
    }
    found = []
    for nodes in _linked(edges).groups():
        members = sorted(nodes & arrival.keys(), key=arrival.__getitem__)
        if len(members) > 1:
            found.append(Group(members[0], tuple(members)))
    return sorted(found, key=lambda group: (-len(group.members), arrival[group.root_id]))
