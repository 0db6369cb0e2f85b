"""Items: storing what sources report, change and delete, each text embedded once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models import Embedding, Item, Neighbourhood, Part, Resolution
from models.queries import DELETED, LIVE, WITHDRAWN, in_parts
from services.memory import pool_statistics, term_index
from services.memory.comparable_text import compared_of
from services.memory.density import delete_neighbourhoods
from services.memory.item_rows import assign, differs, read_by_key, rows_by_key, save_rows
from services.memory.item_vectors import ItemVectors
from services.memory.new_items import (
    ComparableText,
    ItemKey,
    NewItem,
    PreparedItem,
    SavedItem,
    SaveOutcome,
)
from services.memory.source_answers import follow_sources, keep_marked
from services.memory.term_index import TermEntry
from services.text.words.plain import text_hash


@dataclass(frozen=True)
class ItemStore:
    """Stores items and their embeddings."""

    vectors: ItemVectors

    def prepare(self, workspace_id: int, items: Sequence[NewItem]) -> list[PreparedItem]:
        """Embed what is new in `items`, all in one `encode`, outside of any transaction."""
        texts = [compared_of(item) for item in items]
        with self.vectors.database.read() as session:
            known = self.vectors.embedded_hashes(
                session, workspace_id, [item.key for item in items]
            )
            pieces = [
                self._pieces(item, own) if own.hash != known.get(item.key, "") else []
                for item, own in zip(items, texts, strict=True)
            ]
            chunks = {hash_: piece for own in pieces for hash_, piece in own}
            stored = self.vectors.stored_chunks(session, chunks.keys())
        vectors = self.vectors.encode_chunks(chunks, stored)
        return [
            PreparedItem(item, own.hash, [(one, vectors[one]) for one, _ in of_item], own.terms)
            for item, own, of_item in zip(items, texts, pieces, strict=True)
        ]

    def _pieces(self, item: NewItem, own: ComparableText) -> list[tuple[str, str]]:
        """Return what of an item is embedded, with hashes; of most items that is the whole text."""
        pieces = self.vectors.chunks_of(item.title, own.text)
        if own.hash is not None and pieces == [own.text]:
            return [(own.hash, own.text)]
        return [(text_hash(piece), piece) for piece in pieces]

    def expected_outcomes(
        self, session: Session, workspace_id: int, items: Sequence[NewItem]
    ) -> list[SaveOutcome]:
        """Return what saving the items would do, as far as their words and their state go."""
        stored = read_by_key(session, workspace_id, [item.key for item in items])
        outcomes: list[SaveOutcome] = []
        for item in keep_marked(session, stored, items):
            row = stored.get(item.key)
            if row is None:
                outcomes.append("added")
            elif item.revision < row.revision:
                outcomes.append("outdated")
            else:
                kept = replace(item, channel_id=row.channel_id)
                if not item.is_dated:
                    kept = replace(kept, created_at=row.created_at, is_dated=row.is_dated)
                new = PreparedItem(kept, compared_of(item).hash, [])
                outcomes.append("updated" if differs(row, new) else "unchanged")
        return outcomes

    def save(
        self, session: Session, workspace_id: int, prepared: Sequence[PreparedItem], now: datetime
    ) -> list[SavedItem]:
        """Add or change the items; a revision older than the stored one changes nothing.

        Raises `RetryLaterError` if another model came into use since they were prepared.
        """
        self.vectors.ensure_in_use(session, now)
        stored = rows_by_key(session, workspace_id, [new.item.key for new in prepared])
        told = {new.item.key: new.item for new in prepared}
        items = keep_marked(session, stored, [new.item for new in prepared])
        prepared = [
            new if item is new.item else replace(new, item=item)
            for new, item in zip(prepared, items, strict=True)
        ]
        hashes = {key: row.content_hash for key, row in stored.items()}
        saved = save_rows(session, workspace_id, stored, prepared, now)
        # Where `prepare` found the text embedded but another worker changed it since, the old
        # vectors go too; `embed_missing` makes the new ones.
        replaced = {
            key: new.chunks
            for key, new in saved.kept.items()
            if new.chunks or new.content_hash != hashes.get(key)
        }
        added = saved.added_ids
        chunks = {saved.ids[key]: own for key, own in replaced.items()}
        self.vectors.replace(session, chunks, dict.fromkeys(chunks, workspace_id), added)
        reworded = [
            saved.ids[key]
            for key, new in saved.kept.items()
            if key in hashes and new.content_hash != hashes[key]
        ]
        self.vectors.forget_others(session, reworded)
        changed = {key for key, outcome in saved.outcomes if outcome in {"added", "updated"}}
        edited = [key for key in changed if key in stored]
        follow_sources(session, {saved.ids[key]: told[key] for key in edited}, now)
        entries = [
            _term_entry(saved.ids[key], new)
            for key, new in saved.kept.items()
            if key in changed or key in replaced
        ]
        pools = term_index.index_terms(session, workspace_id, entries, added)
        pool_statistics.refresh(session, pools, self.vectors.embedder.fingerprint)
        return [SavedItem(saved.ids[key], outcome) for key, outcome in saved.outcomes]

    def remove(
        self,
        session: Session,
        workspace_id: int,
        key: ItemKey,
        now: datetime,
        *,
        revision: str = DELETED,
    ) -> int:
        """Delete an item's text and embeddings, leave a tombstone, and return its id.

        A deletion that arrives before its message leaves the tombstone that the message will meet.
        One that was deleted for good keeps the `revision` of that.
        """
        source, external_id = key
        row = rows_by_key(session, workspace_id, [key]).get(key)
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
        bury(session, [row], now, revision=max(revision, row.revision or ""))
        return row.id

    def hide(
        self, session: Session, workspace_id: int, items: Sequence[NewItem], now: datetime
    ) -> dict[ItemKey, int]:
        """Store messages that are not tickets of their own, without their text; return their ids.

        Author and time stay, so that they can become tickets again, and answers that people gave.
        """
        rows = rows_by_key(session, workspace_id, [item.key for item in items])
        items = keep_marked(session, rows, items)
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
            assign(row, PreparedItem(replace(item, text="", revision=revision), None, []), now)
            row.deleted_at = now
        session.flush()
        follow_sources(session, {rows[item.key].id: item for item in items}, now)
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


def bury(session: Session, rows: Sequence[Item], now: datetime, *, revision: str = DELETED) -> None:
    """Leave of items nothing but tombstones, which keep what is older from being stored again."""
    for row in rows:
        row.text, row.title, row.author, row.url, row.resolution = "", None, None, None, None
        row.status, row.extra, row.content_hash, row.revision = "deleted", {}, None, revision
        row.resolved_at, row.deleted_at, row.updated_at = None, now, now
    session.flush()
    for ids in in_parts([row.id for row in rows]):
        _delete_contents(session, ids)
        session.execute(delete(Resolution).where(Resolution.item_id.in_(ids)))
        session.execute(delete(Part).where(Part.item_id.in_(ids)))


def restore(session: Session, workspace_id: int, keys: Sequence[ItemKey]) -> None:
    """Let items be stored again that their program had deleted; others stay as they are."""
    rows = rows_by_key(session, workspace_id, keys)
    for row in rows.values():
        if row.revision == WITHDRAWN:
            row.revision = ""
    session.flush()


def _term_entry(item_id: int, new: PreparedItem) -> TermEntry:
    return TermEntry(item_id, new.item.channel_id, new.item.kind, new.terms)


def _delete_contents(session: Session, item_ids: Sequence[int]) -> None:
    session.execute(delete(Embedding).where(Embedding.item_id.in_(item_ids)))
    delete_neighbourhoods(session, Neighbourhood.item_id.in_(item_ids))
    term_index.delete_terms(session, item_ids)
