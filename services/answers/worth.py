"""What Déjà was worth: tickets that an earlier answer solved, how soon, and how often it was right.

Every figure is the length of a list of tickets or pairs, so that whoever reads it can check it.
Only what the audience may read is counted, never what was deleted or erased, and nothing about
individual people.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from models import Answer, Item, Outcome, Resolution, ShownMatch, Verdict
from models.queries import IMPORTED, LIVE, in_parts
from services.channels.audience import Audience
from services.channels.quiet_hours import QuietHours, hours_of_workspace
from services.issues.verdicts import on_shown_pair
from services.text.slack.times import sent_at

# A share or a median of fewer says more about chance than about Déjà.
MIN_COUNTED = 5

# A year.
PERIOD = timedelta(days=365)


@dataclass(frozen=True)
class TimedTicket:
    """A ticket, and how long it waited for the answer that solved it."""

    item_id: int
    waited: timedelta


@dataclass(frozen=True)
class HelpedTicket(TimedTicket):
    """A ticket that the answer of an earlier one, `source_id`, solved.

    `is_confirmed` says that somebody said so; if not, somebody posted the answer in its thread and
    nobody has reported that it failed.
    """

    source_id: int
    is_confirmed: bool


@dataclass(frozen=True)
class DecidedPair:
    """A decision on two tickets. `flagged` says that Déjà had called them the same."""

    item_id: int
    other_id: int
    verdict: str
    decided_at: datetime
    flagged: bool


@dataclass(frozen=True)
class FailedAnswer:
    """A ticket for which the answer of an earlier one did not work."""

    item_id: int
    source_id: int
    said_at: datetime


@dataclass(frozen=True)
class MonthRecord:
    """The decisions of a month, given by its first day, and how often flags were right in it."""

    month: date
    decided: int
    flagged: int
    right: int

    @property
    def precision(self) -> float | None:
        """The share of flags that were right, None for fewer than `MIN_COUNTED`."""
        return self.right / self.flagged if self.flagged >= MIN_COUNTED else None


@dataclass(frozen=True)
class Worth:
    """What Déjà did within the `PERIOD` before `until`, the newest first in each list.

    `helped` are tickets that an earlier answer solved before a person had to, `others` those that
    somebody answered.
    """

    until: datetime
    helped: Sequence[HelpedTicket]
    others: Sequence[TimedTicket]
    decisions: Sequence[DecidedPair]
    failed: Sequence[FailedAnswer]

    @property
    def since(self) -> datetime:
        """When the period began."""
        return self.until - PERIOD

    @property
    def flagged(self) -> list[DecidedPair]:
        """The decided pairs that Déjà had called the same."""
        return [one for one in self.decisions if one.flagged]

    @property
    def months(self) -> list[MonthRecord]:
        """The months with decisions, the newest first, in the zone of `until`."""
        by_month: dict[date, list[DecidedPair]] = {}
        for one in self.decisions:
            day = one.decided_at.astimezone(self.until.tzinfo).date()
            by_month.setdefault(day.replace(day=1), []).append(one)
        return [_month(month, by_month[month]) for month in sorted(by_month, reverse=True)]

    def first_ids(self, limit: int) -> Iterable[int]:
        """Return the ids of the tickets in the first `limit` rows of each list."""
        helped, failed = self.helped[:limit], self.failed[:limit]
        pairs = [*self.decisions[:limit], *self.wrong[:limit]]
        for timed in self.others[:limit]:
            yield timed.item_id
        for one in helped:
            yield from (one.item_id, one.source_id)
        for answer in failed:
            yield from (answer.item_id, answer.source_id)
        yield from (pair.item_id for pair in pairs)
        yield from (one.other_id for one in pairs)

    @property
    def wrong(self) -> list[DecidedPair]:
        """The pairs that Déjà called the same and people did not."""
        return [one for one in self.flagged if one.verdict != "duplicate"]


def median_wait(tickets: Sequence[TimedTicket]) -> timedelta | None:
    """Return the median of how long tickets waited, None for fewer than `MIN_COUNTED`."""
    if len(tickets) < MIN_COUNTED:
        return None
    waits = sorted(one.waited for one in tickets)
    middle = len(waits) // 2
    return (waits[middle] + waits[~middle]) / 2


def worth_of(session: Session, audience: Audience, now: datetime, hours: QuietHours) -> Worth:
    """Return what Déjà was worth to an audience.

    Months follow the zone of the workspace, or else of `hours`.
    """
    zone: tzinfo = hours_of_workspace(session, audience.workspace_id, hours).zone
    until = now.astimezone(zone)
    since = now - PERIOD
    helped = _helped(session, audience, since)
    others = _answered_by_people(session, audience, since, {one.item_id for one in helped})
    decisions = _decisions(session, audience, since)
    return Worth(until, helped, others, decisions, _failed(session, audience, since))


def _month(month: date, decisions: Sequence[DecidedPair]) -> MonthRecord:
    flags = [one.verdict == "duplicate" for one in decisions if one.flagged]
    return MonthRecord(month, len(decisions), len(flags), sum(flags))


def _readable(audience: Audience) -> Select[int]:
    return select(Item.id).where(LIVE, audience.items, Item.kind == "ticket")


def _helped(session: Session, audience: Audience, since: datetime) -> list[HelpedTicket]:
    """Return the tickets that an answer solved which was there when Déjà wrote in their thread."""
    rows = session.execute(
        select(Outcome, Resolution, Answer.message_ts, Item.created_at)
        .join(Resolution, Resolution.id == Outcome.resolution_id)
        .join(Answer, Answer.item_id == Outcome.item_id)
        .join(Item, Item.id == Outcome.item_id)
        .where(
            Outcome.undone_at.is_(None),
            Outcome.worked.is_not(False),
            Answer.message_ts.is_not(None),
            Item.created_at >= since,
            Outcome.item_id.in_(_readable(audience)),
            Resolution.item_id.in_(_readable(audience)),
        )
        .order_by(Outcome.worked.is_(None), Outcome.id)
    ).all()
    item_ids = {outcome.item_id for outcome, *_ in rows}
    own, failed = _own_answers(session, item_ids), _tickets_with_failures(session, item_ids)
    found: dict[int, HelpedTicket] = {}
    for outcome, resolution, message_ts, created_at in rows:
        item_id, posted = outcome.item_id, sent_at(str(message_ts))
        is_late = _given_at(resolution) > posted or any(
            _given_at(one) < outcome.said_at
            for one in own.get(item_id, [])
            if (one.ts, one.text) != (resolution.ts, resolution.text)
        )
        is_refuted = item_id in failed and not outcome.worked
        if item_id in found or is_late or is_refuted:
            continue
        # An answer that was marked later was shown later, too.
        waited = max(posted, resolution.marked_at) - created_at
        waited = max(waited, timedelta(0))
        found[item_id] = HelpedTicket(item_id, waited, resolution.item_id, outcome.worked is True)
    return sorted(found.values(), key=lambda one: -one.item_id)


def _answered_by_people(
    session: Session, audience: Audience, since: datetime, helped: set[int]
) -> list[TimedTicket]:
    """Return the tickets in Slack that have an answer of their own, which somebody marked."""
    rows = session.execute(
        select(Resolution.item_id, Resolution.ts, Resolution.marked_at, Item.created_at)
        .join(Item, Item.id == Resolution.item_id)
        .where(
            Resolution.undone_at.is_(None),
            Resolution.text != "",
            Resolution.marked_by != IMPORTED,
            Item.ts.is_not(None),
            Item.created_at >= since,
            Resolution.item_id.in_(_readable(audience)),
        )
    ).all()
    waits: dict[int, timedelta] = {}
    for item_id, ts, marked_at, created_at in rows:
        waited = (sent_at(ts) if ts else marked_at) - created_at
        # What was written before the ticket is the answer of another one.
        if item_id not in helped and waited >= timedelta(0):
            waits[item_id] = min(waited, waits.get(item_id, waited))
    return [TimedTicket(one, waits[one]) for one in sorted(waits, reverse=True)]


def _decisions(session: Session, audience: Audience, since: datetime) -> list[DecidedPair]:
    flagged = exists(
        select(ShownMatch.id)
        .join(Answer, Answer.id == ShownMatch.answer_id)
        .where(ShownMatch.band == "duplicate", Answer.message_ts.is_not(None), on_shown_pair())
        .correlate(Verdict)
    )
    rows = session.execute(
        select(Verdict.item_a_id, Verdict.item_b_id, Verdict.verdict, Verdict.decided_at, flagged)
        .where(
            Verdict.undone_at.is_(None),
            Verdict.decided_at >= since,
            Verdict.item_a_id.in_(_readable(audience)),
            Verdict.item_b_id.in_(_readable(audience)),
        )
        .order_by(Verdict.decided_at.desc(), Verdict.id.desc())
    ).all()
    # The later ticket is the one that was compared with the earlier one.
    return [
        DecidedPair(other_id, item_id, verdict, decided_at, bool(is_flagged))
        for item_id, other_id, verdict, decided_at, is_flagged in rows
    ]


def _failed(session: Session, audience: Audience, since: datetime) -> list[FailedAnswer]:
    rows = session.execute(
        select(Outcome.item_id, Resolution.item_id, Outcome.said_at)
        .join(Resolution, Resolution.id == Outcome.resolution_id)
        .where(
            Outcome.undone_at.is_(None),
            Outcome.worked.is_(False),
            Outcome.said_at >= since,
            Outcome.item_id.in_(_readable(audience)),
            Resolution.item_id.in_(_readable(audience)),
        )
        .order_by(Outcome.said_at.desc(), Outcome.id.desc())
    ).all()
    return [FailedAnswer(*row) for row in rows]


def _own_answers(session: Session, item_ids: Iterable[int]) -> dict[int, list[Resolution]]:
    """Return the current answers of tickets."""
    found: dict[int, list[Resolution]] = {}
    for part in in_parts(item_ids):
        for one in session.scalars(
            select(Resolution).where(Resolution.item_id.in_(part), Resolution.undone_at.is_(None))
        ):
            found.setdefault(one.item_id, []).append(one)
    return found


def _tickets_with_failures(session: Session, item_ids: Iterable[int]) -> set[int]:
    return {
        item_id
        for part in in_parts(item_ids)
        for item_id in session.scalars(
            select(Outcome.item_id).where(
                Outcome.item_id.in_(part), Outcome.worked.is_(False), Outcome.undone_at.is_(None)
            )
        )
    }


def _given_at(answer: Resolution) -> datetime:
    return sent_at(answer.ts) if answer.ts else answer.marked_at
