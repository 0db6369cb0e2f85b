"""Tickets with similar pictures, found by a model for images where there is one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Image

from models import Database, Item
from services.channels.audience import Audience
from services.errors import InputError
from services.intake.pictures import FORMATS, MAX_PIXELS, open_in_colour
from services.judgement.bands import Match, merge_chunks
from services.search.embedders.image_embedding import ImageEmbedder
from services.search.indexes.image_index import ImageIndex
from services.text.slack.images import MAX_IMAGE_BYTES

# What is shown beside tickets with similar words shows nearly the same. A careful guess: other
# screenshots of one program are close to each other, too.
MIN_PICTURE_SIMILARITY = 0.9


@dataclass(frozen=True)
class SimilarPictures:
    """Finds tickets by their pictures; what it finds has the cosine of the best picture."""

    database: Database
    embedder: ImageEmbedder

    def to_file(self, file: Path, *, audience: Audience, limit: int) -> list[Match]:
        """Return the tickets whose pictures are nearest to one in a file, best first.

        Raises `InputError` where it is no picture.
        """
        return self._find(self.embedder.read_pictures([_picture(file)]), audience, limit)

    def to_text(self, text: str, *, audience: Audience, limit: int) -> list[Match]:
        """Return the tickets whose pictures are nearest to what a text describes, best first."""
        return self._find(self.embedder.read_text(text), audience, limit)

    def to_item(self, item_id: int, *, audience: Audience, limit: int) -> list[Match]:
        """Return the other tickets that show nearly the same picture as a ticket, best first."""
        vectors = self._index.vectors_of(item_id)
        others = audience.among(Item.id != item_id)
        found = self._find(vectors, others, limit) if len(vectors) else []
        return [one for one in found if one.similarity >= MIN_PICTURE_SIMILARITY]

    @property
    def _index(self) -> ImageIndex:
        return ImageIndex(self.database, self.embedder.fingerprint)

    def _find(self, vectors: NDArray[np.float32], audience: Audience, limit: int) -> list[Match]:
        where = audience.items & (Item.kind == "ticket")
        found = self._index.search(
            vectors, workspace_id=audience.workspace_id, limit=limit, where=where
        )
        nearest = merge_chunks(found)[:limit]
        return [Match(one.item_id, one.similarity, one.similarity, None, None) for one in nearest]


def _picture(file: Path) -> Image:
    try:
        is_small = file.stat().st_size <= MAX_IMAGE_BYTES
        picture = open_in_colour(file.read_bytes()) if is_small else None
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}.") from error
    if picture is None:
        raise InputError(
            f"{file} is no picture that can be read: {', '.join(FORMATS)}, of at most "
            f"{MAX_IMAGE_BYTES // 1_000_000} MB and {MAX_PIXELS // 1_000_000} million pixels."
        )
    return picture
