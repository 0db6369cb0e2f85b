"""Column types that read the same on SQLite and PostgreSQL.

Here, in `models/database.py` and in the migrations the dialects have names; nowhere else.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pgvector.sqlalchemy import VECTOR
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    Text,
    cast,
    text,
)
from sqlalchemy.sql.elements import SQLColumnExpression
from sqlalchemy.types import TypeDecorator, TypeEngine

POSTGRESQL = "postgresql"
SQLITE = "sqlite"

# 64-bit keys everywhere; SQLite gives its rowid only to columns typed INTEGER.
RowId = BigInteger().with_variant(Integer(), SQLITE)

# Without AUTOINCREMENT SQLite hands out the id of a deleted last row again, and an index that
# follows `id > last_id` would never see the new row.
NEVER_REUSE_IDS = {"sqlite_autoincrement": True}


def safe_text(text: str) -> str:
    """Return `text` without what no database stores: NUL and lone surrogates."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


class SafeText(TypeDecorator[str]):
    """Text from outside: NUL dropped, lone surrogates replaced by `?`."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else safe_text(value)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, kept and returned in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without a time zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Vector(TypeDecorator[NDArray[np.float32]]):
    """A float32 vector, shape `(dim,)`: raw little-endian bytes on SQLite, pgvector elsewhere."""

    impl = LargeBinary
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(VECTOR() if dialect.name == POSTGRESQL else LargeBinary())

    def process_bind_param(self, value: NDArray[np.float32] | None, dialect: Dialect) -> Any:
        if value is None or dialect.name == POSTGRESQL:
            return value
        return np.ascontiguousarray(value, dtype="<f4").tobytes()

    def process_result_value(self, value: Any, dialect: Dialect) -> NDArray[np.float32] | None:
        if value is None or dialect.name == POSTGRESQL:
            return None if value is None else np.asarray(value, dtype=np.float32)
        return np.frombuffer(value, dtype="<f4")


def cosine_distance(
    column: SQLColumnExpression[Any], vector: NDArray[np.float32]
) -> ColumnElement[float]:
    """Return pgvector's cosine distance, written as the HNSW index in the migrations has it."""
    typed: Any = cast(column, VECTOR(vector.shape[0]))
    distance: ColumnElement[float] = typed.cosine_distance(vector)
    return distance


def standing_index(name: str, *columns: str, where: str) -> Index:
    """Return a unique index over the rows for which `where` (plain SQL) holds."""
    condition = text(where)
    return Index(name, *columns, unique=True, sqlite_where=condition, postgresql_where=condition)


__all__ = [
    "NEVER_REUSE_IDS",
    "POSTGRESQL",
    "SQLITE",
    "RowId",
    "SafeText",
    "UtcDateTime",
    "Vector",
    "cosine_distance",
    "safe_text",
    "standing_index",
]
