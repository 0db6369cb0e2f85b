"""The tables of an export archive, their columns, and the types of these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

ColumnType = Literal["text", "number", "integer", "flag", "time", "json"]
Values = dict[str, Any]

# Raised when a reader of the version before could not read an archive any more.
VERSION = 1


@dataclass(frozen=True)
class ExportTable:
    """A table of the archive; a value is None where it is not known.

    Archives of the first days lack the tables that are optional.
    """

    name: str
    columns: Mapping[str, ColumnType]
    is_optional: bool = False


def _columns(**types: str) -> dict[str, ColumnType]:
    """Return column types by name; the names are written by type, separated by blanks."""
    names: dict[str, ColumnType] = {}
    kinds: tuple[ColumnType, ...] = ("text", "number", "integer", "flag", "time", "json")
    for kind in kinds:
        names |= dict.fromkeys(types.get(kind, "").split(), kind)
    return names


REACTIONS = ExportTable(
    "reactions",
    _columns(
        text="channel channel_slack_id ts emoji set_by kind",
        flag="channel_is_private channel_is_shared channel_has_guests",
        time="set_at undone_at",
    ),
    is_optional=True,
)
TICKETS = ExportTable(
    "tickets",
    _columns(
        text="source id kind title text author url status answer ts thread_ts revision"
        " channel channel_slack_id",
        flag="is_dated channel_is_private channel_is_shared channel_has_guests",
        time="created_at resolved_at",
        json="extra",
    ),
)
MESSAGES = ExportTable(
    "messages",
    _columns(text="source id message text author url ts revision split_by", time="created_at"),
    is_optional=True,
)
FOLLOW_UPS = ExportTable(
    "follow_ups",
    _columns(text="source id ts thread_ts author kind revision undone_by", time="undone_at"),
    is_optional=True,
)
ANSWERS = ExportTable(
    "answers",
    _columns(
        text="source id text author ts revision marked_by undone_by", time="marked_at undone_at"
    ),
)
VERDICTS = ExportTable(
    "verdicts",
    _columns(
        text="source_a id_a source_b id_b verdict decided_by undone_by",
        time="decided_at undone_at",
    ),
)
TOPICS = ExportTable(
    "topics",
    _columns(
        integer="topic parent",
        text="channel channel_slack_id title named_by fingerprint hidden_by",
        number="quality purity",
        flag="is_merged",
        time="hidden_at created_at",
        json="terms centroid",
    ),
)
MEMBERS = ExportTable(
    "topic_tickets",
    _columns(integer="topic rank", text="source id moved_by", number="fit"),
)
RUNS = ExportTable(
    "topic_runs",
    _columns(
        text="channel channel_slack_id made_by",
        integer="tickets unclustered",
        time="since made_at",
        json="topics theme_titles gone_topics",
    ),
)
TABLES = (REACTIONS, TICKETS, MESSAGES, FOLLOW_UPS, ANSWERS, VERDICTS, TOPICS, MEMBERS, RUNS)


def as_json(value: Any) -> Any:
    """Return a value as JSON has it: times in ISO 8601."""
    return value.isoformat() if isinstance(value, datetime) else value


def as_time(value: str) -> datetime:
    """Read a time that `as_json` wrote. Raises `ValueError` if it has no zone."""
    time = datetime.fromisoformat(value)
    if time.tzinfo is None:
        raise ValueError(value)
    return time
