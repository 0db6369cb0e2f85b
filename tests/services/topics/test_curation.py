"""Later runs keep what people changed: names, hidden, merged and split topics, moved tickets."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from bot.wiring import Services, build
from models import Change, Channel, EmbeddingModel, Workspace
from services.errors import InputError
from services.memory import embedding_models
from services.topics.runs import ClusterRequest
from services.topics.scopes import Scope, scope_of_everybody
from tests.conftest import NOW
from tests.other_model import NarrowEmbedder, narrowed
from tests.remembering import channel, remember, ticket
from tests.services.topics.backlog import (
    SUBJECTS,
    cluster_scope,
    curator,
    current_view,
    tickets_about,
    tickets_of_topic,
    topic_about,
    topic_ids,
)


def test_names_stay_as_people_gave_them(services: Services, scope: Scope) -> None:
    """A later run keeps a name; it is neither empty nor used twice."""
    first, second, _ = cluster_scope(services, scope).topics
    with services.database.write() as session:
        curator(session, scope).rename(first.topic_id, "  Paper   trouble ")
    assert {one.title for one in cluster_scope(services, scope).topics} >= {"Paper trouble"}
    with services.database.write() as session, pytest.raises(InputError, match="has that name"):
        curator(session, scope).rename(second.topic_id, "paper trouble")
    with services.database.write() as session, pytest.raises(InputError, match="needs a name"):
        curator(session, scope).rename(second.topic_id, "  ")


def test_hidden_topics_stay_hidden_until_shown(services: Services, scope: Scope) -> None:
    """Hidden topics are still followed by runs, but not shown."""
    topic = cluster_scope(services, scope).topics[0]
    with services.database.write() as session:
        curator(session, scope).hide(topic.topic_id)
    view = cluster_scope(services, scope)
    assert topic.topic_id in topic_ids(view.topics)
    assert topic.topic_id not in topic_ids(view.shown)
    with services.database.write() as session:
        curator(session, scope).unhide(topic.topic_id)
    assert topic.topic_id in topic_ids(current_view(services, scope).shown)


@pytest.mark.both_databases
def test_merged_topics_stay_merged(services: Services, scope: Scope, workspace: Workspace) -> None:
    """Later tickets about either subject join the merged topic."""
    view = cluster_scope(services, scope)
    one, other = (topic_about(view, subject).topic_id for subject in SUBJECTS[:2])
    with services.database.write() as session:
        curator(session, scope).merge(one, [other])
    assert topic_about(current_view(services, scope), SUBJECTS[0]).size == 12
    for subject in SUBJECTS[:2]:
        remember(services, workspace, tickets_about(subject, first=30))
    view = cluster_scope(services, scope)
    assert len(view.topics) == 2
    merged = next(topic for topic in view.topics if topic.topic_id == one)
    assert merged.size == 24
    with services.database.write() as session, pytest.raises(InputError):
        curator(session, scope).merge(one, [one])


def test_a_split_topic_stays_split(services: Services, scope: Scope, workspace: Workspace) -> None:
    """The next run keeps both halves, even where clustering would put them together."""
    view = cluster_scope(services, scope, ClusterRequest(k=2))
    [mixed] = [topic for topic in view.topics if topic.size == 12]
    with services.database.write() as session:
        new = curator(session, scope).split(mixed.topic_id).id
    view = current_view(services, scope)
    assert sorted(topic.size for topic in view.topics) == [6, 6, 6]
    assert {view.news_of(topic) for topic in view.topics} == {""}  # a first run has no news
    again = cluster_scope(services, scope, ClusterRequest(k=2))
    assert topic_ids(again.topics) >= {mixed.topic_id, new}
    assert sorted(topic.size for topic in again.topics) == [6, 6, 6]


def test_a_part_of_several_languages_is_named_in_that_of_its_channel(
    services: Services, workspace: Workspace
) -> None:
    """German as Déjà is there, though most of its tickets are in English."""
    place = channel(services, workspace, "C1")
    with services.database.write() as session:
        session.get_one(Channel, place.id).language = "de"
    german = ["Der LX-20 Scanner in Halle Nord scannt nicht"]
    english = [f"The LX-20 scanner in Halle Nord does not scan {one}" for one in ("it", "this")]
    invoices = [f"an invoice lacks the total of order {one}" for one in "abcd"]
    remember(
        services,
        workspace,
        [
            ticket(str(at), text, channel_id=place.id)
            for at, text in enumerate([*german, *english, *invoices])
        ],
    )
    scope = scope_of_everybody(workspace.id)
    [topic] = cluster_scope(services, scope, ClusterRequest(k=1)).topics
    with services.database.write() as session:
        title = curator(session, scope).split(topic.topic_id).title
    assert "Scanner" in title


def test_a_topic_of_equal_tickets_cannot_be_split(services: Services, workspace: Workspace) -> None:
    """Equal tickets cannot be split in two, and the error says so."""
    remember(services, workspace, [ticket(str(number), SUBJECTS[0]) for number in range(5)])
    scope = scope_of_everybody(workspace.id)
    [topic] = cluster_scope(services, scope).topics
    assert topic.size == 5
    with services.database.write() as session, pytest.raises(InputError, match="too few"):
        curator(session, scope).split(topic.topic_id)


def test_what_differs_is_split_by_a_model_to_which_all_is_alike(
    services: Services, workspace: Workspace
) -> None:
    """Tickets that are one to the default model are one; what a narrow one calls .976 is not."""
    narrow = build(services.settings, NarrowEmbedder(), services.database)
    words = "label printer in hall seven feeds paper but prints nothing at all since this"
    texts = [f"{words} {day}" for day in ("monday", "friday")]
    remember(narrow, workspace, [ticket(str(n), texts[n % 2]) for n in range(8)])
    scale = {"own": [narrowed(0.72)], "default": [0.72]}
    with narrow.database.write() as session:
        embedding_models.adopt(session, narrow.vectors.identity, by="deja", now=NOW)
        session.execute(update(EmbeddingModel).values(similarity_scale=scale))
    scope = scope_of_everybody(workspace.id)
    [topic] = cluster_scope(narrow, scope, ClusterRequest(k=1)).topics
    with narrow.database.write() as session:
        curator(session, scope).split(topic.topic_id)
    assert [one.size for one in current_view(narrow, scope).topics] == [4, 4]


def test_the_parts_of_a_split_topic_have_different_names(
    services: Services, workspace: Workspace
) -> None:
    """Titles stay different, even after several splits of tickets that differ only by a number."""
    said_alike = [ticket(f"{one}", f"kiosk screen black {one}") for one in range(9)]
    remember(services, workspace, said_alike)
    scope = scope_of_everybody(workspace.id)
    topic = cluster_scope(services, scope).topics[0]
    for _ in range(3):
        with services.database.write() as session:
            curator(session, scope).split(topic.topic_id)
    titles = [one.title for one in current_view(services, scope).topics]
    assert len(set(titles)) == len(titles) >= 4


@pytest.mark.both_databases
def test_a_moved_ticket_stays_where_it_was_put(services: Services, scope: Scope) -> None:
    """A moved ticket stays in its topic, whatever its text."""
    view = cluster_scope(services, scope)
    target, source = topic_about(view, SUBJECTS[0]), topic_about(view, SUBJECTS[1])
    moved = tickets_of_topic(services, view, source)[0].item_id
    with services.database.write() as session:
        curator(session, scope).move(moved, target.topic_id)
    for found in (current_view(services, scope), cluster_scope(services, scope)):
        there = next(one for one in found.topics if one.topic_id == target.topic_id)
        assert moved in {one.item_id for one in tickets_of_topic(services, found, there)}


def test_changes_are_recorded(services: Services, scope: Scope) -> None:
    """The audit log has who changed a topic, and how."""
    topic = cluster_scope(services, scope).topics[0]
    with services.database.write() as session:
        curator(session, scope).hide(topic.topic_id)
    with services.database.read() as session:
        [change] = session.scalars(select(Change).where(Change.setting == "topic"))
    assert (change.changed_by, change.after) == ("U9", "hidden")
