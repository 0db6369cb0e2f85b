"""Reactions that make a message a ticket or take it out, and their removal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.jobs.event_kinds import EditedReply, NewMessage, OverrideReaction
from bot.jobs.kinds import BotJob, Lease, SlackJson, enqueue_jobs
from bot.slack.client import Slack
from bot.slack.errors import GoneError
from bot.tasks.channel_sync import ChannelSync
from bot.wiring import Services
from models import Channel
from services.channels.settings import channel_of_slack
from services.intake.classify import MessageKind, kind_in_any_channel
from services.intake.overrides import Reaction, add_override, current_overrides, remove_override
from services.intake.slack_messages import SlackTicket, find_part, find_ticket


@dataclass(frozen=True)
class Overrides:
    """Stores overriding reactions, and acts on them."""

    services: Services
    slack: Slack
    channels: ChannelSync

    def take(self, job: OverrideReaction, lease: Lease, now: datetime) -> list[BotJob]:
        """Store a reaction or its removal; return the job that ingests its message again.

        Anybody in the channel who belongs to the workspace may react; bots do not count.
        """
        channel = self.channels.ensure_channel(job.channel, now)
        if channel.mode == "off":
            return []
        if not job.undo and not self.slack.may_react(job.user, job.team):
            return []
        message = self._message(job)
        with self.services.database.write() as session:
            if not lease.finish(session, now):
                return []
            follow_ups = self._store(session, channel.id, job, message, now)
            enqueue_jobs(session, lease.workspace_id, follow_ups, now)
        return follow_ups

    def _store(
        self,
        session: Session,
        channel_id: int,
        job: OverrideReaction,
        message: SlackJson | None,
        now: datetime,
    ) -> list[BotJob]:
        channel = session.get_one(Channel, channel_id)
        reaction = Reaction.of(job.ts, job.emoji, job.user)
        kind = None if message is None else kind_in_any_channel(message, self.channels.me.bots)
        if job.undo:
            is_news = remove_override(session, channel, reaction, now)
        else:
            is_news = kind is not None and add_override(session, channel, reaction, now)
        if not is_news or message is None or kind is None:
            return []
        return [_new_message(job, SlackTicket.of(message), kind)]

    def _message(self, job: OverrideReaction) -> SlackJson | None:
        try:
            return self.slack.message(job.channel, job.ts)
        except GoneError:
            return None


def edit_of_override(session: Session, workspace_id: int, job: EditedReply) -> list[BotJob]:
    """Return the job of the edit of a message that only somebody's reaction makes a ticket."""
    channel = channel_of_slack(session, workspace_id, job.channel)
    if channel is None or job.ts not in current_overrides(session, channel.id, [job.ts]):
        return []
    item = find_ticket(session, channel, job.ts)
    if item is None or item.ts != job.ts:
        return []
    joins = find_part(session, channel, job.ts) is not None
    content = SlackTicket(job.ts, item.thread_ts, item.author, job.text, job.revision, joins)
    return [_new_message(job, content, MessageKind.REPLY)]


def _new_message(
    job: OverrideReaction | EditedReply, content: SlackTicket, kind: MessageKind
) -> NewMessage:
    return NewMessage(
        key=f"override:{job.key}",
        team=job.team,
        channel=job.channel,
        private=None,
        shared=False,
        kind_in_any_channel=kind.value,
        **vars(content),
    )
