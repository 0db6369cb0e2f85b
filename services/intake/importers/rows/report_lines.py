"""Lines of a report that are no tickets: its totals, and what stands below its table."""

from __future__ import annotations

import re
from collections.abc import Sequence

from services.intake.importers.columns.plausible_columns import MAX_ID_WORDS
from services.intake.importers.dates.date_columns import looks_like_date
from services.intake.importers.plans.plan import Plan
from services.intake.importers.records import Record, is_empty
from services.intake.importers.tables.delimited import RULER
from services.intake.importers.tables.group_headings import is_header
from services.text.words.folding import fold

TOTALS = "rows of totals"
BELOW_TABLE = "lines below the table of a report"
RULERS = "lines of dashes"
HEADERS = "headers in the middle of the file"
HEADINGS = "names of groups of rows"

_TOTAL = (
    r"(?:(?:grand |sub|sub-|sub )?totals?|sums?|overall|count|averages?|mean"
    r"|(?:gesamt|zwischen)?summen?|gesamt(?:zahl|anzahl|ergebnis)?|insgesamt|anzahl|durchschnitt"
    r"|total(?:es)? general(?:es)?|totales|subtotales|suma|promedio|totaux|sous-total"
    r"|somme|moyenne|teilergebnis"
    r"|(?:sub|eind)?totaal|gemiddelde|(?:sub)?totale(?: generale)?|somma|soma)"
)
_TOTALS = re.compile(
    rf"{_TOTAL}"
    r"(?: (?:of )?(?:tickets|records|rows|issues|cases|datensatze|registros|lignes))?"
    r"\s*:?\s*[\d.,]*(?: (?:tickets|records|rows|issues|cases|datensatze|registros|lignes))?"
)
# What says so of other columns: "Sum of hours", "Nombre total", "Number of tickets".
_NAMES_TOTAL = re.compile(rf"(?:{_TOTAL}|number of|numero de|nombre de)\b|.*\b{_TOTAL}$")
_BELOW = re.compile(
    r"(?:copyright\b|\(c\) |©|confidential information|all rights reserved|end of (?:report|file)"
    r"|(?:report )?(?:generated|exported|printed|created|run|downloaded) (?:by|on|at|from)\b"
    r"|applied filters|filters? applied|page \d+ (?:of|/)|seite \d+ von|pagina \d+ de"
    r"|(?:erstellt|exportiert|gedruckt) (?:am|von)\b|(?:generado|exportado) (?:el|por)\b"
    r"|(?:genere|exporte) (?:le|par)\b|\d+ (?:rows|records|tickets|issues)(?: (?:found|total))?$)"
)
_AMOUNT = re.compile(r"[-+]?[\d.,:' ]+\s*(?:%|h|hrs?|min|days?|€|\$|usd|eur)?", re.IGNORECASE)

_SPAN = re.compile(r"\s+(?:to|bis|a|au|-|–)\s+")


def report_line(record: Record, plan: Plan) -> str | None:
    """Return why a row is no ticket but a line of a report; None for all others.

    A ticket may be called "Total", so every other cell must hold an amount, or nothing.
    """
    filled = [value for value in record.values.values() if not is_empty(value)]
    if not plan.table.is_grid or not filled:
        return None
    if (mark := _mark(record, filled)) is not None:
        return mark
    if plan.width < MIN_COLUMNS or len(filled) == plan.width:
        return None
    first, *rest = [str(value).strip() for value in filled]
    if not all(map(_is_figure, rest)):
        return None
    said = fold(first)
    if _is_total(said, rest, record, plan):
        return TOTALS
    may_be_ticket = plan.has_any(record, "title", "text") or _may_be_id(said)
    is_below = _BELOW.match(said) or not may_be_ticket
    return BELOW_TABLE if not rest and is_below else None


def _mark(record: Record, filled: Sequence[object]) -> str | None:
    """Return what a row that says nothing is: a ruler, the header once more, a group's name."""
    if all(RULER.fullmatch(str(value).strip()) for value in filled):
        return RULERS
    if record.is_heading:
        return HEADINGS
    return HEADERS if is_header(record) else None


def _is_total(said: str, amounts: Sequence[str], record: Record, plan: Plan) -> bool:
    """Say whether a row names a total, or has nothing but amounts that are of no ticket."""
    if _TOTALS.fullmatch(said):
        return True
    if plan.has_any(record, "title", "text"):
        return False
    if _is_figure(said):
        return not plan.has_any(record, "id")
    return bool(amounts) and _NAMES_TOTAL.match(said) is not None


def _is_figure(cell: str) -> bool:
    """Say whether a cell is an amount, a date, or a span: "1.3.2026 - 4.3.2026"."""
    return bool(_AMOUNT.fullmatch(cell)) or all(map(looks_like_date, _SPAN.split(cell)))


def _may_be_id(said: str) -> bool:
    """Say whether a cell may be a ticket's id: "INC 7", and not "Stand: 1.3.2026"."""
    is_short = len(said.split()) <= MAX_ID_WORDS and not _LABEL.match(said)
    return is_short and any(map(str.isdigit, said))


_LABEL = re.compile(r"[^:]+:\s|\(")


# A table with fewer columns is a list of texts, and any line of it may be one.
MIN_COLUMNS = 3
