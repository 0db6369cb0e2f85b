"""Rows by many values in one parameter, on both databases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from sqlalchemy import select

from models import Database, Workspace, is_among, many_ids, many_texts
from tests.conftest import NOW

pytestmark = pytest.mark.both_databases(every=True)

TEAMS = ["T1", "T'2", 'T"3', "T\\4", "Tä5"]


@pytest.fixture
def ids(database: Database) -> dict[str, int]:
    """Workspaces by their names."""
    with database.write() as session:
        rows = [Workspace(team_id=team, created_at=NOW) for team in TEAMS]
        session.add_all(rows)
        session.flush()
        return {str(row.team_id): row.id for row in rows}


def found(
    database: Database, column: object, many: Callable[[str], Any], values: Sequence[object]
) -> set[str]:
    """Return the names of the workspaces whose column has one of the values."""
    condition = is_among(column, many("values"))
    with database.read() as session:
        return set(session.scalars(select(Workspace.team_id).where(condition), {"values": values}))


def test_rows_have_one_of_the_values(database: Database, ids: dict[str, int]) -> None:
    """Numbers and texts, whatever is in them; none of no values."""
    wanted = [ids["T1"], ids["Tä5"], 10**12]
    assert found(database, Workspace.id, many_ids, wanted) == {"T1", "Tä5"}
    assert found(database, Workspace.team_id, many_texts, TEAMS[1:]) == set(TEAMS[1:])
    assert found(database, Workspace.id, many_ids, []) == set()


def test_there_may_be_more_values_than_parameters(database: Database, ids: dict[str, int]) -> None:
    """SQLite takes 32,766 parameters a statement."""
    assert found(database, Workspace.id, many_ids, range(1, 40_000)) == set(ids)
