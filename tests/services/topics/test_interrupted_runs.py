"""Runs on a full disk, at the same time, and with data that is deleted while they work."""

from __future__ import annotations

import sqlite3
from threading import Thread

import pytest
from sqlalchemy import delete, event, select
from sqlalchemy.exc import OperationalError

from bot.wiring import Services
from models import Channel, Item, TopicRun, Workspace
from services.errors import NotFoundError
from services.topics.runs import CLUSTERED, ClusterRequest
from services.topics.scopes import Scope
from tests.conftest import NOW
from tests.remembering import remember
from tests.services.topics.backlog import (
    ONE_COMPLAINT_IN_30_LANGUAGES,
    cluster_scope,
    current_view,
    tickets_about,
)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_full_disk_leaves_the_last_run_as_it_was(
    services: Services, scope: Scope, workspace: Workspace
) -> None:
    """A run on a full disk changes nothing; with free space the next one succeeds."""
    cluster_scope(services, scope)
    for text in ONE_COMPLAINT_IN_30_LANGUAGES:
        remember(services, workspace, tickets_about(text))
    before = current_view(services, scope)

    def limit_pages(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")  # no more than it has now

    engine = services.database.engine
    engine.dispose()
    event.listen(engine, "connect", limit_pages)
    with pytest.raises(OperationalError, match="full"):
        cluster_scope(services, scope)
    assert current_view(services, scope) == before
    engine.dispose()
    event.remove(engine, "connect", limit_pages)
    assert cluster_scope(services, scope).tickets == 198


@pytest.mark.both_databases
def test_two_runs_at_once_make_one_set_of_topics(services: Services, scope: Scope) -> None:
    """Runs at the same time follow one another: no ticket and no topic is there twice."""
    runs = [Thread(target=lambda: services.topics.run(scope, ClusterRequest(), by="U1", now=NOW))
            for _ in range(3)]  # fmt: skip
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    view = current_view(services, scope)
    assert [topic.size for topic in view.topics] == [6, 6, 6]
    with services.database.read() as session:
        assert len(session.scalars(select(TopicRun)).all()) == 3


@pytest.mark.both_databases
def test_a_workspace_purged_during_a_run_stays_purged(
    services: Services, scope: Scope, workspace: Workspace
) -> None:
    """The run ends with an error and stores nothing."""

    def purge(done: int, total: int) -> None:
        with services.database.write() as session:
            session.execute(delete(Item))
            session.execute(delete(Channel))
            session.execute(delete(Workspace))

    with pytest.raises(NotFoundError, match="removed"):
        services.topics.run(scope, ClusterRequest(), by="U1", now=NOW, on_progress=purge)
    with services.database.read() as session:
        assert session.scalars(select(TopicRun)).all() == []


def test_progress_grows_until_the_run_is_stored(services: Services, scope: Scope) -> None:
    """Progress never falls, goes on after clustering, and reaches 100 % when all is stored."""
    progress: list[tuple[int, int]] = []
    services.topics.run(
        scope, ClusterRequest(), by="U1", now=NOW, on_progress=lambda *step: progress.append(step)
    )
    done = [step for step, _ in progress]
    assert done == sorted(done)
    assert {total for _, total in progress} == {100}
    assert done[-1] == 100
    assert len({step for step in done if CLUSTERED < step < 100}) >= 3


@pytest.mark.both_databases
def test_a_ticket_deleted_during_a_run_is_in_no_topic(services: Services, scope: Scope) -> None:
    """A ticket deleted during the clustering is left out; the others are clustered as usual."""

    def delete_one(done: int, total: int) -> None:
        with services.database.write() as session:
            item = session.scalars(select(Item).where(Item.text.contains("printer"))).first()
            if item is not None and done < CLUSTERED:
                item.deleted_at, item.text = NOW, ""

    services.topics.run(scope, ClusterRequest(), by="U1", now=NOW, on_progress=delete_one)
    sizes = [topic.size for topic in current_view(services, scope).topics]
    assert sum(sizes) < 18
    assert sizes[:2] == [6, 6]
