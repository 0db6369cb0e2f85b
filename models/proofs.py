"""What the nightly proof found."""

from __future__ import annotations

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
