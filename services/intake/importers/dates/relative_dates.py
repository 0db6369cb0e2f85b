"""Dates that say when only together with another one: "3 days ago", "yesterday", "Mon 3 Mar"."""

from __future__ import annotations

import re
from datetime import date, timedelta

from services.intake.importers.dates.date_words import WEEKDAYS
from services.text.words.folding import fold
from services.text.words.word_lists import words

# Years in which a day of the month with its weekday is looked for: it falls on the same weekday
# again after five years at the earliest.
RECENT_YEARS = 5

# The lengths of months and years are those of the mean: "3 months ago" is no more exact.
_UNITS = {
    unit: span
    for names, span in (
        ("s sec secs second seconds sekunde sekunden segundo segundos seconde secondes",
         timedelta(seconds=1)),
        ("m min mins minute minutes minuten minuto minutos", timedelta(minutes=1)),
        ("h hr hrs hour hours std stunde stunden hora horas heure heures", timedelta(hours=1)),
        ("d day days tag tage tagen dia dias jour jours", timedelta(days=1)),
        ("w wk wks week weeks woche wochen semana semanas semaine semaines", timedelta(weeks=1)),
        ("mo mos month months monat monate monaten mes meses mois", timedelta(days=30.4375)),
        ("y yr yrs year years jahr jahre jahren ano anos an ans annee annees",
         timedelta(days=365.25)),
    )
    for unit in names.split()
}  # fmt: skip
_ONE = words("a an one ein eine einem einer un una uno une")
_BESIDE_AMOUNTS = words(
    "about over almost around and etwa uber fast ca und casi mas de y environ plus et"
)
_AGO = re.compile(r"(?P<en>.+) ago|vor (?P<de>.+)|hace (?P<es>.+)|il y a (?P<fr>.+)")
_NOW = words("now just_now jetzt gerade_eben gerade ahora ahora_mismo a_l'instant maintenant")

_DAYS = {
    "today": 0, "heute": 0, "hoy": 0, "aujourd": 0, "yesterday": 1, "gestern": 1, "ayer": 1,
    "hier": 1, "vorgestern": 2, "anteayer": 2, "antier": 2,
}  # fmt: skip
_BESIDE_DAYS = words("at um a las la los el on the uhr h hui de")

_BESIDE_MONTHS = frozenset({*WEEKDAYS, *_BESIDE_DAYS, "del"})

# All words of such dates, folded.
RELATIVE_WORDS = frozenset(
    {*_UNITS, *_ONE, *_BESIDE_AMOUNTS, *_DAYS, *_BESIDE_DAYS, "ago", "vor", "hace", "il", "a", "l"}
    | {word for said in _NOW for word in re.findall("[a-z]+", said)}
)

_AMOUNTS = re.compile(r"\d+(?:[.,]\d+)?|[^\W\d_]+")


def span_ago(text: str) -> timedelta | None:
    """Return how long ago a text says: "3 days ago", "vor einer Stunde"; None for any other.

    Raises `ValueError` for what is no span that can be read: "half an hour ago" and "3 tickets ago"
    are not in August.
    """
    said = fold(" ".join(text.split())).strip(" .")
    if said.replace(" ", "_") in _NOW:
        return timedelta(0)
    found = _AGO.fullmatch(said)
    if found is None:
        return None
    parts = [
        part
        for part in _AMOUNTS.findall(next(filter(None, found.groups())))
        if part not in _BESIDE_AMOUNTS
    ]
    if not parts or parts[-1] not in _UNITS:
        if found["en"] and not all(part.isdecimal() or part in _BESIDE_MONTHS for part in parts):
            raise ValueError("no span")
        return None  # "5 ago" is in August
    total = timedelta(0)
    for amount, unit in zip(parts[::2], parts[1::2], strict=True):
        if unit not in _UNITS or not (amount[0].isdecimal() or amount in _ONE):
            raise ValueError("no span")
        total += _UNITS[unit] * (float(amount.replace(",", ".")) if amount[0].isdecimal() else 1)
    return total


def days_ago(parts: list[str]) -> int | None:
    """Return how many days ago the folded words of a text say: "yesterday at"; None for others."""
    said = [part for part in parts if part not in _BESIDE_DAYS]
    return _DAYS.get(said[0]) if len(said) == 1 else None


def recent_year(month: int, day: int, weekday: int | None, latest: date) -> int | None:
    """Return the last year in which a day was on that weekday; None if none of the recent fits.

    The day is not after `latest`, but for one day, as zones differ.
    """
    for year in range(latest.year + 1, latest.year - RECENT_YEARS, -1):
        try:
            found = date(year, month, day)
        except ValueError:  # 29 February
            continue
        if found - latest <= timedelta(days=1) and weekday in (None, found.weekday()):
            return year
    return None
