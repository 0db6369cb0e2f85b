"""The words of dates, folded, in the languages of the tools: months, weekdays, zones."""

from __future__ import annotations

import re

_MONTH_NAMES = (
    "jan january januar janner jaen ene enero janv janvier gen",
    "feb february februar febrero fev fevr fevrier fevereiro",
    "mar march marz mrz marzo mars maerz",
    "apr april abr abril avr avril",
    "may mai mayo maio mag",
    "jun june juni junio juin giu",
    "jul july juli julio juil juillet lug",
    "aug august ago agosto aout",
    "sep sept september septiembre set septembre setiembre",
    "oct october okt oktober octubre octobre out ott",
    "nov november noviembre novembre",
    "dec december dez dezember dic diciembre decembre dezembro",
)
MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, 1) for name in names.split()}
ZONES = {
    "utc": 0, "gmt": 0, "z": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6,
    "pst": -8, "pdt": -7, "cet": 1, "cest": 2, "mez": 1, "mesz": 2, "bst": 1, "ist": 5.5,
    "jst": 9, "wet": 0, "eet": 2, "eest": 3, "oez": 2, "oesz": 3,
}  # fmt: skip

# What zones are called in full, and the hours of their standard time. Half of the world's zones
# have the same initials as others.
_LONG_ZONES = {
    "central european": 1, "eastern european": 2, "western european": 0, "british": 0,
    "eastern": -5, "central": -6, "mountain": -7, "pacific": -8, "india": 5.5, "japan": 9,
    "greenwich mean": 0, "coordinated universal": 0,
}  # fmt: skip
_LONG_ZONE = re.compile(
    rf"\(?(?<![^\W\d_])({'|'.join(_LONG_ZONES)}) (?:(standard|daylight|summer) )?time\)?$",
    re.IGNORECASE,
)


def long_zone(text: str) -> tuple[float, str] | None:
    """Return the hours of the zone that a text ends with in full, and the text before it.

    "Pacific Time" alone does not say whether it is summer there.
    """
    found = _LONG_ZONE.search(text)
    if found is None:
        return None
    name, kind = found[1].lower(), (found[2] or "").lower()
    if not kind and name not in ("greenwich mean", "coordinated universal"):
        return None
    hours = _LONG_ZONES[name] + (kind in ("daylight", "summer"))
    return hours, text[: found.start()].strip()


_WEEKDAYS = (
    "mon monday mo montag lun lunes lundi lunedi seg segunda",
    "tue tues tuesday di dienstag mar martes mardi martedi ter terca",
    "wed wednesday mi mittwoch mie miercoles mer mercredi mercoledi qua quarta",
    "thu thur thurs thursday do donnerstag jue jueves jeu jeudi gio giovedi qui quinta",
    "fri friday fr freitag vie viernes ven vendredi venerdi sex sexta",
    "sat saturday sa samstag sonnabend sab sabado sam samedi sabato",
    "sun sunday so sonntag dom domingo dim dimanche domenica",
)
WEEKDAYS = {name: number for number, names in enumerate(_WEEKDAYS) for name in names.split()}

_CJK = re.compile(
    r"(令和|平成|昭和)?\s*(\d{1,4}|元)\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]?"
    r"|^([RH])(\d{1,2})[./](\d{1,2})[./](\d{1,2})(?!\d)"
)
# The year before the first of each of Japan's eras.
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "R": 2018, "H": 1988}
_CJK_TIME = re.compile(r"(\d{1,2})\s*[時时点시]\s*(\d{1,2})\s*[分분](?:\s*(\d{1,2})\s*[秒초])?")


def without_cjk(text: str) -> str:
    """Return a date as it is written in Japan, China or Korea with numbers alone."""
    if text.isascii() and text[:1] not in ("R", "H"):
        return text
    dated = _CJK.sub(_numbers, text)
    return _CJK_TIME.sub(lambda found: f" {found[1]}:{found[2]}:{found[3] or '00'}", dated)


def _numbers(found: re.Match[str]) -> str:
    era, year, month, day = found.groups()[4:] if found[5] else found.groups()[:4]
    first = _ERAS.get(era, 0)
    return f"{first + (1 if year == '元' else int(year))}-{month}-{day} "
