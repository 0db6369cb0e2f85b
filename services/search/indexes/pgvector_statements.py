"""The statements by which PostgreSQL finds the nearest rows: all, those that pass, and both.

Each is kept with its conditions: to put one together takes longer than to send it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import (
    CTE,
    ColumnElement,
    Integer,
    ScalarSelect,
    Select,
    bindparam,
    literal_column,
    select,
    true,
)

from models import MAX_STATEMENTS, Embedding, Item
from models.types import Vector, cosine_distance
from services.search.indexes.contract import LIVE_ITEM, MAX_REACH
from services.search.indexes.near_rows import ROUNDING

_embeddings, _items = Embedding.__table__, Item.__table__
_VECTOR = bindparam("vector", type_=Vector())
_ROWS_WANTED = bindparam("rows", type_=Integer())


@dataclass(frozen=True)
class RowsOf:
    """The rows of one workspace and one model, which have `dim` dimensions."""

    workspace_id: int
    fingerprint: str
    dim: int

    @property
    def conditions(self) -> list[ColumnElement[bool]]:
        """Those of their HNSW index.

        They have no parameters: a plan for any value could not use the index of these.
        """
        return [
            _embeddings.c.workspace_id == literal_column(str(int(self.workspace_id))),
            _embeddings.c.fingerprint == bindparam(None, self.fingerprint, literal_execute=True),
        ]

    def scored(self) -> Select[int, float]:
        """Select their items and similarities, in no order."""
        own = select(_embeddings.c.item_id, (1 - self._distance).label("similarity"))
        return own.where(*self.conditions)

    def nearest(self) -> Select[int, float]:
        """Select the same, the nearest first."""
        return self.scored().order_by(self._distance)

    @property
    def _distance(self) -> ColumnElement[float]:
        return cosine_distance(_embeddings.c.vector, _VECTOR, self.dim)


@lru_cache(MAX_STATEMENTS)
def passing(rows: RowsOf, where: ColumnElement[bool]) -> Select[int, float]:
    """Select the nearest rows whose items pass, as far as the index is scanned."""
    return rows.nearest().where(_passes(where)).limit(_ROWS_WANTED)


@lru_cache(MAX_STATEMENTS)
def passing_of_all(rows: RowsOf, where: ColumnElement[bool]) -> Select[int, float]:
    """Select the same without the index: all that pass are compared."""
    every = rows.scored().where(_passes(where)).cte("every").prefix_with("MATERIALIZED")
    return (
        select(every.c.item_id, every.c.similarity)
        .order_by(every.c.similarity.desc())
        .limit(_ROWS_WANTED)
    )


@lru_cache(MAX_STATEMENTS)
def passing_of_nearest(
    rows: RowsOf, where: ColumnElement[bool], least: float
) -> Select[int, float]:
    """Select of the nearest rows those that pass and are similar enough.

    In two steps: where PostgreSQL expects hardly any item of the workspace to pass, it would read
    all of them to find these, which takes longer the more there are.
    """
    near = _near(rows)
    return (
        select(near.c.item_id, near.c.similarity)
        # Rounded: `at_least` compares them more exactly.
        .where(near.c.similarity >= least - ROUNDING, _of_item(near, true(), where))
        .order_by(near.c.similarity.desc())
        .limit(_ROWS_WANTED)
    )


@lru_cache(MAX_STATEMENTS)
def nearest_marked(
    rows: RowsOf, where: ColumnElement[bool], narrower: ColumnElement[bool]
) -> Select[int, float, bool]:
    """Select the nearest rows, each with NULL if it does not pass, or whether it does narrowly."""
    near = _near(rows)
    return select(
        near.c.item_id, near.c.similarity, _of_item(near, narrower, where).label("is_narrow")
    )


def _passes(where: ColumnElement[bool]) -> ColumnElement[bool]:
    return LIVE_ITEM.where(where).correlate(_embeddings).exists()


def _near(rows: RowsOf) -> CTE:
    # A number, not a parameter, for which PostgreSQL would expect a tenth of all rows.
    nearest = rows.nearest().limit(literal_column(str(MAX_REACH)))
    return nearest.cte("near").prefix_with("MATERIALIZED")


def _of_item(
    near: CTE, wanted: ColumnElement[bool], where: ColumnElement[bool]
) -> ScalarSelect[bool]:
    """Select a value of each row's item, NULL for those that do not pass.

    It is looked up for each of them: PostgreSQL may run EXISTS as a join, from the items that pass.
    """
    return (
        select(wanted)
        .where(_items.c.id == near.c.item_id, _items.c.deleted_at.is_(None), where)
        .correlate(near)
        .scalar_subquery()
    )
