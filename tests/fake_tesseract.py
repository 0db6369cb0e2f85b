"""A stand-in for the program tesseract."""

from __future__ import annotations

from pathlib import Path

# Reads pictures that are texts, and refuses GIFs.
SCRIPT = r"""#!/bin/sh
if [ "$1" = --list-langs ]; then echo eng; exit; fi
words=$(cat)
case "$words" in GIF*) exit 1;; esac
printf 'block_num\tpar_num\tline_num\tconf\ttext\n1\t1\t1\t96\t%s\n' "$words"
"""


def put_tesseract(folder: Path) -> None:
    """Write the program into a folder."""
    folder.mkdir()
    program = folder / "tesseract"
    program.write_text(SCRIPT)
    program.chmod(0o755)
