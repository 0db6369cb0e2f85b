"""Themes hold topics of one subject, and are named in words of tickets that may be read."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.wiring import Services
from models import Item, TopicItem, TopicRun, Workspace
from services.text.words.function_words import Language
from services.topics.curation import Curator
from services.topics.forgetting import forget_unreadable
from services.topics.naming.themes import name_themes
from services.topics.posts import shown_titles
from services.topics.runs import ClusterRequest
from services.topics.scopes import Scope, scope_of_everybody
from tests.conftest import NOW
from tests.remembering import remember, ticket
from tests.services.topics.backlog import current_view

# What all tickets of a theme have in common, and what each of its topics adds.
THEMES = {
    "printer": ("paper jam", "toner empty", "grey stripes", "offline again", "blank pages"),
    "invoice": ("wrong total", "paid twice", "address outdated", "due date", "refund missing"),
}
MANY = 5


def texts() -> tuple[list[str], list[int]]:
    """Return texts of tickets, and the topic of each."""
    contents = [
        (f"{theme} {about} {number}", topic)
        for place, (theme, topics) in enumerate(THEMES.items())
        for topic, about in enumerate(topics, start=place * MANY)
        for number in range(4)
    ]
    return [one[0] for one in contents], [one[1] for one in contents]


def test_a_theme_is_named_by_all_of_its_tickets() -> None:
    """Its name has up to three distinctive terms, and no word twice."""
    contents, labels = texts()
    titles = name_themes(contents, np.array(labels), [7] * MANY + [3] * MANY, [False] * 10)
    assert titles.keys() == {3, 7}
    assert "invoice" in titles[3].split(", ")[0]
    assert "printer" in titles[7].split(", ")[0]
    for title in titles.values():
        words = title.replace(",", "").split()
        assert len(words) == len(set(words))
        assert len(title.split(", ")) <= 3


@pytest.mark.parametrize(
    ("tickets", "title"),
    [
        (
            ["The casebook is slow", "our casebook is so slow", "I open a ticket, it is slow"],
            "casebook and ticket",
        ),
        (
            ["I want to cancel the booking", "cancel a booking", "we need to cancel my booking"],
            "booking",
        ),
        (
            ["Der Hub blinkt auf 4.2.1", "Hub blinkt, mein Hub blinkt", "Ein Hub blinkt dauernd"],
            "Hub",
        ),
        (
            ["La pantalla queda en blanco", "mi pantalla está en blanco", "una pantalla en blanco"],
            "pantalla",
        ),
    ],
)  # fmt: skip
def test_a_theme_is_named_by_things(tickets: list[str], title: str) -> None:
    """Not by what is done, what something is like, or a version."""
    others = ["The invoice has a wrong total", "an invoice lacks the total"] * 3
    labels = np.repeat([0, 1, 2, 3], 3)
    titles = name_themes([*tickets * 2, *others], labels, [0, 0, 1, 1], [False] * 4)
    assert titles[0] == title


PRINTERS: dict[Language, list[str]] = {
    "de": ["Der Drucker in Halle 2 druckt nicht", "Mein Drucker ist kaputt"],
    "en": ["The printer in hall 2 does not print", "My printer is broken"],
    "es": ["La impresora de la sala 2 no imprime", "Mi impresora está rota"],
}


@pytest.mark.parametrize(("spoken", "title"), [("de", "Drucker"), ("es", "impresora")])
def test_a_theme_of_several_languages_is_named_in_that_of_its_channels(
    spoken: Language, title: str
) -> None:
    """Without a channel, in that of most tickets."""
    mixed = [*PRINTERS["en"], PRINTERS["en"][0], *PRINTERS[spoken]]
    tickets = [*mixed * 2, *["The invoice has a wrong total", "an invoice lacks the total"] * 3]
    labels, themes = np.repeat([0, 1, 2, 3], [5, 5, 3, 3]), [0, 0, 1, 1]
    assert name_themes(tickets, labels, themes, [False] * 4)[0] == "printer"
    assert name_themes(tickets, labels, themes, [False] * 4, [spoken] * 16)[0] == title


def test_hidden_topics_do_not_name_a_theme() -> None:
    """A theme of hidden topics has no name, others are named by their visible topics."""
    contents, labels = texts()
    hidden = [True] * MANY + [True, *[False] * (MANY - 1)]
    titles = name_themes(contents, np.array(labels), [0] * MANY + [1] * MANY, hidden)
    assert titles.keys() == {1}
    assert not {"wrong", "total"} & set(titles[1].replace(",", "").split())


@pytest.mark.parametrize("labels", [[-1, -1], [-1, 1], [0, 1]])
def test_unclustered_tickets_name_no_theme(labels: list[int]) -> None:
    """Neither does a theme of a single topic have a name."""
    titles = name_themes(["printer jam", "invoice total"], np.array(labels), [0, 0], [False] * 2)
    assert len(titles) == (max(labels) >= 0)
    assert "printer" not in " ".join(titles.values()) or labels[0] >= 0
    assert name_themes(["printer"] * 2, np.array(labels), [0, 1], [False] * 2) == {}


@pytest.fixture
def scope(services: Services, workspace: Workspace) -> Scope:
    """Fill a workspace with tickets of two themes, and cluster them."""
    contents, _ = texts()
    remember(services, workspace, [ticket(text, text) for text in contents])
    scope = scope_of_everybody(workspace.id)
    services.topics.run(scope, ClusterRequest(), by="U1", now=NOW)
    with services.database.write() as session:
        _put_into_themes(session, scope)
    return scope


def _put_into_themes(session: Session, scope: Scope) -> None:
    """Give each topic its theme by its tickets, as a large run does."""
    run = session.scalars(select(TopicRun).where(scope.runs)).one()
    rows = session.execute(
        select(TopicItem.topic_id, Item.text).join(Item, Item.id == TopicItem.item_id)
    )
    theme = {topic_id: list(THEMES).index(text.split()[0]) for topic_id, text in rows}
    run.topics = {key: replace(one, theme=theme[key]) for key, one in run.topics.items()}
    run.theme_titles = {0: "printer, toner", 1: "invoice, refund"}


def titles_of(services: Services, scope: Scope) -> set[str]:
    """Return the names of the themes that are shown."""
    return {theme.title for theme in current_view(services, scope).themes}


@pytest.mark.both_databases
def test_topics_are_shown_by_theme(services: Services, scope: Scope) -> None:
    """The largest theme comes first, with its topics' figures; summaries record the titles."""
    view = current_view(services, scope)
    assert titles_of(services, scope) == {"printer, toner", "invoice, refund"}
    assert sum(theme.size for theme in view.themes) == 40
    assert [theme.size for theme in view.themes] == sorted(
        (theme.size for theme in view.themes), reverse=True
    )
    assert {"printer, toner", "invoice, refund"} <= set(shown_titles(view))
    one_theme = replace(view, topics=tuple(replace(topic, theme=0) for topic in view.topics))
    assert one_theme.themes == ()


