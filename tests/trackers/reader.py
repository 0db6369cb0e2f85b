"""A connector and what was read by it, without a database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.intake.importers.records import flat
from services.sources.connector import ApiRecord, Connector, Cursor, SourcePage


@dataclass
class Reader:
    """What a source stores, and how far it is read."""

    connector: Connector
    id_field: str = "number"
    stored: dict[str, ApiRecord] = field(default_factory=dict)
    cursor: Cursor = field(default_factory=dict)
    seen: dict[str, None] = field(default_factory=dict)

    def versions(self, ids: Sequence[str]) -> Mapping[str, str]:
        """Return when the stored tickets of these ids were changed."""
        field_ = self.connector.version_field
        return {id_: flat(self.stored[id_])[field_] for id_ in ids if id_ in self.stored}

    def ids_after(self, id_: str | None, limit: int) -> Sequence[str]:
        """Return stored ids after one, also after one that is gone."""
        order = list(self.seen)
        begin = order.index(id_) + 1 if id_ in order else 0
        return [one for one in order[begin:] if one in self.stored][:limit]

    def numbers_after(self, number: int, until: int | None, limit: int) -> Sequence[int]:
        """Return stored numbers."""
        found = sorted(int(one) for one in self.stored if one.isdecimal())
        return [one for one in found if number < one and (until is None or one <= until)][:limit]

    def take(self, page: SourcePage) -> SourcePage:
        """Store a page."""
        self.stored |= {str(one[self.id_field]): one for one in page.records}
        self.seen |= dict.fromkeys(self.stored)
        for id_ in page.gone:
            self.stored.pop(id_, None)
        self.cursor = page.cursor
        return page

    def round(self) -> int:
        """Read until nothing is left; return how many pages that took."""
        for number in range(1, 50):
            if self.take(self.connector.read(self.cursor, self)).is_last:
                return number
        raise AssertionError("the pages never end")

    def walk(self) -> SourcePage:
        """Take a step of the walk."""
        return self.take(self.connector.walk(self.cursor, self))
