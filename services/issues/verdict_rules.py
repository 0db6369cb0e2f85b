"""What a new verdict does to the current ones. Pure: no database.

- A pair has at most one current verdict; a new one replaces it.
- *duplicate* merges two groups. It is refused where a *distinct* verdict rules out a pair across
  them.
- *distinct* on two items of one group splits it: as long as *duplicate* verdicts connect the two,
  the newest verdict on a shortest path between them is undone. That undoes few verdicts, and the
  latest ones, which contradicted earlier ones; items that were decided to be the same as one of
  the two stay with it.
- *related* neither merges nor splits, apart from replacing a *duplicate* on its own pair.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from services.issues.groups import ConnectedComponents, PairIds

Decision = Literal["duplicate", "related", "distinct"]


@dataclass(slots=True)
class VerdictEntry:
    """A verdict; `undone` says by whom and when it was undone, None while it is current.

    `is_live` is False if one of its items is deleted. Such a verdict rules out nothing, because
    nobody can see it any more to undo it. `number` is its position in the order of decisions.
    """

    pair: PairIds
    verdict: str
    by: str
    at: datetime
    id: int | None = None
    is_live: bool = True
    undone: tuple[str, datetime] | None = None
    number: int = 0


@dataclass(frozen=True)
class Refusal:
    """A *duplicate* verdict that is refused, as `because` rules out a pair of the merged group."""

    pair: PairIds
    because: VerdictEntry


@dataclass
class VerdictSet:
    """The current verdicts, and those `added` and `undone` since they were loaded."""

    added: list[VerdictEntry] = field(default_factory=list)
    undone: list[VerdictEntry] = field(default_factory=list)
    _current: dict[PairIds, VerdictEntry] = field(default_factory=dict)
    _same: ConnectedComponents = field(default_factory=ConnectedComponents)
    _apart: dict[int, set[int]] = field(default_factory=dict)
    _last_number: int = 0

    @classmethod
    def of(cls, current: Iterable[VerdictEntry]) -> VerdictSet:
        """Return the set of stored verdicts, given in the order in which they were decided."""
        verdicts = cls()
        for entry in current:
            verdicts._add(entry)
        return verdicts

    def decide(
        self, pair: PairIds, decision: Decision, *, by: str, now: datetime
    ) -> bool | Refusal:
        """Add a verdict on a pair (lower id first); return whether anything changed.

        A refusal changes nothing.
        """
        current = self._current.get(pair)
        if current is not None and current.verdict == decision:
            return False
        if decision == "duplicate" and (because := self._ruled_out(pair)) is not None:
            return Refusal(pair, because)
        if current is not None:
            self._undo(current, by, now)
        if decision == "distinct":
            self._split(pair, by, now)
        entry = VerdictEntry(pair, decision, by, now)
        self._add(entry)
        self.added.append(entry)
        return True

    def _ruled_out(self, pair: PairIds) -> VerdictEntry | None:
        """Return the first *distinct* verdict between the groups of a pair, on another pair."""
        small, large = sorted((self._same.component(one) for one in pair), key=len)
        if small is large:
            return None
        across = [
            self._current[min(one, other), max(one, other)]
            for one in small
            for other in self._apart.get(one, set()) & large
        ]
        others = (entry for entry in across if entry.pair != pair)
        return min(others, key=lambda entry: entry.number, default=None)

    def _split(self, pair: PairIds, by: str, now: datetime) -> None:
        while path := self._same.shortest_path(*pair):
            on_path = (self._current[edge] for edge in path)
            self._undo(max(on_path, key=lambda entry: (entry.at, entry.number)), by, now)

    def _add(self, entry: VerdictEntry) -> None:
        self._last_number += 1
        entry.number = self._last_number
        self._current[entry.pair] = entry
        if entry.verdict == "duplicate":
            self._same.add_edge(entry.pair)
        elif entry.verdict == "distinct" and entry.is_live:
            for one, other in (entry.pair, entry.pair[::-1]):
                self._apart.setdefault(one, set()).add(other)

    def _undo(self, entry: VerdictEntry, by: str, now: datetime) -> None:
        entry.undone = (by, now)
        self.undone.append(entry)
        del self._current[entry.pair]
        if entry.verdict == "duplicate":
            self._same.remove_edge(entry.pair)
        for one, other in (entry.pair, entry.pair[::-1]):
            self._apart.get(one, set()).discard(other)
