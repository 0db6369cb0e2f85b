"""A calibration in words: what verdicts have taught, and what more of them would change."""

from __future__ import annotations

from bisect import bisect_left
from itertools import pairwise

from services.judgement.calibration_store import CalibrationState
from services.judgement.cut import DEFAULT_BUDGET, MIN_VERDICTS, find_cut
from services.judgement.learned_model import Model
from services.phrases import Phrase, counted, phrase

# More confirmed pairs in a row are not worth counting on.
MAX_CONFIRMED = 200


def learned_text(model: Model, wrong_in_ten: int = DEFAULT_BUDGET) -> Phrase:
    """Return what the verdicts that a model was fitted to have taught."""
    decisions = len(model.labels)
    cut = model.cut(wrong_in_ten)
    if cut is not None:
        return phrase(
            "After {n} decisions: among the pairs with the strongest evidence, {right} of {count} "
            "were the same issue. What is at least this strong is called a duplicate.",
            n=decisions,
            count=cut.count,
            right=cut.right,
        )
    if not any(model.labels):
        return phrase(
            "After {n} decisions: no pair was the same issue, so nothing more is called "
            "a duplicate.",
            n=decisions,
        )
    count = _first_run(model)
    return phrase(
        "After {n} decisions: among the pairs with the strongest evidence, {right} of {count} were "
        "the same issue. That is too few to call more pairs duplicates.",
        n=decisions,
        count=count,
        right=sum(model.labels[:count]),
    )


def next_text(state: CalibrationState, wrong_in_ten: int = DEFAULT_BUDGET) -> Phrase:
    """Return how many more decisions would change something."""
    missing = state.changes_until_fit
    if not missing:
        return phrase("There are enough new decisions to learn from.")
    if not state.fitted_to:
        return counted(
            missing,
            "Learning starts after {n} more decision.",
            "Learning starts after {n} more decisions.",
        )
    if state.model is not None and state.model.cut(wrong_in_ten) is None:
        confirmed = confirmations_until_cut(state.model, wrong_in_ten)
        if confirmed is not None:
            return counted(
                max(confirmed, missing),
                "At least {n} more pair with strong evidence must be confirmed before such pairs "
                "are called duplicates.",
                "At least {n} more pairs with strong evidence must be confirmed before such pairs "
                "are called duplicates.",
            )
    return counted(
        missing,
        "Learning goes on after {n} more decision.",
        "Learning goes on after {n} more decisions.",
    )


def confirmations_until_cut(model: Model, wrong_in_ten: int = DEFAULT_BUDGET) -> int | None:
    """Return how many more of the strongest pairs must be duplicates before a cut can stand.

    None where even `MAX_CONFIRMED` would not be enough.
    """
    strengths, labels = model.strengths[:MAX_CONFIRMED], model.labels[:MAX_CONFIRMED]
    shares = model.backlog_shares[:MAX_CONFIRMED]
    top, usual = max(strengths, default=0.0) + 1.0, sum(shares) / len(shares)

    def has_cut(more: int) -> bool:
        confirmed = [*[True] * more, *labels]
        of_backlog = [*[usual] * more, *shares]
        return (
            find_cut([*[top] * more, *strengths], confirmed, of_backlog, wrong_in_ten) is not None
        )

    more = bisect_left(range(MAX_CONFIRMED + 1), True, key=has_cut)
    return None if more > MAX_CONFIRMED else more


def _first_run(model: Model) -> int:
    """Return the length of the first run of reviewed pairs that a cut could rest on."""
    ends = [n for n, (one, other) in enumerate(pairwise(model.strengths), 1) if one != other]
    ends.append(len(model.strengths))
    return next((end for end in ends if end >= MIN_VERDICTS), ends[-1])
