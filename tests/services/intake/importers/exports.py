"""Slack exports to import: messages, their files, and archives."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from services.intake.importers.entries import ImportEntry, Row
from services.intake.importers.files.archive import Archive, open_archive
from services.intake.importers.slack.slack_export import ExportReader

DATA = Path(__file__).parents[5] / "shared" / "data"
CHANNELS = [{"id": "C1", "name": "help"}]
DAY = "help/2026-01-02.json"

Files = dict[str, Any]
Build = Callable[[Files], Path]


def as_bytes(content: Any) -> bytes:
    """Return a file's content; values other than bytes become JSON."""
    return content if isinstance(content, bytes) else json.dumps(content).encode()


def write_zip(path: Path, files: dict[str, bytes]) -> Path:
    """Write a ZIP archive and return its path."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def read(path: Path, reader: ExportReader | None = None) -> list[ImportEntry]:
    """Read an export."""
    with open_archive(path) as archive:
        return list((reader or ExportReader()).read(archive))


def read_messages(*messages: Any, reader: ExportReader | None = None) -> list[ImportEntry]:
    """Read messages of one channel and day."""
    files = {"channels.json": as_bytes(CHANNELS), DAY: as_bytes(list(messages))}
    return list((reader or ExportReader()).read(Archive(sorted(files), files.__getitem__)))


def slack_message(ts: str, text: str = "The printer is broken", **more: Any) -> dict[str, Any]:
    """Return a message of an export."""
    return {"type": "message", "user": "U1", "ts": ts, "text": text, **more}


def texts(entries: list[ImportEntry]) -> list[str]:
    """Return the texts of those entries that are rows."""
    return [entry.item.text for entry in entries if isinstance(entry, Row)]
