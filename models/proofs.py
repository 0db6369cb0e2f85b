"""What the nightly proof found, and the problems that administrators were told of."""

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.types import RowId


class Proof(Base):
    """The result of one night: each check by its name, under the model in use."""

    __tablename__ = "proofs"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    made_at: Mapped[datetime]
    fingerprint: Mapped[str] = mapped_column(String(128))
    checks: Mapped[dict[str, Any]]


class Problem(Base):
    """A problem that administrators were told of at `told_at`, until it is over.

    `text` is a stored phrase, `size` how bad it was when they were told, `seen_at` when it was
    last found.
    """

    __tablename__ = "problems"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    text: Mapped[dict[str, Any]]
    size: Mapped[int]
    began_at: Mapped[datetime]
    told_at: Mapped[datetime]
    seen_at: Mapped[datetime]
