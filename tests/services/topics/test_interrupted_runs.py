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
from tests.services.topics.backlog import LANGUAGES, group, said, seen


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_full_disk_leaves_the_last_run_as_it_was(
    services: Services, scope: Scope, workspace: Workspace
) -> None:
    """The run fails as a whole; with room again a new one works."""
    group(services, scope)
    for text in LANGUAGES:
        remember(services, workspace, said(text))
    standing = seen(services, scope)

    def fill(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")  # as many as there are

    engine = services.database.engine
    engine.dispose()
    event.listen(engine, "connect", fill)
    with pytest.raises(OperationalError, match="full"):
        group(services, scope)
    assert seen(services, scope) == standing
    engine.dispose()
    event.remove(engine, "connect", fill)
    assert group(services, scope).tickets == 198


def test_two_runs_at_once_make_one_set_of_topics(services: Services, scope: Scope) -> None:
    """The later one builds on the earlier; no ticket is in two topics, no topic is twice."""
    runs = [Thread(target=lambda: services.topics.run(scope, ClusterRequest(), by="U1", now=NOW))
            for _ in range(3)]  # fmt: skip
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    view = seen(services, scope)
    assert [topic.size for topic in view.topics] == [6, 6, 6]
    with services.database.read() as session:
        assert len(session.scalars(select(TopicRun)).all()) == 3


def test_a_workspace_purged_amid_a_run_is_told(
    services: Services, scope: Scope, workspace: Workspace
) -> None:
    """Nothing of it comes back."""

    def purge(done: int, total: int) -> None:
        with services.database.write() as session:
            session.execute(delete(Item))
            session.execute(delete(Channel))
            session.execute(delete(Workspace))

    with pytest.raises(NotFoundError, match="removed"):
        services.topics.run(scope, ClusterRequest(), by="U1", now=NOW, on_progress=purge)
    with services.database.read() as session:
        assert session.scalars(select(TopicRun)).all() == []


def test_a_run_tells_how_far_it_is_to_its_end(services: Services, scope: Scope) -> None:
    """Never less than before, also after the grouping, and all of it only once it is stored."""
    told: list[tuple[int, int]] = []
    services.topics.run(
        scope, ClusterRequest(), by="U1", now=NOW, on_progress=lambda *one: told.append(one)
    )
    done = [one for one, _ in told]
    assert done == sorted(done)
    assert {total for _, total in told} == {100}
    assert done[-1] == 100
    assert len({one for one in done if CLUSTERED < one < 100}) >= 3


def test_a_ticket_deleted_amid_a_run_is_in_no_topic(services: Services, scope: Scope) -> None:
    """Its words are read no more once it is gone; the others are grouped all the same."""

    def forget(done: int, total: int) -> None:
        with services.database.write() as session:
            item = session.scalars(select(Item).where(Item.text.contains("printer"))).first()
            if item is not None and done < CLUSTERED:
                item.deleted_at, item.text = NOW, ""

    services.topics.run(scope, ClusterRequest(), by="U1", now=NOW, on_progress=forget)
    sizes = [topic.size for topic in seen(services, scope).topics]
    assert sum(sizes) < 18
    assert sizes[:2] == [6, 6]
