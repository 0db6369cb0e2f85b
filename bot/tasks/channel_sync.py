"""The bot's channels: what Slack says of them, and what was said there while nobody listened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from slack_sdk.errors import SlackApiError
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.jobs.follow_ups import jobs_about_channel
from bot.jobs.from_events import job_for_message
from bot.jobs.kinds import enqueue_jobs
from bot.slack.client import Slack
from bot.slack.errors import GoneError
from bot.slack.identity import BotIdentity
from models import Channel, Database, Item, Workspace
from services.channels.settings import Mode
from services.memory.workspaces import ChannelFacts, find_workspace, readers_of, save_channel


@dataclass(frozen=True)
class ChannelHint:
    """What a message's event says of its channel; None where it does not say.

    `ts` is the message's own, None where there is none.
    """

    slack_id: str
    is_private: bool | None = None
    is_shared: bool = False
    ts: str | None = None


@dataclass(frozen=True)
class ChannelSync:
    """The channels of one workspace."""

    database: Database
    slack: Slack
    me: BotIdentity
    default_mode: Mode | None = None

    def ensure_channels(
        self, hints: Sequence[ChannelHint], now: datetime
    ) -> tuple[Workspace, dict[str, Channel]]:
        """Return the workspace and the channels that the hints name, by Slack id.

        Slack is asked of those that are new, and of those that an event contradicts.
        """
        hinted = {hint.slack_id: hint for hint in hints}
        with self.database.read() as session:
            workspace = find_workspace(session, self.me.team_id)
            channels = {
                str(channel.slack_id): channel
                for channel in session.scalars(
                    select(Channel).where(
                        Channel.workspace_id == workspace.id, Channel.slack_id.in_(hinted)
                    )
                )
            }
        changed = [
            (self._facts(hint, now), hint.ts)
            for slack_id, hint in hinted.items()
            if slack_id not in channels or _contradicts(hint, channels[slack_id])
        ]
        if changed:
            with self.database.write() as session:
                for facts, ts in changed:
                    channel = self._save(session, workspace.id, facts, now)
                    # What comes after the first message heard here is not to be missed.
                    channel.swept_ts = channel.swept_ts or ts
                    channels[facts.slack_id] = channel
        return workspace, channels

    def ensure_channel(self, slack_id: str, now: datetime) -> Channel:
        """Return the channel with that Slack id."""
        _, channels = self.ensure_channels([ChannelHint(slack_id)], now)
        return channels[slack_id]

    def look_again(self, slack_id: str, now: datetime) -> Channel:
        """Ask Slack of a channel whose readers may have changed, or which was never heard of."""
        return self._store(self._facts(ChannelHint(slack_id), now), now)

    def joined(self, slack_id: str, user: str, now: datetime) -> None:
        """Note that somebody has joined a channel: with a guest, fewer tickets are named there."""
        channel = self.ensure_channel(slack_id, now)
        person = self.slack.person(user)
        if not channel.has_guests and (person is None or person.is_guest):
            self._store(ChannelFacts(slack_id, has_guests=True), now)

    def look_for_guests(self, now: datetime) -> None:
        """Look up anew which channels guests read: people come, go, and become members."""
        read_by_guests = self._read_by_guests(now)
        for facts in list(self.slack.channels()):
            has_guests = read_by_guests is None or facts.slack_id in read_by_guests
            self._store(replace(facts, has_guests=has_guests), now)

    def close(self, slack_id: str, now: datetime) -> Channel:
        """Take a channel for as closed as can be: it is gone, or we are, and see it no more."""
        return self._store(ChannelFacts(slack_id, is_private=True, is_shared=True), now)

    def _store(self, facts: ChannelFacts, now: datetime) -> Channel:
        with self.database.write() as session:
            workspace = find_workspace(session, self.me.team_id)
            return self._save(session, workspace.id, facts, now)

    def sweep(self, now: datetime) -> None:
        """Put in what was said in the bot's channels since the last sweep and is not known."""
        found = self._with_guests(list(self.slack.channels()), now)
        for facts in found:
            with self.database.write() as session:
                workspace = find_workspace(session, self.me.team_id)
                channel = self._save(session, workspace.id, facts, now)
                since = channel.swept_ts
                if since is None:  # the first time here: what was said before is a backfill's
                    # Whole seconds: Slack's clock is not ours, and its `ts` may have no more.
                    channel.swept_ts = f"{int(now.timestamp())}.000000"
            if since is not None:
                self._fetch_missed(channel, since, now)

    def _with_guests(self, found: Sequence[ChannelFacts], now: datetime) -> Sequence[ChannelFacts]:
        """Return channels with whether guests read those that were never heard of."""
        with self.database.read() as session:
            workspace = find_workspace(session, self.me.team_id)
            of_workspace = select(Channel.slack_id).where(Channel.workspace_id == workspace.id)
            known = set(session.scalars(of_workspace))
        if known.issuperset(facts.slack_id for facts in found):
            return found
        guests = self._read_by_guests(now)
        return [
            facts
            if facts.slack_id in known
            else replace(facts, has_guests=guests is None or facts.slack_id in guests)
            for facts in found
        ]

    def _save(
        self, session: Session, workspace_id: int, facts: ChannelFacts, now: datetime
    ) -> Channel:
        """Store what is known of a channel. Where its readers change, what names it follows."""
        known = select(Channel).where(
            Channel.workspace_id == workspace_id, Channel.slack_id == facts.slack_id
        )
        stored = session.scalar(known)
        before = None if stored is None else readers_of(stored)
        channel = save_channel(session, workspace_id, facts, mode=self.default_mode or "off")
        if before is not None and before != readers_of(channel):
            cause = f"readers:{channel.id}:{now.timestamp():.6f}"
            enqueue_jobs(session, workspace_id, jobs_about_channel(session, channel, cause), now)
        return channel

    def _fetch_missed(self, channel: Channel, since: str, now: datetime) -> None:
        slack_id = str(channel.slack_id)
        try:
            messages = {m["ts"]: m for m in self.slack.history(slack_id, since) if m["ts"] > since}
        except GoneError:
            return
        if not messages:
            return
        with self.database.write() as session:
            known = set(
                session.scalars(
                    select(Item.ts).where(Item.channel_id == channel.id, Item.ts > since)
                )
            )
            jobs = [
                job_for_message(
                    {**messages[ts], "channel": slack_id}, self.me, key=f"sweep:{slack_id}:{ts}"
                )
                for ts in sorted(messages.keys() - known)
            ]
            found = [job for job in jobs if job is not None]
            enqueue_jobs(session, channel.workspace_id, found, now)
            session.get_one(Channel, channel.id).swept_ts = max(messages)

    def _facts(self, hint: ChannelHint, now: datetime) -> ChannelFacts:
        """Return what Slack says of a channel; where sources differ, the more closed is right."""
        try:
            facts = self.slack.channel(hint.slack_id)
        except GoneError:
            # What cannot be looked up is as closed as can be: outsiders may be reading.
            is_private = hint.is_private is not False
            facts = ChannelFacts(hint.slack_id, is_private=is_private, is_shared=True)
        return replace(
            facts,
            is_private=facts.is_private or bool(hint.is_private),
            is_shared=facts.is_shared or hint.is_shared,
            has_guests=self._has_guests(hint.slack_id, now),
        )

    def _has_guests(self, slack_id: str, now: datetime) -> bool:
        """Say whether a guest reads a channel. What Slack does not tell counts as one who does."""
        try:
            guests = self.slack.guests.current(now, self.slack.list_guests)
            return bool(guests) and any(user in guests for user in self.slack.members(slack_id))
        except (GoneError, SlackApiError):
            return True

    def _read_by_guests(self, now: datetime) -> set[str] | None:
        """Return the ids of the channels that guests read; None where Slack does not tell.

        Guests are few and in few channels, which are many and have many members.
        """
        try:
            guests = self.slack.guests.current(now, self.slack.list_guests)
            return {facts.slack_id for guest in guests for facts in self.slack.channels(guest)}
        except (GoneError, SlackApiError):
            return None


def _contradicts(hint: ChannelHint, channel: Channel) -> bool:
    """Say whether a channel has become private, public or shared since it was last looked up."""
    is_other = hint.is_private is not None and hint.is_private != channel.is_private
    return is_other or (hint.is_shared and not channel.is_shared)
