"""The checks of the nightly proof: what each found, in numbers and in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from services.phrases import Percent, Phrase, counted, phrase

CheckState = Literal["ok", "failed", "unknown"]

Values = Mapping[str, float]


@dataclass(frozen=True)
class ProofCheck:
    """One check; `unknown` is one for which there is too little to say anything."""

    name: str
    state: CheckState
    values: Values

    @classmethod
    def of(cls, name: str, values: Values, *, passed: bool | None) -> ProofCheck:
        """Return a check that passed, or failed; None: nothing can be said."""
        return cls(name, "unknown" if passed is None else "ok" if passed else "failed", values)

    @property
    def text(self) -> Phrase:
        """What it found, in words."""
        return TEXTS[self.name](self.values)


def _number(values: Values) -> int:
    return int(values["count"])


def _recall(values: Values) -> Phrase:
    if not values["queries"]:
        return phrase("there is nothing to search for yet")
    return phrase("the index finds {share} of the nearest", share=Percent(values["recall"]))


def _drift(values: Values) -> Phrase:
    if "now" not in values:
        return phrase("too few tickets to compare months")
    return phrase(
        "this month's tickets are {now} similar to earlier ones, last month's were {before}",
        now=Percent(values["now"]),
        before=Percent(values["before"]),
    )


def _calibration(values: Values) -> Phrase:
    if "expected" not in values:
        return phrase("too few decisions in the last month to compare with what I said")
    return phrase(
        "{right} of {n} matches decided on in the last month were right, and {expected} should be",
        n=int(values["decided"]),
        right=int(values["right"]),
        expected=values["expected"],
    )


# By the names under which checks are stored.
TEXTS: dict[str, Callable[[Values], Phrase]] = {
    "recall": _recall,
    "ghosts": lambda values: counted(
        _number(values),
        "{n} trace of deleted tickets is left",
        "{n} traces of deleted tickets are left",
    ),
    "vectors": lambda values: counted(
        _number(values), "{n} ticket has no vectors", "{n} tickets have no vectors"
    ),
    "orphans": lambda values: counted(
        _number(values),
        "{n} row refers to a row that does not exist",
        "{n} rows refer to rows that do not exist",
    ),
    "drift": _drift,
    "calibration": _calibration,
}
