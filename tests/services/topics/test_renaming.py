"""Topics that were named by their words get names by meaning as soon as a model may read."""

from __future__ import annotations

from sqlalchemy import select

from bot.wiring import Services
from models import Topic, TopicItem
from services.topics.grouping.knn_graph import mean_direction
from services.topics.renaming import rename_by_meaning
from services.topics.runs import ClusterRequest
from services.topics.scopes import Scope
from services.topics.vectors import mean_vectors
from tests.services.topics.backlog import cluster_scope, curator
from tests.services.topics.readers import Reader


def _split(services: Services, scope: Scope) -> tuple[int, list[int], Reader]:
    """Split a topic; return its new part, what was named by words, and who reads it."""
    view = cluster_scope(services, scope, ClusterRequest(k=2))
    [mixed] = [topic for topic in view.topics if topic.size == 12]
    with services.database.write() as session:
        work = curator(session, scope)
        part = work.split(mixed.topic_id).id
    with services.database.read() as session:
        members = select(TopicItem.item_id).where(TopicItem.topic_id == part)
        _, vectors = mean_vectors(session, members, services.embedder.fingerprint)
    reader = Reader()
    reader.centre = mean_direction(vectors)
    return part, work.named, reader


def _title(services: Services, topic_id: int) -> str:
    with services.database.read() as session:
        return session.get_one(Topic, topic_id).title


def test_the_part_of_a_split_topic_is_named_by_meaning(services: Services, scope: Scope) -> None:
    """The split itself names it by its words; the model's name follows, once."""
    part, named, reader = _split(services, scope)
    assert named == [part]
    by_words = _title(services, part)
    assert rename_by_meaning(services.database, scope, named, reader) == [part]
    assert _title(services, part) != by_words
    assert rename_by_meaning(services.database, scope, named, reader) == []


def test_a_name_that_somebody_gave_meanwhile_stays(services: Services, scope: Scope) -> None:
    """And so does a topic that is gone."""
    part, named, reader = _split(services, scope)
    with services.database.write() as session:
        curator(session, scope).rename(part, "Paper trouble")
    assert rename_by_meaning(services.database, scope, [*named, 999], reader) == []
    assert _title(services, part) == "Paper trouble"
