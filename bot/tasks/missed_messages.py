"""What happened in a channel while the bot was away: new messages, edits, deletions, reactions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.jobs.event_kinds import DeletedMessage, OverrideReaction
from bot.jobs.from_events import job_for_message
from bot.jobs.kinds import BotJob, enqueue_jobs
from bot.slack.client import Slack
from bot.slack.errors import GoneError
from bot.slack.identity import BotIdentity
from models import Channel, Database, Item, Part, Resolution
from models.queries import LIVE, SLACK_SOURCE
from services.intake.overrides import overriding_reactions
from services.intake.slack_messages import edit_of

# Edits and deletions are looked for among the messages of a day before the last one that was seen:
# one page of history in most channels. What is older is rarely changed.
LOOK_BACK = timedelta(days=1)

Message = Mapping[str, Any]


@dataclass(frozen=True)
class MissedMessages:
    """Stores jobs for what happened in a channel since the last sweep."""

    database: Database
    slack: Slack
    me: BotIdentity

    def fetch(self, channel: Channel, since: str, now: datetime) -> None:
        """Store jobs for what was said after `since`, and for changes of what was said before."""
        slack_id = str(channel.slack_id)
        start = f"{float(since) - LOOK_BACK.total_seconds():.6f}"
        try:
            messages = {m["ts"]: m for m in self.slack.history(slack_id, start) if m["ts"] > start}
        except GoneError:
            return
        with self.database.read() as session:
            revisions = _stored_revisions(session, channel, start)
            solutions = _solutions(session, channel, start)
        edited = [m for ts, m in messages.items() if ts in revisions or ts <= since]
        gone = [ts for ts in revisions if ts not in messages and self._find(slack_id, ts) is None]
        fresh = {ts: m for ts, m in messages.items() if ts > since}
        jobs: list[BotJob] = [
            *self._said(slack_id, [fresh[ts] for ts in sorted(fresh.keys() - revisions.keys())]),
            *self._changed(slack_id, edited, revisions),
            *self._solutions_changed(slack_id, solutions),
            *(self._deletion(slack_id, ts) for ts in gone),
            *self._reactions(channel, fresh.values()),
        ]
        if not jobs and not fresh:
            return
        with self.database.write() as session:
            enqueue_jobs(session, channel.workspace_id, jobs, now)
            if fresh:
                session.get_one(Channel, channel.id).swept_ts = max(fresh)

    def _said(self, slack_id: str, messages: Iterable[Message]) -> Iterator[BotJob]:
        for message in messages:
            key = f"sweep:{slack_id}:{message['ts']}"
            job = job_for_message({**message, "channel": slack_id}, self.me, key=key)
            if job is not None:
                yield job

    def _changed(
        self, slack_id: str, messages: Iterable[Message], revisions: Mapping[str, str]
    ) -> Iterator[BotJob]:
        """Yield the jobs of messages that were edited since, or deleted above a thread."""
        for message in messages:
            ts, revision = message["ts"], edit_of(message)
            is_gone = message.get("subtype") == "tombstone"
            if is_gone or revision > revisions.get(ts, ""):
                change = {"subtype": "message_changed", "channel": slack_id, "message": message}
                key = f"sweep:{slack_id}:{ts}:{'gone' if is_gone else revision}"
                job = job_for_message(change, self.me, key=key)
                if job is not None:
                    yield job

    def _solutions_changed(self, slack_id: str, solutions: Mapping[str, str]) -> Iterator[BotJob]:
        """Yield the jobs of replies that solved tickets: a channel's history does not have them."""
        for ts in solutions:
            message = self._find(slack_id, ts)
            if message is None:
                yield self._deletion(slack_id, ts)
            else:
                yield from self._changed(slack_id, [message], solutions)

    def _find(self, slack_id: str, ts: str) -> Message | None:
        try:
            return self.slack.message(slack_id, ts)
        except GoneError:
            return None

    def _deletion(self, slack_id: str, ts: str) -> DeletedMessage:
        key = f"sweep:{slack_id}:{ts}:gone"
        return DeletedMessage(key=key, team=self.me.team_id, channel=slack_id, ts=ts)

    def _reactions(self, channel: Channel, messages: Iterable[Message]) -> Iterator[BotJob]:
        """Yield the jobs of the reactions that override what the missed messages are."""
        slack_id = str(channel.slack_id)
        for message in messages:
            for one in overriding_reactions(
                channel, message, lambda user: user != self.me.bot_user_id
            ):
                yield OverrideReaction(
                    key=f"sweep:{slack_id}:{one.ts}:{one.emoji}:{one.user}",
                    team=self.me.team_id,
                    channel=slack_id,
                    user=one.user,
                    ts=one.ts,
                    emoji=one.emoji,
                )


def _stored_revisions(session: Session, channel: Channel, start: str) -> dict[str, str]:
    """Return the last known edit of each stored message after `start`, by `ts`."""
    is_part = select(Part.item_id).where(Part.item_id == Item.id, Part.head_id != Item.id).exists()
    rows = session.execute(
        select(Item.ts, Item.revision).where(
            Item.channel_id == channel.id,
            Item.source == SLACK_SOURCE,
            Item.ts > start,
            LIVE | is_part,
        )
    )
    return {str(ts): revision for ts, revision in rows}


def _solutions(session: Session, channel: Channel, start: str) -> dict[str, str]:
    """Return the last known edit of each reply after `start` that solved a ticket, by `ts`."""
    rows = session.execute(
        select(Resolution.ts, Resolution.revision)
        .join(Item, Item.id == Resolution.item_id)
        .where(
            Item.channel_id == channel.id,
            Resolution.ts > start,
            Resolution.ts != Item.ts,
            Resolution.undone_at.is_(None),
        )
    )
    return {str(ts): revision for ts, revision in rows}
