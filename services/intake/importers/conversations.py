"""Mails that name no other one: whose subject says "Re:" answers one with that subject."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Topic:
    """What a mail is about: its subject, which one that `is_reply` repeats.

    `people` wrote or got it, its `authors` among them; `at` is in seconds since 1970.
    """

    subject: str
    is_reply: bool
    authors: frozenset[str]
    people: frozenset[str]
    at: float | None


@dataclass(frozen=True)
class Mail:
    """A mail that names no other one, by its number in the file."""

    number: int
    id: str
    topic: Topic

    def may_answer(self, other: Mail) -> bool:
        """Say whether this mail is not older than another one."""
        mine, others = self.topic.at, other.topic.at
        return mine is None or others is None or others <= mine


def roots_of(mails: Sequence[Mail]) -> dict[str, str]:
    """Return what begins the conversation of each reply, by their ids; of one subject.

    Where only replies to something are there, the first one of the same people begins it.
    """
    starts = [one for one in mails if not one.topic.is_reply]
    alone: list[Mail] = []
    roots: dict[str, str] = {}
    for reply in sorted((one for one in mails if one.topic.is_reply), key=_age):
        if (start := _start_of(reply, starts)) is not None:
            roots[reply.id] = start.id
        elif (first := next((one for one in alone if _share(reply, one)), None)) is not None:
            roots[reply.id] = first.id
        else:
            alone.append(reply)
    return roots


def _age(mail: Mail) -> tuple[float, int]:
    return mail.topic.at or 0.0, mail.number


def _start_of(reply: Mail, starts: Sequence[Mail]) -> Mail | None:
    """Return the mail that a reply answers: the last one before it of somebody it names.

    A subject that only one mail has names that one, whoever answers.
    """
    earlier = [one for one in starts if reply.may_answer(one)]
    if len(starts) > 1:
        earlier = [one for one in earlier if _writes_to(reply, one)]
    if reply.topic.at is not None and all(one.topic.at is not None for one in earlier):
        return max(earlier, key=_age, default=None)
    return min(earlier, key=lambda one: abs(one.number - reply.number), default=None)


def _writes_to(reply: Mail, start: Mail) -> bool:
    """Say whether who began a conversation wrote or got a reply, as far as it is known."""
    authors, people = start.topic.authors, reply.topic.people
    return not (authors and people) or not authors.isdisjoint(people)


def _share(reply: Mail, other: Mail) -> bool:
    """Say whether two replies are of the same conversation, as far as their people are known.

    Their writers wrote to each other, or one writer wrote both to the same person.
    """
    one, two = reply.topic, other.topic
    if not (one.people and two.people):
        return True
    if one.authors & two.authors:
        return not (one.people - one.authors).isdisjoint(two.people - two.authors)
    return not (one.authors.isdisjoint(two.people) or two.authors.isdisjoint(one.people))
