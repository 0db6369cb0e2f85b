"""The embedding models whose vectors a database has, and which of them is in use."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, LargeBinary, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.types import RowId


class EmbeddingModel(Base):
    """A model that has vectors in this database. At most one is active, and one in preparation.

    `name` is what `DEJA_MODEL` would say, `fingerprint` that of its vectors. A model that was in
    use, or was prepared and not taken, is kept (`state` None) until somebody drops it. `switches`
    says that the worker makes a prepared model active as soon as it is complete. The process that
    prepares it, `owner`, has it to itself until `leased_until`. `similarity_scale` is what was
    learned of its cosines: two lists, `own` and `default` (`services.memory.similarity_scale`).
    """

    __tablename__ = "embedding_models"
    __table_args__ = (
        UniqueConstraint("fingerprint"),
        UniqueConstraint("state"),
        CheckConstraint("state IN ('active', 'preparing')", name="state"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    name: Mapped[str]
    sha256: Mapped[str | None] = mapped_column(String(64))
    fingerprint: Mapped[str] = mapped_column(String(128))
    dim: Mapped[int]
    state: Mapped[str | None] = mapped_column(String(16))
    switches: Mapped[bool] = mapped_column(default=False, server_default=false())
    owner: Mapped[str | None] = mapped_column(String(128))
    leased_until: Mapped[datetime | None]
    similarity_scale: Mapped[dict[str, Any] | None]
    changed_by: Mapped[str]
    changed_at: Mapped[datetime]


class ModelDirections(Base):
    """The directions of a model with fewer dimensions, as an `.npz` file.

    `services.search.embedders.reduced` makes and reads it. They have a table of their own, because
    every job asks which model is in use.
    """

    __tablename__ = "model_directions"

    fingerprint: Mapped[str] = mapped_column(String(128), primary_key=True)
    directions: Mapped[bytes] = mapped_column(LargeBinary)
