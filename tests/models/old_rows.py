"""The rows of a database of revision 0016, and those of the present one to compare with them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa

from models import (
    Database,
)
from models.types import Vector

Rows = dict[str, list[dict[str, Any]]]

OLD: Rows = json.loads((Path(__file__).parent / "rows_0016.json").read_text(encoding="utf-8"))


def reflected_table(connection: sa.Connection, name: str) -> sa.TableClause:
    """Return a table with the columns that it has in the database."""
    columns = sa.inspect(connection).get_columns(name)
    types = [
        Vector() if one["name"] in {"vector", "centroid", "centre"} else one["type"]
        for one in columns
    ]
    return sa.table(
        name, *(sa.column(one["name"], kind) for one, kind in zip(columns, types, strict=True))
    )


def database_value(kind: sa.types.TypeEngine[Any], value: Any) -> Any:
    """Return a value of the file as the database stores it."""
    if isinstance(kind, sa.DateTime) and value is not None:
        return datetime.fromisoformat(value)
    return np.array(value, dtype=np.float32) if isinstance(kind, Vector) else value


def file_value(value: Any, like: Any) -> Any:
    """Return a value of the database as the file has it, in the format of `like` there."""
    if isinstance(value, datetime):
        has_zone = like is None or datetime.fromisoformat(like).tzinfo is not None
        aware = value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
        return aware.isoformat() if has_zone else value.isoformat()
    if isinstance(value, np.ndarray):
        return [round(float(one), 6) for one in value]
    return value


def stored_rows(database: Database, expected: Rows) -> Rows:
    """Return all rows of a database, with values in the format of the expected ones."""
    found: Rows = {}
    with database.engine.connect() as connection:
        for name, rows in expected.items():
            table = reflected_table(connection, name)
            keys = sa.inspect(connection).get_pk_constraint(name)["constrained_columns"]
            order = [table.c[key] for key in sorted(keys)]
            likes = sorted(rows, key=lambda row: [row[key] for key in sorted(keys)])
            values = connection.execute(sa.select(table).order_by(*order)).mappings().all()
            assert len(values) == len(rows), name
            found[name] = [
                {key: file_value(row[key], like.get(key)) for key in row}
                for row, like in zip(values, likes, strict=True)
            ]
    return found


def sorted_rows(rows: Rows, database: Database) -> Rows:
    """Return rows in the order of their primary keys."""
    keys = {
        name: sorted(sa.inspect(database.engine).get_pk_constraint(name)["constrained_columns"])
        for name in rows
    }
    return {
        name: sorted(some, key=lambda row, name=name: [row[key] for key in keys[name]])  # type: ignore[misc]
        for name, some in rows.items()
    }
