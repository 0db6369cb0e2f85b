"""What `deja import` shows before it stores anything, and what it asks."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.cli.terminal import count, notes
from models.types import safe_text
from services.intake.importers.entries import Row
from services.intake.importers.records import Record
from services.text.cleaning.headline import headline
from services.text.words.plain import plain_text

if TYPE_CHECKING:
    from services.intake.importers.dates.date_parsing import DayOrder
    from services.intake.importers.plans.column_maps import ColumnMap
    from services.intake.importers.plans.plan import Plan
    from services.intake.importers.rows.tickets import TicketReader
    from services.intake.importers.vocabulary.synonyms import Field

SHOWN_ROWS = 5
MAX_CELL = 60


def show_preview(plan: Plan, tickets: TicketReader, to: Console) -> None:
    """Print the map of columns, the first tickets as they would be stored, and the counts."""
    recognized = f"{plan.table.name}: {plan.layout.label} ({plan.table.format})"
    to.print(Text(f"{recognized}, {count(plan.rows, 'row')}"))
    columns = Table(title=Text("Columns"), title_justify="left", header_style="bold")
    for heading in ("field", "from"):
        columns.add_column(heading, overflow="fold")
    for name, sources in plan.mapping.items():
        if sources:
            columns.add_row(name, _shown(", ".join(sources), 3 * MAX_CELL))
    columns.add_row("not used", _shown(", ".join(plan.unused) or "-", 10 * MAX_CELL))
    to.print(columns)
    rows = Table(title=Text("As stored"), title_justify="left", header_style="bold")
    for heading in ("id", "created", "status", "title", "text", "answer"):
        rows.add_column(heading, overflow="fold")
    found = (one for one in tickets.read() if isinstance(one, Row))
    for row in islice(found, SHOWN_ROWS):
        item = row.item
        created = f"{item.created_at:%Y-%m-%d %H:%M}" if item.is_dated else "not known"
        rows.add_row(
            *(
                _shown(text or "", MAX_CELL)
                for text in (item.external_id, created, item.status or "open", item.title,
                             item.text, item.resolution)
            )
        )  # fmt: skip
    to.print(rows)


def ask_for_columns(plan: Plan) -> ColumnMap:
    """Ask which columns are the text and the title of tickets."""
    notes.print("No column is known to be the text of a ticket. The columns are:")
    for number, name in enumerate(plan.unused, 1):
        notes.print(Text(f"{number:4}  {plain_text(name)}"))
    found: ColumnMap = {}
    fields: tuple[Field, ...] = ("text", "title")
    for field in fields:
        number = click.prompt(
            f"Number of the column with the {field} (0: none)",
            type=click.IntRange(0, len(plan.unused)),
            err=True,
        )
        if number:
            found[field] = (plan.unused[number - 1],)
    return found


def ask_for_order(plan: Plan) -> DayOrder:
    """Ask which of day and month comes first."""
    name = plan.undecided[0]
    values = (one.values.get(name) for one in plan.table.read() if isinstance(one, Record))
    example = next((value for value in values if isinstance(value, str) and value.strip()), "")
    answer = click.prompt(
        f"{safe_text(name)}: in {plain_text(example)}, which comes first",
        type=click.Choice(["day", "month"]),
        err=True,
    )
    return "day" if answer == "day" else "month"


def _shown(text: str, length: int) -> Text:
    # `Text`, because what a file says must not be read as markup.
    return Text(headline(" ".join(plain_text(text).split()), "", length))
