"""What was read in pictures, and what a model makes of them."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import CASCADE, Base
from models.types import FloatVector, RowId, Vector


class ImageText(Base):
    """The words that were read in a picture of a message, `""` where it has none.

    Kept by the picture, because every edit of its message tells Déjà of the picture again. `ts` is
    that of the message: with it the words go.

    `picture_hash` is a perceptual hash (`services.intake.picture_hashes`), None where the picture
    is no evidence of anything. `same_as` is then the id of the first file with the same picture,
    its own for the first.
    """

    __tablename__ = "image_texts"
    __table_args__ = (Index(None, "channel_id", "ts"), Index(None, "same_as"))

    channel_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("channels.id", ondelete=CASCADE), primary_key=True, autoincrement=False
    )
    file_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    ts: Mapped[str] = mapped_column(String(32))
    text: Mapped[str]
    read_at: Mapped[datetime]
    picture_hash: Mapped[str | None] = mapped_column(String(64))
    same_as: Mapped[str | None] = mapped_column(String(64))


class ImageVector(Base):
    """What a model for images makes of a picture of a ticket, shape `(dim,)`.

    `ts` is that of the message: with it the vector goes. A picture has the vector of one model, the
    one that read it last.
    """

    __tablename__ = "image_vectors"
    __table_args__ = (Index(None, "channel_id", "ts"), Index(None, "fingerprint"))

    channel_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("channels.id", ondelete=CASCADE), primary_key=True, autoincrement=False
    )
    file_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    ts: Mapped[str] = mapped_column(String(32))
    fingerprint: Mapped[str] = mapped_column(String(128))
    vector: Mapped[FloatVector] = mapped_column(Vector)
