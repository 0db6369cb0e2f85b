"""The format of a text, by how it begins."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from pathlib import PurePath

from services.intake.importers.documents.yaml_stream import is_yaml
from services.intake.importers.tables.labelled_lines import is_labelled

_MAIL_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{1,60}:[ \t]*\S?")
_MAIL_NAMES = re.compile(
    r"^(?:from|subject|date|sent|message-id|received|return-path|mime-version|delivered-to):",
    re.IGNORECASE | re.MULTILINE,
)

# Tables that programs save as .xls though they are HTML, or Excel's XML of 2003.
_MARKED_TABLE = re.compile(
    r"(?:<!--(?:(?!-->).)*-->\s*)*(?:"
    r"<(?:!doctype html|html|head|meta|style|title|body|div|center|font|table)\b"
    r"|<\?xml[^>]*\?>\s*(?:(?:<!--(?:(?!-->).)*-->|<\?mso-application[^>]*\?>)\s*)*"
    r"<(?:!doctype html|html|(?:ss:)?Workbook)\b)",
    re.IGNORECASE | re.DOTALL,
)


def format_of(head: str, name: str) -> str:
    """Return the format of a file, by how its text begins and by its name."""
    suffix = PurePath(name).suffix.lower()
    start = head.lstrip("\ufeff \t\r\n")
    if suffix in (".jsonl", ".ndjson"):
        return "jsonl"
    if start[:1] in ("{", "["):
        return "jsonl" if _is_lines(start) else "json"
    if _MARKED_TABLE.match(start):
        return "table"
    if start[:1] == "<" and re.match(r"<(?:\?xml|!--|!doctype|[A-Za-z_])", start, re.IGNORECASE):
        return "xml"
    if start.startswith("From ") or _is_mail(start):
        return "mail"
    return _format_of_lines(start, suffix)


def _format_of_lines(start: str, suffix: str) -> str:
    if suffix in (".yaml", ".yml") or is_yaml(start):
        return "yaml"
    return "lines" if is_labelled(start) else "csv"


def _is_lines(start: str) -> bool:
    """Say whether the first lines are JSON values each."""
    lines = [line for line in start.splitlines()[:20] if line.strip()]
    with suppress(ValueError, RecursionError):
        json.loads(lines[0])
        return len(lines) > 1 and lines[1].lstrip()[:1] in ("{", "[")
    return False


def _is_mail(start: str) -> bool:
    start = re.sub(r"^\d+[ \t]*\r?\n", "", start)  # as Apple Mail begins a file
    header = re.split(r"\r?\n\r?\n", start, maxsplit=1)[0]
    lines = [line for line in header.splitlines() if line[:1] not in (" ", "\t")]
    return (
        len(lines) > 1
        and all(map(_MAIL_HEADER.match, lines))
        and len(_MAIL_NAMES.findall(header)) > 1
    )
