"""The buttons that split a message off its burst and join it again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.blocks.inspection import joined_reply, split_reply
from bot.i18n.texts import texts_in
from bot.jobs.follow_ups import jobs_about_burst
from bot.jobs.kinds import BotJob, Lease, enqueue_jobs
from bot.jobs.private_replies import reason_job, reply_job
from bot.jobs.request_kinds import BurstClick
from bot.slack.client import Slack
from bot.tasks.decide import refusal_job
from bot.wiring import Services
from models import Channel, Item, Part, Workspace
from services.channels.settings import ensure_decider, record_change
from services.errors import NotAllowedError
from services.intake.burst_plan import Changes
from services.phrases import phrase

UNKNOWN = phrase("I no longer remember this message.")

# The name of this setting in the audit.
SETTING = "burst"


@dataclass(frozen=True)
class BurstButtons:
    """Splits and joins messages at a click."""

    services: Services
    slack: Slack

    def take_click(self, job: BurstClick, lease: Lease, now: datetime) -> list[BotJob]:
        """Make a message a ticket of its own, or a part of its burst again.

        Like a decision this must not run twice, so the job is finished in the same transaction.
        """
        user, splits = job.user, job.action == "split"
        with self.services.database.read() as session:
            found = _found(session, job)
        if found is None:
            return [reason_job(UNKNOWN, job)]
        item, channel = found
        changes = Changes(split={(item.source, item.external_id): user if splits else None})
        say = self.slack.texts(user, texts_in(channel).language)
        prepared = self.services.ingest.prepare(channel.workspace_id, changes)
        with self.services.database.write() as session:
            if not lease.finish(session, now):
                return []
            try:
                ensure_decider(session.get_one(Channel, channel.id), user)
            except NotAllowedError as error:
                follow_ups = [refusal_job(error, job)]
            else:
                result = self.services.ingest.save(session, prepared, now)
                states = (f"{item.ts} is a part", f"{item.ts} is a ticket of its own")
                values = states if splits else states[::-1]
                record_change(session, channel, SETTING, values, by=user, now=now)
                reply = split_reply(item.id, say) if splits else joined_reply(item.id, say)
                follow_ups = jobs_about_burst(session, result, job.key)
                follow_ups.append(reply_job(reply, job))
            enqueue_jobs(session, lease.workspace_id, follow_ups, now)
        return follow_ups


def _found(session: Session, job: BurstClick) -> tuple[Item, Channel] | None:
    """Return the message of a click and its channel, if it is stored."""
    row = session.execute(
        select(Item, Channel)
        .join(Part, Part.item_id == Item.id)
        .join(Channel, Channel.id == Item.channel_id)
        .join(Workspace, Workspace.id == Channel.workspace_id)
        .where(
            Item.id == job.item_id,
            Channel.slack_id == job.channel,
            Workspace.team_id == job.team,
        )
    ).one_or_none()
    return None if row is None else (row.Item, row.Channel)
