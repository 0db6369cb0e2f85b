"""A stand-in for the program tesseract."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.intake.image_reader import find_reader

# Reads what `tests.pictures.saying` writes into a picture, and nothing in others.
SCRIPT = r"""#!/bin/sh
if [ "$1" = --list-langs ]; then echo eng; exit; fi
words=$(LC_ALL=C sed -n 's/^words: //p')
printf 'block_num\tpar_num\tline_num\tconf\ttext\n1\t1\t1\t96\t%s\n' "$words"
"""


@contextmanager
def tesseract_on_path(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Write the program into a new folder, and find it there."""
    folder.mkdir()
    program = folder / "tesseract"
    program.write_text(SCRIPT)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    find_reader.cache_clear()
    yield
    find_reader.cache_clear()
