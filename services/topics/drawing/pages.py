"""From a stored run to its picture and its page."""

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
from services.topics.drawing.layout import Grouped
from services.topics.drawing.map_image import LIGHT, Label, Look, draw_map
from services.topics.members import Membership, TopicTicket, placings_of, tickets_by_id
from services.topics.vectors import mean_vectors
from services.topics.views import RunView, TopicView

# What the page calls a topic that is born.
NEW = "new"

# More tickets are neither drawn nor listed: each topic shows the same share of its own, the best
# first. A page then stays below five megabytes, and moves as one drags it.
MAX_DRAWN = 20_000


def draw_run(
    session: Session,
    view: RunView,
    target: str | Path | IO[bytes],
    *,
    heading: str,
    note: str,
    look: Look = LIGHT,
) -> None:
    """Draw the map of a run's shown topics as a PNG. Raises `OSError` where that fails."""
    grouped, _ = _grouped(session, view, placings_of(session, view.taken), MAX_DRAWN)
    labels = [Label(topic.topic_id, topic.title, topic.size) for topic in view.shown]
    draw_map(grouped, labels, target, heading=heading, note=note, look=look)


def page_of_run(
    session: Session,
    view: RunView,
    *,
    heading: str,
    made: date,
    narrowed: Sequence[str] = (),
    most: int = MAX_DRAWN,
) -> str:
    """Return the page of a run's shown topics as HTML that needs nothing else.

    It draws and lists about `most` tickets, and counts all; `narrowed` says which those are.
    """
    placings = placings_of(session, view.taken)
    grouped, item_ids = _grouped(session, view, placings, most)
    listed = tickets_by_id(session, view.taken, item_ids)
    at = {item_id: place for place, item_id in enumerate(item_ids)}
    themes = view.themes
    theme = {one.topic_id: place for place, some in enumerate(themes) for one in some.topics}
    return render_report(
        grouped,
        [_ticket(listed[item_id]) for item_id in item_ids],
        [_topic(topic, view.news_of(topic), at, theme.get(topic.topic_id)) for topic in view.shown],
        _counts(view, placings),
        themes=[some.title for some in themes],
        heading=heading,
        made=made,
        narrowed=narrowed,
    )


def _topic(topic: TopicView, news: str, at: dict[int, int], theme: int | None) -> ReportTopic:
    return ReportTopic(
        topic_id=topic.topic_id,
        title=topic.title,
        terms=topic.terms,
        quality=round(100 * topic.quality),
        median="" if topic.median is None else format_value(topic.median),
        change=NEW if news == "born" else news,
        representatives=[at[one.item_id] for one in topic.representatives if one.item_id in at],
        theme=theme,
    )


def _ticket(ticket: TopicTicket) -> ReportTicket:
    day = ticket.created_at.date()
    return ReportTicket(ticket.title, ticket.url, _channel(ticket.channel), day, ticket.is_solved)


def _counts(view: RunView, placings: Sequence[Membership]) -> list[ReportCount]:
    """Return how many tickets came on each day, of all of them, those too that are not listed."""
    number = _numbers(view)
    size: Counter[tuple[int, str | None, int]] = Counter()
    solved: Counter[tuple[int, str | None, int]] = Counter()
    for one in placings:
        if one.topic_id in number:
            key = number[one.topic_id], one.channel, one.day
            size[key] += 1
            solved[key] += one.is_solved
    return [
        ReportCount(topic, _channel(channel), EPOCH + timedelta(days=day), count, solved[key])
        for key, count in size.items()
        for topic, channel, day in [key]
    ]


def _grouped(
    session: Session, view: RunView, placings: Sequence[Membership], most: int
) -> tuple[Grouped, list[int]]:
    """Return the tickets that are drawn in a run's shown topics, and their ids in that order."""
    number = _numbers(view)
    drawn = _drawn([one for one in placings if one.topic_id in number], most)
    labels = np.array([number[one.topic_id] for one in drawn], dtype=np.int64)
    nearest, fits = labels.copy(), np.array([one.fit for one in drawn], dtype=np.float32)
    centroids, fingerprint = _centroids(session, view)
    outside = {one.item_id: at for at, one in enumerate(drawn) if one.topic_id is None}
    if len(centroids):
        nearest[nearest < 0] = 0
        for part in in_parts(outside):
            some = select(Item.id).where(view.taken.items, Item.id.in_(part))
            ids, vectors = mean_vectors(session, some, fingerprint)
            if ids:
                near, places = vectors @ centroids.T, [outside[item_id] for item_id in ids]
                nearest[places], fits[places] = near.argmax(axis=1), near.max(axis=1)
    return Grouped(labels, nearest, fits, centroids), [one.item_id for one in drawn]


def _numbers(view: RunView) -> dict[int | None, int]:
    """Return the places of the shown topics, and -1 for None: in no topic."""
    return {None: -1} | {topic.topic_id: place for place, topic in enumerate(view.shown)}


def _drawn(placings: Sequence[Membership], most: int) -> list[Membership]:
    """Return the same share of each topic's tickets, the best first."""
    share = min(1.0, most / max(len(placings), 1))
    topics: dict[int | None, list[Membership]] = defaultdict(list)
    for one in placings:
        topics[one.topic_id].append(one)
    return [one for some in topics.values() for one in some[: math.ceil(share * len(some))]]


def _centroids(session: Session, view: RunView) -> tuple[NDArray[np.float32], str]:
    """Return the mean vectors of the shown topics, and the model that they are of.

    That is the model of the newest; where another topic is of an older one its mean says nothing.
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
