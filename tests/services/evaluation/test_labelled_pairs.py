"""Evaluating: labelled pairs and queries, judged and ranked as the product does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.wiring import Services
from models import Item, Workspace
from services.channels.audience import whole_workspace
from services.evaluation.labelled_pairs import (
    compare_with_labels,
    judge_pairs,
    rank_queries,
    restrict_to,
)
from services.issues.verdicts import decide
from services.judgement.bands import Match
from tests.remembering import START, remember, ticket

TEXTS = [
    "The printer on the second floor prints blank pages",
    "The printer on the second floor prints blank pages",
    "Printer on the second floor: blank pages again",
    "My laptop does not start",
    ":tada:",
]


@pytest.fixture
def ids(services: Services, workspace: Workspace) -> list[int]:
    """Remember five tickets, the last one without words."""
    tickets = [ticket(f"T-{n}", text, minutes=n) for n, text in enumerate(TEXTS)]
    return [one.item_id for one in remember(services, workspace, tickets)]


@pytest.mark.both_databases
def test_pairs_are_judged_as_answers_are(
    services: Services, workspace: Workspace, ids: list[int]
) -> None:
    """The same words again are flagged, other ones not; a pair without words has no match."""
    first, again, alike, other, wordless = ids
    labelled = {(again, first): True, (alike, other): False, (wordless, first): True}
    with services.database.read() as session:
        ((number, matches),) = judge_pairs(
            session, services.judge, list(labelled), whole_workspace(workspace.id)
        )
    judged = compare_with_labels(matches, labelled)
    assert number == 3
    assert judged.pairs == [(again, first), (alike, other)]
    assert judged.labels.tolist() == [1, 0]
    assert judged.flagged.tolist() == [True, False]
    assert judged.strengths[0] > judged.strengths[1]
    assert judged.probabilities is None


def test_with_a_model_there_are_probabilities() -> None:
    """Where verdicts taught one, all pairs have one; strengths order them either way."""
    match = Match(2, 0.8, 0.0, 0.95, "duplicate", 1.5)
    matches = {(2, 1): match, (3, 1): replace(match, probability=0.2, band=None, strength=-0.5)}
    judged = compare_with_labels(matches, {(2, 1): True, (3, 1): False})
    assert judged.probabilities is not None
    assert judged.probabilities.tolist() == [0.95, 0.2]
    assert judged.strengths.tolist() == [1.5, -0.5]
    assert compare_with_labels({}, {}).probabilities is None


def test_a_ranking_knows_no_verdicts(
    services: Services, workspace: Workspace, ids: list[int]
) -> None:
    """What somebody ruled out is ranked like all others: the labels say what is right."""
    first, again, alike, *_ = ids
    with services.database.write() as session:
        decide(session, workspace.id, (first, again), "distinct", by="U1", now=START)
    with services.database.read() as session:
        (found,) = rank_queries(
            session, services.judge, [first], whole_workspace(workspace.id), limit=2
        )
    assert found == {first: [again, alike]}


def test_a_source_is_looked_up_in_another(
    services: Services, workspace: Workspace, ids: list[int]
) -> None:
    """Only what may be found is found, and only that is asked for."""
    new = replace(ticket("A-1", TEXTS[2]), source="other")
    (theirs,) = [one.item_id for one in remember(services, workspace, [new])]
    audience = whole_workspace(workspace.id).among(Item.source == "other")
    with services.database.read() as session:
        (found,) = rank_queries(session, services.judge, ids[:2], audience, limit=9)
    assert found == {ids[0]: [theirs], ids[1]: [theirs]}
    wanted = {ids[0]: {ids[1], theirs}, ids[1]: {ids[0]}}
    assert restrict_to(wanted, {theirs}) == {ids[0]: {theirs}}
