"""Column types that read the same on SQLite and PostgreSQL.

Only this module, `models/many_values.py`, `models/connections.py`, `models/database.py` and the
migrations name the dialects.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self, cast

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    DateTime,
    Dialect,
    Float,
    Index,
    Integer,
    LargeBinary,
    Text,
    func,
    literal_column,
    text,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeDecorator, TypeEngine, UserDefinedType

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    FloatVector = NDArray[np.float32]
else:  # NumPy is imported with the first vector: most commands see none
    FloatVector = object

POSTGRESQL = "postgresql"
SQLITE = "sqlite"

# 64-bit keys everywhere; SQLite gives its rowid only to columns typed INTEGER.
RowId = BigInteger().with_variant(Integer(), SQLITE)

# Without AUTOINCREMENT SQLite hands out the id of a deleted last row again, and an index that
# follows `id > last_id` would never see the new row.
NEVER_REUSE_IDS = {"sqlite_autoincrement": True}

# A table that is its own index: half the size, and one look-up instead of two.
WITHOUT_ROWID = {"sqlite_with_rowid": False}


def safe_text(text: str) -> str:
    """Return a text that every database can store: without NUL, lone surrogates replaced by `?`."""
    if text.isascii():
        return text.replace("\x00", "")
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


class SafeText(TypeDecorator[str]):
    """Text from outside, stored as `safe_text` returns it."""

    impl = Text
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[str | None], str | None]:
        return _safe_text_or_none  # without the calls of SQLAlchemy's own: an import binds many


def _safe_text_or_none(value: str | None) -> str | None:
    return None if value is None else safe_text(value)


@dataclass(frozen=True)
class Sealed:
    """A secret as it is stored: encrypted, or plain text where an older version stored it.

    Whoever may decrypt it has the keys: see `services.secrets.keyring`.
    """

    text: str = field(repr=False)


class SealedText(TypeDecorator[Sealed]):
    """A secret. Only a `Sealed` can be stored, so that no plain text is stored by mistake."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Sealed | None, dialect: Dialect) -> str | None:
        if value is not None and not isinstance(value, Sealed):
            raise TypeError("a secret must be encrypted before it is stored")
        return None if value is None else value.text

    def process_result_value(self, value: str | None, dialect: Dialect) -> Sealed | None:
        return None if value is None else Sealed(value)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, stored and returned in UTC."""

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


class Vector(TypeDecorator[FloatVector]):
    """A float32 vector, shape `(dim,)`: raw little-endian bytes on SQLite, pgvector elsewhere."""

    impl = LargeBinary
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(PgVector() if dialect.name == POSTGRESQL else LargeBinary())

    def process_bind_param(self, value: FloatVector | None, dialect: Dialect) -> Any:
        if value is None or dialect.name == POSTGRESQL:
            return value
        import numpy as np

        return np.ascontiguousarray(value, dtype="<f4").tobytes()

    def process_result_value(self, value: Any, dialect: Dialect) -> FloatVector | None:
        if value is None or dialect.name == POSTGRESQL:
            return cast(FloatVector | None, value)
        import numpy as np

        return np.frombuffer(value, dtype="<f4")


class PgVector(UserDefinedType[FloatVector]):
    """pgvector's type, read as the bytes that it sends: as text that takes many times longer."""

    cache_ok = True

    def get_col_spec(self, **_options: Any) -> str:
        return "VECTOR"

    def column_expression(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        return func.vector_send(column, type_=self)

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], str | None]:
        return _vector_text

    def result_processor(
        self, dialect: Dialect, coltype: object
    ) -> Callable[[Any], FloatVector | None]:
        return _sent_vector


def _vector_text(value: FloatVector | None) -> str | None:
    return None if value is None else f"[{','.join(map(str, value.tolist()))}]"


def _sent_vector(sent: bytes | None) -> FloatVector | None:
    """Return a vector from its dimensions, two unused bytes, and its floats."""
    if sent is None:
        return None
    import numpy as np

    return np.frombuffer(sent, dtype=">f4", offset=4).astype(np.float32)


class cosine_distance(FunctionElement[float]):  # noqa: N801 - reads as the SQL function it is
    """pgvector's cosine distance of a column to a vector; the HNSW index over `dim` serves it."""

    type = Float()
    inherit_cache = True

    def __init__(self, column: ColumnElement[Any], vector: ColumnElement[Any], dim: int) -> None:
        super().__init__(column, vector, literal_column(str(int(dim))))


@compiles(cosine_distance, POSTGRESQL)
def _distance_on_postgresql(element: cosine_distance, compiler: SQLCompiler, **options: Any) -> str:
    column, vector, dim = (compiler.process(one, **options) for one in element.clauses)
    return f"({column}::vector({dim}) <=> {vector}::vector({dim}))"


class contains_term(FunctionElement[bool]):  # noqa: N801 - reads as the SQL function it is
    """The condition that a document, given by its id and terms, contains a term.

    Terms consist of letters, digits, `_` and `.`, so nothing in them is query syntax.
    """

    type = Boolean()
    inherit_cache = True

    def self_group(self, against: OperatorType | None = None) -> Self:
        """Stay a bare condition: with `(…) = 1`, as for other booleans, the index is not used."""
        return self


@compiles(contains_term, SQLITE)
def _contains_on_sqlite(element: contains_term, compiler: SQLCompiler, **options: Any) -> str:
    document_id, _, term = (compiler.process(one, **options) for one in element.clauses)
    return (
        f"{document_id} IN (SELECT rowid FROM document_words "  # noqa: S608 - bound parameters
        f"WHERE document_words MATCH '\"' || {term} || '\"')"
    )


@compiles(contains_term, POSTGRESQL)
def _contains_on_postgresql(element: contains_term, compiler: SQLCompiler, **options: Any) -> str:
    _, document_terms, term = (compiler.process(one, **options) for one in element.clauses)
    words = f"array_to_tsvector(string_to_array({document_terms}, ' '))"
    return f"{words} @@ CAST('''' || {term} || '''' AS tsquery)"


class epoch_seconds(FunctionElement[int]):  # noqa: N801 - reads as the SQL function it is
    """A stored time in whole seconds since 1970 (UTC)."""

    type = BigInteger()
    inherit_cache = True


@compiles(epoch_seconds, SQLITE)
def _seconds_on_sqlite(element: epoch_seconds, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST(strftime('%s', {compiler.process(element.clauses, **options)}) AS INTEGER)"


@compiles(epoch_seconds, POSTGRESQL)
def _seconds_on_postgresql(element: epoch_seconds, compiler: SQLCompiler, **options: Any) -> str:
    time = compiler.process(element.clauses, **options)
    return f"CAST(floor(extract(epoch FROM {time})) AS bigint)"


def partial_index(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """Return an index over the rows for which `where` (plain SQL) holds.

    Tables are made by the migrations, which name the condition for each database. Here it has one
    name: the other would make every command import what SQLAlchemy knows of PostgreSQL.
    """
    return Index(name, *columns, unique=unique, sqlite_where=text(where))


__all__ = [
    "NEVER_REUSE_IDS",
    "POSTGRESQL",
    "SQLITE",
    "WITHOUT_ROWID",
    "FloatVector",
    "PgVector",
    "RowId",
    "SafeText",
    "Sealed",
    "SealedText",
    "UtcDateTime",
    "Vector",
    "contains_term",
    "cosine_distance",
    "epoch_seconds",
    "partial_index",
    "safe_text",
]
