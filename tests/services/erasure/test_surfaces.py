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
    table = sa.Table(
        "news",
        metadata,
        sa.Column("id", sa.Integer),
        sa.Column("note", SafeText()),
        sa.Column("data", sa.JSON()),
        sa.Column("raw", sa.LargeBinary()),
        sa.Column("code", sa.String(8)),
    )
    missed = ["news.note", "news.data", "news.raw", "news.code"]
    assert unnamed_columns({"news": table}) == missed


def test_every_named_column_exists_once() -> None:
    """No name is left over from a column that was dropped, and none is both."""
    tables = Base.metadata.tables
    named = [(t, c) for part in (COLUMNS, HOLDS_NOTHING) for t, some in part.items() for c in some]
    assert [(t, c) for t, c in named if c not in tables[t].c] == []
    assert len(named) == len(set(named))
