"""The map and the HTML report of a stored run."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Item, Topic
from models.queries import in_parts
from services.phrases import format_value
from services.topics.drawing.html_report import (
    EPOCH,
    ReportCount,
    ReportTicket,
    ReportTopic,
    render_report,
)
from services.topics.drawing.layout import MapTickets
from services.topics.drawing.map_image import LIGHT, MapColours, MapTopic, draw_map
from services.topics.members import Membership, TopicTicket, memberships_of, tickets_by_id
from services.topics.vectors import mean_vectors
from services.topics.views import RunView, TopicView

# The page's word for a topic that is born.
NEW = "new"

# Of more tickets each topic shows the same share of its own, the best first. A page then stays
# below five megabytes, and its map follows the mouse.
MAX_DRAWN = 20_000


def draw_run(
    session: Session,
    view: RunView,
    target: str | Path | IO[bytes],
    *,
    heading: str,
    note: str,
    colours: MapColours = LIGHT,
) -> None:
    """Draw the map of a run's shown topics as a PNG. Raises `OSError` where that fails."""
    drawn, _ = _drawn_tickets(session, view, memberships_of(session, view.selection), MAX_DRAWN)
    topics = [MapTopic(one.topic_id, one.title, one.size, one.direction > 0) for one in view.shown]
    draw_map(drawn, topics, target, heading=heading, note=note, colours=colours)


def page_of_run(
    session: Session,
    view: RunView,
    *,
    heading: str,
    made: date,
    narrowed: Sequence[str] = (),
    max_drawn: int = MAX_DRAWN,
) -> str:
    """Return the report on a run's shown topics, an HTML page that loads nothing else.

    It draws and lists about `max_drawn` tickets, and counts all. `narrowed` says which channels and
    time these are of.
    """
    memberships = memberships_of(session, view.selection)
    drawn, item_ids = _drawn_tickets(session, view, memberships, max_drawn)
    listed = tickets_by_id(session, view.selection, item_ids)
    place_of = {item_id: place for place, item_id in enumerate(item_ids)}
    themes = view.themes
    theme = {one.topic_id: place for place, some in enumerate(themes) for one in some.topics}
    return render_report(
        drawn,
        [_ticket(listed[item_id]) for item_id in item_ids],
        [
            _topic(topic, view.news_of(topic), place_of, theme.get(topic.topic_id))
            for topic in view.shown
        ],
        _counts(view, memberships),
        themes=[some.title for some in themes],
        heading=heading,
        made=made,
        narrowed=narrowed,
    )


def _topic(topic: TopicView, news: str, place_of: dict[int, int], theme: int | None) -> ReportTopic:
    return ReportTopic(
        topic_id=topic.topic_id,
        title=topic.title,
        terms=topic.terms,
        quality=round(100 * topic.quality),
        median="" if topic.median is None else format_value(topic.median),
        change=NEW if news == "born" else news,
        representatives=[
            place_of[one.item_id] for one in topic.representatives if one.item_id in place_of
        ],
        theme=theme,
        is_rising=topic.direction > 0,
    )


def _ticket(ticket: TopicTicket) -> ReportTicket:
    day = ticket.created_at.date() if ticket.created_at else None
    return ReportTicket(ticket.title, ticket.url, _channel(ticket.channel), day, ticket.is_solved)


def _counts(view: RunView, memberships: Sequence[Membership]) -> list[ReportCount]:
    """Return how many tickets came on each day, listed or not."""
    number = _numbers(view)
    size: Counter[tuple[int, str | None, int | None]] = Counter()
    solved: Counter[tuple[int, str | None, int | None]] = Counter()
    for one in memberships:
        if one.topic_id in number:
            key = number[one.topic_id], one.channel, one.day
            size[key] += 1
            solved[key] += one.is_solved
    return [
        ReportCount(
            topic,
            _channel(channel),
            None if day is None else EPOCH + timedelta(days=day),
            count,
            solved[key],
        )
        for key, count in size.items()
        for topic, channel, day in [key]
    ]


def _drawn_tickets(
    session: Session, view: RunView, memberships: Sequence[Membership], max_drawn: int
) -> tuple[MapTickets, list[int]]:
    """Return the tickets of a run's shown topics that are drawn, and their ids in that order."""
    number = _numbers(view)
    drawn = _sampled([one for one in memberships if one.topic_id in number], max_drawn)
    labels = np.array([number[one.topic_id] for one in drawn], dtype=np.int64)
    nearest, fits = labels.copy(), np.array([one.fit for one in drawn], dtype=np.float32)
    centroids, fingerprint = _centroids(session, view)
    outside = {one.item_id: at for at, one in enumerate(drawn) if one.topic_id is None}
    if len(centroids):
        nearest[nearest < 0] = 0
        for part in in_parts(outside):
            some = select(Item.id).where(view.selection.items, Item.id.in_(part))
            ids, vectors = mean_vectors(session, some, fingerprint)
            if ids:
                cosines, places = vectors @ centroids.T, [outside[item_id] for item_id in ids]
                nearest[places], fits[places] = cosines.argmax(axis=1), cosines.max(axis=1)
    return MapTickets(labels, nearest, fits, centroids), [one.item_id for one in drawn]


def _numbers(view: RunView) -> dict[int | None, int]:
    """Return the positions of the shown topics by id, and -1 for None, in no topic."""
    return {None: -1} | {topic.topic_id: place for place, topic in enumerate(view.shown)}


def _sampled(memberships: Sequence[Membership], max_drawn: int) -> list[Membership]:
    """Return the same share of each topic's tickets, the best ones."""
    share = min(1.0, max_drawn / max(len(memberships), 1))
    topics: dict[int | None, list[Membership]] = defaultdict(list)
    for one in memberships:
        topics[one.topic_id].append(one)
    return [one for some in topics.values() for one in some[: math.ceil(share * len(some))]]


def _centroids(session: Session, view: RunView) -> tuple[NDArray[np.float32], str]:
    """Return the mean vectors of the shown topics and the fingerprint of their model.

    That is the model of the newest topic. A topic of an older model gets zeros: vectors of two
    models cannot be compared.
    """
    ids = [topic.topic_id for topic in view.shown]
    topics = {one.id: one for one in session.scalars(select(Topic).where(Topic.id.in_(ids)))}
    if not topics:
        return np.zeros((0, 1), dtype=np.float32), ""
    newest = topics[max(topics)]
    means = np.zeros((len(ids), len(newest.centroid)), dtype=np.float32)
    for place, topic_id in enumerate(ids):
        if topics[topic_id].fingerprint == newest.fingerprint:
            means[place] = topics[topic_id].centroid
    return means, newest.fingerprint


def _channel(name: str | None) -> str | None:
    return None if name is None else f"#{name}"
