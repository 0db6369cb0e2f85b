"""Members of a ZIP archive for readers and writers of Parquet, which move about in a file."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO


@contextmanager
def seekable_reader(archive: zipfile.ZipFile, name: str) -> Iterator[IO[bytes]]:
    """Give a copy of a member."""
    with tempfile.TemporaryFile() as copy:
        with archive.open(name) as member:
            shutil.copyfileobj(member, copy)
        copy.seek(0)
        yield copy


@contextmanager
def seekable_writer(archive: zipfile.ZipFile, name: str) -> Iterator[IO[bytes]]:
    """Give a file that becomes a member at the end of the block."""
    with tempfile.TemporaryFile() as copy:
        yield copy
        copy.seek(0)
        with archive.open(name, "w", force_zip64=True) as member:
            shutil.copyfileobj(copy, member)
