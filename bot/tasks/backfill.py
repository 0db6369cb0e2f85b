"""Backfill: a channel's messages from before the bot came, one page a job, without answers.

A page is stored before the job of the next one, so a worker that dies in between resumes with the
same page. Threads are read for the answers that people marked with a ✅.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.blocks.channel_setup import render_backfill
from bot.i18n.texts import texts_in
from bot.jobs.from_events import SOLVED_MARKS
from bot.jobs.kinds import BotJob, Lease
from bot.jobs.upkeep_kinds import BackfillPage
from bot.slack.client import Slack
from bot.slack.errors import GoneError
from bot.slack.identity import BotIdentity
from bot.wiring import Services
from models import Channel, Workspace
from services.intake.classify import ChannelRules, classify
from services.intake.slack_messages import edit_of, find_ticket
from services.issues.resolutions import Solution, resolve
from services.memory.items import NewItem
from services.text.slack_markup import clean_slack, message_text

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
    """Reads the past of channels. `slack` should wait by itself for rate limits."""

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
        slack_id, rules = str(channel.slack_id), ChannelRules.of(channel)
        classified = {message["ts"]: classify(message, self.me.bots, rules) for message in page}
        tickets = {ts: found.ticket for ts, found in classified.items() if found.ticket}
        items: list[NewItem] = [
            ticket.item(slack_id, channel_id=channel.id, team_url=workspace.url)
            for ticket in tickets.values()
        ]
        solutions = {
            message["ts"]: marked
            for message in page
            if message["ts"] in tickets and (marked := self._solution(slack_id, message))
        }
        saved = self.services.ingest.store(workspace.id, items, now).saved
        with self.services.database.write() as session:
            for ts, (solution, by) in solutions.items():
                item = find_ticket(session, channel, ts)
                if item is not None:
                    resolve(session, item, solution, by=by, now=now)
        return len({one.item_id for one in saved if one.outcome == "added"})

    def _solution(self, channel: str, message: Message) -> tuple[Solution, str] | None:
        """Return the message of a thread that a ✅ marks as its answer, and who marked it."""
        marked_by = _marked_by(message)
        found = None if marked_by is None else (Solution(ts=message["ts"]), marked_by)
        if not message.get("reply_count"):
            return found
        for reply in self.slack.replies(channel, message["ts"]):
            by = _marked_by(reply)
            if by is not None and reply["ts"] != message["ts"]:
                text = clean_slack(message_text(reply))
                found = (Solution(text, reply.get("user"), reply["ts"], edit_of(reply)), by)
        return found

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


def _next(job: BackfillPage, progress: BackfillProgress, progress_ts: str | None) -> BackfillPage:
    return replace(
        job,
        key=f"backfill:{job.channel_id}:{job.cause}:{progress.latest}",
        latest=progress.latest,
        messages=progress.messages,
        tickets=progress.tickets,
        progress_ts=progress_ts,
    )


def _marked_by(message: Message) -> str | None:
    """Return who was the first to put a ✅ on a message."""
    for reaction in message.get("reactions") or []:
        if reaction.get("name") in SOLVED_MARKS and reaction.get("users"):
            return str(reaction["users"][0])
    return None
