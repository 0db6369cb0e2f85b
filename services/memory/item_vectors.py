"""The embeddings of items: made once for each text, stored by chunk, read back by item."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from models import Database, Embedding, Item, Neighbourhood, insert_many, is_among, many_texts
from models.queries import LIVE, in_parts
from services.memory import embedding_models, term_index
from services.memory.comparable_text import comparable_text
from services.memory.density import delete_neighbourhoods
from services.memory.embedding_models import ModelIdentity
from services.memory.item_rows import known_keys, of_keys
from services.memory.vector_coverage import without_vectors
from services.search.embedders.embedding import SPECIAL_TOKENS, Embedder, chunk
from services.text.cleaning.compared_text import readable_text
from services.text.words.plain import text_hash

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
_OF_TEXTS = select(_embeddings.c.text_hash, _embeddings.c.vector).where(
    is_among(_embeddings.c.text_hash, many_texts("hashes")),
    _embeddings.c.fingerprint == bindparam("fingerprint"),
)
_items = Item.__table__
_EMBEDDED = of_keys(
    select(_items.c.source, _items.c.external_id, _items.c.content_hash).where(
        select(_embeddings.c.id)
        .where(
            _embeddings.c.item_id == _items.c.id,
            _embeddings.c.fingerprint == bindparam("fingerprint"),
        )
        .exists()
    )
)


@dataclass(frozen=True)
class ItemVectors:
    """The vectors that one embedding model gives for the items of a database.

    `model_name` is what the settings call the model; without it a database does not remember it.
    """

    database: Database
    embedder: Embedder
    model_name: str | None = None

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
        # Only a text of several pieces repeats its title, and has more characters than tokens.
        is_long = len(text) > self.embedder.max_tokens - SPECIAL_TOKENS
        return chunk(self.embedder, text, readable_text(None, title or "") if is_long else "")

    def stored_chunks(self, session: Session, hashes: Collection[str]) -> dict[str, Vector]:
        """Return the stored vectors of chunks, by text hash; unknown hashes are left out."""
        known = {"hashes": sorted(hashes), "fingerprint": self.embedder.fingerprint}
        rows = session.connection().execute(_OF_TEXTS, known)
        return {hash_: vector for hash_, vector in rows}

    def encode_chunks(
        self, texts: Mapping[str, str], known: Mapping[str, Vector]
    ) -> dict[str, Vector]:
        """Return the vectors of chunks, all by text hash; those not in `known` are encoded."""
        missing = {hash_: text for hash_, text in texts.items() if hash_ not in known}
        if not missing:
            return dict(known)
        encoded = self.embedder.encode(list(missing.values()))
        return {**known, **dict(zip(missing, encoded, strict=True))}

    def embedded_hashes(
        self, session: Session, workspace_id: int, keys: Sequence[tuple[str, str]]
    ) -> dict[tuple[str, str], str | None]:
        """Return the content hashes of those items (by source and id) that have vectors."""
        found: dict[tuple[str, str], str | None] = {}
        for known in known_keys(workspace_id, keys):
            values = known | {"fingerprint": self.embedder.fingerprint}
            rows = session.connection().execute(_EMBEDDED, values)
            found |= {(source, external_id): hash_ for source, external_id, hash_ in rows}
        return found

    def replace(
        self,
        session: Session,
        chunks: Mapping[int, Sequence[Chunk]],
        workspaces: Mapping[int, int],
        added: Collection[int] = frozenset(),
    ) -> None:
        """Store the chunks of items, by item id, in place of what this model had for them.

        The vectors of other models stay; where the text has changed, `forget_others` deletes them.
        `workspaces` are those of the items. The items in `added` have no vectors yet.
        """
        fingerprint = self.embedder.fingerprint
        ids = [item_id for item_id in chunks if item_id not in added]
        if ids:
            near, own = Neighbourhood, Embedding
            delete_neighbourhoods(session, near.item_id.in_(ids), near.fingerprint == fingerprint)
            session.execute(delete(own).where(own.item_id.in_(ids), own.fingerprint == fingerprint))
        rows = [
            {
                "workspace_id": workspaces[item_id],
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
        insert_many(session, Embedding, rows)

    def forget_others(self, session: Session, item_ids: Sequence[int]) -> None:
        """Delete what other models made of items whose text has changed: it is of the old text."""
        fingerprint = self.embedder.fingerprint
        for ids in in_parts(item_ids):
            near, own = Neighbourhood, Embedding
            delete_neighbourhoods(session, near.item_id.in_(ids), near.fingerprint != fingerprint)
            session.execute(delete(own).where(own.item_id.in_(ids), own.fingerprint != fingerprint))

    def embed_missing(self, *, limit: int) -> int:
        """Embed up to `limit` items that have no vectors of this model; return how many.

        The model runs outside of any transaction; items that changed meanwhile are left for the
        next call. Raises `RetryLaterError` if another model came into use.
        """
        fingerprint = self.embedder.fingerprint
        return len(
            self._embed(
                self._missing(limit, 0),
                lambda session: embedding_models.ensure_in_use(session, fingerprint),
                lambda session, items: term_index.index_items(session, items, fingerprint),
            )
        )

    def prepare_missing(self, *, limit: int, after: int) -> list[int]:
        """Do the same for a model that is not in use yet, for items with ids above `after`.

        Returns their ids, in order. The terms of the items, which no model changes, stay.
        """
        return self._embed(
            self._missing(limit, after), lambda _session: None, lambda _session, _items: None
        )

    def complete(self, session: Session, *, limit: int) -> bool:
        """Embed the last items in the caller's transaction, unless they are more than `limit`.

        Returns whether all items have vectors.
        """
        missing = LIVE & without_vectors(self.embedder.fingerprint)
        items = session.scalars(select(Item).where(missing).limit(limit + 1)).all()
        if len(items) > limit:
            return False
        chunks = self._chunks(items)
        self.replace(session, chunks, _workspaces_of(items))
        _ignore(session, chunks)
        return True

    def ensure_in_use(self, session: Session, now: datetime) -> None:
        """Let nobody switch to another model before the caller commits.

        The first vectors of a database make theirs the model in use. Raises `RetryLaterError` if
        another model is in use.
        """
        is_chosen = embedding_models.ensure_in_use(session, self.embedder.fingerprint)
        if not is_chosen and self.model_name is not None:
            embedding_models.adopt(session, self.identity, by="deja", now=now)

    @property
    def identity(self) -> ModelIdentity:
        """The model, as the database names it."""
        embedder = self.embedder
        return ModelIdentity(
            self.model_name or embedder.fingerprint,
            getattr(embedder, "checksum", None),
            embedder.fingerprint,
            embedder.dim,
            getattr(embedder, "directions", None),
        )

    def _embed(
        self,
        items: Sequence[Item],
        begin: Callable[[Session], object],
        finish: Callable[[Session, Sequence[Item]], None],
    ) -> list[int]:
        if not items:
            return []
        chunks = self._chunks(items)
        before = {(item.id, item.content_hash) for item in items}
        with self.database.write() as session:
            begin(session)
            # Locked, because another process may embed them, too; what it holds comes next time.
            rows = session.execute(
                select(Item.id, Item.content_hash)
                .where(Item.id.in_(list(chunks)))
                .with_for_update(skip_locked=True)
            )
            unchanged = sorted(row.id for row in rows if (row.id, row.content_hash) in before)
            made = {item_id: chunks[item_id] for item_id in unchanged}
            self.replace(session, made, _workspaces_of(items))
            _ignore(session, made)
            kept = set(unchanged)
            finish(session, [item for item in items if item.id in kept])
        return [item.id for item in items]

    def _chunks(self, items: Sequence[Item]) -> dict[int, list[Chunk]]:
        pieces = {item.id: self.chunks_of(item.title, comparable_text(item)) for item in items}
        vectors = iter(self.embedder.encode([text for own in pieces.values() for text in own]))
        return {
            item_id: [(text_hash(text), next(vectors)) for text in own]
            for item_id, own in pieces.items()
        }

    def _missing(self, limit: int, after: int) -> Sequence[Item]:
        missing = LIVE & without_vectors(self.embedder.fingerprint) & (Item.id > after)
        with self.database.read() as session:
            return session.scalars(select(Item).where(missing).order_by(Item.id).limit(limit)).all()


def _workspaces_of(items: Sequence[Item]) -> dict[int, int]:
    return {item.id: item.workspace_id for item in items}


def _ignore(session: Session, chunks: Mapping[int, Sequence[Chunk]]) -> None:
    """Leave out what has no words by now: it is never compared."""
    empty = [item_id for item_id, own in chunks.items() if not own]
    session.execute(update(Item).where(Item.id.in_(empty)).values(content_hash=None))
