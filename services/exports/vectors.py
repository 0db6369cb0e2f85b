"""The vectors of what is exported, as Parquet or `.npy`, with their ids."""

from __future__ import annotations

import json
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from itertools import groupby, islice
from typing import Any, Literal

import numpy as np
from sqlalchemy import select

from models import Database, Embedding, Item
from services.exports.formats import BATCH, import_pyarrow
from services.exports.members import seekable_writer
from services.exports.rows import Selection, stream

VectorFormat = Literal["npy", "parquet"]


def write_vectors(
    archive: zipfile.ZipFile, format_: VectorFormat, database: Database, chosen: Selection
) -> list[dict[str, Any]]:
    """Write the vectors of each model; return its fingerprint, its files and its rows.

    Row n of `vectors-1.npy`, shape `(rows, dim)`, is the chunk in line n of `vectors-1.jsonl`.
    """
    models = groupby(_vectors(database, chosen), lambda one: (one[0].fingerprint, one[0].dim))
    write = _write_npy if format_ == "npy" else _write_parquet
    found = []
    for number, ((fingerprint, dim), rows) in enumerate(models, start=1):
        name = f"vectors-{number}"
        count = write(archive, name, dim, rows)
        found.append({"fingerprint": fingerprint, "dim": dim, "file": name, "rows": count})
    return found


def _vectors(database: Database, chosen: Selection) -> Iterator[Any]:
    return stream(
        database,
        select(Embedding, Item.source, Item.external_id)
        .join(Item, Item.id == Embedding.item_id)
        .where(chosen.items)
        .order_by(Embedding.fingerprint, Embedding.dim, Embedding.item_id, Embedding.chunk),
    )


def _write_npy(archive: zipfile.ZipFile, name: str, dim: int, rows: Iterator[Any]) -> int:
    """Write vectors and ids; the header with their number comes first, so they wait in a file."""
    count = 0
    with tempfile.TemporaryFile() as vectors:
        with archive.open(f"{name}.jsonl", "w", force_zip64=True) as ids:
            for row, source, id_ in rows:
                vectors.write(np.ascontiguousarray(row.vector, dtype="<f4").tobytes())
                ids.write(json.dumps(_key(row, source, id_), ensure_ascii=False).encode() + b"\n")
                count += 1
        vectors.seek(0)
        with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
            header = {"descr": "<f4", "fortran_order": False, "shape": (count, dim)}
            np.lib.format.write_array_header_1_0(file, header)
            shutil.copyfileobj(vectors, file)
    return count


def _write_parquet(archive: zipfile.ZipFile, name: str, dim: int, rows: Iterator[Any]) -> int:
    arrow, parquet = import_pyarrow()
    texts = [(one, arrow.string()) for one in ("source", "id", "text_hash", "fingerprint")]
    schema = arrow.schema(
        [*texts, ("chunk", arrow.int32()), ("vector", arrow.list_(arrow.float32(), dim))]
    )
    count = 0
    with (
        seekable_writer(archive, f"{name}.parquet") as file,
        parquet.ParquetWriter(file, schema) as writer,
    ):
        while batch := list(islice(rows, BATCH)):
            lines = [
                _key(row, source, id_)
                | {"fingerprint": row.fingerprint, "vector": np.asarray(row.vector)}
                for row, source, id_ in batch
            ]
            writer.write_table(arrow.Table.from_pylist(lines, schema=schema))
            count += len(batch)
    return count


def _key(row: Embedding, source: str, id_: str) -> dict[str, Any]:
    return {"source": source, "id": id_, "chunk": row.chunk, "text_hash": row.text_hash}
