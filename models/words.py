"""The words of items: pools that may be read together, document frequencies, density."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.base import CASCADE, Base
from models.types import (
    WITHOUT_ROWID,
    RowId,
    Vector,
)


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
