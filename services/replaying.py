"""Replaying: what would have been said, had the bot judged then as it does now."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from models import Item
from services.matching import Match
from services.promises import WINDOW, above_the_bar


@dataclass(frozen=True)
class Flagged:
    """A ticket that would have been answered, and the best match it would have been told of."""

    item_id: int
    match: Match


@dataclass
class Replay:
    """Goes through judged tickets in order of arrival, and counts."""

    tickets: int = 0
    _answered: dict[int | None, deque[bool]] = field(
        default_factory=lambda: defaultdict(lambda: deque(maxlen=WINDOW))
    )

    def flagged(self, judged: Iterable[tuple[Item, list[Match]]]) -> Iterator[Flagged | None]:
        """Yield for each ticket what would have been said, None where nothing.

        Before a model a channel's last tickets decide how much is said, as they do live.
        """
        for item, matches in judged:
            self.tickets += 1
            window = self._answered[item.channel_id]
            said = [match for match in matches if match.probability is not None]
            if not said:
                said = above_the_bar(matches, sum(window))
            window.append(bool(said))
            yield Flagged(item.id, said[0]) if said else None


def weakest(flagged: Iterable[Flagged], number: int) -> list[Flagged]:
    """Return the flags that are least sure, the weakest first."""
    return sorted(
        flagged,
        key=lambda one: (
            one.match.similarity if one.match.probability is None else one.match.probability,
            one.item_id,
        ),
    )[:number]
