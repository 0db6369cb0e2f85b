"""From a run to its page: which tickets are counted and listed, and their positions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.wiring import Services
from models import Embedding, Item, Topic, TopicItem, Workspace
from services.topics.drawing.pages import page_of_run
from services.topics.runs import ClusterRequest
from services.topics.scopes import Scope, scope_of_everybody
from services.topics.views import RunView, view_run
from tests.conftest import NOW
from tests.remembering import remember, ticket
from tests.services.topics.drawing.reports import data_of

SUBJECTS = ("printer prints blank pages", "vpn drops every hour")
MANY = 30


def clustered(services: Services, workspace: Workspace, *more: str) -> Scope:
    """Cluster tickets about two subjects and `more`, and return their scope."""
    said = [f"{subject} {number}" for subject in SUBJECTS for number in range(MANY)]
    remember(services, workspace, [ticket(text, text) for text in (*said, *more)])
    scope = scope_of_everybody(workspace.id)
    services.topics.run(scope, ClusterRequest(k=2), by="U1", now=NOW)
    return scope


def view_of(session: Session, scope: Scope) -> RunView:
    """Return the newest run as people see it."""
    view = view_run(session, scope, NOW)
    assert view is not None
    return view


def page(services: Services, scope: Scope, most: int) -> Any:
    """Return the data in the newest run's page, with at most `most` tickets."""
    with services.database.read() as session:
        view = view_of(session, scope)
        return data_of(
            page_of_run(session, view, heading="Topics", made=NOW.date(), max_drawn=most)
        )


@pytest.mark.both_databases
def test_a_page_counts_all_tickets_and_lists_a_share_of_each_topic(
    services: Services, workspace: Workspace
) -> None:
    """A page of many tickets stays small, and has every topic's representatives."""
    scope = clustered(services, workspace)
    data = page(services, scope, most=20)
    assert sum(data["counts"]["size"]) == 2 * MANY
    listed = [data["tickets"]["topic"].count(topic) for topic in range(len(data["topics"]))]
    assert listed == [10, 10]
    assert all(topic["representatives"] for topic in data["topics"])
    everything = page(services, scope, most=1_000)
    assert len(everything["tickets"]["title"]) == 2 * MANY


def test_an_unclustered_ticket_is_placed_by_the_mean_of_its_chunks(
    services: Services, workspace: Workspace
) -> None:
    """All chunks count the same for its position, as they do for clustering."""
    scope = clustered(services, workspace, "zebra crossing")
    with services.database.write() as session:
        topics = {topic.id: topic.centroid for topic in session.scalars(select(Topic))}
        item = session.scalars(select(Item).where(Item.text == "zebra crossing")).one()
        first, second = (one.topic_id for one in view_of(session, scope).topics)
        chunk = session.scalars(select(Embedding).where(Embedding.item_id == item.id)).one()
        chunk.vector = topics[first]
        session.add_all(
            Embedding(
                workspace_id=item.workspace_id,
                item_id=item.id,
                chunk=number,
                fingerprint=chunk.fingerprint,
                dim=chunk.dim,
                text_hash=chunk.text_hash,
                vector=topics[second],
            )
            for number in (1, 2)
        )
        _put_outside(session, item.id)
    data = page(services, scope, most=1_000)
    outside = data["tickets"]["topic"].index(-1)
    place = np.array([data["tickets"]["x"][outside], data["tickets"]["y"][outside]])
    discs = [np.array([topic["x"], topic["y"]]) for topic in data["topics"]]
    distances = [float(np.linalg.norm(place - middle)) for middle in discs]
    assert distances[1] < distances[0]


def _put_outside(session: Session, item_id: int) -> None:
    for row in session.scalars(select(TopicItem).where(TopicItem.item_id == item_id)):
        session.delete(row)
