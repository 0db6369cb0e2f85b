"""Items: remembering what is said, changed and taken back, each text embedded once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import bindparam, delete, insert, select, tuple_
from sqlalchemy.orm import Session

from models import Database, Embedding, Item, Neighbourhood, Part, Resolution
from models.queries import LIVE, in_parts
from services.memory import pool_statistics, term_index
from services.memory.term_index import entry_of
from services.search.embedding import Embedder, chunk
from services.text.cleaning import embedding_text, text_hash

SaveOutcome = Literal["added", "updated", "unchanged", "outdated"]

# The revision of a deletion: later than every edit.
DELETED = "~"

# A plain table: a mapped class costs three times as much, and every answer reads dozens of rows.
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
class NewItem:
    """An item as its source tells it. `revision` orders the versions of one item ("" is first).

    `status`, `resolution` and `resolved_at` are None where the source does not say; what is known
    then stays.
    `joins` where it may be a part of a ticket that is said in several messages.
    """

    source: str
    external_id: str
    text: str
    created_at: datetime
    kind: str = "ticket"
    channel_id: int | None = None
    title: str | None = None
    author: str | None = None
    url: str | None = None
    status: str | None = None
    resolution: str | None = None
    resolved_at: datetime | None = None
    extra: dict[str, Any] = field(default_factory=dict)
    ts: str | None = None
    thread_ts: str | None = None
    revision: str = ""
    joins: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """What tells this item from all others of its workspace."""
        return self.source, self.external_id


@dataclass(frozen=True)
class Prepared:
    """A new item with the embeddings of its chunks: (text hash, vector of shape `(dim,)`)."""

    item: NewItem
    content_hash: str | None
    chunks: list[tuple[str, NDArray[np.float32]]]


@dataclass(frozen=True)
class Saved:
    """What became of a new item."""

    item_id: int
    outcome: SaveOutcome


@dataclass(frozen=True)
class ItemStore:
    """Remembers items and their embeddings."""

    database: Database
    embedder: Embedder

    def prepare(self, workspace_id: int, items: Sequence[NewItem]) -> list[Prepared]:
        """Embed what is new in `items`, all of it in one `encode`, outside of any transaction."""
        texts = [embedding_text(item.title, item.text) for item in items]
        hashes = [text_hash(text) if text else None for text in texts]
        with self.database.read() as session:
            known = self._embedded(session, workspace_id, [item.key for item in items])
            pieces = [
                [] if hash_ == known.get(item.key, "") else self._chunks(item.title, text)
                for item, text, hash_ in zip(items, texts, hashes, strict=True)
            ]
            vectors = self._known_vectors(session, [p for chunks in pieces for p in chunks])
        missing = {text_hash(p): p for chunks in pieces for p in chunks}
        missing = {hash_: text for hash_, text in missing.items() if hash_ not in vectors}
        if missing:
            encoded = self.embedder.encode(list(missing.values()))
            vectors |= dict(zip(missing, encoded, strict=True))
        return [
            Prepared(item, hash_, [(text_hash(p), vectors[text_hash(p)]) for p in chunks])
            for item, hash_, chunks in zip(items, hashes, pieces, strict=True)
        ]

    def save(
        self, session: Session, workspace_id: int, prepared: Sequence[Prepared], now: datetime
    ) -> list[Saved]:
        """Add or change the items. An older revision than the stored one changes nothing."""
        keys = [new.item.key for new in prepared]
        rows = {(row.source, row.external_id): row for row in _rows(session, workspace_id, keys)}
        hashes = {key: row.content_hash for key, row in rows.items()}
        changes: list[tuple[Item, SaveOutcome]] = []
        latest: dict[tuple[str, str], Prepared] = {}
        for new in prepared:
            row = rows.get(new.item.key)
            if row is None:
                row = Item(workspace_id=workspace_id, status="open", updated_at=now)
                rows[new.item.key] = row
                session.add(row)
                outcome: SaveOutcome = "added"
            elif new.item.revision < row.revision:
                changes.append((row, "outdated"))
                continue
            else:
                outcome = "updated" if _differs(row, new) else "unchanged"
            latest[new.item.key] = new
            if outcome != "unchanged":
                _assign(row, new, now)
            # Older edits that arrive late are outdated also by an edit that changed no word.
            row.revision = new.item.revision
            changes.append((row, outcome))
        session.flush()
        # Where `prepare` found the text embedded but another worker changed it since, the old
        # vectors go too; `embed_missing` makes the new ones.
        replaced = {
            key: new
            for key, new in latest.items()
            if new.chunks or new.content_hash != hashes.get(key)
        }
        self._delete_embeddings(session, [rows[key].id for key in replaced])
        self._insert_embeddings(
            session,
            [
                (rows[key].id, number, hash_, vector)
                for key, new in replaced.items()
                for number, (hash_, vector) in enumerate(new.chunks)
            ],
        )
        changed = {row.id: row for row, outcome in changes if outcome in {"added", "updated"}}
        changed |= {rows[key].id: rows[key] for key in replaced}
        entries = [entry_of(row) for row in changed.values()]
        pools = term_index.index_terms(session, workspace_id, entries)
        pool_statistics.refresh(session, pools, self.embedder.fingerprint)
        return [Saved(row.id, outcome) for row, outcome in changes]

    def remove(
        self, session: Session, workspace_id: int, key: tuple[str, str], now: datetime
    ) -> int:
        """Forget an item: its text and embeddings go, a tombstone stays. Return its id.

        A deletion that arrives before its message leaves the tombstone that the message will meet.
        """
        source, external_id = key
        row = next(iter(_rows(session, workspace_id, [key])), None)
        if row is None:
            row = Item(
                workspace_id=workspace_id,
                kind="ticket",
                source=source,
                external_id=external_id,
                created_at=now,
            )
            session.add(row)
        row.text, row.title, row.author, row.url, row.resolution = "", None, None, None, None
        row.status, row.extra, row.content_hash, row.revision = "deleted", {}, None, DELETED
        row.resolved_at, row.deleted_at, row.updated_at = None, now, now
        session.flush()
        _forget_contents(session, [row.id])
        session.execute(delete(Resolution).where(Resolution.item_id == row.id))
        session.execute(delete(Part).where(Part.item_id == row.id))
        return row.id

    def hide(
        self, session: Session, workspace_id: int, items: Sequence[NewItem], now: datetime
    ) -> dict[tuple[str, str], int]:
        """Store messages that are no tickets of their own, without their words; return their ids.

        Who they are of and when they were said stays, so that they can become tickets again.
        """
        rows = {
            (row.source, row.external_id): row
            for row in _rows(session, workspace_id, [item.key for item in items])
        }
        hidden = []
        for item in items:
            row = rows.get(item.key)
            if row is None:
                row = rows[item.key] = Item(workspace_id=workspace_id, status="open")
                session.add(row)
            elif row.deleted_at is None:
                hidden.append(row.id)
            _assign(row, Prepared(replace(item, text=""), None, []), now)
            row.deleted_at = now
        session.flush()
        if hidden:
            _forget_contents(session, hidden)
        return {key: row.id for key, row in rows.items()}

    def retire(
        self, session: Session, workspace_id: int, source: str, kept: Collection[str], now: datetime
    ) -> int:
        """Take out the live items of a source whose ids are not `kept`; return how many.

        They are found no more, until their source tells them again.
        """
        gone = [
            row
            for row in session.scalars(
                select(Item).where(Item.workspace_id == workspace_id, Item.source == source, LIVE)
            )
            if row.external_id not in kept
        ]
        for row in gone:
            row.deleted_at = row.updated_at = now
            row.content_hash = None
        session.flush()
        for part in in_parts(row.id for row in gone):
            _forget_contents(session, part)
        return len(gone)

    def embed_missing(self, *, limit: int) -> int:
        """Embed up to `limit` items that have no vectors of this model and return how many."""
        has_vectors = select(Embedding.item_id).where(
            Embedding.fingerprint == self.embedder.fingerprint
        )
        with self.database.read() as session:
            rows = session.scalars(
                select(Item)
                .where(Item.content_hash.is_not(None), Item.id.not_in(has_vectors))
                .order_by(Item.id)
                .limit(limit)
            ).all()
        pieces = [
            (row.id, number, piece)
            for row in rows
            for number, piece in enumerate(
                self._chunks(row.title, embedding_text(row.title, row.text))
            )
        ]
        vectors = self.embedder.encode([piece for _, _, piece in pieces])
        with self.database.write() as session:
            current = session.execute(
                select(Item.id, Item.content_hash).where(Item.id.in_([row.id for row in rows]))
            ).all()
            before = {(row.id, row.content_hash) for row in rows}
            unchanged = {row.id for row in current if (row.id, row.content_hash) in before}
            self._delete_embeddings(session, list(unchanged))
            self._insert_embeddings(
                session,
                [
                    (item_id, number, text_hash(piece), vector)
                    for (item_id, number, piece), vector in zip(pieces, vectors, strict=True)
                    if item_id in unchanged
                ],
            )
            self._remember_words(session, [row for row in rows if row.id in unchanged])
        return len(rows)

    def vectors_of(
        self, session: Session, item_ids: Sequence[int]
    ) -> dict[int, NDArray[np.float32]]:
        """Return the stored vectors of items, by item id, each of shape `(chunks, dim)`."""
        found: dict[int, list[NDArray[np.float32]]] = {item_id: [] for item_id in item_ids}
        rows = session.connection().execute(
            _VECTORS, {"ids": item_ids, "fingerprint": self.embedder.fingerprint}
        )
        for item_id, vector in rows:
            found[item_id].append(vector)
        empty = np.empty((0, self.embedder.dim), dtype=np.float32)
        return {item_id: np.stack(own) if own else empty for item_id, own in found.items()}

    def encode(self, text: str) -> NDArray[np.float32]:
        """Return the vectors of a text's chunks, shape `(chunks, dim)`; nothing is stored."""
        return self.embedder.encode(chunk(self.embedder, embedding_text(None, text)))

    def _remember_words(self, session: Session, items: Sequence[Item]) -> None:
        by_workspace: dict[int, list[Item]] = {}
        for item in items:
            by_workspace.setdefault(item.workspace_id, []).append(item)
        for workspace_id, of_workspace in sorted(by_workspace.items()):
            entries = [entry_of(item) for item in of_workspace]
            pools = term_index.index_terms(session, workspace_id, entries)
            pool_statistics.refresh(session, pools, self.embedder.fingerprint)

    def _chunks(self, title: str | None, text: str) -> list[str]:
        return chunk(self.embedder, text, embedding_text(None, title or ""))

    def _embedded(
        self, session: Session, workspace_id: int, keys: Sequence[tuple[str, str]]
    ) -> dict[tuple[str, str], str | None]:
        """Return the content hashes of those items that need no new embeddings."""
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

    def _known_vectors(
        self, session: Session, texts: Sequence[str]
    ) -> dict[str, NDArray[np.float32]]:
        found: dict[str, NDArray[np.float32]] = {}
        for part in in_parts({text_hash(text) for text in texts}):
            rows = session.execute(
                select(Embedding.text_hash, Embedding.vector).where(
                    Embedding.text_hash.in_(part),
                    Embedding.fingerprint == self.embedder.fingerprint,
                )
            )
            found |= {row.text_hash: row.vector for row in rows}
        return found

    def _delete_embeddings(self, session: Session, item_ids: Sequence[int]) -> None:
        """Drop this model's vectors of these items; other models' are `deja reembed`'s affair."""
        session.execute(delete(Neighbourhood).where(Neighbourhood.item_id.in_(item_ids)))
        session.execute(
            delete(Embedding).where(
                Embedding.item_id.in_(item_ids),
                Embedding.fingerprint == self.embedder.fingerprint,
            )
        )

    def _insert_embeddings(
        self, session: Session, rows: Sequence[tuple[int, int, str, NDArray[np.float32]]]
    ) -> None:
        if rows:
            session.execute(
                insert(Embedding),
                [
                    {
                        "item_id": item_id,
                        "chunk": number,
                        "fingerprint": self.embedder.fingerprint,
                        "dim": self.embedder.dim,
                        "text_hash": hash_,
                        "vector": vector,
                    }
                    for item_id, number, hash_, vector in rows
                ],
            )


