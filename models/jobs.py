"""The job queue's table."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import CASCADE, Base
from models.types import RowId


class Job(Base):
    """A unit of work of one workspace: ready, running (leased), done, failed, or dropped.

    `key` makes it unique: storing the same job twice changes nothing. `waiting_since` is when Slack
    could first not be reached for it.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        UniqueConstraint("workspace_id", "key"),
        CheckConstraint("state IN ('ready', 'running', 'done', 'failed', 'dropped')", name="state"),
        Index(None, "state", "run_at"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete=CASCADE))
    kind: Mapped[str] = mapped_column(String(32))
    key: Mapped[str]
    payload: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(16), default="ready")
    attempts: Mapped[int] = mapped_column(default=0)
    run_at: Mapped[datetime]
    owner: Mapped[str | None] = mapped_column(String(64))
    leased_until: Mapped[datetime | None]
    error: Mapped[str | None]
    waiting_since: Mapped[datetime | None]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
