"""What `deja import` says at the end: one table, or the same as one JSON line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from bot.cli.terminal import notes, print_json
from services.intake.importers.layouts.table import TABLE
from services.intake.importers.storage.summary import MAX_STEPS, ImportSummary
from services.text.words.plain import plain_text

if TYPE_CHECKING:
    from services.intake.importers.entries import RowError
    from services.intake.importers.plans.plan import Plan
    from services.memory.new_items import SaveOutcome

MAX_SHOWN = 20
# Columns that are named among those not used.
MAX_SHOWN_NAMES = 60
OUTCOMES: tuple[SaveOutcome, ...] = ("added", "updated", "unchanged")


@dataclass
class FileReport:
    """What became of one input. `is_stored` is False if nothing was to be changed.

    `unit` is what the steps of its rows count. `restored` counts what an export of Déjà has beside
    its tickets, by table. `source` is that of its rows, unless each names its own. Of a file of
    replies alone, `joined_elsewhere` counts those that are in the tickets of other files.
    """

    name: str
    format: str = ""
    plan: Plan | None = None
    summary: ImportSummary = field(default_factory=ImportSummary)
    warnings: list[str] = field(default_factory=list)
    removed: int | None = None
    problem: str | None = None
    is_stored: bool = True
    unit: str = "line"
    restored: dict[str, dict[str, int]] = field(default_factory=dict)
    source: str | None = None
    joined_elsewhere: int | None = None

    @property
    def all_removed(self) -> int | None:
        """How many items were taken out; None where nothing is to be said of it."""
        hidden = self.summary.removed
        return hidden + (self.removed or 0) if hidden or self.removed is not None else None

    @property
    def recognized(self) -> str:
        """What the input was recognised as."""
        if self.joined_elsewhere is not None:
            return f"{self.format}, {self.joined_elsewhere or 'none'} joined"
        if self.plan is None:
            return self.format
        source = "" if self.source in (None, TABLE.key) else f", source {self.source}"
        return f"{self.plan.layout.label} ({self.format}){source}"

    def counts(self) -> dict[str, int]:
        """Return the counts: all but the first add up to it."""
        found = self.summary
        return {
            "read": found.read,
            **{str(name): found.outcomes[name] for name in OUTCOMES},
            "joined": found.joined,
            "skipped": found.skipped.total() + found.unreadable,
        }


@dataclass
class Report:
    """What became of all inputs. `failed` says why nothing was stored."""

    files: list[FileReport] = field(default_factory=list)
    failed: str | None = None

    @property
    def unreadable(self) -> int:
        """How many rows and whole inputs could not be read."""
        return sum(one.summary.unreadable + (one.problem is not None) for one in self.files)


def print_report(report: Report, as_json: bool) -> None:
    """Print the report on standard error, or as JSON on standard output."""
    if as_json:
        print_json(_as_json(report))
        return
    for file in report.files:
        _print_file(file)


def _as_json(report: Report) -> dict[str, Any]:
    totals: Counter[str] = Counter()
    for file in report.files:
        totals.update(file.counts() | {"undated": file.summary.undated})
    names = ("read", *OUTCOMES, "joined", "skipped", "undated")
    result: dict[str, Any] = {name: totals[name] for name in names}
    removed = [one for file in report.files if (one := file.all_removed) is not None]
    if removed:
        result["removed"] = sum(removed)
    several = len(report.files) > 1
    return result | {
        "reasons": [reason for file in report.files for reason in _reasons(file, several)],
        "errors": [
            _located(file, one, several) for file in report.files for one in file.summary.errors
        ]
        + [{"file": one.name, "reason": one.problem} for one in report.files if one.problem],
        "warnings": [
            *({"reason": one} | ({"file": f.name} if several else {})
              for f in report.files for one in f.warnings),
            *(_located(f, one, several) for f in report.files for one in f.summary.warnings),
        ],
        "files": [_file_json(file) for file in report.files],
    }  # fmt: skip


def _file_json(file: FileReport) -> dict[str, Any]:
    found: dict[str, Any] = {"file": file.name, "recognized": file.recognized, **file.counts()}
    if file.plan is not None:
        found["columns"] = {name: list(used) for name, used in file.plan.mapping.items() if used}
        found["not_used"] = list(file.plan.unused)
    if file.restored:
        found["restored"] = file.restored
    if not file.is_stored:
        found["stored"] = False
    return found


def _reasons(file: FileReport, several: bool) -> list[dict[str, Any]]:
    name = {"file": file.name} if several else {}
    return [
        {**name, "skipped": number, "reason": reason, "lines": file.summary.skipped_steps[reason]}
        for reason, number in file.summary.skipped.most_common()
    ]


def _located(file: FileReport, one: RowError, several: bool) -> dict[str, Any]:
    return {**({"file": file.name} if several else {}), **one.location, "reason": one.reason}


def _print_file(file: FileReport) -> None:
    if file.problem:
        notes.print(Text(plain_text(f"{file.name}: {file.problem}")))
        return
    notes.print(Text(plain_text(f"{file.name}: {file.recognized}"), style="table.title"))
    if file.joined_elsewhere is not None and not file.summary.read:
        return
    notes.print(_table_of(file))
    if not file.is_stored:
        notes.print("Nothing was changed.")
    _print_problems(file)


def _table_of(file: FileReport) -> Table:
    table = Table(header_style="bold")
    table.add_column("what", no_wrap=True)
    table.add_column("number", justify="right", no_wrap=True)
    table.add_column("details", overflow="fold")
    for name, number in file.counts().items():
        table.add_row(name, str(number), _detail(name, file))
    if file.all_removed is not None:
        detail = "tickets that are private or deleted now" if file.summary.removed else ""
        table.add_row("removed", str(file.all_removed), detail)
    if file.summary.undated:
        detail = "their dates are not known: they take part in no trend, alert or “earlier”"
        table.add_row("undated", str(file.summary.undated), Text(detail))
    for name, restored in file.restored.items():
        others = [f"{n} {kind.replace('_', ' ')}" for kind, n in restored.items() if n]
        table.add_row(name.replace("_", " "), str(sum(restored.values())), ", ".join(others))
    if file.plan is not None and file.plan.unused:
        names = Text(plain_text(_listed(file.plan.unused)))
        table.add_row("not used", str(len(file.plan.unused)), names)
    return table


def _listed(names: Sequence[str]) -> str:
    """Return names, those beyond a screenful as a number; `--json` has them all."""
    more = len(names) - MAX_SHOWN_NAMES
    return ", ".join(names[:MAX_SHOWN_NAMES]) + (f", and {more} more" if more > 0 else "")


def _detail(name: str, file: FileReport) -> Text:
    if name == "joined" and file.summary.joined:
        return Text("rows that belong to the ticket of another row")
    if name != "skipped":
        return Text("")
    lines = [
        f"{number} × {reason}{_lines(file, reason)}"
        for reason, number in file.summary.skipped.most_common()
    ]
    if file.summary.unreadable:
        lines.append(f"{file.summary.unreadable} that could not be read, see below")
    return Text(plain_text("\n".join(lines)))


def _lines(file: FileReport, reason: str) -> str:
    steps = file.summary.skipped_steps[reason]
    if not steps:
        return ""
    what = file.unit
    more = ", …" if len(steps) == MAX_STEPS < file.summary.skipped[reason] else ""
    return f" ({what}{'s' if len(steps) > 1 else ''} {', '.join(map(str, steps))}{more})"


def _print_problems(file: FileReport) -> None:
    for warning in file.warnings:
        notes.print(Text(plain_text(f"warning: {warning}")))
    found = [
        *((one, "") for one in file.summary.errors[:MAX_SHOWN]),
        *((one, "warning: ") for one in file.summary.warnings[:MAX_SHOWN]),
    ]
    for one, label in found:
        location = ", ".join(f"{name} {where}" for name, where in one.location.items())
        # Names and ids come from outside: no control characters may reach the terminal.
        notes.print(Text(plain_text(f"{location}: {label}{one.reason}")))
    for shown, total, what in (
        (file.summary.errors, file.summary.unreadable, ""),
        (file.summary.warnings, file.summary.warned, " warnings"),
    ):
        if total > MAX_SHOWN and shown:
            notes.print(f"… and {total - MAX_SHOWN} more{what}.")
