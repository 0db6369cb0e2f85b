"""A database of very many tickets, filled block by block without the intake.

The intake is not what is measured: items, vectors, terms and densities are inserted by plain bulk
statements. The first texts are real; the others are these with a third of the words taken from
another ticket, as in `judging`. Noise is added to all vectors: a real one amid dozens that were
made of it would be the only link to most of them, and a graph has room for 32. Densities are those
that the noise gives on average, not measured. Only one block is held in memory, and a later run
continues from what is stored.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from benchmarks import corpus
from benchmarks.judging import exchange_words
from benchmarks.measurement import show_progress
from benchmarks.search import NOISE, Rows, add_channels, item_row, vector_row
from bot.clock import utc_now
from bot.wiring import Services
from models import Channel, Embedding, Item, Neighbourhood, insert_many
from services.channels.audience import Audience, audience_of_channel
from services.memory import pool_statistics, term_index
from services.memory.comparable_text import indexed_terms
from services.memory.density import NEAREST, density
from services.memory.term_index import TermEntry
from services.search.embedders.embedding import Embedder, SentenceTransformerEmbedder
from tests.hashing import HashingEmbedder
from tests.remembering import START

ITEMS, QUERIES = 1_000_000, 500

# More than are compared one by one (`EXACT_ROWS`), so that a quick run has a graph, too.
QUICK_ITEMS, QUICK_QUERIES = 4_200, 10

BLOCK = 5_000

# A million in three years.
APART = timedelta(seconds=95)

# Cosine of two tickets that were made of the same one.
TO_OTHER = 1 / (1 + NOISE**2)


@dataclass(frozen=True)
class Material:
    """Real texts and a vector for each, `(n, dim)`, of which `items` tickets are made.

    The first `queries` are not stored, but searched for.
    """

    texts: list[str]
    rows: Rows
    queries: int
    items: int

    @property
    def asked(self) -> Rows:
        """The vectors that are searched for."""
        return self.rows[: self.queries]

    @property
    def originals(self) -> int:
        """How many real tickets are stored."""
        return len(self.texts) - self.queries

    def blocks(self, start: int = 0) -> Iterator[tuple[range, Rows]]:
        """Give the numbers, from 1, and vectors of the tickets to store, the same in each run."""
        real = self.rows[self.queries :]
        for first in range(start, self.items, BLOCK):
            places = np.arange(first, min(first + BLOCK, self.items))
            rows = real[places % len(real)]
            random = np.random.default_rng([1, first])
            noise = random.standard_normal(rows.shape, dtype=np.float32)
            noise *= NOISE / np.linalg.norm(noise, axis=1, keepdims=True)
            rows = rows + noise
            rows /= np.linalg.norm(rows, axis=1, keepdims=True)
            yield range(first + 1, first + 1 + len(places)), rows

    def text(self, number: int) -> str:
        """Return the text of a stored ticket."""
        place, real = number - 1, self.texts[self.queries :]
        own = real[place % len(real)]
        return own if place < len(real) else exchange_words(own, real[place * 7919 % len(real)])


def quick_material() -> tuple[Embedder, Material]:
    """Return the embedder and the tickets of a quick run."""
    embedder = HashingEmbedder()
    return embedder, _material(embedder, QUICK_QUERIES, QUICK_ITEMS, from_sample=True)


def full_material(items: int) -> tuple[Embedder, Material]:
    """Return the embedder and the tickets of a run with so many of them."""
    embedder = SentenceTransformerEmbedder()
    return embedder, _material(embedder, QUERIES, items, from_sample=not corpus.has_data())


def _material(embedder: Embedder, queries: int, items: int, *, from_sample: bool) -> Material:
    """Return real tickets in random order, so that lengths are mixed."""
    texts = corpus.sample_texts() if from_sample else corpus.all_tickets()
    texts = list(dict.fromkeys(text for text in texts if text))
    vectors = corpus.encoded(embedder, texts)
    rows = vectors.rows[np.searchsorted(vectors.owners, np.arange(len(texts)))]
    order = np.random.default_rng(2).permutation(len(texts))
    return Material([texts[place] for place in order], rows[order], queries, items)


def fill(services: Services, tickets: Material) -> Audience:
    """Store the tickets that are not there yet; return the readers of the first channel."""
    with services.database.write() as session:
        services.vectors.ensure_in_use(session, utc_now())
        stored = session.scalar(select(func.count(Item.id))) or 0
        channels = _channels(session)
    started = time.monotonic()
    for numbers, rows in tickets.blocks(stored):
        with services.database.write() as session:
            store = _Store(session, tickets, channels, services.embedder.fingerprint)
            store.add(numbers, rows)
        show_progress("tickets stored", numbers[-1], tickets.items, started)
    return audience_of_channel(channels[0])


def _channels(session: Session) -> Sequence[Channel]:
    """Return two public channels and a private one, which are added to an empty database."""
    known = session.scalars(select(Channel).order_by(Channel.id)).all()
    return known or add_channels(session)


@dataclass(frozen=True)
class _Store:
    """Where a block is stored: two public channels and a private one, vectors of one model."""

    session: Session
    tickets: Material
    channels: Sequence[Channel]
    fingerprint: str

    def add(self, numbers: range, rows: Rows) -> None:
        """Store tickets by their numbers, which become their ids."""
        session, workspace_id = self.session, self.channels[0].workspace_id
        items = [self._item(number) for number in numbers]
        insert_many(session, Item, items)
        vectors = [
            vector_row(number, vector, self.fingerprint, workspace_id)
            for number, vector in zip(numbers, rows, strict=True)
        ]
        insert_many(session, Embedding, vectors)
        insert_many(session, Neighbourhood, [self._density(number) for number in numbers])
        entries = [
            TermEntry(
                one["id"],
                one["channel_id"],
                "ticket",
                " ".join(indexed_terms(one["text"], "ticket")),
            )
            for one in items
        ]
        pools = term_index.index_terms(session, workspace_id, entries, added=numbers)
        pool_statistics.refresh(session, pools, self.fingerprint)

    def _item(self, number: int) -> dict[str, Any]:
        reported = START + number * APART
        return {
            **item_row(number, self.channels, self.tickets.text(number)),
            "content_hash": f"{number:064x}",
            "is_dated": True,
            "created_at": reported,
            "updated_at": reported,
        }

    def _density(self, number: int) -> dict[str, Any]:
        """Return what is nearest to a ticket: others that were made of the same one."""
        apart = self.tickets.originals
        first = (number - 1) % apart + 1
        cosines = {first + n * apart: TO_OTHER for n in range(NEAREST)}
        nearest = {str(other): round(cosine, 6) for other, cosine in cosines.items()}
        return {
            "item_id": number, "fingerprint": self.fingerprint, "nearest": nearest,
            "density": density(cosines.values()),
        }  # fmt: skip
