"""Folders in a folder, as those of an archive that was unpacked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

# One more than in GitLab's project/tree/project/issues.ndjson.
_MAX_DEPTH = 4


def files_below(folder: Path, may_have_tickets: Callable[[Path], bool]) -> list[Path]:
    """Return the files that may have tickets in the folders of a folder, in order."""
    # Folders whose names begin with a dot are those of programs.
    patterns = ("[!.]*/" * depth + "*" for depth in range(1, _MAX_DEPTH + 1))
    found = (one for pattern in patterns for one in folder.glob(pattern) if one.is_file())
    return sorted(one for one in found if may_have_tickets(one.relative_to(folder)))


def whole_table(name: str) -> str:
    """Return what Notion calls the table of all rows, beside that of a view of it."""
    stem, dot, suffix = name.rpartition(".")
    return f"{stem}_all{dot}{suffix}"
