"""The nearest items, and the nearest ones with an answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.wiring import Services
from models import Workspace
from services.channels.audience import whole_workspace
from services.judgement.candidate_limits import ANSWER_LIMITS
from services.judgement.compared_items import load_compared_items
from services.judgement.nearest_items import nearest_and_answered
from tests.remembering import remember, ticket

OPEN = [f"the printer on the second floor is jammed again, tray {n}" for n in range(5)]
ANSWERED = "the printer on the second floor is jammed again, and it smells of hot plastic"
QUERY = "the printer on the second floor is jammed again"


@pytest.mark.both_databases
@pytest.mark.parametrize(("answered", "is_found"), [(1, True), (0, False)])
def test_an_answer_is_looked_for_beyond_the_nearest(
    services: Services, workspace: Workspace, answered: int, *, is_found: bool
) -> None:
    """Where all of the nearest are open, and near enough for an answer."""
    items = [ticket(f"o{n}", text) for n, text in enumerate(OPEN)]
    solved = ticket("solved", ANSWERED, resolution="Cleaned the fuser.")
    saved = remember(services, workspace, [*items, solved, ticket("query", QUERY)])
    ids = [one.item_id for one in saved]
    audience = whole_workspace(workspace.id)
    limits = replace(ANSWER_LIMITS, by_meaning=5, answered=answered)
    with services.database.read() as session:
        compared = load_compared_items(session, services.vectors, ids[-1:])
        queries = list(compared.values())
        nearest, found = nearest_and_answered(
            session, services.index, queries, audience=audience, limits=limits
        )
    assert {one.item_id for one in nearest[0]} == set(ids[:5])
    assert found == [frozenset([ids[5]] if is_found else [])]
