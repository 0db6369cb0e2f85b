"""A team that writes in two languages: each is judged as if it were alone."""

from __future__ import annotations

from itertools import combinations

import pytest

from bot.wiring import Services
from models import Verdict, Workspace
from services.channels.audience import whole_workspace
from services.judgement.learned_model import Model
from services.search.embedders.embedding import SentenceTransformerEmbedder
from tests.remembering import START, remember, ticket

# Each second one repeats the first in other function words; the German ones are the same matters.
ENGLISH = [
    "The printer on the second floor prints blank pages",
    "The printer in the second floor is printing blank pages",
    "How do I change the address of an invoice?",
    "How can I change the address on an invoice?",
    "The badge reader at the north door stays red",
    "The north badge reader turns green after a delay",
    "VPN drops every ten minutes since the update",
    "Where do I order a new keyboard?",
]
GERMAN = [
    "Der Drucker im zweiten Stock druckt leere Seiten",
    "Im zweiten Stock druckt der Drucker leere Seiten",
    "Wie ändere ich die Adresse auf einer Rechnung?",
    "Wie kann ich die Adresse auf einer Rechnung ändern?",
    "Der Kartenleser an der Nordtür bleibt rot",
    "Der Kartenleser im Keller wird erst spät grün",
    "Das VPN bricht seit dem Update alle zehn Minuten ab",
    "Wo bestelle ich eine neue Tastatur?",
]


@pytest.fixture
def embedder(model: SentenceTransformerEmbedder) -> SentenceTransformerEmbedder:
    """Judge by the real model."""
    return model


@pytest.fixture
def ids(services: Services, workspace: Workspace) -> list[int]:
    """Remember the tickets of both languages, turn about."""
    both = [text for pair in zip(ENGLISH, GERMAN, strict=True) for text in pair]
    saved = remember(
        services, workspace, [ticket(f"{n}", text, minutes=n) for n, text in enumerate(both)]
    )
    return [one.item_id for one in saved]


def called(services: Services, workspace: Workspace, ids: list[int]) -> set[tuple[int, int]]:
    """Return the pairs that are called duplicates, by the places of their tickets."""
    pairs = list(combinations(ids, 2))
    with services.database.read() as session:
        judged = services.judge.judge_pairs(session, pairs, whole_workspace(workspace.id))
    return {
        (ids.index(one), ids.index(other))
        for (one, other), match in judged.items()
        if match.band == "duplicate"
    }


def test_each_language_is_judged_as_if_it_were_alone(
    services: Services, workspace: Workspace, ids: list[int]
) -> None:
    """What is said twice is found in both; nothing is called across them, nor a near miss."""
    found = called(services, workspace, ids)
    assert found <= {(0, 2), (4, 6), (1, 3), (5, 7)}
    assert found & {(0, 2), (4, 6)}
    assert found & {(1, 3), (5, 7)}


@pytest.mark.both_databases
def test_verdicts_in_both_languages_teach_one_cut(
    services: Services, workspace: Workspace, ids: list[int]
) -> None:
    """They are learned from together, and still no pair of two languages is called."""
    same = [(0, 2), (4, 6), (1, 3), (5, 7)]
    other = [pair for pair in combinations(range(len(ids)), 2) if pair not in same][::9]
    with services.database.write() as session:
        session.add_all(
            Verdict(
                workspace_id=workspace.id, item_a_id=ids[one], item_b_id=ids[two],
                verdict="duplicate" if (one, two) in same else "distinct", decided_by="U1",
                decided_at=START,
            )
            for one, two in (*same, *other)
        )  # fmt: skip
    fitted = services.calibrator.fit(workspace.id, "ticket", by="ana", now=START)
    assert Model.from_stored(fitted.model).labels.count(True) == len(same)
    assert all(one % 2 == two % 2 for one, two in called(services, workspace, ids))