def _forget_contents(session: Session, item_ids: Sequence[int]) -> None:
    session.execute(delete(Embedding).where(Embedding.item_id.in_(item_ids)))
    session.execute(delete(Neighbourhood).where(Neighbourhood.item_id.in_(item_ids)))
    term_index.forget(session, item_ids)


def _rows(session: Session, workspace_id: int, keys: Sequence[tuple[str, str]]) -> Sequence[Item]:
    rows: list[Item] = []
    for part in in_parts(keys):
        rows += session.scalars(
            select(Item)
            .where(
                Item.workspace_id == workspace_id,
                tuple_(Item.source, Item.external_id).in_(part),
            )
            .with_for_update()  # an edit and a deletion of one item take turns
        )
    return rows


_COLUMNS = (
    "kind", "channel_id", "title", "text", "author", "url", "extra", "ts", "thread_ts",
    "created_at",
)  # fmt: skip
_KEPT_IF_UNSAID = ("status", "resolution", "resolved_at")


def _differs(row: Item, new: Prepared) -> bool:
    return (
        row.content_hash != new.content_hash
        or row.deleted_at is not None
        or any(getattr(row, column) != value for column, value in _values(new.item).items())
    )


def _assign(row: Item, new: Prepared, now: datetime) -> None:
    for column, value in _values(new.item).items():
        setattr(row, column, value)
    row.source, row.external_id = new.item.key
    row.revision, row.content_hash, row.updated_at = new.item.revision, new.content_hash, now
    row.deleted_at = None


def _values(item: NewItem) -> dict[str, Any]:
    said = [name for name in _KEPT_IF_UNSAID if getattr(item, name) is not None]
    return {column: getattr(item, column) for column in (*_COLUMNS, *said)}
