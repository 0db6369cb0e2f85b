"""Mattermost's bulk export: a line each for teams, channels and people, then for posts.

The format: Mattermost's documentation of bulk loading. A post names its channel; whether that is
private is in the line of the channel, which comes before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, TextIO

from services.errors import InputError
from services.intake.importers.entries import RowError
from services.intake.importers.files.json_cursor import loaded
from services.intake.importers.files.lines import Lines
from services.intake.importers.records import Record, flat

_START = re.compile(r'\s*\{\s*"type"\s*:\s*"version"\s*,\s*"version"')
# The type of a channel of direct messages.
_DIRECT = "D"


def is_mattermost(start: str) -> bool:
    """Say whether JSON lines begin like a bulk export."""
    return _START.match(start) is not None


def read_mattermost(text: TextIO) -> Iterator[Record | RowError]:
    """Read the posts of a bulk export, with the types of their channels."""
    lines = Lines(text)
    types: dict[tuple[Any, Any], Any] = {}
    while True:
        line = lines.start_record()
        try:
            source = next(lines)
            fields = loaded(source) if source.strip() else {}
        except StopIteration:
            return
        except InputError as error:
            yield RowError(line, str(error))
            continue
        kind = fields.get("type") if isinstance(fields, dict) else None
        one = fields.get(kind) if isinstance(kind, str) else None
        if not isinstance(one, dict):
            continue
        if kind == "channel":
            types[_channel(one, "name")] = one.get("type")
        elif kind == "post":
            # That of a channel which the file does not list is not known: it may be private.
            yield Record(line, flat({**one, "channel_type": types.get(_channel(one, "channel"))}))
        elif kind == "direct_post":
            yield Record(line, flat({**one, "channel_type": _DIRECT}))


def _channel(fields: Mapping[str, Any], name: str) -> tuple[str, str]:
    return str(fields.get("team")), str(fields.get(name))
