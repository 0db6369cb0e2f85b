"""A labelled set in a database as a team would have it: stored, embedded, densities measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from benchmarks import corpus
from benchmarks.measurement import fresh_deja
from bot.wiring import Services
from models import Workspace
from services.channels.audience import Audience, whole_workspace
from services.memory.new_items import NewItem
from services.search.embedders.embedding import Embedder, chunk
from services.text.cleaning.compared_text import readable_text
from tests.remembering import START

BATCH_SIZE = 1_000


class CachedEmbedder:
    """An embedder of a set's chunks and of typed texts, whose vectors an earlier run has cached."""

    def __init__(
        self, embedder: Embedder, rows: Sequence[corpus.Json], typed: Sequence[str] = ()
    ) -> None:
        self._embedder = embedder
        self.fingerprint, self.dim = embedder.fingerprint, embedder.dim
        self.max_tokens = embedder.max_tokens
        pieces = [
            piece
            for row in rows
            for piece in chunk(
                embedder, corpus.text_of(row), readable_text(None, row.get("title") or "")
            )
        ]
        vectors = corpus.encoded_rows(embedder, rows).rows
        self._vectors = dict(zip(pieces, vectors, strict=True))
        if typed:
            # So short that each is one chunk.
            self._vectors |= zip(typed, corpus.encoded(embedder, typed).rows, strict=True)

    def token_offsets(self, text: str) -> list[tuple[int, int]]:
        """Return the offsets by the embedder itself."""
        return self._embedder.token_offsets(text)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the cached vectors, shape `(len(texts), dim)`."""
        return np.stack([self._vectors[text] for text in texts])


@dataclass(frozen=True)
class StoredSet:
    """A set in a database; `ids` are the item ids of its rows, in order."""

    services: Services
    audience: Audience
    ids: list[int]


@contextmanager
def stored_set(
    embedder: Embedder, rows: Sequence[corpus.Json], kind: str, typed: Sequence[str] = ()
) -> Iterator[StoredSet]:
    """Store a set in a database of its own; a row's `side`, if it has one, is its source.

    `typed` are texts that will be looked for.
    """
    with fresh_deja(CachedEmbedder(embedder, rows, typed)) as services:
        with services.database.write() as session:
            workspace = Workspace(team_id="T1", created_at=START)
            session.add(workspace)
        items = [_item(number, row, kind) for number, row in enumerate(rows)]
        ids: list[int] = []
        for start in range(0, len(items), BATCH_SIZE):
            prepared = services.items.prepare(workspace.id, items[start : start + BATCH_SIZE])
            with services.database.write() as session:
                saved = services.items.save(session, workspace.id, prepared, START)
            ids += [one.item_id for one in saved]
        while services.duplicates.measure_missing(limit=BATCH_SIZE):
            pass
        yield StoredSet(services, whole_workspace(workspace.id), ids)


def _item(number: int, row: corpus.Json, kind: str) -> NewItem:
    return NewItem(
        source=row.get("side") or "set",
        external_id=str(number),
        kind=kind,
        title=row.get("title"),
        text=row["text"],
        created_at=datetime.fromisoformat(row["created"]) if row.get("created") else START,
        extra={"price": row["price"]} if row.get("price") else {},
    )
