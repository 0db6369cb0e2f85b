"""Items: storing what sources report, change and delete, each text embedded once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, select, tuple_
from sqlalchemy.orm import Session

from models import Embedding, Item, Neighbourhood, Part, Resolution
from models.queries import LIVE, in_parts
from services.memory import term_index
from services.memory.comparable_text import comparable_text
from services.memory.item_vectors import ItemVectors
from services.memory.new_items import ItemKey, NewItem, PreparedItem, SavedItem, SaveOutcome
from services.text.cleaning import text_hash

# The revision of a deletion: it sorts after every edit.
DELETED = "~"


@dataclass(frozen=True)
class _SavedRows:
    """The rows of saved items by key, the version kept of each, and all outcomes in order."""

    rows: Mapping[ItemKey, Item]
    kept: Mapping[ItemKey, PreparedItem]
    outcomes: Sequence[tuple[Item, SaveOutcome]]


@dataclass(frozen=True)
class ItemStore:
    """Stores items and their embeddings."""

    vectors: ItemVectors

    def prepare(self, workspace_id: int, items: Sequence[NewItem]) -> list[PreparedItem]:
        """Embed what is new in `items`, all in one `encode`, outside of any transaction."""
        texts = [comparable_text(item) for item in items]
        hashes = [text_hash(text) if text else None for text in texts]
        with self.vectors.database.read() as session:
            known = self.vectors.embedded_hashes(
                session, workspace_id, [item.key for item in items]
            )
            pieces = [
                [] if hash_ == known.get(item.key, "") else self.vectors.chunks_of(item.title, text)
                for item, text, hash_ in zip(items, texts, hashes, strict=True)
            ]
            chunks = [chunk for own in pieces for chunk in own]
            stored = self.vectors.stored_chunks(session, chunks)
        vectors = self.vectors.encode_chunks(chunks, stored)
        return [
            PreparedItem(item, hash_, [(text_hash(p), vectors[text_hash(p)]) for p in own])
            for item, hash_, own in zip(items, hashes, pieces, strict=True)
        ]

    def expected_outcomes(
        self, session: Session, workspace_id: int, items: Sequence[NewItem]
    ) -> list[SaveOutcome]:
        """Return what saving the items would do, as far as their words and their state go."""
        stored = _read_by_key(session, workspace_id, [item.key for item in items])
        outcomes: list[SaveOutcome] = []
        for item in items:
            row = stored.get(item.key)
            text = comparable_text(item)
            if row is None:
                outcomes.append("added")
            elif item.revision < row.revision:
                outcomes.append("outdated")
            else:
                kept = replace(item, channel_id=row.channel_id)
                if not item.is_dated:
                    kept = replace(kept, created_at=row.created_at, is_dated=row.is_dated)
                new = PreparedItem(kept, text_hash(text) if text else None, [])
                outcomes.append("updated" if _differs(row, new) else "unchanged")
        return outcomes

    def save(
        self, session: Session, workspace_id: int, prepared: Sequence[PreparedItem], now: datetime
    ) -> list[SavedItem]:
        """Add or change the items; a revision older than the stored one changes nothing.

        Raises `RetryLaterError` if another model came into use since they were prepared.
        """
        self.vectors.ensure_in_use(session, now)
        stored = _rows_by_key(session, workspace_id, [new.item.key for new in prepared])
        hashes = {key: row.content_hash for key, row in stored.items()}
        saved = _save_rows(session, workspace_id, stored, prepared, now)
        # Where `prepare` found the text embedded but another worker changed it since, the old
        # vectors go too; `embed_missing` makes the new ones.
        replaced = {
            saved.rows[key]: new.chunks
            for key, new in saved.kept.items()
            if new.chunks or new.content_hash != hashes.get(key)
        }
        self.vectors.replace(session, {row.id: chunks for row, chunks in replaced.items()})
        reworded = [
            saved.rows[key].id
            for key, new in saved.kept.items()
            if key in hashes and new.content_hash != hashes[key]
        ]
        self.vectors.forget_others(session, reworded)
        changed = {
            row.id: row for row, outcome in saved.outcomes if outcome in {"added", "updated"}
        }
        changed |= {row.id: row for row in replaced}
        term_index.index_items(session, changed.values(), self.vectors.embedder.fingerprint)
        return [SavedItem(row.id, outcome) for row, outcome in saved.outcomes]

    def remove(self, session: Session, workspace_id: int, key: ItemKey, now: datetime) -> int:
        """Delete an item's text and embeddings, leave a tombstone, and return its id.

        A deletion that arrives before its message leaves the tombstone that the message will meet.
        """
        source, external_id = key
        row = _rows_by_key(session, workspace_id, [key]).get(key)
        if row is None:
            row = Item(
                workspace_id=workspace_id,
                kind="ticket",
                source=source,
                external_id=external_id,
                text="",
                created_at=now,
                updated_at=now,
            )
            session.add(row)
        session.flush()
        bury(session, [row], now)
        return row.id

    def hide(
        self, session: Session, workspace_id: int, items: Sequence[NewItem], now: datetime
    ) -> dict[ItemKey, int]:
        """Store messages that are not tickets of their own, without their text; return their ids.

        Author and time stay, so that they can become tickets again.
        """
        rows = _rows_by_key(session, workspace_id, [item.key for item in items])
        hidden = []
        for item in items:
            row = rows.get(item.key)
            if row is None:
                row = rows[item.key] = Item(workspace_id=workspace_id, status="open")
                session.add(row)
            elif row.revision == DELETED:
                continue
            elif row.deleted_at is None:
                hidden.append(row.id)
            revision = max(item.revision, row.revision or "")
            _assign(row, PreparedItem(replace(item, text="", revision=revision), None, []), now)
            row.deleted_at = now
        session.flush()
        if hidden:
            _delete_contents(session, hidden)
        return {key: row.id for key, row in rows.items()}

    def retire(
        self, session: Session, workspace_id: int, source: str, kept: Collection[str], now: datetime
    ) -> int:
        """Retire the live items of a source whose ids are not in `kept`; return how many.

        They are not found any more until their source reports them again.
        """
        live = select(Item).where(Item.workspace_id == workspace_id, Item.source == source, LIVE)
        gone = [row for row in session.scalars(live) if row.external_id not in kept]
        for row in gone:
            row.deleted_at = row.updated_at = now
            row.content_hash = None
        session.flush()
        for part in in_parts(row.id for row in gone):
            _delete_contents(session, part)
        return len(gone)


def bury(session: Session, rows: Sequence[Item], now: datetime) -> None:
    """Leave of items nothing but tombstones, which keep them from being stored again."""
    for row in rows:
        row.text, row.title, row.author, row.url, row.resolution = "", None, None, None, None
        row.status, row.extra, row.content_hash, row.revision = "deleted", {}, None, DELETED
        row.resolved_at, row.deleted_at, row.updated_at = None, now, now
    session.flush()
    for ids in in_parts([row.id for row in rows]):
        _delete_contents(session, ids)
        session.execute(delete(Resolution).where(Resolution.item_id.in_(ids)))
        session.execute(delete(Part).where(Part.item_id.in_(ids)))


def _save_rows(
    session: Session,
    workspace_id: int,
    stored: Mapping[ItemKey, Item],
    prepared: Sequence[PreparedItem],
    now: datetime,
) -> _SavedRows:
    rows = dict(stored)
    kept: dict[ItemKey, PreparedItem] = {}
    outcomes: list[tuple[Item, SaveOutcome]] = []
    for new in prepared:
        row = rows.get(new.item.key)
        if row is None:
            row = rows[new.item.key] = Item(
                workspace_id=workspace_id, status="open", updated_at=now
            )
            session.add(row)
            outcome: SaveOutcome = "added"
        elif new.item.revision < row.revision:
            outcomes.append((row, "outdated"))
            continue
        else:
            outcome = "updated" if _differs(row, new) else "unchanged"
        kept[new.item.key] = new
        if outcome != "unchanged":
            _assign(row, new, now)
        # Older edits that arrive late are outdated also by an edit that changed no word.
        row.revision = new.item.revision
        outcomes.append((row, outcome))
    session.flush()
    return _SavedRows(rows, kept, outcomes)


def _delete_contents(session: Session, item_ids: Sequence[int]) -> None:
    session.execute(delete(Embedding).where(Embedding.item_id.in_(item_ids)))
    session.execute(delete(Neighbourhood).where(Neighbourhood.item_id.in_(item_ids)))
    term_index.delete_terms(session, item_ids)


def _rows_by_key(
    session: Session, workspace_id: int, keys: Sequence[ItemKey]
) -> dict[ItemKey, Item]:
    """Return the stored rows of these items, locked, so that concurrent changes take turns."""
    rows: list[Item] = []
    for part in in_parts(keys):
        rows += session.scalars(_of_keys(workspace_id, part).with_for_update())
    return {(row.source, row.external_id): row for row in rows}


def _read_by_key(
    session: Session, workspace_id: int, keys: Sequence[ItemKey]
) -> dict[ItemKey, Item]:
    """Return the stored rows of these items."""
    rows = [row for part in in_parts(keys) for row in session.scalars(_of_keys(workspace_id, part))]
    return {(row.source, row.external_id): row for row in rows}


def _of_keys(workspace_id: int, keys: Sequence[ItemKey]) -> Select[Item]:
    return select(Item).where(
        Item.workspace_id == workspace_id, tuple_(Item.source, Item.external_id).in_(keys)
    )


_COLUMNS = (
    "kind", "channel_id", "title", "text", "author", "url", "extra", "ts", "thread_ts",
    "created_at", "is_dated",
)  # fmt: skip
_KEPT_IF_MISSING = ("status", "resolution", "resolved_at")


def _differs(row: Item, new: PreparedItem) -> bool:
    return (
        row.content_hash != new.content_hash
        or row.deleted_at is not None
        or any(getattr(row, column) != value for column, value in _values(new.item).items())
    )


def _assign(row: Item, new: PreparedItem, now: datetime) -> None:
    for column, value in _values(new.item).items():
        setattr(row, column, value)
    row.source, row.external_id = new.item.key
    row.revision, row.content_hash, row.updated_at = new.item.revision, new.content_hash, now
    row.deleted_at = None


def _values(item: NewItem) -> dict[str, Any]:
    given = [name for name in _KEPT_IF_MISSING if getattr(item, name) is not None]
    return {column: getattr(item, column) for column in (*_COLUMNS, *given)}
