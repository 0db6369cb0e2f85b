"""What is left in the rows of what was erased: proves also what was erased before a crash.

The words themselves are known only to the process that erased them, and are kept nowhere. The
tombstones are known by the time of the erasure, and must be empty.
"""

from __future__ import annotations

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from models import Document, Embedding, Erasure, Item, Part, Resolution
from models.queries import DELETED


def leftovers(session: Session, erasure_id: int) -> dict[str, int]:
    """Return how many rows of an erasure's tombstones still hold something, by table."""
    erasure = session.get_one(Erasure, erasure_id)
    is_buried = (
        (Item.workspace_id == erasure.workspace_id)
        & (Item.revision == DELETED)
        & (Item.deleted_at == erasure.asked_at)
    )
    buried = select(Item.id).where(is_buried)
    holds_text = or_(
        Item.text != "",
        *(
            column.is_not(None)
            for column in (Item.title, Item.author, Item.url, Item.resolution, Item.content_hash)
        ),
    )
    counts = {
        "items": select(func.count(Item.id)).where(is_buried, holds_text),
        "embeddings": select(func.count(Embedding.id)).where(Embedding.item_id.in_(buried)),
        "documents": select(func.count(Document.item_id)).where(Document.item_id.in_(buried)),
        "parts": select(func.count(Part.item_id)).where(Part.item_id.in_(buried)),
        "resolutions": select(func.count(Resolution.id)).where(
            Resolution.item_id.in_(buried), Resolution.text != ""
        ),
    }
    found = {name: session.scalar(statement) or 0 for name, statement in counts.items()}
    return {name: number for name, number in found.items() if number}
