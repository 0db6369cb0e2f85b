"""A labelled set in a database, as a team would have it: stored, embedded, measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from benchmarks import corpus
from benchmarks.measuring import fresh_deja
from bot.wiring import Services
from models import Workspace
from services.channels.audience import Audience, whole_workspace
from services.memory.items import NewItem
from services.search.embedding import Embedder, chunk
from services.text.cleaning import embedding_text
from tests.remembering import START

AT_ONCE = 1_000


class KnownEmbedder:
    """The embedder whose vectors of a set's pieces are known from an earlier run."""

    def __init__(self, embedder: Embedder, rows: Sequence[corpus.Json]) -> None:
        self._embedder = embedder
        self.fingerprint, self.dim = embedder.fingerprint, embedder.dim
        self.max_tokens = embedder.max_tokens
        pieces = [
            piece
            for row in rows
            for piece in chunk(
                embedder, corpus.text_of(row), embedding_text(None, row.get("title") or "")
            )
        ]
        vectors = corpus.encoded_rows(embedder, rows).rows
        self._known = dict(zip(pieces, vectors, strict=True))

    def token_offsets(self, text: str) -> list[tuple[int, int]]:
        """Return what the embedder says."""
        return self._embedder.token_offsets(text)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the known vectors, shape `(len(texts), dim)`."""
        return np.stack([self._known[text] for text in texts])


@dataclass(frozen=True)
class Remembered:
    """A set in a database; `ids` are those of its rows, in order."""

    services: Services
    audience: Audience
    ids: list[int]


@contextmanager
def remembered(embedder: Embedder, rows: Sequence[corpus.Json], kind: str) -> Iterator[Remembered]:
    """Give the set as a workspace of its own; rows with a `side` come from that source."""
    with fresh_deja(KnownEmbedder(embedder, rows)) as services:
        with services.database.write() as session:
            workspace = Workspace(team_id="T1", created_at=START)
            session.add(workspace)
        items = [_item(number, row, kind) for number, row in enumerate(rows)]
        ids: list[int] = []
        for start in range(0, len(items), AT_ONCE):
            prepared = services.items.prepare(workspace.id, items[start : start + AT_ONCE])
            with services.database.write() as session:
                saved = services.items.save(session, workspace.id, prepared, START)
            ids += [one.item_id for one in saved]
        while services.duplicates.measure_missing(limit=AT_ONCE):
            pass
        yield Remembered(services, whole_workspace(workspace.id), ids)


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
