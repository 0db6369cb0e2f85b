"""The zone that the name of a column of times says: "Created (UTC+01:00)"."""

from __future__ import annotations

import re
from datetime import timedelta, timezone, tzinfo

from services.intake.importers.dates.date_parsing import OFFSET, zone_named
from services.intake.importers.dates.date_words import ZONES, long_zone

_REMARK = re.compile(r"[(\[]([^()\[\]]+)[)\]]\s*$")

# Kiribati, the farthest from UTC.
MAX_OFFSET = timedelta(hours=14)


def zone_of(column: str) -> tzinfo | None:
    """Return the zone that stands in brackets behind a column's name; None if none does."""
    remark = _REMARK.search(column)
    if remark is None:
        return None
    said = remark[1].strip()
    if "/" in said:
        return zone_named(said)
    offset = OFFSET.fullmatch(said)
    if offset is not None:
        span = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
        is_zone = span <= MAX_OFFSET
        return timezone(-span if offset[1] == "-" else span) if is_zone else None
    hours = ZONES.get(said.lower()) if said.isupper() else None
    if hours is None and (long := long_zone(said)) is not None and not long[1]:
        hours = long[0]
    return None if hours is None else timezone(timedelta(hours=hours))
