"""Lines of a report that are no tickets: its totals, and what stands below its table."""

from __future__ import annotations

import re

from services.intake.importers.plan import Plan
from services.intake.importers.records import Record, is_empty
from services.text.folding import fold

TOTALS = "rows of totals"
BELOW_TABLE = "lines below the table of a report"
RULERS = "lines of dashes"

_RULER = re.compile(r":?[-=_+]{2,}:?")

_TOTALS = re.compile(
    r"(?:(?:grand |sub|sub-|sub )?totals?|sums?|overall|count|averages?|mean"
    r"|(?:gesamt|zwischen)?summen?|gesamt(?:zahl|anzahl|ergebnis)?|insgesamt|anzahl|durchschnitt"
    r"|total(?:es)? general(?:es)?|totales|subtotales|suma|promedio|totaux|total general|sous-total"
    r"|somme|moyenne|teilergebnis)"
    r"(?: (?:of )?(?:tickets|records|rows|issues|cases|datensatze|registros|lignes))?"
    r"\s*:?\s*[\d.,]*(?: (?:tickets|records|rows|issues|cases|datensatze|registros|lignes))?"
)
_BELOW = re.compile(
    r"(?:copyright\b|\(c\) |©|confidential information|all rights reserved|end of (?:report|file)"
    r"|(?:report )?(?:generated|exported|printed|created|run|downloaded) (?:by|on|at|from)\b"
    r"|applied filters|filters? applied|page \d+ (?:of|/)|seite \d+ von|pagina \d+ de"
    r"|(?:erstellt|exportiert|gedruckt) (?:am|von)\b|(?:generado|exportado) (?:el|por)\b"
    r"|(?:genere|exporte) (?:le|par)\b|\d+ (?:rows|records|tickets|issues)(?: (?:found|total))?$)"
)
_AMOUNT = re.compile(r"[-+]?[\d.,:' ]+\s*(?:%|h|hrs?|min|days?|€|\$|usd|eur)?", re.IGNORECASE)


def report_line(record: Record, plan: Plan) -> str | None:
    """Return why a row is no ticket but a line of a report; None for all others.

    A ticket may be called "Total", so every other cell must hold an amount, or nothing.
    """
    if not plan.table.is_grid or plan.width < MIN_COLUMNS:
        return None
    cells = [str(value).strip() for value in record.values.values() if not is_empty(value)]
    if not cells or len(cells) == plan.width:
        return None
    if all(map(_RULER.fullmatch, cells)):
        return RULERS
    first, *rest = cells
    if not all(map(_AMOUNT.fullmatch, rest)):
        return None
    said = fold(first)
    if _TOTALS.fullmatch(said):
        return TOTALS
    is_below = _BELOW.match(said) or not (_has_words(record, plan) or any(map(str.isdigit, said)))
    return BELOW_TABLE if not rest and is_below else None


def _has_words(record: Record, plan: Plan) -> bool:
    names = (*plan.mapping.get("title", ()), *plan.mapping.get("text", ()))
    return any(not is_empty(record.values.get(name)) for name in names)


# A table with fewer columns is a list of texts, and any line of it may be one.
MIN_COLUMNS = 3
