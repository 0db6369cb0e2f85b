"""Mails that name no other one: whose subject says "Re:" answers one with that subject."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product


@dataclass(frozen=True)
class MailFacts:
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
    facts: MailFacts

    def may_answer(self, other: Mail, last: float | None) -> bool:
        """Say whether this mail came after another one, and not long after the `last` reply to it.

        That is in seconds since 1970.
        """
        mine, others = self.facts.at, other.facts.at
        if mine is None or others is None:
            return True
        return others <= mine <= (others if last is None else max(last, others)) + MAX_PAUSE


# Whoever takes up a mail after half a year writes of something else, as a rule; in seconds.
# Chosen without measurement.
MAX_PAUSE = 183 * 86_400.0


def roots_of(mails: Sequence[Mail]) -> dict[str, str]:
    """Return what begins the conversation of each reply, by their ids; of one subject.

    Where only replies to something are there, the first one of the same people begins it. Takes
    time in proportion to the mails, as all mails of a mailbox may have one subject.
    """
    starts, alone = _Starts([one for one in mails if not one.facts.is_reply]), _Alone()
    roots: dict[str, str] = {}
    last: dict[str, float | None] = {}
    for reply in sorted((one for one in mails if one.facts.is_reply), key=_age):
        found = [*starts.before(reply), *alone.of_same_people(reply)]
        start = next((one for one in found if reply.may_answer(one, last.get(one.id))), None)
        if start is None:
            alone.add(reply)
        else:
            roots[reply.id] = start.id
            last[start.id] = reply.facts.at
    return roots


def _age(mail: Mail) -> tuple[float, int]:
    return mail.facts.at or 0.0, mail.number


def _number(mail: Mail) -> int:
    return mail.number


class _Starts:
    """Mails that answer none, by who wrote them."""

    def __init__(self, mails: Sequence[Mail]) -> None:
        self._only = mails[0] if len(mails) == 1 else None
        self._by_number = _by_author(sorted(mails, key=_number))
        # Where one has no date, the order of the file tells more.
        are_dated = all(one.facts.at is not None for one in mails)
        self._by_age = _by_author(sorted(mails, key=_age)) if are_dated else None

    def before(self, reply: Mail) -> list[Mail]:
        """Return the mail that a reply may answer: the last one before it of somebody it names.

        Where times are not known, that is the nearest one in the file, of two the first; where it
        is not known to whom mails went, the only one with the subject.
        """
        people = reply.facts.people
        only = self._only
        if only and not (only.facts.authors and people - reply.facts.authors):
            return [only]
        if people == reply.facts.authors:
            return []
        if self._by_age is not None and reply.facts.at is not None:
            last = (one for name in people for one in _last(self._by_age.get(name, []), reply))
            found = max(last, key=_age, default=None)
        else:
            near = (one for name in people for one in _near(self._by_number.get(name, []), reply))
            found = min(near, key=partial(_distance, reply), default=None)
        return [] if found is None else [found]


def _by_author(mails: Sequence[Mail]) -> Mapping[str, Sequence[Mail]]:
    found: defaultdict[str, list[Mail]] = defaultdict(list)
    for mail in mails:
        for author in mail.facts.authors:
            found[author].append(mail)
    return found


def _last(mails: Sequence[Mail], reply: Mail) -> Sequence[Mail]:
    """Return the last one of mails in order of time that is not after a reply."""
    place = bisect_right(mails, _age(reply), key=_age)
    return mails[max(place - 1, 0) : place]


def _near(mails: Sequence[Mail], reply: Mail) -> Sequence[Mail]:
    """Return the mails before and behind a reply in the file."""
    place = bisect_right(mails, reply.number, key=_number)
    return mails[max(place - 1, 0) : place + 1]


def _distance(reply: Mail, mail: Mail) -> tuple[int, int]:
    return abs(mail.number - reply.number), mail.number


class _Alone:
    """Replies to what is not there, each the first of its conversation, by who wrote to whom."""

    def __init__(self) -> None:
        self._last: dict[tuple[str, str], Mail] = {}

    def add(self, reply: Mail) -> None:
        """Add the first one of a conversation."""
        self._last |= dict.fromkeys(_pairs(reply), reply)

    def of_same_people(self, reply: Mail) -> list[Mail]:
        """Return other replies whose writers wrote to that of a reply, or as this did.

        Who forwards two mails with one subject may have got them from two people.
        """
        found: dict[int, Mail] = {}
        for writer, other in _pairs(reply):
            answered = self._last.get((other, writer))
            same = self._last.get((writer, other))
            if same and (same.facts.is_forward or reply.facts.is_forward):
                same = None
            found |= {one.number: one for one in (answered, same) if one is not None}
        return [found[number] for number in sorted(found)]


def _pairs(mail: Mail) -> list[tuple[str, str]]:
    """Return who wrote a mail to whom."""
    facts = mail.facts
    return list(product(facts.authors, facts.people - facts.authors))
