"""Names by meaning are shown wherever the names by words were."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import select

from bot.jobs.kinds import Lease, enqueue_jobs
from bot.jobs.summary_jobs import summaries_check_job
from bot.jobs.topic_jobs import update_jobs
from bot.jobs.topic_names import name_by_meaning_and_show
from bot.tasks.topic_summaries import TopicSummaries, scope_in
from models import Channel, Topic
from services.topics.curation import Curator
from services.topics.grouping.knn_graph import mean_direction
from services.topics.members import item_ids_of
from services.topics.scopes import Scope
from services.topics.vectors import mean_vectors
from tests.bot.tasks.topics import post_summary, summaries, topics
from tests.services.topics.readers import Reader
from tests.serving import Desk, words


@dataclass(frozen=True)
class SplitTopic:
    """A topic that was split, what a split named by words, and who reads its part."""

    scope: Scope
    part: int
    by_words: str
    named: list[int]
    reader: Reader


def split(desk: Desk) -> SplitTopic:
    """Merge two topics and split them again, and show that."""
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
        found = SplitTopic(scope, part.id, part.title, curator.named, reader)
    desk.drain()
    assert found.by_words in words(summaries(desk)[0])
    return found


def shows_another_name(desk: Desk, found: SplitTopic) -> bool:
    """Say whether the summary shows the part by another name than by its words."""
    desk.drain()
    with desk.services.database.read() as session:
        title = session.get_one(Topic, found.part).title
    return title != found.by_words and title in words(summaries(desk)[0])


def test_a_name_that_comes_after_the_summary_is_shown(desk: Desk) -> None:
    """The worker may post what a split made before the model has read it."""
    found = split(desk)
    read = replace(desk.services, embedder=found.reader)
    name_by_meaning_and_show(read, found.scope, found.named, "split", desk.clock())
    assert shows_another_name(desk, found)


def test_a_check_names_what_an_erasure_named_by_words(desk: Desk) -> None:
    """An erasure at the command line loads no model; the worker's reads what is left."""
    found = split(desk)
    work = TopicSummaries(replace(desk.services, embedder=found.reader), desk.tasks.slack)
    now = desk.clock()
    lease = Lease(1, desk.workspace_id, 1, "test", now)
    desk.enqueue(*work.check(summaries_check_job("erase", found.named), lease, now))
    assert shows_another_name(desk, found)
