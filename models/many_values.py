"""Rows by many values, in one parameter."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Self

from sqlalchemy import BigInteger, BindParameter, Boolean, Dialect, Text, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeDecorator, TypeEngine

from models.types import POSTGRESQL, SQLITE


class Values(TypeDecorator[Sequence[Any]]):
    """Many values as one parameter: JSON on SQLite, an array elsewhere; `of` is their type."""

    impl = Text
    cache_ok = True

    def __init__(self, of: type[BigInteger | Text]) -> None:
        self.of = of
        super().__init__()

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name != POSTGRESQL:
            return dialect.type_descriptor(Text())
        from sqlalchemy import ARRAY

        return dialect.type_descriptor(ARRAY(self.of))

    def process_bind_param(self, value: Sequence[Any] | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        return list(value) if dialect.name == POSTGRESQL else json.dumps(list(value))


def many_ids(name: str) -> BindParameter[Sequence[int]]:
    """Return a parameter for any number of ids, for `is_among`."""
    return bindparam(name, type_=Values(BigInteger))


def many_texts(name: str) -> BindParameter[Sequence[str]]:
    """Return a parameter for any number of texts, for `is_among`."""
    return bindparam(name, type_=Values(Text))


class is_among(FunctionElement[bool]):  # noqa: N801 - reads as the SQL function it is
    """The condition that a column has one of many values (`Values`), however many there are.

    `IN` with a parameter for each is another statement for each number of them, which SQLAlchemy
    writes and SQLite reads again, and that takes longer than finding the rows.
    """

    type = Boolean()
    inherit_cache = True

    def self_group(self, against: OperatorType | None = None) -> Self:
        """Stay a bare condition: with `(…) = 1` the index is not used."""
        return self


@compiles(is_among, SQLITE)
def _is_among_on_sqlite(element: is_among, compiler: SQLCompiler, **options: Any) -> str:
    column, values = (compiler.process(one, **options) for one in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - bound parameters


@compiles(is_among, POSTGRESQL)
def _is_among_on_postgresql(element: is_among, compiler: SQLCompiler, **options: Any) -> str:
    column, values = (compiler.process(one, **options) for one in element.clauses)
    return f"{column} = ANY ({values})"
