"""Which problems administrators know of: each is told once when it begins, and when it is over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from models import Problem, insert_new
from services.phrases import Phrase, phrase, read_phrase

# A problem that comes and goes within this time is one problem. Each process sees its own disk, so
# what one of them does not see is over only when none has seen it for so long.
CALM = timedelta(minutes=15)

# One that has grown is told again, but not more often than this.
REMIND_AFTER = timedelta(days=1)


@dataclass(frozen=True)
class FoundProblem:
    """A problem there is now; `size` tells whether one that is known has grown."""

    name: str
    text: Phrase
    size: int = 0


@dataclass(frozen=True)
class ProblemNews:
    """What administrators are to be told of a problem."""

    name: str
    text: Phrase
    is_over: bool


def note_problems(
    session: Session, found: Sequence[FoundProblem], now: datetime
) -> list[ProblemNews]:
    """Store the problems there are now, and return what is news.

    Several processes may note the same at the same time: only one of them gets the news.
    """
    news = [
        ProblemNews(one.name, one.text, is_over=False)
        for one in found
        if _is_new(session, one, now) or _has_grown(session, one, now)
    ]
    return [*news, *_ended(session, now)]


def knows_problems(session: Session) -> bool:
    """Say whether there is any problem that is not over."""
    return session.scalar(select(Problem.name).limit(1)) is not None


def _is_new(session: Session, one: FoundProblem, now: datetime) -> bool:
    row = {
        "name": one.name,
        "text": one.text.stored(),
        "size": one.size,
        "began_at": now,
        "told_at": now,
        "seen_at": now,
    }
    return insert_new(session, Problem, [row], unique=["name"]) == 1


def _has_grown(session: Session, one: FoundProblem, now: datetime) -> bool:
    """Note that a known problem is still there; return whether it is to be told again."""
    known = Problem.name == one.name
    session.execute(update(Problem).where(known).values(seen_at=now, text=one.text.stored()))
    is_due = (Problem.size < one.size) & (Problem.told_at <= now - REMIND_AFTER)
    told = update(Problem).where(known, is_due).values(size=one.size, told_at=now)
    return session.execute(told.returning(Problem.name)).first() is not None


def _ended(session: Session, now: datetime) -> list[ProblemNews]:
    gone = session.execute(
        delete(Problem)
        .where(Problem.seen_at <= now - CALM)
        .returning(Problem.name, Problem.text, Problem.began_at, Problem.seen_at)
    ).all()
    return [
        ProblemNews(
            name,
            phrase(
                "Resolved after {span}: {what}", span=seen_at - began_at, what=read_phrase(text)
            ),
            is_over=True,
        )
        for name, text, began_at, seen_at in gone
    ]
