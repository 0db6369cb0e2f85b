"""Where tickets come from besides Slack: the connected help desks, trackers and other programs."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import CASCADE, Base
from models.types import NEVER_REUSE_IDS, RowId, Sealed


class Source(Base):
    """A program whose tickets a workspace has. `name` is the source of its items, too.

    A *webhook* sends them; from the others, trackers and help desks, they are fetched: see
    `Connection`.

    `channel_id` is the channel whose readers may see its tickets; None: all full members. If that
    channel is deleted so is the source: its tickets must not become visible to more people.

    A webhook's message is signed with `secret`, or until `old_until` with `old_secret`.
    """

    __tablename__ = "sources"
    __table_args__ = (
        CheckConstraint("kind IN ('webhook', 'github', 'jira', 'zendesk')", name="kind"),
        NEVER_REUSE_IDS,
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete=CASCADE))
    # Unique in the database, not in a workspace: it is the address that a program sends to.
    name: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[str] = mapped_column(String(16))
    channel_id: Mapped[int | None] = mapped_column(ForeignKey("channels.id", ondelete=CASCADE))
    secret: Mapped[Sealed | None]
    old_secret: Mapped[Sealed | None]
    old_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime | None]


class Connection(Base):
    """A tracker or help desk whose tickets are fetched: where it is, and how far that is.

    `address` is that of its API; `scope` says what of it is fetched, in the connector's own form.
    `cursor` is the connector's, too; all changes before `read_until` have been read. It is asked
    again at `next_poll_at`. Decisions from `writes_since` on are written there, too; None: none.
    `failures` counts those since `succeeded_at`, `error` is the last one. `credentials` belong to
    this source alone, as JSON; None: those of the settings. `creates_issues`: people may open
    issues there from Slack.
    """

    __tablename__ = "connections"

    source_id: Mapped[int] = mapped_column(
        ForeignKey("sources.id", ondelete=CASCADE), primary_key=True, autoincrement=False
    )
    address: Mapped[str] = mapped_column(String(255))
    scope: Mapped[str] = mapped_column(String(255))
    cursor: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    read_until: Mapped[datetime | None]
    next_poll_at: Mapped[datetime]
    succeeded_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]
    writes_since: Mapped[datetime | None]
    credentials: Mapped[Sealed | None]
    creates_issues: Mapped[bool] = mapped_column(default=False)


class WriteBack(Base):
    """What was written to a program about one of its tickets because of a verdict.

    It has *begun* (it may be there or not), is *done*, was *undone*, or has *failed* for `error`.
    The ids are those of the program.
    """

    __tablename__ = "write_backs"
    __table_args__ = (
        UniqueConstraint("verdict_id", "item_id"),
        CheckConstraint("state IN ('begun', 'done', 'undone', 'failed')", name="state"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id", ondelete=CASCADE))
    verdict_id: Mapped[int] = mapped_column(ForeignKey("verdicts.id", ondelete=CASCADE))
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete=CASCADE))
    state: Mapped[str] = mapped_column(String(16))
    note_id: Mapped[str | None]
    link_id: Mapped[str | None]
    error: Mapped[str | None]
    changed_at: Mapped[datetime]


class CreatedIssue(Base):
    """An issue that somebody opened in a tracker of the ticket `item_id`, by the form `form`.

    It has *begun* (since `tried_at` it may be there or not), is *done*, or has *failed* for
    `error`. `external_id` is that of its ticket here, `name` what people call it. `is_linked`: both
    tickets were confirmed as the same. `is_closed`: it is closed there.
    """

    __tablename__ = "created_issues"
    __table_args__ = (
        UniqueConstraint("form"),
        Index("ix_created_issues_source_id_external_id", "source_id", "external_id"),
        CheckConstraint("state IN ('begun', 'done', 'failed')", name="state"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id", ondelete=CASCADE))
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete=CASCADE))
    form: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16))
    external_id: Mapped[str | None]
    name: Mapped[str | None]
    url: Mapped[str | None]
    error: Mapped[str | None]
    is_linked: Mapped[bool] = mapped_column(default=False)
    is_closed: Mapped[bool] = mapped_column(default=False)
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    tried_at: Mapped[datetime | None]
