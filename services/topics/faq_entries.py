"""Entries of an FAQ: what a topic's tickets ask, and the best answer that was accepted for it.

Both are sentences that people wrote. The question comes from the tickets that the answer solved, so
that the two belong together whatever else is in the topic.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import Item, TopicItem
from services.issues.answer_conflicts import is_same_answer
from services.issues.groups import groups_of
from services.issues.outcomes import AnswerRecord, records_of
from services.topics.members import BEST_FIRST, RunSelection, TopicTicket, tickets_by_id
from services.topics.naming.faq import MAX_READ, answer_of, heading_of, question_of, shared_words
from services.topics.views import RunView, TopicView

# Answered tickets of a topic that are read, the most typical first.
MAX_ANSWERED = 50

# A ticket is about what its topic is called if it has this share of the topic's words that the one
# with most of them has.
MIN_ABOUT = 0.5


@dataclass(frozen=True)
class FaqEntry:
    """What is asked in a topic, and the answer.

    `sources` are the tickets that the answer solved, first the one that it was given to. `helped`
    counts the other tickets for which people reported that it worked. `worded_by` is the model that
    worded it, None where both are the tickets' own words.
    """

    topic: TopicView
    question: str
    answer: str
    sources: tuple[TopicTicket, ...]
    helped: int
    worded_by: str | None = None


@dataclass(frozen=True)
class _Answered:
    """A ticket with an accepted answer, its whole text and what is shown of the answer."""

    item_id: int
    text: str
    resolution: str
    answer: str


def faq_entries(session: Session, view: RunView) -> list[FaqEntry]:
    """Return an entry for each shown topic with an accepted answer, the largest topic first."""
    return _entries(session, view, view.shown)


def faq_entry(session: Session, view: RunView, topic: TopicView) -> FaqEntry | None:
    """Return the entry of one topic, None if no answer that says something was accepted."""
    return next(iter(_entries(session, view, [topic])), None)


def _entries(session: Session, view: RunView, topics: Sequence[TopicView]) -> list[FaqEntry]:
    answered = _answered(session, view.selection, [one.topic_id for one in topics])
    item_ids = [one.item_id for some in answered.values() for one in some]
    records = records_of(session, item_ids, view.selection.readable)
    solved = _solved_with(session, answered)
    tickets = tickets_by_id(
        session, view.selection, {one for some in solved.values() for one in some}
    )
    found = []
    for topic in topics:
        choices = [
            one
            for one in answered.get(topic.topic_id, ())
            if not records.get(one.item_id, AnswerRecord()).fails and one.item_id in tickets
        ]
        sources = {
            one.item_id: [tickets[item_id] for item_id in solved[one.item_id] if item_id in tickets]
            for one in choices
        }
        if choices:
            best = _best(topic, choices, records, sources)
            found.append(_entry(topic, best, choices, records, sources[best.item_id]))
    return found


def _answered(
    session: Session, selection: RunSelection, topic_ids: Collection[int]
) -> dict[int, list[_Answered]]:
    """Return the most typical tickets of topics with an answer that says something."""
    place = func.row_number().over(partition_by=TopicItem.topic_id, order_by=BEST_FIRST)
    ranked = (
        select(TopicItem.topic_id, Item.id.label("item_id"), place.label("place"))
        .join(Item, Item.id == TopicItem.item_id)
        .where(
            selection.memberships,
            selection.items,
            TopicItem.topic_id.in_(topic_ids),
            func.coalesce(Item.resolution, "") != "",
        )
        .subquery()
    )
    rows = session.execute(
        select(
            ranked.c.topic_id, Item.id, Item.title, func.substr(Item.text, 1, MAX_READ),
            Item.resolution,
        )
        .join(Item, Item.id == ranked.c.item_id)
        .where(ranked.c.place <= MAX_ANSWERED)
        .order_by(ranked.c.topic_id, ranked.c.place)
    )  # fmt: skip
    found: dict[int, list[_Answered]] = defaultdict(list)
    for topic_id, item_id, title, text, resolution in rows:
        if answer := answer_of(resolution):
            whole = f"{title or ''}\n{text}"
            found[topic_id].append(_Answered(item_id, whole, resolution, answer))
    return found


def _solved_with(
    session: Session, answered: Mapping[int, Sequence[_Answered]]
) -> dict[int, list[int]]:
    """Return the tickets that each answer solved, by the ticket that it was given to.

    These are the ticket itself, those with the same answer in the topic, and those that people
    said are the same issue, readable or not.
    """
    groups = groups_of(session, [one.item_id for some in answered.values() for one in some])
    found = {}
    for some in answered.values():
        for one in some:
            same = [
                other.item_id
                for other in some
                if other.item_id != one.item_id and is_same_answer(one.resolution, other.resolution)
            ]
            group = groups[one.item_id].members if one.item_id in groups else ()
            found[one.item_id] = list(dict.fromkeys([one.item_id, *same, *group]))
    return found


def _best(
    topic: TopicView,
    choices: Sequence[_Answered],
    records: Mapping[int, AnswerRecord],
    sources: Mapping[int, Sequence[TopicTicket]],
) -> _Answered:
    """Return the answer to what the topic is called that helped most; of equals the first."""
    names = [topic.title, *topic.terms]
    about = {one.item_id: shared_words(one.text, names) for one in choices}
    enough = MIN_ABOUT * max(about.values())

    def worth(one: _Answered) -> tuple[int, int, int]:
        worked = records.get(one.item_id, AnswerRecord()).worked
        return worked, len(sources[one.item_id]), about[one.item_id]

    return max((one for one in choices if about[one.item_id] >= enough), key=worth)


def _entry(
    topic: TopicView,
    best: _Answered,
    choices: Sequence[_Answered],
    records: Mapping[int, AnswerRecord],
    sources: Sequence[TopicTicket],
) -> FaqEntry:
    of_sources = {one.item_id for one in sources}
    texts = [best.text, *(one.text for one in choices if one.item_id in of_sources)]
    question = question_of(texts, [topic.title, *topic.terms]) or sources[0].title
    return FaqEntry(
        topic=topic,
        question=heading_of(question),
        answer=best.answer,
        sources=tuple(sources),
        helped=records.get(best.item_id, AnswerRecord()).worked,
    )
