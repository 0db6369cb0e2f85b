"""Themes: topics of one subject, called by what their tickets say and nobody else may not read."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.wiring import Services
from models import Item, TopicItem, TopicRun, Workspace
from services.topics.curation import Curator
from services.topics.forgetting import forget_unreadable
from services.topics.naming.themes import name_themes
from services.topics.posts import shown_titles
from services.topics.runs import ClusterRequest
from services.topics.scopes import Scope, scope_of_everybody
from services.topics.views import RunView, view_run
from tests.conftest import NOW
from tests.remembering import remember, ticket

# What tickets of one theme have in common, and what their topics add to it.
THEMES = {
    "printer": ("paper jam", "toner empty", "grey stripes", "offline again", "blank pages"),
    "invoice": ("wrong total", "paid twice", "address outdated", "due date", "refund missing"),
}
MANY = 5


def texts() -> tuple[list[str], list[int]]:
    """Return what tickets say, and the topic of each."""
    said = [
        (f"{theme} {about} {number}", topic)
        for place, (theme, topics) in enumerate(THEMES.items())
        for topic, about in enumerate(topics, start=place * MANY)
        for number in range(4)
    ]
    return [one[0] for one in said], [one[1] for one in said]


def test_a_theme_is_called_by_all_of_its_tickets() -> None:
    """By the terms that tell it apart; what begins alike is said once."""
    said, labels = texts()
    titles = name_themes(said, np.array(labels), [7] * MANY + [3] * MANY, [False] * 10)
    assert titles.keys() == {3, 7}
    assert "invoice" in titles[3].split(", ")[0]
    assert "printer" in titles[7].split(", ")[0]
    for title in titles.values():
        words = title.replace(",", "").split()
        assert len(words) == len(set(words))
        assert len(title.split(", ")) <= 3


def test_hidden_topics_name_no_theme() -> None:
    """One of hidden topics alone has no title, and the others' tickets name the rest."""
    said, labels = texts()
    hidden = [True] * MANY + [True, *[False] * (MANY - 1)]
    titles = name_themes(said, np.array(labels), [0] * MANY + [1] * MANY, hidden)
    assert titles.keys() == {1}
    assert not {"wrong", "total"} & set(titles[1].replace(",", "").split())


@pytest.mark.parametrize("labels", [[-1, -1], [-1, 1], [0, 1]])
def test_tickets_in_no_topic_name_none(labels: list[int]) -> None:
    """Nor is there anything to name where each topic is a theme of its own."""
    titles = name_themes(["printer jam", "invoice total"], np.array(labels), [0, 0], [False] * 2)
    assert len(titles) == (max(labels) >= 0)
    assert "printer" not in " ".join(titles.values()) or labels[0] >= 0
    assert name_themes(["printer"] * 2, np.array(labels), [0, 1], [False] * 2) == {}


@pytest.fixture
def scope(services: Services, workspace: Workspace) -> Scope:
    """Give the tickets of two themes, grouped."""
    said, _ = texts()
    remember(services, workspace, [ticket(text, text) for text in said])
    scope = scope_of_everybody(workspace.id)
    services.topics.run(scope, ClusterRequest(), by="U1", now=NOW)
    with services.database.write() as session:
        _put_into_themes(session, scope)
    return scope


def _put_into_themes(session: Session, scope: Scope) -> None:
    """Say of each topic by its tickets of which of the two themes it is, as a large run does."""
    run = session.scalars(select(TopicRun).where(scope.runs)).one()
    rows = session.execute(
        select(TopicItem.topic_id, Item.text).join(Item, Item.id == TopicItem.item_id)
    )
    theme = {topic_id: list(THEMES).index(text.split()[0]) for topic_id, text in rows}
    run.topics = {key: replace(one, theme=theme[key]) for key, one in run.topics.items()}
    run.theme_titles = {0: "printer, toner", 1: "invoice, refund"}


def seen(services: Services, scope: Scope) -> RunView:
    """Return what people see."""
    with services.database.read() as session:
        view = view_run(session, scope, NOW)
    assert view is not None
    return view


def titles_of(services: Services, scope: Scope) -> set[str]:
    """Return what the themes are called."""
    return {theme.title for theme in seen(services, scope).themes}


def test_topics_are_shown_by_theme(services: Services, scope: Scope) -> None:
    """The largest first, with the figures of its topics, and noted where a summary is posted."""
    view = seen(services, scope)
    assert titles_of(services, scope) == {"printer, toner", "invoice, refund"}
    assert sum(theme.size for theme in view.themes) == 40
    assert [theme.size for theme in view.themes] == sorted(
        (theme.size for theme in view.themes), reverse=True
    )
    assert {"printer, toner", "invoice, refund"} <= set(shown_titles(view))
    one_theme = replace(view, topics=tuple(replace(topic, theme=0) for topic in view.topics))
    assert one_theme.themes == ()


def test_a_theme_says_no_more_than_its_tickets(services: Services, scope: Scope) -> None:
    """A word that nobody says any more is shown at once by no title, and then forgotten."""
    with services.database.write() as session:
        run = session.scalars(select(TopicRun)).one()
        run.theme_titles = {0: "printer, zebra", 1: "invoice, refund"}
    view = seen(services, scope)
    largest = next(topic for topic in view.topics if topic.theme == 0)
    assert titles_of(services, scope) == {largest.title, "invoice, refund"}
    forget_unreadable(services.database, scope)
    with services.database.read() as session:
        themes = session.scalars(select(TopicRun)).one().theme_titles
    assert themes == {1: "invoice, refund"}


def test_a_topic_hidden_since_names_no_theme(services: Services, scope: Scope) -> None:
    """Until the next run names it without that; one whose topics are all hidden is not shown."""
    of_printers = [topic for topic in seen(services, scope).topics if topic.theme == 0]
    with services.database.write() as session:
        curator = Curator(session, scope, "U1", NOW)
        curator.hide(of_printers[0].topic_id)
    assert titles_of(services, scope) == {of_printers[1].title, "invoice, refund"}
    with services.database.write() as session:
        curator = Curator(session, scope, "U1", NOW)
        for topic in of_printers[1:-1]:
            curator.hide(topic.topic_id)
    assert titles_of(services, scope) == {of_printers[-1].title, "invoice, refund"}
    with services.database.write() as session:
        Curator(session, scope, "U1", NOW).hide(of_printers[-1].topic_id)
    assert titles_of(services, scope) == set()


def test_a_part_that_was_split_off_stays_in_its_theme(services: Services, scope: Scope) -> None:
    """And a run of an older version, which named no theme, has those of the largest topics."""
    topic = seen(services, scope).topics[0]
    with services.database.write() as session:
        other = Curator(session, scope, "U1", NOW).split(topic.topic_id).id
        run = session.scalars(select(TopicRun)).one()
        run.theme_titles = {}
    view = seen(services, scope)
    part = view.find(other)
    assert part is not None
    assert part.theme == topic.theme
    assert [theme.title for theme in view.themes] == [
        theme.topics[0].title for theme in view.themes
    ]
