"""The proof of an erasure: its words are looked for in every column, and in every file.

So are some of its vectors in the index, which has no words.
"""

from __future__ import annotations

import json
import mmap
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from sqlalchemy import Column, String, cast, func, or_, select
from sqlalchemy.orm import Session

from models import Embedding, Erasure
from models.types import FloatVector
from services.erasure.surfaces import MIXED, PEOPLE, PERSON, TEXT, columns_of
from services.erasure.tickets import MAX_SNIPPETS, MAX_VECTORS

# Vectors and hashes have no words in them.
_NOT_TEXT = frozenset({"vector", "text_hash", "content_hash", "picture_hash"})

# Only graphs are searched for vectors: a database may have the same one as the mean of a pool or a
# topic with a single ticket.
_GRAPH_SUFFIX = ".bin"

T = TypeVar("T")


@dataclass(frozen=True)
class ErasureProof:
    """What of the erased words and vectors was found: rows by column, and files.

    `elsewhere` counts snippets that other people's tickets have as well, which say nothing.
    """

    searched: int
    elsewhere: int
    rows: dict[str, int]
    files: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing was found."""
        return not self.rows and not self.files


def some_of(snippets: Sequence[str]) -> list[str]:
    """Return snippets spread evenly over all, few enough to be searched for."""
    return _spread(list(dict.fromkeys(snippets)), MAX_SNIPPETS)


def _spread(found: Sequence[T], limit: int) -> list[T]:
    step = -(-len(found) // limit) or 1
    return list(found[::step])


def prove(
    session: Session,
    snippets: Sequence[str],
    files: Iterable[Path],
    leftovers: Mapping[str, int] = MappingProxyType({}),
    vectors: Mapping[str, Sequence[FloatVector]] = MappingProxyType({}),
) -> ErasureProof:
    """Search rows and files for snippets of what was erased, and the index for `vectors` of it.

    Snippets that live tickets of others have, such as a template, are left out and counted; their
    vectors are left out. `vectors` are by the fingerprint of their model, and some of each are
    searched for. `leftovers` are rows of what was erased that are not empty, by column.
    """
    asked = some_of(snippets)
    rows: Counter[str] = Counter(leftovers)
    kept = {one for one in asked if _is_in_tickets(session, one)}
    wanted = [one for one in asked if one not in kept]
    for column in columns_of(TEXT, MIXED, PERSON, PEOPLE):
        if column.name not in _NOT_TEXT and column.table is not Erasure.__table__ and wanted:
            rows[f"{column.table.name}.{column.name}"] += _count(session, column, wanted)
    needles = list(_needles(wanted))
    some = [one for of_model in vectors.values() for one in _spread(of_model, MAX_VECTORS)]
    found = tuple(
        str(file)
        for file in files
        if has_any(file, needles) or any(_has_vector(session, file, one) for one in some)
    )
    return ErasureProof(len(wanted), len(kept), {name: n for name, n in rows.items() if n}, found)


def _is_in_tickets(session: Session, text: str) -> bool:
    columns = [one for one in columns_of(TEXT) if one.table.name in {"items", "resolutions"}]
    words = [one for one in columns if one.name in {"text", "title", "resolution"}]
    return any(_count(session, column, [text]) for column in words)


def _count(session: Session, column: Column[str], texts: Sequence[str]) -> int:
    forms = [form for text in texts for form in _forms(text)]
    said = cast(column, String)
    has_one = or_(*(said.contains(form, autoescape=True) for form in forms))
    return session.scalar(select(func.count()).select_from(column.table).where(has_one)) or 0


def _forms(text: str) -> list[str]:
    """Return a text as it is, and as JSON has it."""
    return list(dict.fromkeys([text, json.dumps(text)[1:-1]]))


def _has_vector(session: Session, file: Path, vector: FloatVector) -> bool:
    """Say whether a graph has a vector that no row has: others may write the same."""
    if file.suffix != _GRAPH_SUFFIX or not has_any(file, [vector.astype("<f4").tobytes()]):
        return False
    same = select(Embedding.id).where(Embedding.dim == len(vector), Embedding.vector == vector)
    return session.scalar(same.limit(1)) is None


def has_any(file: Path, needles: Collection[bytes]) -> bool:
    """Say whether a file contains one of these byte strings."""
    if not needles or not file.is_file() or not file.stat().st_size:
        return False
    with file.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return any(data.find(needle) >= 0 for needle in needles)


def _needles(texts: Collection[str]) -> Iterator[bytes]:
    for text in texts:
        yield from (form.encode("utf-8") for form in _forms(text))
