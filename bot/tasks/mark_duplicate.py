"""The shortcut *Mark as duplicate of …*: a form with a search, then a verdict like any other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.blocks.mark_duplicate import Option
from bot.jobs.follow_ups import answer_job
from bot.jobs.kinds import BotJob, Lease, enqueue_jobs, unique_jobs
from bot.jobs.private_replies import reason_job
from bot.jobs.request_kinds import DuplicateForm
from bot.tasks.channel_sync import ChannelSync
from bot.tasks.decide import refusal_job, take_decision
from bot.tasks.requester_access import RequesterAccess
from bot.wiring import Services
from models import Channel, Item
from models.queries import LIVE, items_by_id
from services.answers.answer_plan import show_marked_pair
from services.channels.audience import Audience
from services.errors import ConflictError, NotAllowedError
from services.intake.slack_messages import find_ticket
from services.phrases import phrase
from services.text.cleaning.compared_text import readable_text
from services.text.cleaning.headline import headline

UNKNOWN = phrase(
    "I don't remember this message as a ticket. To see why, choose Inspect this message "
    "from its menu."
)
GONE = phrase("That ticket no longer exists, or you can't read it.")
STORED = phrase("Saved: they are the same issue. deja audit keeps a record of it.")
ITSELF = phrase("A ticket can't be a duplicate of itself.")

# Fits on a phone.
MAX_OPTIONS = 10


@dataclass(frozen=True)
class MarkDuplicate:
    """Searches for tickets as people type in the form, and stores what they chose."""

    services: Services
    channels: ChannelSync
    access: RequesterAccess

    def find(self, slack_id: str, ts: str, user: str, text: str, now: datetime) -> list[Option]:
        """Return the tickets most similar to what somebody types, of those they may read."""
        channel = self.channels.ensure_channel(slack_id, now)
        audience = self.access.audience_in_form(channel, user)
        if audience is None or not readable_text(None, text):
            return []
        found = self.services.similar.to_text(
            text, kind="ticket", audience=audience, limit=MAX_OPTIONS
        )
        with self.services.database.read() as session:
            own = find_ticket(session, channel, ts)
            items = items_by_id(session, [one.item_id for one in found])
        others = [items[one.item_id] for one in found if own is None or one.item_id != own.id]
        return [Option(item.id, headline(item.title, item.text)) for item in others]

    def mark(self, job: DuplicateForm, lease: Lease, now: datetime) -> list[BotJob]:
        """Store that a message is a duplicate of the ticket that somebody chose.

        Like a click this must not run twice, so the job is finished in the same transaction.
        """
        user = job.user
        channel = self.channels.ensure_channel(job.channel, now)
        audience = self.access.audience_in_form(channel, user)
        if audience is None:
            return [reason_job(UNKNOWN, job)]
        with self.services.database.write() as session:
            if not lease.finish(session, now):
                return []
            follow_ups = self._decide(session, job, channel, audience, now)
            enqueue_jobs(session, lease.workspace_id, follow_ups, now)
        return follow_ups

    def _decide(
        self,
        session: Session,
        job: DuplicateForm,
        channel: Channel,
        audience: Audience,
        now: datetime,
    ) -> list[BotJob]:
        own = find_ticket(session, channel, job.ts)
        chosen = select(Item).where(Item.id == job.other_id, LIVE, audience.items)
        other = session.scalar(chosen)
        if own is None or other is None or own.id == other.id:
            reason = UNKNOWN if own is None else GONE if other is None else ITSELF
            return [reason_job(reason, job)]
        stored = session.get_one(Channel, channel.id)
        try:
            pair = own.id, other.id
            updates = take_decision(session, stored, pair, job, now, action="duplicate")
        except (NotAllowedError, ConflictError) as error:
            return [refusal_job(error, job)]
        show_marked_pair(session, own, other.id, now)
        shown = unique_jobs([answer_job(own.id, job.key), *updates])
        return [*shown, reason_job(STORED, job)]
