"""The values of a row by field; what is wrong with one is kept, and costs only itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from services.errors import InputError
from services.intake.importers.audience.part_audience import hidden_columns
from services.intake.importers.audience.private_texts import is_text_of_team
from services.intake.importers.audience.reply_audience import is_answer_public, is_part_public
from services.intake.importers.plans.plan import Plan
from services.intake.importers.records import Record, each, is_empty, shown
from services.intake.importers.rows.text_cleaning import clean_text
from services.intake.importers.vocabulary.states import says_nothing
from services.intake.importers.vocabulary.synonyms import Field


@dataclass
class RowValues:
    """The values of a row by field, what was wrong with them, and the columns they are from."""

    plan: Plan
    record: Record
    warnings: list[str] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    _texts: dict[Field, str] = field(default_factory=dict)

    def first(self, name: Field) -> Any:
        """Return the first value of a field that says something; None if there is none."""
        for column in self.plan.mapping.get(name, ()):
            values = each(self.record.values.get(column))
            if values:
                self.used.update([column] if name != "outcome" else [])
                return values[0]
        return None

    def has_list(self, name: Field) -> bool:
        """Say whether a field lists values, maybe none."""
        columns = self.plan.mapping.get(name, ())
        return any(isinstance(self.record.values.get(one), list) for one in columns)

    def text(self, name: Field) -> str:
        """Return a field as plain text; it is cleaned, and what is wrong with it told, once."""
        if name not in self._texts:
            self._texts[name] = self._text(name)
        return self._texts[name]

    def _text(self, name: Field) -> str:
        for column in self.plan.mapping.get(name, ()):
            value = whole = self.record.values.get(column)
            if is_empty(value) or not self.is_public(column):
                continue
            if isinstance(value, list) and len(values := each(value)) > 1:
                whole = list(dict.fromkeys(values))
            found = clean_text(whole, self.plan.layout.markup)
            if found:
                self.used.add(column)
                return found
            if isinstance(value, list | dict) and value:
                self.warnings.append(f"{column} is {shown(value)}, not text")
        return ""

    def is_public(self, column: str) -> bool:
        """Say whether all may read a column, by what others of the row say of it."""
        return column not in self.hidden and is_part_public(column, self.record.named)

    def withholds_answer(self) -> bool:
        """Say whether a column has the answer, and not all may read it."""
        columns, values = self.plan.mapping.get("answer", ()), self.record.values
        if any(not is_empty(values.get(one)) and not self.is_public(one) for one in columns):
            return True
        answer = self.text("answer")
        return bool(answer) and (is_text_of_team(answer) or not is_answer_public(self.record.named))

    @cached_property
    def hidden(self) -> frozenset[str]:
        """The columns of which others say that not all may read them."""
        return hidden_columns(self.record.values)

    def resolved_after(self, created: datetime | None) -> datetime | None:
        """Return when a ticket was resolved, unless that was before it was created."""
        resolved = self.time("resolved")
        if created and resolved and resolved < created:
            self.warnings.append("it is solved before it was created: that time is left out")
            return None
        return resolved

    def time(self, name: Field) -> datetime | None:
        """Return the first date of a field that can be read."""
        for column in self.plan.mapping.get(name, ()):
            for value in self.plan.dates_in(self.record, column):
                if isinstance(value, str) and says_nothing(value):
                    continue
                try:
                    found = self.plan.readers[column].read(value)
                except InputError as error:
                    self.warnings.append(f"{column}: {error}")
                else:
                    if found is not None:
                        self.used.add(column)
                        if value not in each(self.record.values.get(column)):
                            self.used.add(self.plan.clocks[column])
                        return found
        return None
