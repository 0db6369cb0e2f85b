"""Answers that people marked in a channel's past: a ✅ says what solved its thread's ticket.

A backfill and an export read them with the same functions. When somebody reacted is not known
there, so of several marked replies the latest counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from models import Channel
from services.channels.emoji import SOLVED_MARKS
from services.channels.settings import may_decide
from services.intake.classify import BOT, NOTE, OFF, Classification
from services.intake.slack_messages import Message, edit_of, find_ticket
from services.issues.resolutions import Solution, restore_solution
from services.text.slack.markup import clean_slack
from services.text.slack.message import message_text
from services.text.slack.times import is_ts


@dataclass(frozen=True)
class AnswerMark:
    """What solved the ticket at the start of a thread, and the `users` who say so, in order."""

    thread_ts: str
    solution: Solution
    users: tuple[str, ...]


def solution_in(message: Message) -> tuple[str, Solution]:
    """Return the thread that a message belongs to, and its text as what solved the ticket there.

    A mark on the ticket itself names no answer.
    """
    ts, thread_ts = str(message["ts"]), message.get("thread_ts")
    if not is_ts(thread_ts) or thread_ts == ts:
        return ts, Solution(ts=ts, revision=edit_of(message))
    text, user = clean_slack(message_text(message)), message.get("user")
    author = user if isinstance(user, str) else None
    return thread_ts, Solution(text, author, ts, edit_of(message))


def answer_mark(message: Message, own_id: str | None) -> AnswerMark | None:
    """Return what the ✅ on a message says; None without one. `own_id` is Déjà's own user id."""
    users = [user for user in _marking_users(message) if user != own_id]
    if not users or not is_ts(message.get("ts")):
        return None
    return AnswerMark(*solution_in(message), tuple(users))


def save_marks(
    session: Session, channel: Channel, marks: Iterable[AnswerMark], now: datetime
) -> list[AnswerMark]:
    """Store what solved tickets, as far as those who marked it may decide in the channel.

    What is known of a message stays, and so does what solved the ticket later. Returns the marks
    whose ticket is known.
    """
    found = []
    for mark in sorted(marks, key=lambda one: float(one.solution.ts or 0)):
        item = find_ticket(session, channel, mark.thread_ts)
        if item is None:
            continue
        found.append(mark)
        by = next((user for user in mark.users if may_decide(channel, user)), None)
        if by is not None:
            restore_solution(session, item, mark.solution, by=by, now=now)
    return found


def may_have_answers(found: Classification) -> bool:
    """Say whether the thread of a message is worth reading.

    It is if people wrote there about a ticket, or may have made a reply one. What bots post has
    many threads and no tickets.
    """
    return found.reason not in (NOTE, BOT, OFF)


def _marking_users(message: Message) -> Sequence[str]:
    reactions = message.get("reactions")
    return [
        str(user)
        for one in (reactions if isinstance(reactions, list) else [])
        if isinstance(one, dict) and one.get("name") in SOLVED_MARKS
        for user in (one["users"] if isinstance(one.get("users"), list) else [])
    ]
