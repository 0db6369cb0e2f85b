"""Every place where Déjà keeps what people wrote or who they are.

A column that can hold text and is not named here fails a test, so that no new one is forgotten when
something is erased.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from sqlalchemy import Boolean, Column, DateTime, Float, Integer, Table
from sqlalchemy.types import TypeEngine

from models import Base
from models.types import UtcDateTime


class Holds(Enum):
    """What a column holds."""

    # Words of tickets and answers, or what is computed from them.
    TEXT = "text"
    # The id of a person in Slack, or a name.
    PERSON = "person"
    # Several of them, as JSON.
    PEOPLE = "people"
    # Words or people amid other things: each such column has code of its own in this package.
    MIXED = "mixed"
    # Averages over many tickets, which the next run or the next tickets replace.
    AVERAGE = "average"
    # Secrets of the installation.
    SECRET = "secret"  # noqa: S105 - the name of a kind


TEXT, PERSON, PEOPLE, MIXED = Holds.TEXT, Holds.PERSON, Holds.PEOPLE, Holds.MIXED
AVERAGE, SECRET = Holds.AVERAGE, Holds.SECRET

COLUMNS: Mapping[str, Mapping[str, Holds]] = {
    "items": {
        "title": TEXT,
        "text": TEXT,
        "author": PERSON,
        "url": TEXT,
        "resolution": TEXT,
        "extra": MIXED,
        "content_hash": TEXT,
    },
    "parts": {"text": TEXT, "split_by": PERSON},
    "embeddings": {"text_hash": TEXT, "vector": TEXT},
    "documents": {"terms": TEXT},
    "frequencies": {"term": MIXED},
    "profiles": {"centre": AVERAGE},
    "resolutions": {"text": TEXT, "author": PERSON, "marked_by": PERSON, "undone_by": PERSON},
    "outcomes": {"said_by": PERSON, "undone_by": PERSON},
    "verdicts": {"decided_by": PERSON, "undone_by": PERSON},
    "follow_ups": {"author": PERSON, "undone_by": PERSON},
    "image_texts": {"text": TEXT, "picture_hash": TEXT},
    "image_vectors": {"vector": TEXT},
    "message_overrides": {"set_by": PERSON},
    "calibrations": {"fitted_by": PERSON, "rolled_back_by": PERSON},
    "topics": {
        "title": MIXED,
        "terms": MIXED,
        "named_by": PERSON,
        "hidden_by": PERSON,
        "centroid": AVERAGE,
    },
    "topic_items": {"moved_by": PERSON},
    "topic_edits": {"title": MIXED, "previous_by": PERSON, "made_by": PERSON, "undone_by": PERSON},
    "topic_runs": {
        "theme_titles": MIXED,
        "gone_topics": MIXED,
        "posted_titles": MIXED,
        "made_by": PERSON,
    },
    "channels": {
        "deciders": PEOPLE,
        "muted_by": PERSON,
        "creator": PERSON,
        "invited_by": PERSON,
    },
    "changes": {"before": MIXED, "after": MIXED, "changed_by": PERSON},
    "jobs": {"payload": MIXED, "key": MIXED, "error": MIXED},
    "erasures": {"subject": MIXED, "asked_by": PERSON},
    "retention_rules": {"set_by": PERSON},
    "posted_replies": {"command": MIXED, "asked_by": PERSON},
    "slack_bots": {"bot_token": SECRET, "bot_refresh_token": SECRET},
    "slack_oauth_states": {"state": SECRET},
    "sources": {"secret": SECRET, "old_secret": SECRET},
    "connections": {"credentials": SECRET},
    "created_issues": {"created_by": PERSON},
}

# Columns that could hold text and hold none of people's: Slack's ids and times, kinds, states,
# hashes of models, figures, and names of channels, bots and the installation.
HOLDS_NOTHING: Mapping[str, frozenset[str]] = {
    name: frozenset(columns.split())
    for name, columns in {
        "workspaces": "team_id name url bot_user_id bot_id time_zone quiet_hours",
        "channels": "slack_id name mode swept_ts ignored language kind ticket_emoji ignore_emoji"
        " ticket_senders ignored_senders asked_ts time_zone quiet_hours",
        "channel_senders": "sender name",
        "items": "kind source external_id status ts thread_ts revision",
        "image_texts": "file_id ts same_as",
        "image_vectors": "file_id ts fingerprint",
        "embeddings": "fingerprint",
        "neighbourhoods": "fingerprint nearest",
        "pools": "kind",
        "profiles": "fingerprint",
        "follow_ups": "ts thread_ts kind revision",
        "message_overrides": "ts emoji kind",
        "resolutions": "ts revision",
        "verdicts": "verdict",
        "answers": "thread_ts message_ts shown_hash display",
        "matches": "band",
        "questions": "digest message_ts",
        "calibrations": "kind model report fingerprint",
        "topics": "kind fingerprint",
        "topic_items": "kind",
        "topic_edits": "kind action other_ids alert_ids child_ids",
        "topic_runs": "kind channel_ids topics questions input_digest pool_epochs job_key"
        " posted_channel message_ts file_id",
        "topic_alerts": "message_ts",
        "jobs": "kind state owner",
        "changes": "setting",
        "sources": "name kind",
        "connections": "address scope cursor error",
        "created_issues": "form state external_id name url error",
        "write_backs": "state note_id link_id error",
        "slack_bots": "client_id app_id enterprise_id enterprise_name team_id team_name bot_id"
        " bot_user_id bot_scopes",
        "posted_replies": "thread_ts asked_ts message_ts mark shown_hash",
        "proofs": "fingerprint checks",
        "embedding_models": "name sha256 fingerprint state owner changed_by similarity_scale",
        "model_directions": "fingerprint directions",
        "problems": "name text",
        "erasures": "kind counts",
        "retention_rules": "state",
    }.items()
}

# Files of the data folder that hold what people wrote, and who removes it there. Everything else is
# written where somebody asked for it (exports, reports, backups) and is theirs.
FILES: Mapping[str, str] = {
    "deja.db": "the database: rewritten without free space",
    "deja.db-wal": "what SQLite has not yet put into the database: emptied",
    "deja.db-shm": "no text: which pages are in the file above",
    "index/": "the vectors of each model's index: rewritten",
    "models/": "no text: weights; of models that learned from tickets, what these shaped: named",
    "secret.key": "no text: the keys of stored tokens",
    ".secret.key.lock": "no text: who may change the keys",
    "backups/": "copies made before an upgrade: named, and deleted by whoever runs Déjà",
}


def columns_of(*kinds: Holds) -> list[Column[Any]]:
    """Return the columns that hold one of these kinds."""
    tables = Base.metadata.tables
    return [
        tables[table].c[name]
        for table, columns in COLUMNS.items()
        for name, holds in columns.items()
        if holds in kinds
    ]


def unnamed_columns(tables: Mapping[str, Table]) -> list[str]:
    """Return the columns that can hold text and are named neither above nor as harmless."""
    return [
        f"{table.name}.{column.name}"
        for table in tables.values()
        for column in table.columns
        if _can_hold_text(column.type)
        and column.name not in COLUMNS.get(table.name, {})
        and column.name not in HOLDS_NOTHING.get(table.name, frozenset())
    ]


def _can_hold_text(kind: TypeEngine[Any]) -> bool:
    return not isinstance(kind, Integer | Boolean | Float | DateTime | UtcDateTime)
