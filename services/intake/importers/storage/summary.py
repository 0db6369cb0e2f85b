"""What became of the entries of an import, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from services.intake.answer_marks import AnswerMark
from services.intake.importers.entries import ImportEntry, MarkedReply, Row, RowError, Skipped
from services.memory.new_items import SaveOutcome

# Errors that are kept for the report. Nobody reads more, and they must not fill the memory.
MAX_ERRORS = 10_000

# Lines that are named for each reason to skip.
MAX_STEPS = 20

OUTDATED = "items that were deleted, or changed since"


@dataclass
class ImportSummary:
    """The counts of an import: each row read is in `outcomes`, `joined`, `skipped`, `unreadable`.

    `joined` rows are part of the ticket of another row. `errors` and `warnings` (a value that was
    left out of a row) are the first `MAX_ERRORS` each; `warned` counts all. `undated` counts the
    tickets whose source names no date, `removed` the stored ones that are private or deleted now.
    """

    outcomes: Counter[SaveOutcome] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    skipped_steps: dict[str, list[int]] = field(default_factory=dict)
    joined: int = 0
    undated: int = 0
    errors: list[RowError] = field(default_factory=list)
    unreadable: int = 0
    warnings: list[RowError] = field(default_factory=list)
    warned: int = 0
    removed: int = 0

    @property
    def read(self) -> int:
        """How many rows were read."""
        return self.outcomes.total() + self.joined + self.skipped.total() + self.unreadable

    def count(self, entry: Skipped | RowError) -> None:
        """Count an entry that is not stored."""
        if isinstance(entry, Skipped):
            self.skip(entry.reason, entry.step)
            return
        self.unreadable += 1
        if len(self.errors) < MAX_ERRORS:
            self.errors.append(entry)

    def skip(self, reason: str, step: int) -> None:
        """Count an entry that is left out on purpose; the first steps of a reason are kept."""
        self.skipped[reason] += 1
        steps = self.skipped_steps.setdefault(reason, [])
        if step and len(steps) < MAX_STEPS and steps[-1:] != [step]:
            steps.append(step)

    def count_batch(
        self,
        batch: Iterable[ImportEntry],
        outcomes: Sequence[SaveOutcome],
        answers: set[AnswerMark],
    ) -> None:
        """Count a batch by the outcomes of its rows; `answers` are the marks that have a ticket."""
        of_rows = iter(outcomes)
        for entry in batch:
            if isinstance(entry, Row):
                self.count_row(entry, next(of_rows))
            elif not isinstance(entry, MarkedReply):
                self.count(entry)
            elif entry.mark in answers:
                self.joined += 1
            else:
                self.skip(entry.skipped, entry.step)

    def count_row(self, row: Row, outcome: SaveOutcome) -> None:
        """Count a row that was stored, or could not be because it is outdated."""
        self.joined += row.joined
        self.warned += len(row.warnings)
        room = MAX_ERRORS - len(self.warnings)
        self.warnings += [RowError(row.step, reason) for reason in row.warnings[:room]]
        if row.skipped is not None:
            self.skip(row.skipped, row.step)
        elif outcome == "outdated":
            self.skip(OUTDATED, row.step)
        elif row.is_part:
            self.joined += 1
        else:
            self.outcomes[outcome] += 1
            self.undated += not row.item.is_dated
