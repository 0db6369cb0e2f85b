"""Many rows in few statements, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from models import Database, Pool, Workspace, insert_together
from models.database import MAX_PARAMETERS
from tests.conftest import NOW

pytestmark = pytest.mark.both_databases(every=True)

# More than one statement takes, and no multiple of what it takes.
ROWS = MAX_PARAMETERS // 4 + 7


def test_all_rows_are_inserted(database: Database) -> None:
    """However many there are, each with its own values; none are none."""
    with database.write() as session:
        home = Workspace(team_id="T1", created_at=NOW)
        session.add(home)
        session.flush()
        rows = [
            {
                "workspace_id": home.id, "scope": number, "kind": "tick'ä", "documents": 1,
                "length": 2 * number, "epoch": 0,
            }
            for number in range(ROWS)
        ]  # fmt: skip
        insert_together(session, Pool, rows)
        insert_together(session, Pool, [])
    with database.read() as session:
        stored = session.execute(select(Pool.scope, Pool.kind, Pool.length).order_by(Pool.scope))
        assert [tuple(row) for row in stored] == [
            (number, "tick'ä", 2 * number) for number in range(ROWS)
        ]
