"""Texts to measure with: the public labelled sets beside the checkout, or the sample workspace."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.tryout import sample
from services.search.embedders.embedding import Embedder, chunk
from services.text.cleaning.compared_text import readable_text
from services.text.slack.markup import clean_slack

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared" / "data"
CACHE = ROOT / ".cache" / "benchmarks"

# Long bug reports, questions with a title, and one-liners: the mix of a support channel.
MIXED = ("gitbugs_seamonkey", "english_se", "banking77")

# All sets of tickets; the others are products.
TICKETS = (
    *MIXED, "semeval_cqa", "covidq", "hwu64", "dstc11_banking", "askubuntu_webapps_intents",
    "dtc_faq",
)  # fmt: skip

# Floats by which two vectors of one text are recognised.
BEGINNING = 24

Json = dict[str, Any]


@dataclass(frozen=True)
class Vectors:
    """Chunk embeddings: `rows`, `(chunks, dim)`, and the index of the text of each, `(chunks,)`."""

    rows: NDArray[np.float32]
    owners: NDArray[np.int64]


def has_data() -> bool:
    """Say whether the public labelled sets are there."""
    return (DATA / "README.md").exists()


def read(name: str, file: str = "items") -> list[Json]:
    """Return the rows of a labelled set."""
    with (DATA / name / f"{file}.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def text_of(row: Json) -> str:
    """Return the text of a row that is embedded."""
    return readable_text(row.get("title"), row["text"])


def tickets(number: int, *, from_sample: bool) -> list[str]:
    """Return `number` distinct ticket texts in random order, so that lengths are mixed."""
    texts = sample_texts() if from_sample else (text_of(row) for n in MIXED for row in read(n))
    distinct = np.array(list(islice(dict.fromkeys(text for text in texts if text), 3 * number)))
    # If there are fewer real ones, they are repeated with a number in front.
    while len(distinct) < number:
        distinct = np.concatenate([distinct, [f"{len(distinct)}: {text}" for text in distinct]])
    chosen = np.random.default_rng(1).permutation(len(distinct))[:number]
    return [str(distinct[index]) for index in chosen]


def all_tickets() -> list[str]:
    """Return the distinct texts of all sets of tickets."""
    texts = (text_of(row) for name in TICKETS for row in read(name))
    return list(dict.fromkeys(text for text in texts if text))


def encoded_rows(embedder: Embedder, rows: Sequence[Json]) -> Vectors:
    """Return the chunk embeddings of a set's rows; each chunk of a long text has its title."""
    titles = [readable_text(None, row.get("title") or "") for row in rows]
    return encoded(embedder, [text_of(row) for row in rows], titles)


def encoded(embedder: Embedder, texts: Sequence[str], titles: Sequence[str] = ()) -> Vectors:
    """Return the chunk embeddings of texts, computed once and then read from `.cache`."""
    key = "\0".join([embedder.fingerprint, *texts, *titles])
    digest = hashlib.sha256(key.encode()).hexdigest()
    file = CACHE / f"{digest[:16]}.npz"
    if not file.exists():
        pieces = [
            (index, piece)
            for index, (text, title) in enumerate(zip_longest(texts, titles, fillvalue=""))
            for piece in chunk(embedder, text, title)
        ]
        rows = embedder.encode([piece for _, piece in pieces])
        CACHE.mkdir(parents=True, exist_ok=True)
        temporary = file.with_suffix(".tmp.npz")
        np.savez(temporary, rows=rows, owners=np.array([index for index, _ in pieces]))
        temporary.replace(file)
    with np.load(file) as stored:
        return Vectors(stored["rows"], stored["owners"])


def cached_rows(dim: int) -> NDArray[np.float32]:
    """Return the distinct embeddings that earlier runs have cached, shape `(rows, dim)`.

    They may be of several versions of a text's cleaning, whose vectors are almost the same: two
    that begin alike count once.
    """
    stored = [np.load(file)["rows"] for file in sorted(CACHE.glob("*.npz"))]
    rows = [one for one in stored if one.shape[1] == dim]
    if not rows:
        return np.empty((0, dim), dtype=np.float32)
    joined = np.concatenate(rows)
    _, first = np.unique(np.round(joined[:, :BEGINNING], 2), axis=0, return_index=True)
    return np.asarray(joined[np.sort(first)], dtype=np.float32)


def sample_texts() -> list[str]:
    """Return the embedded texts of the sample workspace's tickets."""
    return [readable_text(None, clean_slack(ticket.text)) for ticket in sample.tickets()]


def sample_groups() -> list[str]:
    """Return the groups of the sample workspace's tickets; one without repeats has its own."""
    return [ticket.group or f"alone {index}" for index, ticket in enumerate(sample.tickets())]
