"""From a stored run to its picture and its page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Channel, Embedding, Item, Topic
from services.names import in_parts
from services.phrases import span
from services.shown import is_solved
from services.text import headline
from services.topic_map import Grouped
from services.topic_picture import LIGHT, Label, Look, draw_map
from services.topic_report import ReportTicket, ReportTopic, render_report
from services.topic_views import RunView, TopicView

# What the page calls a topic that is born.
NEW = "new"


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
    grouped, _ = _grouped(session, view)
    labels = [Label(topic.topic_id, topic.title, topic.size) for topic in view.shown]
    draw_map(grouped, labels, target, heading=heading, note=note, look=look)


def page_of_run(session: Session, view: RunView, *, heading: str, made: date) -> str:
    """Return the page of a run's shown topics as HTML that needs nothing else."""
    grouped, item_ids = _grouped(session, view)
    place = {item_id: at for at, item_id in enumerate(item_ids)}
    tickets = _tickets(session, item_ids)
    topics = [_topic(topic, view.news_of(topic), place) for topic in view.shown]
    return render_report(grouped, tickets, topics, heading=heading, made=made)


def _topic(topic: TopicView, news: str, place: dict[int, int]) -> ReportTopic:
    return ReportTopic(
        topic_id=topic.topic_id,
        title=topic.title,
        terms=topic.terms,
        size=topic.size,
        quality=round(100 * topic.quality),
        median="" if topic.median is None else str(span(topic.median)),
        change=NEW if news == "born" else news,
        representatives=[place[one.item_id] for one in topic.representatives],
    )


def _tickets(session: Session, item_ids: Sequence[int]) -> list[ReportTicket]:
    found: dict[int, ReportTicket] = {}
    for part in in_parts(item_ids):
        rows = session.execute(
            select(Item, Channel.name)
            .outerjoin(Channel, Channel.id == Item.channel_id)
            .where(Item.id.in_(part))
        )
        for item, channel in rows:
            found[item.id] = ReportTicket(
                headline(item.title, item.text),
                item.url,
                None if channel is None else f"#{channel}",
                item.created_at.date(),
                is_solved(item.status, item.resolution),
            )
    return [found[item_id] for item_id in item_ids]


def _grouped(session: Session, view: RunView) -> tuple[Grouped, list[int]]:
    """Return a run's tickets in its shown topics, and their ids in that order."""
    topics = view.shown
    item_ids = [one.item_id for topic in topics for one in topic.tickets] + list(view.unclustered)
    sizes = [topic.size for topic in topics]
    labels = np.full(len(item_ids), -1, dtype=np.int64)
    labels[: sum(sizes)] = np.repeat(np.arange(len(topics)), sizes)
    centroids = _centroids(session, [topic.topic_id for topic in topics])
    vectors = _vectors(session, item_ids, centroids.shape[1])
    if not len(topics):
        return Grouped(labels, labels, np.zeros(len(labels), dtype=np.float32), centroids), item_ids
    near = vectors @ centroids.T
    nearest = np.where(labels < 0, near.argmax(axis=1), labels)
    fits = near[np.arange(len(labels)), nearest].astype(np.float32)
    return Grouped(labels, nearest, fits, centroids), item_ids


def _centroids(session: Session, topic_ids: Sequence[int]) -> NDArray[np.float32]:
    rows = session.execute(select(Topic.id, Topic.centroid).where(Topic.id.in_(topic_ids)))
    found = {topic_id: centroid for topic_id, centroid in rows}
    if not topic_ids:
        return np.zeros((0, 1), dtype=np.float32)
    return np.stack([found[topic_id] for topic_id in topic_ids])


def _vectors(session: Session, item_ids: Sequence[int], dim: int) -> NDArray[np.float32]:
    """Return the vector of each ticket's first chunk, zeros where it has none of that length."""
    place = {item_id: at for at, item_id in enumerate(item_ids)}
    table = np.zeros((len(item_ids), dim), dtype=np.float32)
    for part in in_parts(item_ids):
        rows = session.execute(
            select(Embedding.item_id, Embedding.vector).where(
                Embedding.item_id.in_(part), Embedding.chunk == 0, Embedding.dim == dim
            )
        )
        for item_id, vector in rows:
            table[place[item_id]] = vector
    return table
