"""Erasing what waits in the queue: payloads hold messages until their work is done."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Channel, Item, Job, Source
from models.queries import DELETED, SLACK_SOURCE
from services.channels.settings import channel_of_slack
from services.erasure.subjects import Subject
from services.intake.image_texts import delete_image_texts
from services.job_rows import drop

ERASED = "what it was about was erased"

# A deletion says where a message was and nothing else, and must not be lost.
_KEPT_KINDS = frozenset({"deletion"})
# The rendered replies to private requests, which may quote any ticket.
_QUOTING_KINDS = frozenset({"whisper"})
_SENT_TICKETS = "sent_tickets"

_UNFINISHED = ("ready", "failed")


@dataclass(frozen=True)
class ErasedPlaces:
    """Where erased things came from: messages by Slack channel, and ids by source."""

    messages: Mapping[str, Collection[str]] = field(default_factory=dict)
    ids: Mapping[str, Collection[str]] = field(default_factory=dict)
    channel: str | None = None
    person: str | None = None

    def has_message(self, payload: Mapping[str, Any]) -> bool:
        """Say whether a payload is of an erased message, or by an erased person."""
        channel, message = payload.get("channel"), payload.get("message")
        authors = {payload.get("user"), message.get("user") if isinstance(message, dict) else None}
        if self.person is not None and self.person in authors:
            return True
        if self.channel is not None and channel == self.channel and "ts" in payload:
            return True
        return payload.get("ts") in self.messages.get(str(channel), ())

    def without_erased(self, source: str, tickets: list[Any]) -> list[Any]:
        """Return the sent tickets that were not erased, without replies by an erased person."""
        gone = self.ids.get(source, ())
        kept = [
            one
            for one in tickets
            if one.get("deleted")
            or (one.get("id") not in gone and (not self.person or one.get("author") != self.person))
        ]
        return [self._without_replies(one) for one in kept]

    def _without_replies(self, ticket: dict[str, Any]) -> dict[str, Any]:
        replies = ticket.get("replies")
        if self.person is None or not isinstance(replies, list):
            return ticket
        rest = [
            one for one in replies if not isinstance(one, dict) or one.get("author") != self.person
        ]
        return {**ticket, "replies": rest}


def erased_places(session: Session, subject: Subject, erased_at: datetime) -> ErasedPlaces:
    """Return where the tombstones of an erasure came from."""
    rows = session.execute(
        select(Item.source, Item.external_id).where(
            Item.workspace_id == subject.workspace_id,
            Item.revision == DELETED,
            Item.deleted_at == erased_at,
        )
    )
    messages: dict[str, set[str]] = defaultdict(set)
    ids: dict[str, set[str]] = defaultdict(set)
    for source, external_id in rows:
        channel, slash, ts = external_id.partition("/")
        if source == SLACK_SOURCE and slash:
            messages[channel].add(ts)
        else:
            ids[source].add(external_id)
    whole = None if subject.channel_id is None else session.get(Channel, subject.channel_id)
    slack_id = None if whole is None else whole.slack_id
    return ErasedPlaces(messages, ids, slack_id, subject.person)


def erase_jobs(
    session: Session, workspace_id: int, places: ErasedPlaces, now: datetime, name: str | None
) -> int:
    """Drop the unfinished jobs about what was erased; return how many were dropped or changed.

    `name` stands in place of the person in the keys of jobs. Running jobs are left to finish: they
    meet the tombstones, and their payloads go as they end.
    """
    unfinished = select(Job).where(Job.workspace_id == workspace_id, Job.state.in_(_UNFINISHED))
    changed = 0
    for job in session.scalars(unfinished.order_by(Job.id).with_for_update(skip_locked=True)):
        changed += _erase_job(session, job, places, now)
    if places.person and name:
        keys = select(Job).where(
            Job.workspace_id == workspace_id,
            Job.state != "running",
            Job.key.contains(places.person, autoescape=True),
        )
        for job in session.scalars(keys):
            job.key = job.key.replace(places.person, name)
    session.flush()
    return changed


def _erase_job(session: Session, job: Job, places: ErasedPlaces, now: datetime) -> bool:
    if job.kind in _KEPT_KINDS:
        return False
    if job.kind == _SENT_TICKETS:
        return _erase_tickets(session, job, places, now)
    quotes = job.kind in _QUOTING_KINDS and bool(job.payload.get("blocks"))
    if not quotes and not places.has_message(job.payload):
        return False
    if job.payload.get("images_read"):
        _forget_images(session, job)
    drop(job, ERASED, now)
    return True


def _forget_images(session: Session, job: Job) -> None:
    """Delete what was read in pictures for a message that waits to be stored with it."""
    channel = channel_of_slack(session, job.workspace_id, str(job.payload["channel"]))
    if channel is not None:
        delete_image_texts(session, channel.id, str(job.payload["ts"]))


def _erase_tickets(session: Session, job: Job, places: ErasedPlaces, now: datetime) -> bool:
    source = session.get(Source, job.payload.get("source_id"))
    tickets = list(job.payload.get("tickets") or [])
    kept = places.without_erased("" if source is None else source.name, tickets)
    if kept == tickets:
        return False
    if kept:
        job.payload = {**job.payload, "tickets": kept}
    else:
        drop(job, ERASED, now)
    return True


def count_jobs(session: Session, workspace_id: int, places: ErasedPlaces) -> int:
    """Return how many unfinished jobs are about what is to be erased."""
    unfinished = select(Job.kind, Job.payload).where(
        Job.workspace_id == workspace_id, Job.state.in_(_UNFINISHED)
    )
    person = json.dumps(places.person) if places.person else None
    return sum(
        kind not in _KEPT_KINDS
        and (places.has_message(payload) or bool(person and person in json.dumps(payload)))
        for kind, payload in session.execute(unfinished)
    )
