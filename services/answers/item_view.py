"""Items as they are shown to people, with what else is known of the issue that they report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from models import Item, ShownMatch, Verdict
from models.queries import LIVE, in_parts, items_by_id
from services.issues.answer_conflicts import answers_of, with_distinct_answers
from services.issues.groups import groups_of
from services.issues.outcomes import AnswerRecord, outperforms, records_of
from services.judgement.bands import Match
from services.memory.ticket_status import SOLVED
from services.text.cleaning import headline


@dataclass(frozen=True)
class FirstReport:
    """The first report of an issue."""

    item_id: int
    title: str
    url: str | None
    status: str
    resolution: str | None


@dataclass(frozen=True)
class IssueReports:
    """The reports of one issue that an audience may read: how many, and the first of them.

    `group` tells groups apart and is not shown: it may be the id of an item that is not named.
    `answers` counts the different ones.
    """

    group: int
    size: int
    root: FirstReport
    answers: int


@dataclass(frozen=True)
class ItemView:
    """A match as people see it. `verdict` and `decided_by` tell what was decided, if anything.

    `group_size` counts the reports of its issue that may be named here, 0 where it is the only one;
    `root` is the first of them, where that is another item. `record` tells how often its answer
    helped, `answers` how many different ones its issue has.
    """

    item_id: int
    title: str
    status: str
    created_at: datetime
    url: str | None
    channel: str | None
    similarity: float
    band: str
    resolution: str | None
    probability: float | None = None
    verdict: str | None = None
    decided_by: str | None = None
    group_size: int = 0
    root: FirstReport | None = None
    record: AnswerRecord = field(default_factory=AnswerRecord)
    answers: int = 0

    @property
    def answer(self) -> str | None:
        """What solved this ticket, or the issue that it reports."""
        return self.resolution or (self.root.resolution if self.root else None)

    @property
    def is_solved(self) -> bool:
        """Say whether this ticket or its issue is over, as far as their status says."""
        states = {self.status, self.root.status if self.root else ""}
        return self.answer is not None or any(one.casefold() in SOLVED for one in states)


def view_item(
    item: Item,
    channel: str | None,
    match: ShownMatch | Match,
    verdict: Verdict | None = None,
    reports: IssueReports | None = None,
) -> ItemView:
    """Return an item as it is shown to people who may read it, and the `reports` of its issue."""
    root = None if reports is None or reports.root.item_id == item.id else reports.root
    return ItemView(
        item_id=item.id,
        title=headline(item.title, item.text),
        status=item.status,
        created_at=item.created_at,
        url=item.url,
        channel=channel,
        similarity=match.similarity,
        probability=match.probability,
        band=match.band or "",
        resolution=item.resolution,
        verdict=verdict.verdict if verdict else None,
        decided_by=verdict.decided_by if verdict else None,
        group_size=reports.size if reports else 0,
        root=root,
        answers=reports.answers if reports else 0,
    )


def sink_failed_answers(
    session: Session, shown: Sequence[ItemView], readable: ColumnElement[bool]
) -> list[ItemView]:
    """Return items with how often their answers helped; of those alike, what failed sinks.

    Alike are neighbours of one band whose probabilities are the same to a tenth. An item whose own
    answer failed lends the first report's, where that did not.
    """
    roots = {one.root.item_id for one in shown if one.root is not None}
    records = records_of(session, roots | {one.item_id for one in shown}, readable)
    weighed = [_weighed(one, records) for one in shown]
    return [
        one
        for _, alike in groupby(weighed, key=_likeness)
        for one in sorted(alike, key=lambda one: one.verdict is None and one.record.failed > 0)
    ]


def _weighed(shown: ItemView, records: Mapping[int, AnswerRecord]) -> ItemView:
    own = records.get(shown.item_id, AnswerRecord())
    if shown.root is None or not shown.root.resolution:
        return replace(shown, record=own)
    first = records.get(shown.root.item_id, AnswerRecord())
    if shown.resolution and not outperforms(first, own):
        return replace(shown, record=own)
    return replace(shown, resolution=None, record=first)


def _likeness(shown: ItemView) -> tuple[str | None, str, float | None]:
    tenth = None if shown.probability is None else round(shown.probability, 1)
    return shown.verdict, shown.band, tenth


def reports_of(
    session: Session, item_ids: Iterable[int], readable: ColumnElement[bool]
) -> dict[int, IssueReports]:
    """Return the reports of the issues of items, by item id; the only one of its issue is left out.

    Only what passes `readable` is counted or called the first: no figure betrays the rest.
    """
    groups = groups_of(session, item_ids)
    members = {member for group in groups.values() for member in group.members}
    named = {
        item_id
        for part in in_parts(members)
        for item_id in session.scalars(select(Item.id).where(Item.id.in_(part), LIVE, readable))
    }
    known = {
        item_id: (group.root_id, [one for one in group.members if one in named])
        for item_id, group in groups.items()
        if item_id in named
    }
    several = {item_id: found for item_id, found in known.items() if len(found[1]) > 1}
    first_ids = {members[0] for _, members in several.values()}
    firsts = items_by_id(session, first_ids).values()
    roots = {item.id: _root(item) for item in firsts}
    answers = answers_of(session, {one for _, members in several.values() for one in members})
    return {
        item_id: IssueReports(
            group,
            len(members),
            roots[members[0]],
            len(with_distinct_answers(members, answers)),
        )
        for item_id, (group, members) in several.items()
    }


def _root(item: Item) -> FirstReport:
    return FirstReport(
        item.id, headline(item.title, item.text), item.url, item.status, item.resolution
    )
