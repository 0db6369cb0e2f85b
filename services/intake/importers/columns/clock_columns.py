"""Times in a column of their own beside that of the date: "Datum" and "Uhrzeit"."""

from __future__ import annotations

import re
from collections.abc import Mapping

from services.intake.importers.columns.plausible_columns import MOSTLY
from services.intake.importers.columns.sampled_columns import Column, share
from services.intake.importers.dates.number_dates import number_in
from services.intake.importers.records import normalized
from services.intake.importers.vocabulary.synonyms import Mapping_
from services.text.words.word_lists import words

_CLOCK = re.compile(
    r"(?:[01]?\d|2[0-3])[:.h][0-5]\d(?:[:.][0-5]\d(?:[.,]\d+)?)?(?: ?(?:[ap]\.? ?m\.?|uhr|hrs?|h))?"
    r"|(?:0?[1-9]|1[0-2]) ?[ap]m",
    re.IGNORECASE,
)
# Midnight, as spreadsheets write a day.
_MIDNIGHT = re.compile(r"(?<=\d)[T ]0?0:00(?::00(?:\.0+)?)?$")
# What the names of dates and of times have, besides what they are about.
_OF_DATES = words("date day datum tag fecha dia data jour on am el le il del de du of")
_OF_TIMES = words(
    "time hour clock uhrzeit zeit hora heure ora orario horario tijd tijdstip at um om a las los of"
    " de"
)
# A time of these is how long it took.
_SPANS = words("resolution solution response losung losungs resolucion solucion respuesta")
_BETWEEN_WORDS = re.compile(r"[\s.()]+")
_ENDS = ("datum", "date", "uhrzeit", "zeit", "time", "tijd")


def clocks_of(columns: Mapping[str, Column], mapping: Mapping_) -> dict[str, str]:
    """Return the columns of times by those of the dates that they belong to.

    A date has no time itself, and is called alike ("Closed date", "Closed time"); a time that is
    called nothing else ("Uhrzeit") is that of the ticket's beginning.
    """
    taken = {name for names in mapping.values() for name in names}
    clocks = {
        _subject(name, _OF_TIMES): name
        for name, column in reversed([*columns.items()])
        if name not in taken and share(column.texts, _is_clock) > MOSTLY
    }
    created, resolved = (mapping.get(field, ())[:1] for field in ("created", "resolved"))
    found: dict[str, str] = {}
    for name in (*created, *resolved) if clocks else ():
        if share(columns[name].texts, _has_clock) > 0:
            continue
        subject = _subject(name, _OF_DATES)
        other = None if subject in _SPANS else clocks.get(subject)
        other = other or (clocks.get("") if name in created else None)
        if other:
            found[name] = other
    return found


def with_clock(date: object, clock: object) -> object:
    """Return a date with its time; without one as it is."""
    if not isinstance(date, str) or not isinstance(clock, str) or not _is_clock(clock):
        return date
    return (
        f"{_MIDNIGHT.sub('', date.strip())} {_as_written(clock.strip())}" if date.strip() else date
    )


def _as_written(clock: str) -> str:
    """Return a time with colons: 10.15 behind a date may be a part of it."""
    return re.sub(r"(?<=\d)[.h](?=\d\d)", ":", clock).lower().removesuffix("uhr").strip()


def _is_clock(text: str) -> bool:
    return _CLOCK.fullmatch(text.strip()) is not None and number_in(text.strip()) is None


def _has_clock(text: str) -> bool:
    return ":" in _MIDNIGHT.sub("", text) or number_in(text) is not None


def _subject(name: str, beside: frozenset[str]) -> str:
    """Return what a date or a time is about, as its name tells: "closed"."""
    found = []
    for word in filter(None, _BETWEEN_WORDS.split(normalized(name))):
        end = next((one for one in _ENDS if word.endswith(one)), "")
        bare = word.removesuffix(end)
        if bare and word not in beside:
            found.append(bare)
    return " ".join(found)
