"""The index of pictures: the tickets whose pictures a model for images finds nearest.

Pictures are few beside texts, so that all of a model are compared, and nothing has to follow the
database.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import aliased

from models import Database, ImageVector, Item, Part
from models.types import FloatVector
from services.search.indexes.contract import Candidate, VectorIndex, Wanted
from services.search.indexes.exact import best_of_rows


@dataclass(frozen=True)
class ImageIndex(VectorIndex):
    """Finds the tickets whose pictures are nearest to the vectors of a model for images.

    A picture of a message that is part of a ticket is the ticket's.
    """

    database: Database
    fingerprint: str

    def vectors_of(self, item_id: int) -> NDArray[np.float32]:
        """Return the vectors of a ticket's pictures, shape `(pictures, dim)`; `(0, 0)` for none."""
        mine = (Item.id == item_id) & Item.deleted_at.is_(None)
        with self.database.read() as session:
            found = [vector for _, vector in session.execute(self._pictures(mine))]
        return np.stack(found) if found else np.empty((0, 0), dtype=np.float32)

    def _find(self, vectors: NDArray[np.float32], wanted: Wanted) -> list[list[Candidate]]:
        with self.database.read() as session:
            statement = self._pictures(wanted.where)
            return best_of_rows(session.connection(), statement, vectors, wanted)

    def _pictures(self, where: ColumnElement[bool]) -> Select[int, FloatVector]:
        """Select the ticket and the vector of each picture of live tickets."""
        message = aliased(Item)
        of_message = (ImageVector.channel_id == message.channel_id) & (ImageVector.ts == message.ts)
        return (
            select(Item.id, ImageVector.vector)
            .select_from(ImageVector)
            .join(message, of_message)
            .outerjoin(Part, Part.item_id == message.id)
            .join(Item, Item.id == func.coalesce(Part.head_id, message.id))
            .where(ImageVector.fingerprint == self.fingerprint, Item.deleted_at.is_(None), where)
        )
