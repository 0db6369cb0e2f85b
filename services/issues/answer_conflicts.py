"""Conflicts: different answers to what people said is one issue."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Item
from models.queries import LIVE, in_parts
from services.text.cleaning import plain_text
from services.text.terms import fold

# Of the words of two texts together: who copies an answer changes a word or two.
SAME_SHARE = 0.8

_WORD = re.compile(r"[^\W_]+")


def answers_of(session: Session, item_ids: Iterable[int]) -> dict[int, str]:
    """Return what solved tickets, by ticket; those without an answer are left out."""
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


def different(members: Sequence[int], answers: Mapping[int, str]) -> list[int]:
    """Return the members of a group whose answers are different, in their order."""
    found: list[int] = []
    for member in members:
        answer = answers.get(member)
        if answer and not any(is_same(answer, answers[other]) for other in found):
            found.append(member)
    return found


def is_same(one: str, other: str) -> bool:
    """Say whether two answers are one: in nearly the same words, however written."""
    words, others = _words(one), _words(other)
    if not words or not others:
        return one.strip() == other.strip()
    return len(words & others) >= SAME_SHARE * len(words | others)


def _words(text: str) -> set[str]:
    return set(_WORD.findall(fold(plain_text(text))))
