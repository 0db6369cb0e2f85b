"""Shared replies of earlier versions still follow what they name."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
import sqlalchemy as sa

import migrations
from models import Database, PostedReply, PostedReplyItem
from tests.conftest import NOW

ITEM: dict[str, object] = {"external_id": "C1/1.0", "kind": "ticket", "status": "open"}

pytestmark = pytest.mark.both_databases(every=True)


def test_shared_replies_are_kept(blank: Database) -> None:
    """With their items, and the next one has an id of its own."""
    migrations.upgrade(blank.engine)
    migrations.downgrade(blank.engine, "0046")
    _store_a_share(blank)
    migrations.upgrade(blank.engine)
    with blank.write() as session:
        reply = session.get_one(PostedReply, 7)
        assert (reply.command, reply.asked_by, reply.thread_ts) == ("similar printer", "U7", None)
        assert session.scalar(sa.select(PostedReplyItem.item_id)) == 3
        reply = PostedReply(
            channel_id=2, message_ts="2.0", command="topics", names_topics=True, mark="m2",
            shown_hash="h", asked_by="U8", posted_at=NOW,
        )  # fmt: skip
        session.add(reply)
        session.flush()
        assert reply.id == 8


def _store_a_share(database: Database) -> None:
    tables = sa.MetaData()
    with database.engine.begin() as connection:
        tables.reflect(connection)
        for table, row in (
            ("workspaces", {"id": 1, "team_id": "T1"}),
            ("channels", {"id": 2, "workspace_id": 1, "slack_id": "C1"}),
            ("items", {"id": 3, "workspace_id": 1, "channel_id": 2, **ITEM}),
            ("shares", {"id": 7, "channel_id": 2, "command": "similar printer", "shared_by": "U7"}),
            ("shared_items", {"share_id": 7, "item_id": 3}),
        ):
            connection.execute(tables.tables[table].insert(), [_filled(tables.tables[table], row)])


def _filled(table: sa.Table, row: Mapping[str, object]) -> dict[str, object]:
    """Return a row with something in every column that needs a value."""
    values: dict[type, object] = {str: "x", int: 0, bool: False, float: 0.0, bytes: b"", dict: {}}
    needed = {
        one.name: NOW.replace(tzinfo=None)
        if isinstance(one.type, sa.DateTime)
        else values.get(one.type.python_type, "")
        for one in table.columns
        if not one.nullable and one.server_default is None and not one.primary_key
    }
    return {**needed, **row}
