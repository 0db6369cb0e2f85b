"""Explorations have a kind of their own, and what a run found has columns of its own.

Until now explorations (runs with a fixed number of topics) were rows of a negative scope, -1 less
the scope of the team's topics. All that was known of a run was one JSON object, `changes`.

Revision: 0017
Follows: 0016
Created: 2026-11-28 12:10:00
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from models.types import RowId, SafeText

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_TEAM, _EXPLORATION = "team", "exploration"
_SCOPED = ("topics", "topic_items", "topic_runs")
_RANKED = sa.text("rank IS NOT NULL")

_RENAMED = {"channels": "channel_ids", "channel": "posted_channel", "pools": "pool_epochs"}


def _added() -> list[sa.Column[Any]]:
    """Return the new columns of runs."""
    return [
        sa.Column("topics", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("theme_titles", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("gone_topics", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("input_digest", sa.String(length=64), server_default="", nullable=False),
        sa.Column("job_key", SafeText(), nullable=True),
        sa.Column("posted_titles", sa.JSON(), server_default="[]", nullable=False),
    ]


_RUNS = sa.table(
    "topic_runs",
    sa.column("id", RowId),
    sa.column("channel_ids", sa.JSON()),
    sa.column("changes", sa.JSON()),
    *(sa.column(column.name, column.type) for column in _added()),
)


def upgrade() -> None:
    """Split the scopes into audience and kind, and the changes of runs into columns."""
    _drop_scope_indexes("scope")
    for name in _SCOPED:
        op.alter_column(name, "scope", new_column_name="audience_id")
        op.add_column(
            name,
            sa.Column("kind", sa.String(length=16), server_default=_TEAM, nullable=False),
        )
        table = _scoped(name)
        op.execute(sa.update(table).where(table.c.audience_id < 0).values(kind=_EXPLORATION))
    # Before the numbers change: a ticket is in a topic of the team and in one of an exploration.
    _set_primary_key("item_id", "audience_id", "kind")
    for name in _SCOPED:
        table = _scoped(name)
        op.execute(
            sa.update(table)
            .where(table.c.audience_id < 0)
            .values(audience_id=-1 - table.c.audience_id)
        )
    for name in ("topics", "topic_runs"):
        op.create_index(f"ix_{name}_scope", name, ["workspace_id", "audience_id", "kind"])
    _create_best_index("audience_id", "kind")

    for old, new in _RENAMED.items():
        op.alter_column("topic_runs", old, new_column_name=new)
    for column in _added():
        op.add_column("topic_runs", column)
    for run in _stored_runs("channel_ids", "changes"):
        _update(run.id, channel_ids=[int(one) for one in run.channel_ids], **_columns(run.changes))
    op.drop_column("topic_runs", "changes")


def downgrade() -> None:
    """Put audience and kind into one number again, and the columns of runs into one object."""
    op.add_column(
        "topic_runs", sa.Column("changes", sa.JSON(), server_default="{}", nullable=False)
    )
    for run in _stored_runs("channel_ids", *(column.name for column in _added())):
        _update(run.id, channel_ids=[str(one) for one in run.channel_ids], changes=_changes(run))
    for column in _added():
        op.drop_column("topic_runs", column.name)
    for old, new in _RENAMED.items():
        op.alter_column("topic_runs", new, new_column_name=old)

    for name in ("topics", "topic_runs"):
        op.drop_index(f"ix_{name}_scope", table_name=name)
    op.drop_index("ix_topic_items_best", table_name="topic_items")
    for name in _SCOPED:
        table = _scoped(name)
        op.execute(
            sa.update(table)
            .where(table.c.kind == _EXPLORATION)
            .values(audience_id=-1 - table.c.audience_id)
        )
    _set_primary_key("item_id", "audience_id")
    for name in _SCOPED:
        op.drop_column(name, "kind")
        op.alter_column(name, "audience_id", new_column_name="scope")
    for name in ("topics", "topic_runs"):
        op.create_index(
            op.f(f"ix_{name}_workspace_id_{name}_scope"), name, ["workspace_id", "scope"]
        )
    _create_best_index("scope")


def _scoped(name: str) -> sa.TableClause:
    return sa.table(name, sa.column("audience_id", RowId), sa.column("kind", sa.String()))


def _columns(changes: dict[str, Any]) -> dict[str, Any]:
    """Return what a run found, by column. Older runs know nothing of some of it."""
    return {
        "topics": {
            topic_id: {
                "change": topic["change"],
                "previous_size": topic["before"],
                "theme": topic.get("theme"),
            }
            for topic_id, topic in changes.get("topics", {}).items()
        },
        "theme_titles": changes.get("themes", {}),
        "gone_topics": {str(topic["id"]): topic["title"] for topic in changes.get("gone", [])},
        "input_digest": changes.get("made_of", ""),
        "job_key": changes.get("job"),
        "posted_titles": changes.get("shown", []),
    }


def _changes(run: sa.Row[Any]) -> dict[str, Any]:
    """Return what a run found as one object."""
    found: dict[str, Any] = {
        "topics": {
            topic_id: {
                "change": topic["change"],
                "before": topic["previous_size"],
                **({} if topic["theme"] is None else {"theme": topic["theme"]}),
            }
            for topic_id, topic in run.topics.items()
        },
        "themes": run.theme_titles,
        "gone": [
            {"id": int(topic_id), "title": title} for topic_id, title in run.gone_topics.items()
        ],
        "made_of": run.input_digest,
    }
    if run.job_key is not None:
        found["job"] = run.job_key
    if run.posted_titles:
        found["shown"] = run.posted_titles
    return found


def _stored_runs(*names: str) -> Iterator[sa.Row[Any]]:
    """Return the runs one after the other: together they may be larger than memory."""
    connection = op.get_bind()
    columns = [_RUNS.c.id, *(_RUNS.c[name] for name in names)]
    for run_id in connection.scalars(sa.select(_RUNS.c.id)).all():
        yield connection.execute(sa.select(*columns).where(_RUNS.c.id == run_id)).one()


def _update(run_id: int, **values: Any) -> None:
    op.execute(sa.update(_RUNS).where(_RUNS.c.id == run_id).values(**values))


def _set_primary_key(*columns: str) -> None:
    """Give the memberships another key. On SQLite that copies the table, which none refers to."""
    with op.batch_alter_table("topic_items") as items:
        items.drop_constraint(op.f("pk_topic_items"), type_="primary")
        items.create_primary_key(op.f("pk_topic_items"), list(columns))


def _drop_scope_indexes(column: str) -> None:
    for name in ("topics", "topic_runs"):
        op.drop_index(op.f(f"ix_{name}_workspace_id_{name}_{column}"), table_name=name)
    op.drop_index("ix_topic_items_best", table_name="topic_items")


def _create_best_index(*scope: str) -> None:
    op.create_index(
        "ix_topic_items_best",
        "topic_items",
        [*scope, "rank"],
        sqlite_where=_RANKED,
        postgresql_where=_RANKED,
    )
