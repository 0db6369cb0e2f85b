"""The terms of items, in pools with the same readers, and the statistics behind scores."""

from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import CASCADE, Base
from models.types import WITHOUT_ROWID, FloatVector, RowId, Vector


class Pool(Base):
    """Documents of one kind that the same people may read: their terms are counted together.

    The public channels of a workspace, and items without a channel, are one pool (`scope` 0). A
    private channel is a pool of its own (`scope`: the channel's id), and so is one with outside
    members, who may read nothing else. `documents` and `length`, in terms, are totals. `epoch`
    counts how often documents moved in or out because their readers changed: whatever was cached
    of an older epoch is invalid.
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
    """How many documents of a pool contain a term."""

    __tablename__ = "frequencies"
    __table_args__ = WITHOUT_ROWID

    pool_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("pools.id", ondelete=CASCADE), primary_key=True, autoincrement=False
    )
    term: Mapped[str] = mapped_column(String(64), primary_key=True)
    documents: Mapped[int]


class Profile(Base):
    """What a pool's documents are like on average, refreshed when it has grown by a tenth.

    `documents` is how many there were at the last refresh, `centre` the mean of their vectors by
    the model `fingerprint`, shape `(dim,)`; `median_length` is in terms.
    """

    __tablename__ = "profiles"

    pool_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("pools.id", ondelete=CASCADE), primary_key=True, autoincrement=False
    )
    fingerprint: Mapped[str] = mapped_column(String(128), primary_key=True)
    documents: Mapped[int]
    median_length: Mapped[float]
    centre: Mapped[FloatVector] = mapped_column(Vector)


class Neighbourhood(Base):
    """How crowded the neighbourhood of an item is by the vectors of one model.

    `nearest` are the cosine similarities to its nearest neighbours, by item id; `density` is their
    mean, None if there is no other item.
    """

    __tablename__ = "neighbourhoods"

    item_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("items.id", ondelete=CASCADE), primary_key=True, autoincrement=False
    )
    fingerprint: Mapped[str] = mapped_column(String(128), primary_key=True)
    nearest: Mapped[dict[str, Any]]
    density: Mapped[float | None]
