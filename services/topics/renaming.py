"""Names by meaning for topics that were named by their words alone, while others waited.

A split, an undo and a deletion name topics within a transaction, in which no model reads. Right
after it these names become what the model finds, as in a run.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Database, Topic
from services.memory.similarity_scale import SimilarityScale, scale_of
from services.search.embedders.embedding import Embedder
from services.text.words.folding import fold
from services.text.words.function_words import Language
from services.topics.meaning_names import TicketTexts, name_by_meaning
from services.topics.members import item_ids_of
from services.topics.run_texts import read_members
from services.topics.scopes import Scope
from services.topics.storage import free_title
from services.topics.vectors import mean_vectors


@dataclass(frozen=True)
class _Read:
    """Topics by id with their names, in the order of the labels of their tickets, and these.

    With those to name (`named`) are the ones that they were split from, so that they differ.
    """

    titles: dict[int, str]
    named: frozenset[int]
    tickets: TicketTexts
    vectors: NDArray[np.float32]
    scale: SimilarityScale


def rename_by_meaning(
    database: Database, scope: Scope, topic_ids: Collection[int], embedder: Embedder
) -> list[int]:
    """Give topics of a scope the names by what their tickets mean; return those with a new one.

    What people named, or was named otherwise meanwhile, stays, and so does what has no vectors of
    the embedder.
    """
    if not topic_ids:
        return []
    with database.read() as session:
        read = _read(session, scope, topic_ids, embedder.fingerprint)
    if not read.named:
        return []
    names = name_by_meaning(read.tickets, read.vectors, embedder, read.scale)
    with database.write() as session:
        return [
            topic_id
            for (topic_id, title), name in zip(read.titles.items(), names, strict=True)
            if topic_id in read.named and _rename(session, scope, topic_id, title, name.title)
        ]


def _read(session: Session, scope: Scope, topic_ids: Collection[int], fingerprint: str) -> _Read:
    to_name = scope.topics_of_both_kinds & Topic.id.in_(topic_ids) & Topic.named_by.is_(None)
    named = list(session.scalars(select(Topic).where(to_name).order_by(Topic.id)))
    parents = [one.parent_id for one in named if one.parent_id is not None]
    whole = scope.topics_of_both_kinds & Topic.id.in_(parents)
    titles: dict[int, str] = {}
    texts, spoken, rows, labels = list[str](), list[Language | None](), [], list[int]()
    for topic in dict.fromkeys([*named, *session.scalars(select(Topic).where(whole))]):
        ids, vectors = mean_vectors(session, item_ids_of(topic), fingerprint)
        if ids:
            read = read_members(session, topic, ids)
            texts += read.texts
            spoken += read.spoken
            rows.append(vectors)
            labels += [len(titles)] * len(ids)
            titles[topic.id] = topic.title
    tickets = TicketTexts(texts, np.array(labels, dtype=np.int64), spoken)
    vectors = np.concatenate(rows) if rows else np.zeros((0, 1), dtype=np.float32)
    known = frozenset(one.id for one in named if one.id in titles)
    return _Read(titles, known, tickets, vectors, scale_of(session, fingerprint))


def _rename(session: Session, scope: Scope, topic_id: int, former: str, title: str) -> bool:
    """Give a topic a title unless somebody was faster; say whether it is another one."""
    topic = session.get(Topic, topic_id, with_for_update=True)
    if topic is None or topic.title != former or topic.named_by is not None:
        return False
    others = select(Topic.title).where(scope.of(topic).topics, Topic.id != topic_id)
    topic.title = free_title(title, {fold(one) for one in session.scalars(others)})
    return topic.title != former