def test_a_word_of_no_ticket_leaves_a_themes_name(services: Services, scope: Scope) -> None:
    """A word that no ticket has any more is hidden at once, and then deleted."""
    with services.database.write() as session:
        run = session.scalars(select(TopicRun)).one()
        run.theme_titles = {0: "printer, zebra", 1: "invoice, refund"}
    view = current_view(services, scope)
    largest = next(topic for topic in view.topics if topic.theme == 0)
    assert titles_of(services, scope) == {largest.title, "invoice, refund"}
    forget_unreadable(services.database, scope)
    with services.database.read() as session:
        themes = session.scalars(select(TopicRun)).one().theme_titles
    assert themes == {1: "invoice, refund"}


def test_a_topic_hidden_later_does_not_name_its_theme(services: Services, scope: Scope) -> None:
    """Its largest visible topic names the theme; without a visible topic it is not shown."""
    of_printers = [topic for topic in current_view(services, scope).topics if topic.theme == 0]
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


def test_a_topic_that_was_split_off_stays_in_its_theme(services: Services, scope: Scope) -> None:
    """Themes of a run that has no names yet are named after their largest topic."""
    topic = current_view(services, scope).topics[0]
    with services.database.write() as session:
        other = Curator(session, scope, "U1", NOW).split(topic.topic_id).id
        run = session.scalars(select(TopicRun)).one()
        run.theme_titles = {}
    view = current_view(services, scope)
    part = view.find(other)
    assert part is not None
    assert part.theme == topic.theme
    assert [theme.title for theme in view.themes] == [
        theme.topics[0].title for theme in view.themes
    ]
