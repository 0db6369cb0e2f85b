"""What a new verdict does to those that stand. Knows nothing of a database.

The rules, of which no two contradict each other:

- One verdict a pair stands; a new one takes its place.
- *duplicate* makes one group of two. It is refused where somebody ruled out a pair across them.
- *distinct* on two items of one group parts them: as long as a way of *duplicate* verdicts leads
  from one to the other, the newest verdict on a shortest way is undone. So few are undone, and
  those that came last, which broke what stood before; items that were reviewed as the same as
  one of the two stay with it.
- *related* neither joins nor parts. In place of a *duplicate* on its own pair it takes that away.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from services.issues.groups import Links, PairIds

Decision = Literal["duplicate", "related", "distinct"]


@dataclass(slots=True)
class VerdictEntry:
    """A verdict. `is_live` is False where one of its items is deleted: then it rules out nothing.

    What nobody can see any more, nobody can take back either. `undone` is by whom and when.
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
    """Why a *duplicate* verdict cannot stand: `because` rules out a pair of the group it makes."""

    pair: PairIds
    because: VerdictEntry


@dataclass
class Ledger:
    """Standing verdicts, and those that were `added` and `undone` since."""

    added: list[VerdictEntry] = field(default_factory=list)
    undone: list[VerdictEntry] = field(default_factory=list)
    _standing: dict[PairIds, VerdictEntry] = field(default_factory=dict)
    _same: Links = field(default_factory=Links)
    _apart: dict[int, set[int]] = field(default_factory=dict)
    _last_number: int = 0

    @classmethod
    def of(cls, standing: Iterable[VerdictEntry]) -> Ledger:
        """Return the ledger of stored verdicts, given in the order in which they were decided."""
        ledger = cls()
        for entry in standing:
            ledger._stand(entry)
        return ledger

    def decide(
        self, pair: PairIds, decision: Decision, *, by: str, now: datetime
    ) -> bool | Refusal:
        """Take a verdict on a pair (lower id first); return whether anything changed.

        A refusal changes nothing.
        """
        standing = self._standing.get(pair)
        if standing is not None and standing.verdict == decision:
            return False
        if decision == "duplicate" and (because := self._ruled_out(pair)) is not None:
            return Refusal(pair, because)
        if standing is not None:
            self._undo(standing, by, now)
        if decision == "distinct":
            self._part(pair, by, now)
        entry = VerdictEntry(pair, decision, by, now)
        self._stand(entry)
        self.added.append(entry)
        return True

    def _ruled_out(self, pair: PairIds) -> VerdictEntry | None:
        """Return the first verdict that parts the groups of a pair, other than on that pair."""
        small, large = sorted((self._same.group(one) for one in pair), key=len)
        if small is large:
            return None
        across = [
            self._standing[min(one, other), max(one, other)]
            for one in small
            for other in self._apart.get(one, set()) & large
        ]
        others = (entry for entry in across if entry.pair != pair)
        return min(others, key=lambda entry: entry.number, default=None)

    def _part(self, pair: PairIds, by: str, now: datetime) -> None:
        while way := self._same.path(*pair):
            on_way = (self._standing[step] for step in way)
            self._undo(max(on_way, key=lambda entry: (entry.at, entry.number)), by, now)

    def _stand(self, entry: VerdictEntry) -> None:
        self._last_number += 1
        entry.number = self._last_number
        self._standing[entry.pair] = entry
        if entry.verdict == "duplicate":
            self._same.join(entry.pair)
        elif entry.verdict == "distinct" and entry.is_live:
            for one, other in (entry.pair, entry.pair[::-1]):
                self._apart.setdefault(one, set()).add(other)

    def _undo(self, entry: VerdictEntry, by: str, now: datetime) -> None:
        entry.undone = (by, now)
        self.undone.append(entry)
        del self._standing[entry.pair]
        if entry.verdict == "duplicate":
            self._same.part(entry.pair)
        for one, other in (entry.pair, entry.pair[::-1]):
            self._apart.get(one, set()).discard(other)
