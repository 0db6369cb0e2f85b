"""Names by meaning are shown wherever the names by words were."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select

from bot.jobs.kinds import enqueue_jobs
from bot.jobs.topic_jobs import update_jobs
from bot.jobs.topic_names import name_by_meaning_and_show
from bot.tasks.topic_summaries import scope_in
from models import Channel, Topic
from services.topics.curation import Curator
from services.topics.grouping.knn_graph import mean_direction
from services.topics.members import item_ids_of
from services.topics.vectors import mean_vectors
from tests.bot.tasks.topics import post_summary, summaries, topics
from tests.services.topics.readers import Reader
from tests.serving import Desk, words


def test_a_name_that_comes_after_the_summary_is_shown(desk: Desk) -> None:
    """The worker may post what a split made before the model has read it."""
    post_summary(desk)
    first, second, _ = (one.id for one in topics(desk))
    services, now, reader = desk.services, desk.clock(), Reader()
    with services.database.write() as session:
        scope = scope_in(session.scalars(select(Channel).where(Channel.slack_id == "C1")).one())
        curator = Curator(session, scope, "U2", now)
        curator.merge(first, [second])
        part = curator.split(first)
        _, vectors = mean_vectors(session, item_ids_of(part), services.embedder.fingerprint)
        reader.centre = mean_direction(vectors)
        jobs = update_jobs(session, scope, [first, part.id], "split", now)
        enqueue_jobs(session, scope.workspace_id, jobs, now)
        part_id, by_words = part.id, part.title
    desk.drain()
    assert by_words in words(summaries(desk)[0])
    read = replace(services, embedder=reader)
    name_by_meaning_and_show(read, scope, curator.named, "split", now)
    desk.drain()
    with services.database.read() as session:
        title = session.get_one(Topic, part_id).title
    assert title != by_words
    assert title in words(summaries(desk)[0])
