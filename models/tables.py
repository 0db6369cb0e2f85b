"""The tables. Words are those of the design: item, embedding, verdict, match, job."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    MetaData,
    String,
    UniqueConstraint,
    false,
    true,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from models.types import (
    NEVER_REUSE_IDS,
    WITHOUT_ROWID,
    RowId,
    SafeText,
    UtcDateTime,
    Vector,
    standing_index,
)

CASCADE = "CASCADE"


class Base(DeclarativeBase):
    """Every constraint has a name, so that a migration can change it."""

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
        datetime: UtcDateTime(),
        dict[str, Any]: JSON(),
        list[str]: JSON(),
    }


class Workspace(Base):
    """A Slack workspace. Before Slack is connected one without a team holds what was imported.

    `installed_at` is when Slack last took the app's token for it.
    """

    __tablename__ = "workspaces"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    team_id: Mapped[str | None] = mapped_column(String(64), unique=True)
    name: Mapped[str | None]
    url: Mapped[str | None]
    bot_user_id: Mapped[str | None] = mapped_column(String(64))
    bot_id: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]
    installed_at: Mapped[datetime | None]
    uninstalled_at: Mapped[datetime | None]


class Channel(Base):
    """A place where tickets are said. Imported ones have a name and no Slack id.

    `is_shared` where people of other organisations read it, `has_guests` where guests do.

    `mode` is how Déjà behaves there; `noise_budget` how many of ten flags may be wrong; `digest`
    whether a weekly one is posted; `weekly_topics` whether what people ask about is, `topic_alerts`
    whether rises are told; `deciders` who may decide, everybody where it is empty;
    `ignored` what a message says that is no ticket; `language` the one in which it is spoken to;
    `kind` whether what is said there are tickets or wishes for products. `asked_ts` is the message
    that asks for all that; `creator` and `invited_by` may answer it.
    """

    __tablename__ = "channels"
    __table_args__ = (
        UniqueConstraint("workspace_id", "slack_id"),
        CheckConstraint("mode IN ('off', 'request', 'quiet', 'full')", name="mode"),
        CheckConstraint("language IN ('en', 'de', 'es')", name="language"),
        CheckConstraint("kind IN ('tickets', 'products')", name="kind"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete=CASCADE))
    slack_id: Mapped[str | None] = mapped_column(String(64))
    name: Mapped[str | None]
    mode: Mapped[str] = mapped_column(String(16), default="off", server_default="off")
    is_private: Mapped[bool] = mapped_column(default=True)
    is_shared: Mapped[bool] = mapped_column(default=False)
    has_guests: Mapped[bool] = mapped_column(default=False, server_default=false())
    muted_at: Mapped[datetime | None]
    muted_by: Mapped[str | None] = mapped_column(String(64))
    swept_ts: Mapped[str | None] = mapped_column(String(32))
    noise_budget: Mapped[int] = mapped_column(default=1, server_default="1")
    digest: Mapped[bool] = mapped_column(default=True, server_default=true())
    weekly_topics: Mapped[bool] = mapped_column(default=False, server_default=false())
    topic_alerts: Mapped[bool] = mapped_column(default=False, server_default=false())
    deciders: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    ignored: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    language: Mapped[str] = mapped_column(String(8), default="en", server_default="en")
    kind: Mapped[str] = mapped_column(String(16), default="tickets", server_default="tickets")
    creator: Mapped[str | None] = mapped_column(String(64))
    invited_by: Mapped[str | None] = mapped_column(String(64))
    asked_ts: Mapped[str | None] = mapped_column(String(32))


class Item(Base):
    """What is embedded and compared: a ticket or a product.

    A deleted item stays as a tombstone without its text, so that an event that arrives after the
    deletion cannot bring it back. So does a message that is part of another's ticket (see `Part`):
    `deleted_at` is since when it is no ticket of its own. `resolved_at` is when it was solved,
    where an import says so; who solved a ticket in Slack, and when, is in `Resolution`.
    """

    __tablename__ = "items"
    __table_args__ = (
        UniqueConstraint("workspace_id", "source", "external_id"),
        Index(None, "channel_id", "ts"),
        CheckConstraint("kind IN ('ticket', 'product')", name="kind"),
        NEVER_REUSE_IDS,
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete=CASCADE))
    channel_id: Mapped[int | None] = mapped_column(ForeignKey("channels.id", ondelete=CASCADE))
    kind: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(String(64))
    external_id: Mapped[str]
    title: Mapped[str | None]
    text: Mapped[str]
    author: Mapped[str | None]
    url: Mapped[str | None]
    status: Mapped[str] = mapped_column(String(32), default="open")
    resolution: Mapped[str | None]
    resolved_at: Mapped[datetime | None]
    extra: Mapped[dict[str, Any]] = mapped_column(default=dict)
    ts: Mapped[str | None] = mapped_column(String(32))
    thread_ts: Mapped[str | None] = mapped_column(String(32))
    revision: Mapped[str] = mapped_column(String(32), default="")
    content_hash: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]

    @property
    def head_ts(self) -> str | None:
        """The message that heads this one's thread, perhaps itself; None for what is no message."""
        return self.thread_ts or self.ts


