"""Every column that can hold text is known to the erasure."""

from __future__ import annotations

import sqlalchemy as sa

from models import Base
from models.types import SafeText
from services.erasure.surfaces import COLUMNS, HOLDS_NOTHING, unnamed_columns


def test_no_column_that_can_hold_text_is_forgotten() -> None:
    """A new column is named as what people wrote, who they are, or neither."""
    assert unnamed_columns(Base.metadata.tables) == []


def test_a_new_column_is_missed() -> None:
    """The test above fails for a column that nobody has named, of any type that can hold text."""
    metadata = sa.MetaData()
    kinds = {"note": SafeText(), "data": sa.JSON(), "raw": sa.LargeBinary(), "code": sa.String(8)}
    table = sa.Table(
        "news", metadata, sa.Column("id", sa.Integer), *(sa.Column(*one) for one in kinds.items())
    )
    assert unnamed_columns({"news": table}) == [f"news.{name}" for name in kinds]


def test_every_named_column_exists_once() -> None:
    """No name is left over from a column that was dropped, and none is both."""
    tables = Base.metadata.tables
    named = [(t, c) for part in (COLUMNS, HOLDS_NOTHING) for t, some in part.items() for c in some]
    assert [(t, c) for t, c in named if c not in tables[t].c] == []
    assert len(named) == len(set(named))
