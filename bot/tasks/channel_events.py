"""Channels that change, people who join them, guests, and what was missed meanwhile."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from bot.jobs.event_kinds import ChannelChange, MemberJoined, NewGuest
from bot.jobs.kinds import BotJob, Lease
from bot.jobs.upkeep_kinds import GuestCheck, Sweep
from bot.tasks.channel_sync import ChannelSync


@dataclass(frozen=True)
class ChannelEvents:
    """Keeps what is known of a workspace's channels up to date."""

    channels: ChannelSync

    @property
    def _retrying(self) -> ChannelSync:
        """The channels for a look at all of them, which goes on where Slack limits the rate."""
        return replace(self.channels, slack=self.channels.slack.retrying_rate_limits())

    def follow_channel(self, job: ChannelChange, lease: Lease, now: datetime) -> list[BotJob]:
        """Follow what became of a channel: who reads it now decides what is named where."""
        follow = self.channels.close if job.closes else self.channels.look_again
        follow(job.channel, now)
        return []

    def note_joined(self, job: MemberJoined, lease: Lease, now: datetime) -> list[BotJob]:
        """Note who has joined a channel: they may be a guest."""
        self.channels.joined(job.channel, job.user, now)
        return []

    def note_guest(self, job: NewGuest, lease: Lease, now: datetime) -> list[BotJob]:
        """Look anew which channels guests read, where somebody has become one."""
        if self.channels.slack.guests.add(job.user):
            self._retrying.look_for_guests(now)
        return []

    def look_for_guests(self, job: GuestCheck, lease: Lease, now: datetime) -> list[BotJob]:
        """Look up which channels guests read."""
        self._retrying.look_for_guests(now)
        return []

    def sweep(self, job: Sweep, lease: Lease, now: datetime) -> list[BotJob]:
        """Fetch what was said in the bot's channels while nobody listened."""
        self._retrying.sweep(now)
        return []
