"""The words of dates, folded, in the languages of the tools: months, weekdays, zones."""

from __future__ import annotations

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
