"""Different answers to tickets that people decided are the same issue."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Item
from models.queries import LIVE, in_parts
from services.text.words.folding import fold
from services.text.words.plain import plain_text

# The share of common words from which two answers are the same: people who copy an answer change a
# word or two.
MIN_SHARED_WORDS = 0.8

_WORD = re.compile(r"[^\W_]+")


def answers_of(session: Session, item_ids: Iterable[int]) -> dict[int, str]:
    """Return the answers of tickets, by ticket id; tickets without one are left out."""
    return {
        item_id: answer
        for part in in_parts(item_ids)
        for item_id, answer in session.execute(
            select(Item.id, Item.resolution).where(
                Item.id.in_(part), LIVE, Item.resolution.is_not(None), Item.resolution != ""
            )
        )
        if answer
    }


def with_distinct_answers(members: Sequence[int], answers: Mapping[int, str]) -> list[int]:
    """Return the first member of a group with each distinct answer, in the given order."""
    found: list[int] = []
    for member in members:
        answer = answers.get(member)
        if answer and not any(is_same_answer(answer, answers[other]) for other in found):
            found.append(member)
    return found


def is_same_answer(one: str, other: str) -> bool:
    """Say whether two answers have nearly the same words, in whatever order and spelling."""
    words, others = _words(one), _words(other)
    if not words or not others:
        return one.strip() == other.strip()
    return len(words & others) >= MIN_SHARED_WORDS * len(words | others)


def _words(text: str) -> set[str]:
    return set(_WORD.findall(fold(plain_text(text))))
