"""Mails that name no other one: whose subject says "Re:" answers one with that subject."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Topic:
    """What a mail is about: its subject, which one that `is_reply` repeats.

    `people` wrote or got it, its `authors` among them; `at` is in seconds since 1970. One that
    `is_forward` hands a mail on, to people who may know nothing of others with its subject.
    """

    subject: str
    is_reply: bool
    is_forward: bool
    authors: frozenset[str]
    people: frozenset[str]
    at: float | None


@dataclass(frozen=True)
class Mail:
    """A mail that names no other one, by its number in the file."""

    number: int
    id: str
    topic: Topic

    def may_answer(self, other: Mail, last: float | None) -> bool:
        """Say whether this mail came after another one, and not long after the `last` reply to it.

        That is in seconds since 1970.
        """
        mine, others = self.topic.at, other.topic.at
        if mine is None or others is None:
            return True
        return others <= mine <= (others if last is None else max(last, others)) + MAX_PAUSE


# Whoever takes up a mail after half a year writes of something else, as a rule; in seconds.
# Chosen without measurement.
MAX_PAUSE = 183 * 86_400.0


def roots_of(mails: Sequence[Mail]) -> dict[str, str]:
    """Return what begins the conversation of each reply, by their ids; of one subject.

    Where only replies to something are there, the first one of the same people begins it.
    """
    starts = [one for one in mails if not one.topic.is_reply]
    alone: list[Mail] = []
    roots: dict[str, str] = {}
    last: dict[str, float | None] = {}
    for reply in sorted((one for one in mails if one.topic.is_reply), key=_age):
        start = _start_of(reply, starts, last) or _of_same_people(reply, alone, last)
        if start is None:
            alone.append(reply)
        else:
            roots[reply.id] = start.id
            last[start.id] = reply.topic.at
    return roots


def _age(mail: Mail) -> tuple[float, int]:
    return mail.topic.at or 0.0, mail.number


def _start_of(reply: Mail, starts: Sequence[Mail], last: Mapping[str, float | None]) -> Mail | None:
    """Return the mail that a reply answers: the last one before it of somebody it names.

    Where it is not known to whom they went, a subject that only one mail has names that one.
    """
    earlier = [one for one in starts if reply.may_answer(one, last.get(one.id))]
    earlier = [one for one in earlier if _writes_to(reply, one, is_only=len(starts) == 1)]
    if reply.topic.at is not None and all(one.topic.at is not None for one in earlier):
        return max(earlier, key=_age, default=None)
    return min(earlier, key=lambda one: abs(one.number - reply.number), default=None)


def _writes_to(reply: Mail, start: Mail, *, is_only: bool) -> bool:
    """Say whether who began a conversation wrote or got a reply."""
    wrote, answer = start.topic.authors, reply.topic
    if not wrote or not answer.people - answer.authors:
        return is_only
    return not wrote.isdisjoint(answer.people)


def _of_same_people(
    reply: Mail, others: Sequence[Mail], last: Mapping[str, float | None]
) -> Mail | None:
    """Return the first other reply of the same conversation."""
    known = (one for one in others if reply.may_answer(one, last.get(one.id)))
    return next((one for one in known if _share(reply, one)), None)


def _share(reply: Mail, other: Mail) -> bool:
    """Say whether two replies are of the same conversation, by the people of both.

    Their writers wrote to each other, or one writer wrote both to the same person; who forwards
    two mails with one subject, may have got them from two people.
    """
    one, two = reply.topic, other.topic
    if one.authors & two.authors:
        if one.is_forward or two.is_forward:
            return False
        return not (one.people - one.authors).isdisjoint(two.people - two.authors)
    return not (one.authors.isdisjoint(two.people) or two.authors.isdisjoint(one.people))
