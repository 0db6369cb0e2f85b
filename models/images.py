"""What was read in pictures."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import CASCADE, Base
from models.types import RowId


class ImageText(Base):
    """The words that were read in a picture of a message, `""` where it has none.

    Kept by the picture, because every edit of its message tells Déjà of the picture again. `ts` is
    that of the message: with it the words go.
    """

    __tablename__ = "image_texts"

    channel_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("channels.id", ondelete=CASCADE), primary_key=True, autoincrement=False
    )
    file_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    ts: Mapped[str] = mapped_column(String(32))
    text: Mapped[str]
    read_at: Mapped[datetime]
