"""Items as people see them, with the issue that they report and how its answers did."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from itertools import groupby

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from models import MAX_STATEMENTS, Channel, Item, ShownMatch, Verdict, is_among, many_ids
from models.queries import ONE_ITEM, in_parts, is_live, items_by_id, live_ids
from services.issues.answer_conflicts import answers_of, with_distinct_answers
from services.issues.groups import groups_of
from services.issues.outcomes import AnswerRecord, outperforms, records_of
from services.issues.reports import count_reports
from services.judgement.bands import Match
from services.memory.ticket_status import SOLVED
from services.text.cleaning.headline import headline


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

    `group` identifies the issue and is never shown: it may be the id of an item that the audience
    may not read. `answers` counts the distinct ones.
    """

    group: int
    size: int
    root: FirstReport
    answers: int


@dataclass(frozen=True)
class ItemView:
    """A match as people see it. `verdict` and `decided_by` are None until it is decided.

    `created_at` is None where its source names no date. `group_size` counts the reports of its
    issue that the audience may read, 0 if it is the only one; `root` is the first of them, if that
    is another item. `record` counts how often its answer helped; `answers` is the number of
    distinct answers to its issue.
    """

    item_id: int
    title: str
    status: str
    created_at: datetime | None
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
    def state(self) -> str:
        """The ticket's status, or that of the first report of its issue if only that is over."""
        if self.root is None or self.status.casefold() in SOLVED:
            return self.status
        return self.root.status if self.root.status.casefold() in SOLVED else self.status

    @property
    def is_solved(self) -> bool:
        """Say whether this ticket or its issue is over, as far as their status says."""
        states = {self.status, self.root.status if self.root else ""}
        return self.answer is not None or any(one.casefold() in SOLVED for one in states)


def readable_items(
    session: Session, item_ids: Iterable[int], readable: ColumnElement[bool]
) -> dict[int, tuple[Item, str | None]]:
    """Return those of these items that are live and `readable`, with the names of their channels.

    `readable` is a condition over `Item`.
    """
    return {
        item.id: (item, channel)
        for part in in_parts(set(item_ids))
        for item, channel in session.execute(_with_channels(readable), {"ids": part})
    }


@lru_cache(MAX_STATEMENTS)
def _with_channels(readable: ColumnElement[bool]) -> Select[Item, str | None]:
    """Return the statement for what passes a condition, which is kept with it."""
    among = is_among(ONE_ITEM.id, many_ids("ids"))
    return (
        select(ONE_ITEM, Channel.name)
        .outerjoin(Channel, Channel.id == ONE_ITEM.channel_id)
        .where(among, is_live(ONE_ITEM.id, readable))
    )


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
        created_at=item.reported_at,
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
    """Return items with their answers' records; among equally likely ones, failed answers sink.

    Equally likely are neighbours of one band whose probabilities round to the same tenth. An item
    whose own answer failed shows the first report's answer instead, if that one did not fail.
    """
    roots = {one.root.item_id for one in shown if one.root is not None}
    records = records_of(session, roots | {one.item_id for one in shown}, readable)
    with_records = [_with_record(one, records) for one in shown]
    return [
        one
        for _, equals in groupby(with_records, key=_likelihood_class)
        for one in sorted(equals, key=lambda one: one.verdict is None and one.record.failed > 0)
    ]


def answered_first(shown: Sequence[ItemView]) -> list[ItemView]:
    """Return items with the best answered one before all others that nobody has decided on.

    A ticket that was solved helps more than one that is still open.
    """
    best = next(
        (one for one in shown if one.verdict is None and one.answer and not one.record.fails), None
    )
    if best is None:
        return list(shown)
    place = next(n for n, one in enumerate(shown) if one.verdict is None)
    rest = [one for one in shown if one is not best]
    return [*rest[:place], best, *rest[place:]]


def _with_record(shown: ItemView, records: Mapping[int, AnswerRecord]) -> ItemView:
    own = records.get(shown.item_id, AnswerRecord())
    if shown.root is None or not shown.root.resolution:
        return replace(shown, record=own)
    first = records.get(shown.root.item_id, AnswerRecord())
    if shown.resolution and not outperforms(first, own):
        return replace(shown, record=own)
    return replace(shown, resolution=None, record=first)


def _likelihood_class(shown: ItemView) -> tuple[str | None, str, float | None]:
    tenth = None if shown.probability is None else round(shown.probability, 1)
    return shown.verdict, shown.band, tenth


def reports_of(
    session: Session, item_ids: Iterable[int], readable: ColumnElement[bool]
) -> dict[int, IssueReports]:
    """Return the reports of the issues of items, by item id; issues with one report are left out.

    Reports are tickets, and people who said that they have the same problem. Only those of items
    that pass `readable` are counted, or called the first: no figure reveals the rest.
    """
    item_ids = set(item_ids)
    groups = groups_of(session, item_ids)
    of_groups = {one for group in groups.values() for one in group.members}
    members = live_ids(session, item_ids | of_groups, readable)
    alone = {item_id: (item_id, [item_id]) for item_id in item_ids & members}
    issues = alone | {
        item_id: (group.root_id, [one for one in group.members if one in members])
        for item_id, group in groups.items()
        if item_id in members
    }
    sizes = count_reports(session, {key: reports for key, (_, reports) in issues.items()})
    issues = {item_id: issue for item_id, issue in issues.items() if sizes[item_id] > 1}
    firsts = items_by_id(session, {reports[0] for _, reports in issues.values()})
    answers = answers_of(session, {one for _, reports in issues.values() for one in reports})
    return {
        item_id: IssueReports(
            group=root_id,
            size=sizes[item_id],
            root=_first_report(firsts[reports[0]]),
            answers=len(with_distinct_answers(reports, answers)),
        )
        for item_id, (root_id, reports) in issues.items()
    }


def _first_report(item: Item) -> FirstReport:
    return FirstReport(
        item.id, headline(item.title, item.text), item.url, item.status, item.resolution
    )
