"""What is stored of one person, for that person: every row that names them, as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Table, or_, select
from sqlalchemy.orm import Session

from models import Base, ImageText, Item, Job, Part
from services.erasure.people import channels_decided_by, items_with_replies, rows_here
from services.erasure.subjects import Subject, find_subject
from services.erasure.surfaces import COLUMNS, PERSON, TEXT
from services.memory.item_names import names_of

# Columns of numbers that nobody can read anything from: models, means and vectors.
_LEFT_OUT = frozenset({"vector", "centroid", "content_hash", "input_digest", "model", "report"})

_ITEM_IDS = ("item_id", "item_a_id", "item_b_id")


def rows_of_person(session: Session, workspace_id: int, person: str) -> Iterator[dict[str, Any]]:
    """Yield everything that is stored of a person, each row with the name of its table.

    What others wrote is left out, where the person only marked or decided something.
    """
    subject = find_subject(session, workspace_id, "person", person)
    yield from _named_rows(session, subject)
    messages = select(Item.external_id, Part.text).join(Part, Part.item_id == Item.id)
    for external_id, text in session.execute(messages.where(subject.tickets)):
        yield {"table": "messages", "item": external_id, "text": text}
    yield from _pictures(session, subject)
    yield from _replies(session, subject)
    for channel in channels_decided_by(session, subject):
        yield {"table": "deciders", "channel": channel.name or channel.slack_id}
    yield from _waiting_work(session, subject)


def _named_rows(session: Session, subject: Subject) -> Iterator[dict[str, Any]]:
    for name, columns in COLUMNS.items():
        table = Base.metadata.tables[name]
        named = [table.c[column] for column, holds in columns.items() if holds is PERSON]
        if not named:
            continue
        is_named = or_(*(column == subject.person for column in named))
        found = select(table).where(is_named, *rows_here(table, subject))
        for row in session.execute(found.order_by(*table.primary_key)).mappings():
            yield _record(session, table, dict(row), str(subject.person))


def _pictures(session: Session, subject: Subject) -> Iterator[dict[str, Any]]:
    of_message = (ImageText.channel_id == Item.channel_id) & (ImageText.ts == Item.ts)
    found = select(Item.external_id, ImageText.text).join(Item, of_message)
    for external_id, text in session.execute(found.where(subject.tickets, ImageText.text != "")):
        yield {"table": "image_texts", "item": external_id, "text": text}


def _replies(session: Session, subject: Subject) -> Iterator[dict[str, Any]]:
    for item in items_with_replies(session, subject):
        for reply in item.extra["replies"]:
            if isinstance(reply, dict) and reply.get("author") == subject.person:
                yield {"table": "replies", "item": item.external_id, **reply}


def _waiting_work(session: Session, subject: Subject) -> Iterator[dict[str, Any]]:
    unfinished = Job.state.in_(("ready", "failed"))
    waiting = select(Job).where(Job.workspace_id == subject.workspace_id, unfinished)
    for job in session.scalars(waiting):
        if job.payload.get("user") == subject.person:
            yield {"table": "waiting work", "kind": job.kind, **job.payload}


def _record(session: Session, table: Table, row: dict[str, Any], person: str) -> dict[str, Any]:
    is_theirs = row.get("author") == person
    kinds = COLUMNS[table.name]
    kept = {
        name: value
        for name, value in row.items()
        if name not in _LEFT_OUT and (is_theirs or kinds.get(name) is not TEXT)
    }
    ids = {name: row[name] for name in _ITEM_IDS if row.get(name) is not None}
    names = names_of(session, ids.values())
    return {"table": table.name, **kept, **{name: names[id_] for name, id_ in ids.items()}}
