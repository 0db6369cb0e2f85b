"""Backfill: a channel's messages from before the bot came, one page a job, without answers.

A page is stored before the job of the next one, so a worker that dies in between resumes with the
same page. Threads are read for the answers that people marked with a ✅, and pictures for what they
say, where the channel's settings allow it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.blocks.channel_setup import render_backfill
from bot.i18n.texts import texts_in
from bot.jobs.kinds import BotJob, Lease, enqueue_jobs
from bot.jobs.upkeep_kinds import BackfillPage
from bot.slack.client import Slack
from bot.slack.errors import GoneError
from bot.slack.identity import BotIdentity
from bot.tasks.image_vectors import past_image_jobs
from bot.tasks.images import read_now
from bot.wiring import Services
from models import Channel, Workspace
from services.intake.answer_marks import answer_mark, may_have_answers, save_marks
from services.intake.classify import ChannelRules, Classification, classify
from services.intake.follow_ups import NewFollowUp
from services.intake.image_texts import delete_image_texts, image_texts
from services.intake.nearby_messages import edited_since
from services.intake.overrides import (
    add_override,
    current_overrides,
    kinds_of,
    overriding_reactions,
)
from services.intake.senders import record_senders, sender_of
from services.intake.slack_messages import SlackTicket, edit_of, is_reply
from services.memory.new_items import NewItem
from services.text.slack.images import images_of

Message = Mapping[str, Any]

# Messages a page: as many as are embedded in a few seconds.
PAGE = 100


@dataclass(frozen=True)
class BackfillProgress:
    """The messages read and the tickets stored so far; `latest` is where the next page ends.

    `latest` is None once all is read.
    """

    messages: int
    tickets: int
    latest: str | None


@dataclass(frozen=True)
class Backfill:
    """Reads the older messages of channels. `slack` should wait for rate limits itself."""

    services: Services
    slack: Slack
    me: BotIdentity
    on_progress: Callable[[BackfillProgress], None] = lambda _: None

    def read(self, job: BackfillPage, lease: Lease, now: datetime) -> list[BotJob]:
        """Store the tickets of one page; return the job of the next one."""
        with self.services.database.read() as session:
            channel = session.get_one(Channel, job.channel_id)
            workspace = session.get_one(Workspace, channel.workspace_id)
        if job.user is not None and job.progress_ts is None:
            self.slack.pacer.reserve_slot(str(channel.slack_id), job.key)
        try:
            page = self.slack.history_page(str(channel.slack_id), job.since, job.latest, PAGE)
            added = self._store(channel, workspace, page.messages, now)
        except GoneError:
            return []
        progress = BackfillProgress(
            job.messages + len(page.messages),
            job.tickets + added,
            page.messages[-1]["ts"] if page.has_more and page.messages else None,
        )
        self.on_progress(progress)
        progress_ts = self._show(job, channel, progress)
        if progress.latest is None:
            return []
        return [_next(job, progress, progress_ts)]

    def _store(
        self, channel: Channel, workspace: Workspace, page: Sequence[Message], now: datetime
    ) -> int:
        """Store a page's tickets and what solved them; return how many tickets are new."""
        slack_id = str(channel.slack_id)
        classified = self._classify(channel, page, now)
        threads = [
            reply
            for message in page
            if may_have_answers(classified[message["ts"]])
            for reply in self._replies(slack_id, message)
        ]
        classified |= self._classify(channel, [one for one in threads if is_reply(one)], now)
        pictured = self._read_pictures(channel, (*page, *threads), classified, now)
        classified |= self._classify(channel, pictured, now)
        kept = {ts: found.content for ts, found in classified.items() if found.is_stored}
        items: list[NewItem] = [
            content.item(slack_id, channel_id=channel.id, team_url=workspace.url)
            for content in kept.values()
            if content is not None
        ]
        ended = [
            SlackTicket.of(one).item(slack_id, channel_id=channel.id, team_url=None)
            for one in page
            if edit_of(one) and classified[one["ts"]].ends_ticket
        ]
        with self.services.database.read() as session:
            dropped = edited_since(session, workspace.id, ended)
        result = self.services.ingest.store(
            workspace.id, items, now, dropped=dropped,
            follow_ups=_follow_ups(channel, classified.values()),
        )  # fmt: skip
        marks = [answer_mark(one, self.me.bot_user_id) for one in (*page, *threads)]
        with self.services.database.write() as session:
            save_marks(session, channel, [one for one in marks if one is not None], now)
            for ts in {one["ts"] for one in pictured} - kept.keys():
                delete_image_texts(session, channel.id, ts)
            shown = [one for one in (*page, *threads) if one["ts"] in kept]
            enqueue_jobs(session, workspace.id, self._image_jobs(slack_id, shown), now)
        tickets = [one for ts, one in zip(kept, result.saved, strict=True) if classified[ts].ticket]
        return len({one.item_id for one in tickets if one.outcome == "added"})

    def _image_jobs(self, slack_id: str, messages: Iterable[Message]) -> list[BotJob]:
        pictures = {one["ts"]: images_of(one) for one in messages}
        return past_image_jobs(self.services, slack_id, pictures)

    def _classify(
        self, channel: Channel, messages: Sequence[Message], now: datetime
    ) -> dict[str, Classification]:
        """Store who posts and what reactions override; return what each message is, by `ts`."""

        def may_react(user: str) -> bool:
            return user != self.me.bot_user_id and self.slack.may_react(user, self.me.team_id)

        reactions = [
            one for message in messages for one in overriding_reactions(channel, message, may_react)
        ]
        senders = {sender_of(message) for message in messages if not is_reply(message)}
        with self.services.database.write() as session:
            stored = session.get_one(Channel, channel.id)
            record_senders(session, stored, senders)
            for reaction in reactions:
                add_override(session, stored, reaction, now)
            overrides = current_overrides(session, channel.id, [one["ts"] for one in messages])
            images = [one.id for message in messages for one in images_of(message)]
            read = image_texts(session, channel, images)
        rules = ChannelRules.of(channel, kinds_of(overrides), read)
        return {one["ts"]: classify(one, self.me.bots, rules) for one in messages}

    def _read_pictures(
        self,
        channel: Channel,
        messages: Iterable[Message],
        classified: Mapping[str, Classification],
        now: datetime,
    ) -> list[Message]:
        """Read pictures whose words may make messages tickets, or add to them; return these."""
        said = {one["ts"]: one for one in messages if one["ts"] in classified}
        said = {ts: one for ts, one in said.items() if classified[ts].pictures_may_add}
        pictures = {ts: images_of(one) for ts, one in said.items()}
        read = read_now(self.services.database, self.slack, channel, pictures, now)
        return [said[ts] for ts in read]

    def _replies(self, channel: str, message: Message) -> list[Message]:
        if not message.get("reply_count"):
            return []
        replies = self.slack.replies(channel, message["ts"])
        return [reply for reply in replies if reply["ts"] != message["ts"]]

    def _show(self, job: BackfillPage, channel: Channel, progress: BackfillProgress) -> str | None:
        """Show the progress in the channel if somebody asked there; return the message's `ts`."""
        if job.user is None:
            return None
        is_done, say = progress.latest is None, texts_in(channel)
        counts = progress.messages, progress.tickets
        message = render_backfill(*counts, job.user, say, is_done=is_done)
        ts = job.progress_ts
        try:
            if ts is None:
                return self.slack.post(str(channel.slack_id), None, message)
            self.slack.update(str(channel.slack_id), ts, message)
        except GoneError:
            return ts
        return ts


def backfill_job(channel_id: int, since: datetime, *, user: str | None, cause: str) -> BackfillPage:
    """Return the job that reads a channel's past back to `since`.

    `user` is who asked for it in Slack, None for the command line.
    """
    return BackfillPage(
        key=f"backfill:{channel_id}:{cause}:",
        channel_id=channel_id,
        since=f"{since.timestamp():.6f}",
        latest=None,
        messages=0,
        tickets=0,
        user=user,
        progress_ts=None,
        cause=cause,
    )


def _follow_ups(channel: Channel, classified: Iterable[Classification]) -> list[NewFollowUp]:
    slack_id = str(channel.slack_id)
    return [
        NewFollowUp(
            found.content.item(slack_id, channel_id=channel.id, team_url=None), found.follow_up
        )
        for found in classified
        if found.follow_up is not None and found.content is not None
    ]


def _next(job: BackfillPage, progress: BackfillProgress, progress_ts: str | None) -> BackfillPage:
    return replace(
        job,
        key=f"backfill:{job.channel_id}:{job.cause}:{progress.latest}",
        latest=progress.latest,
        messages=progress.messages,
        tickets=progress.tickets,
        progress_ts=progress_ts,
    )
