"""What a condition over `Item` says of the columns that Qdrant stores beside a vector.

Qdrant narrows its search by that, and the database has the last word on what it finds. A part of a
condition that cannot be translated is left out where that only lets more through.
"""

from __future__ import annotations

from typing import Any

from qdrant_client import models as qdrant
from sqlalchemy import (
    BindParameter,
    ColumnClause,
    ColumnElement,
    Connection,
    Null,
    Select,
    TableClause,
)
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.elements import BinaryExpression, BooleanClauseList, Grouping
from sqlalchemy.sql.selectable import ScalarSelect

from models import Item

# Columns of `Item` that never change; stored as text, which Qdrant keeps apart by tenant.
PAYLOAD = ("workspace_id", "channel_id", "kind", "source")


def payload_filter(connection: Connection, where: ColumnElement[bool]) -> qdrant.Filter | None:
    """Return a filter that lets through whatever passes `where`; None where all may pass."""
    found = _translate(connection, where)
    if found is None or isinstance(found, qdrant.Filter):
        return found
    return qdrant.Filter(must=[found])


def _translate(connection: Connection, clause: Any) -> Any:
    if isinstance(clause, Grouping):
        return _translate(connection, clause.element)
    if isinstance(clause, BooleanClauseList):
        parts = [_translate(connection, one) for one in clause.clauses]
        known = [one for one in parts if one is not None]
        if clause.operator is operators.and_:
            return qdrant.Filter(must=known) if known else None
        return qdrant.Filter(should=parts) if len(known) == len(parts) else None
    if isinstance(clause, BinaryExpression) and _is_stored(clause.left):
        return _compare(connection, clause.left.name, clause.operator, clause.right)
    return None


def _is_stored(column: object) -> bool:
    if not isinstance(column, ColumnClause) or not isinstance(column.table, TableClause):
        return False
    return column.table.name == Item.__tablename__ and column.name in PAYLOAD


def _compare(connection: Connection, name: str, operator: Any, right: Any) -> Any:
    if operator is operators.is_ and isinstance(right, Null):
        return qdrant.IsNullCondition(is_null=qdrant.PayloadField(key=name))
    if operator is operators.eq and isinstance(right, BindParameter):
        return _any_of(name, [right.value])
    if operator is not operators.in_op:
        return None
    if isinstance(right, BindParameter):
        return _any_of(name, right.value)
    found = right.element if isinstance(right, ScalarSelect) else None
    if not isinstance(found, Select) or _names_items(found):
        return None  # one that depends on the item cannot be answered for all of them
    return _any_of(name, connection.scalars(found))


def _names_items(query: Select[Any]) -> bool:
    """Say whether a query reads the table of items, also in a query within it."""
    return any(part is Item.__table__ for part in visitors.iterate(query))


def _any_of(name: str, values: Any) -> qdrant.FieldCondition:
    known = [str(one) for one in values if one is not None]
    return qdrant.FieldCondition(key=name, match=qdrant.MatchAny(any=known))
