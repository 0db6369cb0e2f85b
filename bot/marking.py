"""The shortcut *Mark as duplicate of …*: a search inside a form, then a verdict like any other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.blocks.replies import reason_reply
from bot.decisions import REFUSED, answer_job, take_decision, whisper_job
from bot.places import Places
from bot.readers import Readers
from bot.wiring import Deja
from models import Channel, Item
from services.audience import Place
from services.errors import ConflictError, NotAllowedError
from services.names import LIVE
from services.queue import ClaimedJob, NewJob, enqueue, finish
from services.slack_messages import SLACK_SOURCE, external_id
from services.text import embedding_text, headline

UNKNOWN = "I do not remember this message as a ticket. Inspect this message says why."
GONE = "That ticket is gone, or you may not read it."
STORED = "Stored: they are the same issue. deja audit has it on record."
ITSELF = "A ticket is no duplicate of itself."

# As many as fit on a phone.
MOST_OPTIONS = 10


@dataclass(frozen=True)
class Option:
    """A ticket to choose."""

    item_id: int
    title: str


@dataclass(frozen=True)
class Marking:
    """Finds what somebody looks for in the form, and stores what they choose."""

    deja: Deja
    places: Places
    readers: Readers

    def find(self, slack_id: str, ts: str, user: str, text: str, now: datetime) -> list[Option]:
        """Return the tickets most alike to what somebody types, of what they may read."""
        channel = self.places.look_up_one(slack_id, now)
        place = self.readers.place(channel, user)
        if not embedding_text(None, text):
            return []
        found = self.deja.duplicates.similar(text, kind="ticket", place=place, limit=MOST_OPTIONS)
        with self.deja.database.read() as session:
            own = _ticket(session, channel, ts)
            items = {
                item.id: item
                for item in session.scalars(
                    select(Item).where(Item.id.in_([one.item_id for one in found]), LIVE)
                )
            }
        return [
            Option(match.item_id, headline(item.title, item.text))
            for match in found
            if (item := items.get(match.item_id)) and (own is None or item.id != own.id)
        ]

    def mark(self, job: ClaimedJob, now: datetime) -> list[NewJob]:
        """Store that a message is a duplicate of the ticket that somebody chose.

        Like a click it must not run twice, so it is done in the transaction that stores it.
        """
        payload, user = job.payload, job.payload["user"]
        channel = self.places.look_up_one(payload["channel"], now)
        place = self.readers.place(channel, user)
        with self.deja.database.write() as session:
            if not finish(session, [job.id], job.owner, now):
                return []
            follow_ups = self._decide(session, job, channel, place, now)
            enqueue(session, follow_ups, now)
        return follow_ups

    def _decide(
        self, session: Session, job: ClaimedJob, channel: Channel, place: Place, now: datetime
    ) -> list[NewJob]:
        own = _ticket(session, channel, job.payload["ts"])
        wanted = select(Item).where(Item.id == job.payload["other_id"], LIVE, place.items)
        other = session.scalar(wanted)
        if own is None or other is None or own.id == other.id:
            reason = UNKNOWN if own is None else GONE if other is None else ITSELF
            return [whisper_job(reason_reply(reason), job)]
        stored = session.get_one(Channel, channel.id)
        try:
            shown = take_decision(session, stored, (own.id, other.id), job, now, action="duplicate")
        except NotAllowedError as error:
            return [whisper_job(reason_reply(str(error)), job)]
        except ConflictError:
            return [whisper_job(reason_reply(REFUSED), job)]
        own_job = answer_job(own.id, job.key)
        others = [one for one in shown if one.key != own_job.key]
        return [own_job, *others, whisper_job(reason_reply(STORED), job)]


def _ticket(session: Session, channel: Channel, ts: str) -> Item | None:
    return session.scalar(
        select(Item).where(
            Item.workspace_id == channel.workspace_id,
            Item.source == SLACK_SOURCE,
            Item.external_id == external_id(str(channel.slack_id), ts),
            LIVE,
        )
    )
