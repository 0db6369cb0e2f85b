"""The embeddings of items: made once for each text, stored by chunk, read back by item."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import bindparam, delete, insert, select, tuple_, update
from sqlalchemy.orm import Session

from models import Database, Embedding, Item, Neighbourhood
from models.queries import in_parts
from services.memory import term_index
from services.memory.comparable_text import comparable_text
from services.search.embedding import Embedder, chunk
from services.text.cleaning import readable_text, text_hash

Vector = NDArray[np.float32]

# A chunk's text hash and its vector, shape `(dim,)`.
Chunk = tuple[str, Vector]

# On plain tables: mapped classes cost three times as much, and every answer reads dozens of rows.
_embeddings = Embedding.__table__
_VECTORS = (
    select(_embeddings.c.item_id, _embeddings.c.vector)
    .where(
        _embeddings.c.item_id.in_(bindparam("ids", expanding=True)),
        _embeddings.c.fingerprint == bindparam("fingerprint"),
    )
    .order_by(_embeddings.c.item_id, _embeddings.c.chunk)
)


@dataclass(frozen=True)
class ItemVectors:
    """The vectors that one embedding model gives for the items of a database."""

    database: Database
    embedder: Embedder

    def encode(self, text: str) -> Vector:
        """Return the vectors of a text's chunks, shape `(chunks, dim)`; nothing is stored."""
        return self.embedder.encode(chunk(self.embedder, readable_text(None, text)))

    def vectors_of(self, session: Session, item_ids: Sequence[int]) -> dict[int, Vector]:
        """Return the stored vectors of items, by item id, each of shape `(chunks, dim)`."""
        found: dict[int, list[Vector]] = {item_id: [] for item_id in item_ids}
        known = {"ids": item_ids, "fingerprint": self.embedder.fingerprint}
        for item_id, vector in session.connection().execute(_VECTORS, known).all():
            found[item_id].append(vector)
        empty = np.empty((0, self.embedder.dim), dtype=np.float32)
        return {
            item_id: own[0][None, :] if len(own) == 1 else np.stack(own) if own else empty
            for item_id, own in found.items()
        }

    def chunks_of(self, title: str | None, text: str) -> list[str]:
        """Cut an item's embedding text into pieces that the model reads in full."""
        return chunk(self.embedder, text, readable_text(None, title or ""))

    def stored_chunks(self, session: Session, texts: Iterable[str]) -> dict[str, Vector]:
        """Return the stored vectors of chunks, by text hash; unknown texts are left out."""
        found: dict[str, Vector] = {}
        for part in in_parts({text_hash(text) for text in texts}):
            rows = session.execute(
                select(Embedding.text_hash, Embedding.vector).where(
                    Embedding.text_hash.in_(part),
                    Embedding.fingerprint == self.embedder.fingerprint,
                )
            )
            found |= {row.text_hash: row.vector for row in rows}
        return found

    def encode_chunks(self, texts: Iterable[str], known: Mapping[str, Vector]) -> dict[str, Vector]:
        """Return the vectors of chunks, by text hash; those not in `known` are encoded at once."""
        missing = {text_hash(text): text for text in texts}
        missing = {hash_: text for hash_, text in missing.items() if hash_ not in known}
        if not missing:
            return dict(known)
        encoded = self.embedder.encode(list(missing.values()))
        return {**known, **dict(zip(missing, encoded, strict=True))}

    def embedded_hashes(
        self, session: Session, workspace_id: int, keys: Sequence[tuple[str, str]]
    ) -> dict[tuple[str, str], str | None]:
        """Return the content hashes of those items (by source and id) that have vectors."""
        has_vectors = (
            select(Embedding.id)
            .where(
                Embedding.item_id == Item.id,
                Embedding.fingerprint == self.embedder.fingerprint,
            )
            .exists()
        )
        found: dict[tuple[str, str], str | None] = {}
        for part in in_parts(keys):
            rows = session.execute(
                select(Item.source, Item.external_id, Item.content_hash).where(
                    Item.workspace_id == workspace_id,
                    tuple_(Item.source, Item.external_id).in_(part),
                    has_vectors,
                )
            )
            found |= {(source, external_id): hash_ for source, external_id, hash_ in rows}
        return found

    def replace(self, session: Session, chunks: Mapping[int, Sequence[Chunk]]) -> None:
        """Store the chunks of items, by item id, in place of what this model had for them.

        The vectors of other models stay: `deja reembed` deals with those.
        """
        fingerprint = self.embedder.fingerprint
        ids = list(chunks)
        session.execute(delete(Neighbourhood).where(Neighbourhood.item_id.in_(ids)))
        session.execute(
            delete(Embedding).where(
                Embedding.item_id.in_(ids), Embedding.fingerprint == fingerprint
            )
        )
        rows = [
            {
                "item_id": item_id,
                "chunk": number,
                "fingerprint": fingerprint,
                "dim": self.embedder.dim,
                "text_hash": hash_,
                "vector": vector,
            }
            for item_id, own in chunks.items()
            for number, (hash_, vector) in enumerate(own)
        ]
        if rows:
            session.execute(insert(Embedding), rows)

    def embed_missing(self, *, limit: int) -> int:
        """Embed up to `limit` items that have no vectors of this model; return how many.

        The model runs outside of any transaction; items that changed meanwhile are left for the
        next call.
        """
        items = self._without_vectors(limit)
        pieces = {item.id: self.chunks_of(item.title, comparable_text(item)) for item in items}
        vectors = iter(self.embedder.encode([text for own in pieces.values() for text in own]))
        chunks = {
            item_id: [(text_hash(text), next(vectors)) for text in own]
            for item_id, own in pieces.items()
        }
        before = {(item.id, item.content_hash) for item in items}
        with self.database.write() as session:
            rows = session.execute(
                select(Item.id, Item.content_hash).where(Item.id.in_(list(chunks)))
            )
            unchanged = {row.id for row in rows if (row.id, row.content_hash) in before}
            self.replace(session, {item_id: chunks[item_id] for item_id in sorted(unchanged)})
            empty = [item_id for item_id in unchanged if not chunks[item_id]]
            session.execute(update(Item).where(Item.id.in_(empty)).values(content_hash=None))
            term_index.index_items(
                session, [item for item in items if item.id in unchanged], self.embedder.fingerprint
            )
        return len(items)

    def _without_vectors(self, limit: int) -> Sequence[Item]:
        has_vectors = select(Embedding.item_id).where(
            Embedding.fingerprint == self.embedder.fingerprint
        )
        with self.database.read() as session:
            return session.scalars(
                select(Item)
                .where(Item.content_hash.is_not(None), Item.id.not_in(has_vectors))
                .order_by(Item.id)
                .limit(limit)
            ).all()
