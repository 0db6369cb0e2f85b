"""Channels that change, people who join them, guests, and messages that were missed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from bot.jobs.event_kinds import ChannelChange, MemberJoined, NewGuest
from bot.jobs.kinds import BotJob, Lease
from bot.jobs.upkeep_kinds import GuestCheck, Sweep
from bot.tasks.channel_sync import ChannelSync


@dataclass(frozen=True)
class ChannelEvents:
    """Keeps what is stored about a workspace's channels up to date."""

    channels: ChannelSync

    @property
    def _retrying_channels(self) -> ChannelSync:
        """The same for a round through all channels, which waits for Slack's rate limits."""
        return replace(self.channels, slack=self.channels.slack.retrying_rate_limits())

    def follow_change(self, job: ChannelChange, lease: Lease, now: datetime) -> list[BotJob]:
        """Look up a channel again: its readers decide which tickets may be named where."""
        if job.closes:
            self.channels.close(job.channel, now)
        else:
            self.channels.refresh(job.channel, now)
        return []

    def note_member(self, job: MemberJoined, lease: Lease, now: datetime) -> list[BotJob]:
        """Note that somebody joined a channel, because they may be a guest."""
        self.channels.note_member(job.channel, job.user, now)
        return []

    def note_guest(self, job: NewGuest, lease: Lease, now: datetime) -> list[BotJob]:
        """Look up again which channels guests read, if somebody has become a guest."""
        if self.channels.slack.guests.add(job.user):
            self._retrying_channels.refresh_guests(now)
        return []

    def refresh_guests(self, job: GuestCheck, lease: Lease, now: datetime) -> list[BotJob]:
        """Look up which channels guests read."""
        self._retrying_channels.refresh_guests(now)
        return []

    def sweep(self, job: Sweep, lease: Lease, now: datetime) -> list[BotJob]:
        """Fetch the messages that the bot missed while it was not running."""
        self._retrying_channels.sweep(now)
        return []
