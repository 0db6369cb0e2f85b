"""Units of English, German and Spanish, and how they are spelled.

Capitals are lost where texts are folded, so MW and mW, and GB/s and Gb/s, are one unit each.
"""

from __future__ import annotations

import re

# Spellings by unit, as `fold` leaves them; `_` is a space that may be missing.
_SPELLINGS = {
    "w": "w watt watts vatio vatios", "mw": "mw milliwatt milliwatts megawatt megawatts",
    "kw": "kw kilowatt kilowatts kilovatio kilovatios",
    "wh": "wh", "kwh": "kwh", "va": "va", "kva": "kva", "hp": "hp", "btu": "btu btus",
    "v": "v volt volts voltio voltios vdc vac v_dc v_ac volts_dc volts_ac volt_dc volt_ac",
    "mv": "mv", "kv": "kv",
    "a": "a amp amps ampere amperes amperio amperios", "ma": "ma milliamp milliamps",
    "mah": "mah", "ah": "ah",
    "ohm": "ohm ohms ω ohmios", "kohm": "kohm kohms kω", "mohm": "mohm mω",
    "uf": "uf μf mfd", "nf": "nf", "pf": "pf", "uh": "uh μh", "mh": "mh",
    "kb": "kb kilobyte kilobytes", "mb": "mb megabyte megabytes",
    "gb": "gb gigabyte gigabytes", "tb": "tb terabyte terabytes",
    "bit": "bit bits", "kbps": "kbps kbit/s kbits/s", "mbps": "mbps mbit/s mbits/s",
    "gbps": "gbps gbit/s gbits/s", "gt_s": "gt/s",
    "kb_s": "kb/s kb/sec", "mb_s": "mb/s mb/sec", "gb_s": "gb/s gb/sec", "tb_s": "tb/s tb/sec",
    "hz": "hz hertz", "khz": "khz kilohertz", "mhz": "mhz megahertz", "ghz": "ghz gigahertz",
    "mp": "mp mpx megapixel megapixels megapixeles", "px": "px pixel pixels pixeles",
    "dpi": "dpi ppp", "ppi": "ppi", "fps": "fps frames/s", "rpm": "rpm u/min r/min",
    "ppm": "ppm pages/min", "db": "db dba db(a) decibel decibels", "cfm": "cfm",
    "um": "um μm micron microns micrometer micrometers mikrometer", "nm": "nm",
    "mm": "mm millimeter millimeters millimetre millimetres milimetro milimetros",
    "cm": "cm centimeter centimeters centimetre centimetres zentimeter centimetro centimetros",
    "m": "m meter meters metre metres metern metro metros",
    "km": "km kilometer kilometers kilometre kilometres kilometern kilometro kilometros",
    "in": "in inch inches zoll pulgada pulgadas \" ″ ′′",
    "ft": "ft foot feet ′", "yd": "yd yard yards", "mi": "mi mile miles milla millas meilen",
    "mm2": "mm2 sq_mm", "cm2": "cm2 sq_cm qcm",
    "m2": "m2 qm sqm sq_m square_meters square_metres square_meter square_metre quadratmeter"
          " quadratmetern metros_cuadrados metro_cuadrado",
    "km2": "km2 sq_km", "in2": "in2 sq_in square_inches",
    "ft2": "ft2 sqft sq_ft square_feet square_foot",
    "cm3": "cm3 ccm cc", "m3": "m3 cbm kubikmeter kubikmetern cubic_meters cubic_metres"
    " metros_cubicos", "ft3": "ft3 cu_ft cubic_feet cubic_foot cuft",
    "ml": "ml milliliter milliliters millilitre millilitres mililitro mililitros",
    "cl": "cl", "l": "l liter liters litre litres litern litro litros", "l_min": "l/min lpm",
    "l_h": "l/h", "m3_h": "m3/h",
    "ug": "ug μg mcg", "mg": "mg", "g": "g gr gram grams gramm gramme gramo gramos",
    "kg": "kg kgs kilo kilos kilogram kilograms kilogramm kilogramo kilogramos",
    "g_m2": "g/m2 gsm g/qm", "t": "tonne tonnes tonnen tonelada toneladas",
    "lb": "lb lbs pound pounds pfund libra libras", "oz": "oz ounce ounces unze unzen onza onzas",
    "floz": "fl_oz fl._oz fl_ounce fl_ounces fluid_ounce fluid_ounces",
    "qt": "qt quart quarts", "gal": "gal gallon gallons gallone gallonen galon galones",
    "lm": "lm lumen lumens lumenes", "lx": "lx lux", "cd": "cd candela",
    "cd_m2": "cd/m2 nits nit", "k": "k kelvin",
    "bar": "bar", "psi": "psi", "pa": "pa", "hpa": "hpa", "kpa": "kpa", "mpa": "mpa",
    "degc": "°_c oc deg_c celsius grad_celsius degrees_celsius grados_celsius",
    "degf": "°_f deg_f fahrenheit grad_fahrenheit degrees_fahrenheit grados_fahrenheit",
    "deg": "° deg degree degrees grad grados",
    "km_h": "km/h kmh kph", "mph": "mph mi/h", "m_s": "m/s m/sec",
    "ms": "ms", "sec": "sec secs second seconds sek sekunde sekunden segundo segundos",
    "min": "min mins minute minutes minuten minuto minutos",
    "h": "h hr hrs hour hours std stunde stunden hora horas",
    "pct": "% percent prozent",
}  # fmt: skip
# By spellings without spaces, and the pattern of a spelling.
UNIT_OF = {
    spelling.replace("_", ""): unit
    for unit, spellings in _SPELLINGS.items()
    for spelling in spellings.split()
}
PATTERN = "|".join(
    re.escape(spelling).replace("_", " ?")
    for spelling in sorted(" ".join(_SPELLINGS.values()).split(), key=len, reverse=True)
)

# After a whole number and a space these are words: "2 in 1", "4 HP cartridges", "3 mi hijo".
ONLY_UNSPACED = frozenset({"a", "in", "um", "hp", "cc", "mi", "pa", "ma", "oc"})

# What "10 x 20 cm" and "2-40 °C" give their first number, too.
LENGTHS = frozenset({"um", "mm", "cm", "m", "km", "in", "ft", "yd", "px"})
TEMPERATURES = frozenset({"degc", "degf"})
# "Windows 7-64 bit" is no range.
NO_RANGES = frozenset({"bit"})

# What stands below the line where no spelling has it: 5 g/h is not 5 g.
PER = (
    "s|sec|seconds?|sek|sekunde|segundos?|min|minutes?|minutos?|h|hr|hours?|std|stunde|horas?"
    "|d|day|tag|dia|week|woche|semana|month|monat|mes|year|jahr|annum|ano"
    "|km|m|m2|m3|cm|cm2|mm|l|kg|in|unit"
)
