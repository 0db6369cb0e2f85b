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
from typing import Any, TypeVar

from sqlalchemy import Column, ColumnElement, String, cast, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from models import Embedding, Erasure, Item, Resolution
from models.many_values import is_among, many_ids
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
    *,
    vectors: Mapping[str, Sequence[FloatVector]] = MappingProxyType({}),
    changed: Collection[int] = (),
) -> ErasureProof:
    """Search rows and files for snippets of what was erased, and the index for `vectors` of it.

    Snippets that live tickets of others have, such as a template, are left out and counted; their
    vectors are left out. The answers and replies of the tickets `changed`, from which something was
    erased, do not count as such. `vectors` are by the fingerprint of their model, and some of each
    are searched for. `leftovers` are rows of what was erased that are not empty, by column.
    """
    asked = some_of(snippets)
    rows: Counter[str] = Counter(leftovers)
    kept = {one for one in asked if _is_in_tickets(session, one, changed)}
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


def _is_in_tickets(session: Session, text: str, changed: Collection[int]) -> bool:
    is_changed = is_among(Item.id, many_ids("changed"))
    of_changed = is_among(Resolution.item_id, many_ids("changed"))
    statements = (
        select(Item.id).where(_has(Item.text, [text]) | _has(Item.title, [text])),
        select(Item.id).where(
            _has(Item.resolution, [text]) | _has(Item.extra, [text]), ~is_changed
        ),
        select(Resolution.id).where(_has(Resolution.text, [text]), ~of_changed),
    )
    ids = {"changed": list(changed)}
    return any(session.scalar(one.limit(1), ids) is not None for one in statements)


def _count(session: Session, column: Column[str], texts: Sequence[str]) -> int:
    found = select(func.count()).select_from(column.table).where(_has(column, texts))
    return session.scalar(found) or 0


def _has(
    column: ColumnElement[Any] | InstrumentedAttribute[Any], texts: Sequence[str]
) -> ColumnElement[bool]:
    forms = [form for text in texts for form in _forms(text)]
    said = cast(column, String)
    return or_(*(said.contains(form, autoescape=True) for form in forms))


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
