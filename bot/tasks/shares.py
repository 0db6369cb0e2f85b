"""Replies that people share in a channel: posted once, and kept up to date with what they name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.blocks.replies import Reply, render_shared
from bot.blocks.thread_answer import message_hash
from bot.i18n.texts import texts_in
from bot.jobs.kinds import BotJob, Lease
from bot.jobs.private_replies import reason_job
from bot.jobs.request_kinds import ShareClick
from bot.jobs.update_kinds import ShareUpdate
from bot.slack.client import Slack
from bot.slack.errors import GoneError
from bot.tasks.channel_sync import ChannelSync
from bot.tasks.command_replies import answer_request
from bot.tasks.request import Request
from bot.wiring import Services
from models import Channel, Share
from services.answers.shares import NewShare, record_share, save_shared_items
from services.channels.audience import audience_of_channel
from services.phrases import phrase
from services.topics.scopes import scope_of_channel

NOT_HERE = phrase("I'm not in this channel. Invite me first, then share.")


@dataclass(frozen=True)
class Shares:
    """Shares replies, and follows edits and deletions of what they name."""

    services: Services
    slack: Slack
    channels: ChannelSync

    def share(self, job: ShareClick, lease: Lease, now: datetime) -> list[BotJob]:
        """Answer a private request again in public, with what everybody there may read."""
        channel = self.channels.ensure_channel(job.channel, now)
        reply, mark = self._reply(channel, job.text, now), f"deja-share-{lease.job_id}"
        message = render_shared(reply, job.user, job.text, mark, texts_in(channel))
        try:
            ts = self.slack.post_in_channel_once(job.channel, message, now)
        except GoneError:
            return [reason_job(NOT_HERE, job)]
        new = NewShare(channel.id, ts, job.text, mark, message_hash(message), job.user)
        with self.services.database.write() as session:
            record_share(session, new, reply.items, now)
        return []

    def update(self, job: ShareUpdate, lease: Lease, now: datetime) -> list[BotJob]:
        """Answer the request of a shared reply again, and show that in its message."""
        with self.services.database.read() as session:
            share = session.get(Share, job.share_id)
            if share is None:
                return []
            channel = session.get_one(Channel, share.channel_id)
        if not share.command:  # it was erased
            self.slack.delete(str(channel.slack_id), share.message_ts)
            self._forget(share.id)
            return []
        shown_hash = share.shown_hash
        while True:  # until nothing changes meanwhile, so that the last update is right
            reply = self._reply(channel, share.command, now)
            message = render_shared(
                reply, share.shared_by, share.command, share.mark, texts_in(channel)
            )
            if message_hash(message) == shown_hash:
                break
            try:
                self.slack.update(str(channel.slack_id), share.message_ts, message)
            except GoneError:
                self._forget(share.id)
                return []
            shown_hash = message_hash(message)
        with self.services.database.write() as session:
            stored = session.get(Share, share.id)
            if stored is not None:
                stored.shown_hash = shown_hash
                save_shared_items(session, share.id, reply.items)
        return []

    def _reply(self, channel: Channel, text: str, now: datetime) -> Reply:
        scope, say = scope_of_channel(channel), texts_in(channel)
        request = Request(text, channel, audience_of_channel(channel), say, scope)
        return answer_request(self.services, request, now)

    def _forget(self, share_id: int) -> None:
        with self.services.database.write() as session:
            stored = session.get(Share, share_id)
            if stored is not None:
                session.delete(stored)
