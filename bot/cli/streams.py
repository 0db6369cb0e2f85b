"""Standard input, output and errors, as whoever started the command line left them."""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO


def mend_streams() -> None:
    """Replace streams that are closed, and letters that a stream's encoding does not have."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            nothing = Path(os.devnull).open(mode, encoding="utf-8")  # noqa: SIM115 - stays open
            setattr(sys, name, nothing)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper) and not has_all_letters(stream):
            stream.reconfigure(errors="replace")


def has_all_letters(stream: TextIO) -> bool:
    """Say whether the encoding of a stream has all letters."""
    return (stream.encoding or "utf-8").lower().startswith("utf")
