"""Replies that stand in Slack: posted once, and kept up to date with what they name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.blocks.replies import Reply, render_in_thread, render_shared
from bot.blocks.thread_answer import message_hash
from bot.i18n.texts import texts_in
from bot.jobs.event_kinds import Mention
from bot.jobs.follow_ups import posted_reply_job
from bot.jobs.kinds import BotJob, Lease
from bot.jobs.private_replies import reason_job
from bot.jobs.request_kinds import ShareClick
from bot.jobs.update_kinds import PostedReplyUpdate
from bot.slack.client import Slack
from bot.slack.errors import GoneError
from bot.slack.identity import is_direct
from bot.slack.messages import FoundThread, Message
from bot.tasks.channel_sync import ChannelSync
from bot.tasks.command_replies import answer_request
from bot.tasks.request import Request
from bot.tasks.requester_access import RequesterAccess
from bot.tasks.thread_requests import answer_in_thread, written_words
from bot.wiring import Services
from models import Channel, PostedReply
from services.answers.posted_replies import (
    NewReply,
    names_topics,
    record_reply,
    save_named_items,
)
from services.channels.audience import audience_of_channel
from services.intake.slack_messages import question_in
from services.phrases import phrase
from services.topics.scopes import scope_of_channel

# Of a reply that an earlier attempt posted: what it names may have changed since.
UNKNOWN_HASH = ""

NOT_HERE = phrase("I'm not in this channel. Invite me first, then share.")


@dataclass(frozen=True)
class PostedReplies:
    """Posts replies that others can see, and follows edits and deletions of what they name."""

    services: Services
    slack: Slack
    channels: ChannelSync
    access: RequesterAccess

    def share(self, job: ShareClick, lease: Lease, now: datetime) -> list[BotJob]:
        """Answer a private request again in public, with what everybody there may read."""
        channel = self.channels.ensure_channel(job.channel, now)
        reply = answer_request(self.services, request_in(channel, job.text), now)
        mark = f"deja-share-{lease.job_id}"
        message = render_shared(reply, job.user, job.text, mark, texts_in(channel))
        try:
            ts = self.slack.post_in_channel_once(job.channel, message, now)
        except GoneError:
            return [reason_job(NOT_HERE, job)]
        new = NewReply(
            channel.id, ts, mark, message_hash(message), job.user, names_topics(job.text), job.text
        )
        with self.services.database.write() as session:
            record_reply(session, new, reply.items, now)
        return []

    def find_thread(self, job: Mention) -> FoundThread:
        """Return the thread of a mention or a direct message, when its turn to be answered comes.

        The reply may be in it: Slack completes calls whose answer is lost.
        """
        self.slack.pacer.reserve_slot(job.channel, _mark(job))
        return self.slack.find_in_thread(job.channel, job.thread_ts or job.ts, _mark(job))

    def confirm_in_thread(self, job: Mention, our_ts: str | None, reply: Reply) -> None:
        """Say in a mention's thread what was done, if there is no reply `our_ts` yet."""
        if our_ts is None:
            self.slack.post(job.channel, _thread_of(job), render_in_thread(reply, _mark(job)))

    def post_in_thread(
        self, job: Mention, our_ts: str | None, request: Request, reply: Reply, now: datetime
    ) -> list[BotJob]:
        """Answer a mention or a direct message in its thread, if there is no reply `our_ts` yet.

        What the reply names is kept, so that it follows that.
        """
        message = render_in_thread(reply, _mark(job))
        ts = our_ts or self.slack.post(job.channel, _thread_of(job), message)
        of_topics = names_topics(request.text)
        if our_ts is None and not (reply.items or of_topics):
            return []  # nothing in it changes
        shown_hash = message_hash(message) if our_ts is None else UNKNOWN_HASH
        new = NewReply(
            request.channel.id, ts, _mark(job), shown_hash, job.user, of_topics,
            thread_ts=_thread_of(job), asked_ts=job.ts,
        )  # fmt: skip
        with self.services.database.write() as session:
            reply_id = record_reply(session, new, reply.items, now)
        return [] if our_ts is None else [posted_reply_job(reply_id, job.key)]

    def update(self, job: PostedReplyUpdate, lease: Lease, now: datetime) -> list[BotJob]:
        """Answer the request of a posted reply again, and show that in its message."""
        with self.services.database.read() as session:
            posted = session.get(PostedReply, job.share_id)
            if posted is None:
                return []
            channel = session.get_one(Channel, posted.channel_id)
        asked = self._asked(posted, channel)
        if asked is None:
            self.slack.delete(str(channel.slack_id), posted.message_ts)
            self._forget(posted.id)
            return []
        shown_hash = posted.shown_hash
        while True:  # until nothing changes meanwhile, so that the last update is right
            reply, message = self._again(posted, asked, channel, now)
            if message_hash(message) == shown_hash:
                break
            try:
                self.slack.update(str(channel.slack_id), posted.message_ts, message)
            except GoneError:
                self._forget(posted.id)
                return []
            shown_hash = message_hash(message)
        with self.services.database.write() as session:
            stored = session.get(PostedReply, posted.id)
            if stored is not None:
                stored.shown_hash = shown_hash
                save_named_items(session, posted.id, reply.items)
        return []

    def _asked(self, posted: PostedReply, channel: Channel) -> str | None:
        """Return what a reply answers; None if that was erased, or deleted in Slack."""
        if posted.asked_ts is None:
            return posted.command
        try:
            message = self.slack.message(str(channel.slack_id), posted.asked_ts)
        except GoneError:
            return None
        if message is None or message.get("subtype") == "tombstone":
            return None
        return written_words(question_in(message, self.access.me.bot_user_id))

    def _again(
        self, posted: PostedReply, asked: str, channel: Channel, now: datetime
    ) -> tuple[Reply, Message]:
        """Return the reply to the same request as of now, and its message."""
        if posted.thread_ts is None:
            reply = answer_request(self.services, request_in(channel, asked), now)
            shared = posted.asked_by, asked, posted.mark
            return reply, render_shared(reply, *shared, texts_in(channel))
        if is_direct(str(channel.slack_id)):  # one person alone reads it
            request = self.access.request(asked, channel, posted.asked_by)
        else:
            request = request_in(channel, asked)
        reply = answer_in_thread(self.services, request, posted.thread_ts, now)
        return reply, render_in_thread(reply, posted.mark)

    def _forget(self, reply_id: int) -> None:
        with self.services.database.write() as session:
            stored = session.get(PostedReply, reply_id)
            if stored is not None:
                session.delete(stored)


def _mark(job: Mention) -> str:
    """Return the mark of the message that answers a mention."""
    return f"deja-reply-{job.ts}"


def _thread_of(job: Mention) -> str:
    return job.thread_ts or job.ts


def request_in(channel: Channel, text: str) -> Request:
    """Return a request whose reply everybody in a channel reads."""
    scope = scope_of_channel(channel)
    return Request(text, channel, audience_of_channel(channel), texts_in(channel), scope)
