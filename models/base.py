"""The declarative base of all tables: names of constraints, and types of columns.

Modules of tables have no `from __future__ import annotations`: SQLAlchemy would compile the text of
each column's type, which every command that reads waits for.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, MetaData
from sqlalchemy.orm import DeclarativeBase

from models.types import SafeText, Sealed, SealedText, UtcDateTime

CASCADE = "CASCADE"


class Base(DeclarativeBase):
    """The base of all tables. Every constraint has a name, so that a migration can change it."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        str: SafeText(),
        Sealed: SealedText(),
        datetime: UtcDateTime(),
        dict[str, Any]: JSON(),
        list[str]: JSON(),
    }
