"""Groups: the items that people decided are the same issue.

Groups are not stored but derived, so they cannot chain, loop or get out of step: a group is a
connected component of the current *duplicate* verdicts, and its root is its earliest item. A pair
without a verdict connects nothing, however similar its items are.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from models import MAX_STATEMENTS, Item, Verdict, is_among, many_ids
from models.queries import LIVE, in_parts

PairIds = tuple[int, int]

# Levels of a breadth-first search, one query each. Groups are a few verdicts wide; for a longer
# chain it is cheaper to read all verdicts.
MAX_LEVELS = 16

_IDS = many_ids("ids")
_EVER_SAME = Verdict.verdict == "duplicate"
_SAME = _EVER_SAME & Verdict.undone_at.is_(None)


@dataclass(frozen=True)
class Group:
    """Two or more items that are one issue, in order of arrival; the first of them is the root."""

    root_id: int
    members: tuple[int, ...]


@dataclass
class ConnectedComponents:
    """The connected components of a graph whose edges are added and removed one by one."""

    _neighbours: dict[int, set[int]] = field(default_factory=dict)
    # The nodes of a component share one set.
    _components: dict[int, set[int]] = field(default_factory=dict)

    def add_edge(self, pair: PairIds) -> None:
        """Add an edge. The smaller component joins the larger one, which keeps many edges cheap."""
        for one, other in (pair, pair[::-1]):
            self._neighbours.setdefault(one, set()).add(other)
            self._components.setdefault(one, {one})
        small, large = sorted((self._components[one] for one in pair), key=len)
        if small is not large:
            large |= small
            self._components.update(dict.fromkeys(small, large))

    def remove_edge(self, pair: PairIds) -> None:
        """Remove an edge; a component that it alone held together becomes two."""
        for one, other in (pair, pair[::-1]):
            self._neighbours[one].discard(other)
        whole = self._components[pair[0]]
        side = set(self._predecessors(pair[0], pair[1]))
        if pair[1] not in side:
            for component in (side, whole - side):
                self._components.update(dict.fromkeys(component, component))

    def component(self, node: int) -> set[int]:
        """Return the nodes that are connected with a node, including itself."""
        return self._components.get(node, {node})

    def components(self) -> list[set[int]]:
        """Return every component once."""
        return list({id(one): one for one in self._components.values()}.values())

    def shortest_path(self, first: int, last: int) -> list[PairIds]:
        """Return the edges (lower id first) of a shortest path between two nodes; [] if none.

        Ties are broken by the lower ids, so the result is deterministic.
        """
        if first == last or last not in self.component(first):
            return []
        predecessors = self._predecessors(first, last)
        path = [last]
        while path[-1] != first:
            path.append(predecessors[path[-1]])
        return [(min(step), max(step)) for step in pairwise(path)]

    def _predecessors(self, start: int, goal: int) -> dict[int, int]:
        """Search breadth-first until `goal`; return the predecessor of each node reached."""
        predecessors = {start: start}
        queue = deque([start])
        while queue and goal not in predecessors:
            node = queue.popleft()
            for other in sorted(self._neighbours.get(node, ())):
                if other not in predecessors:
                    predecessors[other] = node
                    queue.append(other)
        return predecessors


def groups_of(session: Session, item_ids: Iterable[int]) -> dict[int, Group]:
    """Return the groups of these items, by item id; items without a group are left out.

    A deleted item is neither root nor member, but what it connected stays connected: people
    decided that both sides are the same issue as it, and its deletion does not change that.
    """
    ids = set(item_ids)
    groups = _groups(session, _edges_around(session, ids, _SAME))
    return {one: group for group in groups for one in group.members if one in ids}


def all_groups(session: Session, workspace_id: int) -> list[Group]:
    """Return all groups of a workspace, largest first, then earliest first."""
    return _groups(session, _edges(session, _SAME & (Verdict.workspace_id == workspace_id)))


def connected(session: Session, item_ids: Iterable[int]) -> set[int]:
    """Return these items and all that share a group with one of them, including deleted ones.

    These are the items whose group changes when one of `item_ids` gets a verdict, is deleted or is
    hidden.
    """
    ids = set(item_ids)
    return ids.union(*_edges_around(session, ids, _SAME))


def ever_connected(session: Session, item_ids: Iterable[int]) -> list[set[int]]:
    """Return the components of all *duplicate* verdicts, also undone ones, around these items."""
    return _components(_edges_around(session, set(item_ids), _EVER_SAME))


def _edges_around(session: Session, item_ids: set[int], same: ColumnElement[bool]) -> set[PairIds]:
    """Return the verdicts that pass `same` in the components of these items, level by level."""
    edges: set[PairIds] = set()
    seen, frontier = set(item_ids), set(item_ids)
    for _ in range(MAX_LEVELS):
        if not frontier:
            return edges
        for part in in_parts(frontier):
            rows = session.connection().execute(_edges_at(same), {"ids": part})
            edges |= {(first, second) for first, second in rows}
        frontier = {node for edge in edges for node in edge} - seen
        seen |= frontier
    every = _edges(session, same)
    near = {node for one in _components(every) if one & item_ids for node in one}
    return {edge for edge in every if edge[0] in near}


@lru_cache(MAX_STATEMENTS)
def _edges_at(same: ColumnElement[bool]) -> Select[int, int]:
    """Return the statement for the verdicts on some items, which is kept: every answer runs it."""
    return select(Verdict.item_a_id, Verdict.item_b_id).where(on_items(same))


def on_items(where: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition for verdicts that pass `where`, on any of `ids`, a parameter.

    With `where` on each side SQLite, which has no statistics here, finds them by their items; with
    `where` beside both it reads all current verdicts.
    """
    return or_(*(where & is_among(side, _IDS) for side in (Verdict.item_a_id, Verdict.item_b_id)))


def _edges(session: Session, where: ColumnElement[bool]) -> set[PairIds]:
    rows = session.execute(select(Verdict.item_a_id, Verdict.item_b_id).where(where))
    return {(first, second) for first, second in rows}


def _components(edges: Iterable[PairIds]) -> list[set[int]]:
    graph = ConnectedComponents()
    for edge in edges:
        graph.add_edge(edge)
    return graph.components()


def _groups(session: Session, edges: set[PairIds]) -> list[Group]:
    arrival = {
        item_id: (created_at, item_id)
        for part in in_parts({node for edge in edges for node in edge})
        for item_id, created_at in session.execute(
            select(Item.id, Item.created_at).where(Item.id.in_(part), LIVE)
        )
    }
    found = []
    for nodes in _components(edges):
        members = sorted(nodes & arrival.keys(), key=arrival.__getitem__)
        if len(members) > 1:
            found.append(Group(members[0], tuple(members)))
    return sorted(found, key=lambda group: (-len(group.members), arrival[group.root_id]))