class Embedding(Base):
    """One chunk of an item as a unit-length vector. Rows are only added and deleted.

    The column takes every dimension, so that a change of model needs no migration. On PostgreSQL
    the migrations add an HNSW index over the default model's 384.
    """

    __tablename__ = "embeddings"
    __table_args__ = (
        UniqueConstraint("item_id", "fingerprint", "chunk"),
        Index(None, "text_hash"),
        NEVER_REUSE_IDS,
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete=CASCADE))
    chunk: Mapped[int]
    fingerprint: Mapped[str] = mapped_column(String(128))
    dim: Mapped[int]
    text_hash: Mapped[str] = mapped_column(String(64))
    vector: Mapped[NDArray[np.float32]] = mapped_column(Vector)


class Pool(Base):
    """Documents that everybody who reads one of them may read: their words are counted together.

    The public channels of a workspace, and what has no channel, are one pool (`scope` 0). A private
    channel is a pool of its own (`scope`: the channel's id), and so is one with outside members,
    who may read nothing else. `epoch` counts how often documents moved in or out because their
    readers changed: what is kept in memory of an older one is void.
    """

    __tablename__ = "pools"
    __table_args__ = (UniqueConstraint("workspace_id", "scope", "kind"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete=CASCADE))
    scope: Mapped[int] = mapped_column(RowId)
    kind: Mapped[str] = mapped_column(String(16))
    documents: Mapped[int] = mapped_column(default=0)
    length: Mapped[int] = mapped_column(BigInteger, default=0)
    epoch: Mapped[int] = mapped_column(default=0, server_default="0")


class Document(Base):
    """An item's terms, separated by spaces, in order. The migrations add the index over them."""

    __tablename__ = "documents"
    __table_args__ = (Index(None, "pool_id"),)

    item_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("items.id", ondelete=CASCADE), primary_key=True, autoincrement=False
    )
    pool_id: Mapped[int] = mapped_column(ForeignKey("pools.id", ondelete=CASCADE))
    terms: Mapped[str]
    length: Mapped[int]


class Frequency(Base):
    """In how many documents of a pool a term stands."""

    __tablename__ = "frequencies"
    __table_args__ = WITHOUT_ROWID

    pool_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("pools.id", ondelete=CASCADE), primary_key=True, autoincrement=False
    )
    term: Mapped[str] = mapped_column(String(64), primary_key=True)
    documents: Mapped[int]


class Profile(Base):
    """What a pool's documents are usually like, taken anew whenever it has grown by a tenth.

    `centre` is the mean of the model's vectors, shape `(dim,)`; `median_length` is in terms.
    """

    __tablename__ = "profiles"

    pool_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("pools.id", ondelete=CASCADE), primary_key=True, autoincrement=False
    )
    fingerprint: Mapped[str] = mapped_column(String(128), primary_key=True)
    documents: Mapped[int]
    median_length: Mapped[float]
    centre: Mapped[NDArray[np.float32]] = mapped_column(Vector)


class Neighbourhood(Base):
    """The cosines of an item to its nearest ones, by their ids: how crowded it is around it."""

    __tablename__ = "neighbourhoods"

    item_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("items.id", ondelete=CASCADE), primary_key=True, autoincrement=False
    )
    fingerprint: Mapped[str] = mapped_column(String(128))
    nearest: Mapped[dict[str, Any]]
    # Of these cosines the mean; none where there is no other item.
    density: Mapped[float | None]


class Calibration(Base):
    """What a workspace's verdicts taught about a kind of items. The newest that stands judges."""

    __tablename__ = "calibrations"
    __table_args__ = (Index(None, "workspace_id", "kind"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete=CASCADE))
    kind: Mapped[str] = mapped_column(String(16))
    model: Mapped[dict[str, Any]]
    report: Mapped[dict[str, Any]]
    verdicts: Mapped[int]
    fitted_by: Mapped[str]
    fitted_at: Mapped[datetime]
    rolled_back_by: Mapped[str | None]
    rolled_back_at: Mapped[datetime | None]


class Verdict(Base):
    """A person's decision on a pair. At most one stands; the undone ones stay on record."""

    __tablename__ = "verdicts"
    __table_args__ = (
        CheckConstraint("item_a_id < item_b_id", name="pair_ordered"),
        CheckConstraint("verdict IN ('duplicate', 'related', 'distinct')", name="verdict"),
        standing_index("ix_verdicts_standing", "item_a_id", "item_b_id", where="undone_at IS NULL"),
        Index(None, "item_b_id"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete=CASCADE))
    item_a_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete=CASCADE))
    item_b_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete=CASCADE))
    verdict: Mapped[str] = mapped_column(String(16))
    decided_by: Mapped[str]
    decided_at: Mapped[datetime]
    undone_by: Mapped[str | None]
    undone_at: Mapped[datetime | None]


