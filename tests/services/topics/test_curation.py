"""What people do to topics lasts: names, hidden, merged and split topics, moved tickets."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.wiring import Services
from models import Workspace
from services.errors import InputError
from services.topics.runs import ClusterRequest
from services.topics.scopes import Scope, scope_of_everybody
from tests.remembering import remember, ticket
from tests.services.topics.backlog import SUBJECTS, curator, group, ids, on, said, seen, tickets


def test_names_stay_as_people_gave_them(services: Services, scope: Scope) -> None:
    """A later run keeps a name; no two topics have one."""
    first, second, _ = group(services, scope).topics
    with services.database.write() as session:
        curator(session, scope).rename(first.topic_id, "  Paper   trouble ")
    assert {one.title for one in group(services, scope).topics} >= {"Paper trouble"}
    with services.database.write() as session, pytest.raises(InputError, match="has that name"):
        curator(session, scope).rename(second.topic_id, "paper trouble")
    with services.database.write() as session, pytest.raises(InputError, match="needs a name"):
        curator(session, scope).rename(second.topic_id, "  ")


def test_hidden_topics_stay_hidden_until_shown(services: Services, scope: Scope) -> None:
    """They are grouped as before, and shown to nobody."""
    topic = group(services, scope).topics[0]
    with services.database.write() as session:
        curator(session, scope).hide(topic.topic_id)
    view = group(services, scope)
    assert topic.topic_id in ids(view.topics)
    assert topic.topic_id not in ids(view.shown)
    with services.database.write() as session:
        curator(session, scope).unhide(topic.topic_id)
    assert topic.topic_id in ids(seen(services, scope).shown)


def test_joined_topics_stay_joined(services: Services, scope: Scope, workspace: Workspace) -> None:
    """Also where more tickets come on both subjects."""
    view = group(services, scope)
    one, other = (on(view, subject).topic_id for subject in SUBJECTS[:2])
    with services.database.write() as session:
        curator(session, scope).merge(one, [other])
    assert on(seen(services, scope), SUBJECTS[0]).size == 12
    for subject in SUBJECTS[:2]:
        remember(services, workspace, said(subject, first=30))
    view = group(services, scope)
    assert len(view.topics) == 2
    joined = next(topic for topic in view.topics if topic.topic_id == one)
    assert joined.size == 24
    with services.database.write() as session, pytest.raises(InputError):
        curator(session, scope).merge(one, [one])


def test_a_split_topic_stays_split(services: Services, scope: Scope, workspace: Workspace) -> None:
    """New tickets go to the nearer half, whatever the clustering makes of both."""
    view = group(services, scope, ClusterRequest(k=2))
    [mixed] = [topic for topic in view.topics if topic.size == 12]
    with services.database.write() as session:
        new = curator(session, scope).split(mixed.topic_id).id
    sizes = sorted(topic.size for topic in seen(services, scope).topics)
    assert sizes == [6, 6, 6]
    again = group(services, scope, ClusterRequest(k=2))
    assert ids(again.topics) >= {mixed.topic_id, new}
    assert sorted(topic.size for topic in again.topics) == [6, 6, 6]


def test_a_topic_of_equal_tickets_cannot_be_split(services: Services, workspace: Workspace) -> None:
    """There is nothing to tell two halves by."""
    remember(services, workspace, [ticket(str(number), SUBJECTS[0]) for number in range(5)])
    scope = scope_of_everybody(workspace.id)
    [topic] = group(services, scope).topics
    assert topic.size == 5
    with services.database.write() as session, pytest.raises(InputError, match="too few"):
        curator(session, scope).split(topic.topic_id)


def test_the_parts_of_a_topic_never_have_one_name(services: Services, workspace: Workspace) -> None:
    """However often it is split, and though its tickets differ by numbers alone."""
    said_alike = [ticket(f"{one}", f"kiosk screen black {one}") for one in range(9)]
    remember(services, workspace, said_alike)
    scope = scope_of_everybody(workspace.id)
    topic = group(services, scope).topics[0]
    for _ in range(3):
        with services.database.write() as session:
            curator(session, scope).split(topic.topic_id)
    titles = [one.title for one in seen(services, scope).topics]
    assert len(set(titles)) == len(titles) >= 4


def test_a_moved_ticket_stays_where_it_was_put(services: Services, scope: Scope) -> None:
    """Whatever it says."""
    view = group(services, scope)
    target, source = on(view, SUBJECTS[0]), on(view, SUBJECTS[1])
    moved = tickets(services, view, source)[0].item_id
    with services.database.write() as session:
        curator(session, scope).move(moved, target.topic_id)
    for found in (seen(services, scope), group(services, scope)):
        there = next(one for one in found.topics if one.topic_id == target.topic_id)
        assert moved in {one.item_id for one in tickets(services, found, there)}


def test_what_people_do_is_on_record(services: Services, scope: Scope) -> None:
    """Who, what, when."""
    from models import Change

    topic = group(services, scope).topics[0]
    with services.database.write() as session:
        curator(session, scope).hide(topic.topic_id)
    with services.database.read() as session:
        [change] = session.scalars(select(Change).where(Change.setting == "topic"))
    assert (change.changed_by, change.after) == ("U9", "hidden")
