"""The state and the answer of a ticket, in the words of any help desk."""

from __future__ import annotations

from models.types import safe_text
from services.intake.importers.records import shown
from services.intake.importers.replies.closings import only_closes
from services.intake.importers.rows.row_values import RowValues
from services.intake.importers.vocabulary.states import (
    WEAK_STATES,
    State,
    says_nothing,
    state_of,
    ticked_state,
)

MAX_STATUS_LENGTH = 32


def own_answer(values: RowValues) -> str | None:
    """Return the answer that a ticket's own columns give, if it says anything."""
    answer = values.text("answer")
    is_words = answer and not says_nothing(answer) and state_of(answer) is None
    is_answer = is_words and not only_closes(answer) and not values.withholds_answer()
    return answer if is_answer else None


def state_in(values: RowValues, *, is_resolved: bool) -> tuple[State | None, str | None]:
    """Return a ticket's state as far as it is known, and the word for it that is stored.

    Where nothing tells it, a ticket with an answer, or that `is_resolved` by its time, is resolved.
    """
    raw, outcome = values.first("status"), values.first("outcome")
    word = "" if isinstance(raw, list | dict | bool) or raw is None else str(raw).strip()
    word = "" if says_nothing(word) else word
    answer = values.text("answer")
    if not word or word.lower() in WEAK_STATES:
        word = ticked_state(values.record.values) or word
    code = word.removesuffix(".0")
    state = values.plan.layout.states.get(code) or state_of(word) if word else None
    done = state_of(str(outcome)) if outcome is not None else state_of(answer)
    if state is None and not word:
        state = done if done in ("resolved", "closed") else None
        is_over = is_resolved or own_answer(values) is not None
        state = state or ("resolved" if is_over else None)
    if state is None and is_resolved and code.isdecimal():
        return "resolved", "resolved"  # a code says nothing to who does not know the tool
    if state is None and word:
        if len(word) > MAX_STATUS_LENGTH:
            values.warnings.append(f"the status {shown(word)} is too long and left out")
            return None, None
        return None, safe_text(word)
    return state, state