class Answer(Base):
    """The bot's one message in a thread: what it should say, and where it stands in Slack."""

    __tablename__ = "answers"
    __table_args__ = (UniqueConstraint("channel_id", "thread_ts"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete=CASCADE), unique=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id", ondelete=CASCADE))
    thread_ts: Mapped[str] = mapped_column(String(32))
    message_ts: Mapped[str | None] = mapped_column(String(32))
    shown_hash: Mapped[str | None] = mapped_column(String(64))
    leased_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    matches: Mapped[list[ShownMatch]] = relationship(
        order_by="ShownMatch.position", cascade="all, delete-orphan"
    )


class ShownMatch(Base):
    """A candidate as an answer shows it."""

    __tablename__ = "matches"
    __table_args__ = (UniqueConstraint("answer_id", "item_id"), Index(None, "item_id"))

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    answer_id: Mapped[int] = mapped_column(ForeignKey("answers.id", ondelete=CASCADE))
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete=CASCADE))
    position: Mapped[int]
    similarity: Mapped[float]
    probability: Mapped[float | None]
    band: Mapped[str] = mapped_column(String(16))


class Question(Base):
    """A pair that a channel's digest asked about."""

    __tablename__ = "questions"
    __table_args__ = (UniqueConstraint("channel_id", "item_id", "other_id"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id", ondelete=CASCADE))
    digest: Mapped[str] = mapped_column(String(16))
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete=CASCADE))
    other_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete=CASCADE))
    similarity: Mapped[float]
    probability: Mapped[float | None]
    message_ts: Mapped[str | None] = mapped_column(String(32))
    asked_at: Mapped[datetime]


class Resolution(Base):
    """What solved a ticket, as somebody marked it. The taken back ones stay on record.

    `ts` is the message that says it, None where it was typed, and `revision` its last edit; `text`
    is empty where a ticket was only said to be solved, and when that message was deleted.
    """

    __tablename__ = "resolutions"
    __table_args__ = (Index(None, "item_id"), Index(None, "ts"))

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete=CASCADE))
    text: Mapped[str]
    author: Mapped[str | None]
    ts: Mapped[str | None] = mapped_column(String(32))
    revision: Mapped[str] = mapped_column(String(32), default="", server_default="")
    marked_by: Mapped[str]
    marked_at: Mapped[datetime]
    undone_by: Mapped[str | None]
    undone_at: Mapped[datetime | None]


class Part(Base):
    """What a person said in one message, which may be one of several that are one ticket.

    `head_id` is that ticket, the item of the first of them: often the message itself. `split_by`
    said that this one is a ticket of its own whatever is said around it.
    """

    __tablename__ = "parts"
    __table_args__ = (Index(None, "head_id"),)

    item_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("items.id", ondelete=CASCADE), primary_key=True, autoincrement=False
    )
    head_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete=CASCADE))
    text: Mapped[str]
    split_by: Mapped[str | None] = mapped_column(String(64))


class Outcome(Base):
    """Whether what solved one ticket helped with another one (`item_id`), as somebody said there.

    Of each resolution and ticket at most one stands; the undone ones stay on record. `worked` is
    None where the answer was used there, and nobody has said yet.
    """

    __tablename__ = "outcomes"
    __table_args__ = (
        standing_index(
            "ix_outcomes_standing", "resolution_id", "item_id", where="undone_at IS NULL"
        ),
        Index(None, "item_id"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    resolution_id: Mapped[int] = mapped_column(ForeignKey("resolutions.id", ondelete=CASCADE))
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete=CASCADE))
    worked: Mapped[bool | None]
    said_by: Mapped[str]
    said_at: Mapped[datetime]
    undone_by: Mapped[str | None]
    undone_at: Mapped[datetime | None]


class Change(Base):
    """A setting that somebody changed, kept on record."""

    __tablename__ = "changes"
    __table_args__ = (Index(None, "workspace_id"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete=CASCADE))
    channel_id: Mapped[int | None] = mapped_column(ForeignKey("channels.id", ondelete=CASCADE))
    setting: Mapped[str] = mapped_column(String(32))
    before: Mapped[str]
    after: Mapped[str]
    changed_by: Mapped[str]
    changed_at: Mapped[datetime]


class Job(Base):
    """A durable unit of work: ready, running (leased), done or failed (out of attempts).

    It is a workspace's own, and goes with it.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        UniqueConstraint("workspace_id", "key"),
        CheckConstraint("state IN ('ready', 'running', 'done', 'failed')", name="state"),
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
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
