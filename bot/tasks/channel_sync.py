"""The bot's channels as Slack describes them, and the messages that the bot missed in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from slack_sdk.errors import SlackApiError
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from bot.jobs.follow_ups import jobs_about_channel
from bot.jobs.kinds import enqueue_jobs
from bot.slack.client import Slack
from bot.slack.errors import GoneError
from bot.slack.identity import BotIdentity
from bot.tasks.missed_messages import MissedMessages
from models import Channel, Database, Workspace, is_among, many_texts
from services.channels.settings import Mode, channel_of_slack
from services.memory.channel_facts import ChannelFacts, readers_of, save_channel
from services.memory.workspaces import find_workspace

# Built once: every message asks.
_CHANNELS = select(Channel).where(
    Channel.workspace_id == bindparam("workspace"),
    is_among(Channel.slack_id, many_texts("slack_ids")),
)


@dataclass(frozen=True)
class ChannelHint:
    """What an event says of its channel (None: nothing), and the `ts` of its message, if any."""

    slack_id: str
    is_private: bool | None = None
    is_shared: bool = False
    ts: str | None = None


@dataclass(frozen=True)
class ChannelSync:
    """The channels of one workspace. A new channel starts in `default_mode`, None: off."""

    database: Database
    slack: Slack
    me: BotIdentity
    default_mode: Mode | None = None

    def ensure_channels(
        self, hints: Sequence[ChannelHint], now: datetime
    ) -> tuple[Workspace, dict[str, Channel]]:
        """Return the workspace and the channels that the hints name, by Slack id.

        Slack is asked about new channels, and about those that a hint contradicts.
        """
        hinted = {hint.slack_id: hint for hint in hints}
        with self.database.read() as session:
            workspace = find_workspace(session, self.me.team_id)
            channels = {
                str(channel.slack_id): channel
                for channel in session.scalars(
                    _CHANNELS, {"workspace": workspace.id, "slack_ids": list(hinted)}
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
                    # Sweeps begin after the first message that the bot heard here.
                    channel.swept_ts = channel.swept_ts or ts
                    channels[facts.slack_id] = channel
        return workspace, channels

    def ensure_channel(self, slack_id: str, now: datetime) -> Channel:
        """Return the channel with that Slack id."""
        _, channels = self.ensure_channels([ChannelHint(slack_id)], now)
        return channels[slack_id]

    def refresh(self, slack_id: str, now: datetime) -> Channel:
        """Ask Slack about a channel whose readers may have changed, or that is new."""
        return self._store(self._facts(ChannelHint(slack_id), now), now)

    def note_member(self, slack_id: str, user: str, now: datetime) -> None:
        """Note that somebody joined a channel: fewer tickets may be named where guests read."""
        channel = self.ensure_channel(slack_id, now)
        person = self.slack.person(user)
        if not channel.has_guests and (person is None or person.is_guest):
            self._store(ChannelFacts(slack_id, has_guests=True), now)

    def refresh_guests(self, now: datetime) -> None:
        """Look up again which channels guests read: people come, go, and become members."""
        read_by_guests = self._read_by_guests(now)
        for facts in list(self.slack.channels()):
            has_guests = read_by_guests is None or facts.slack_id in read_by_guests
            self._store(replace(facts, has_guests=has_guests), now)

    def close(self, slack_id: str, now: datetime) -> Channel:
        """Assume the fewest possible readers of a channel that the bot no longer sees."""
        return self._store(ChannelFacts(slack_id, is_private=True, is_shared=True), now)

    def _store(self, facts: ChannelFacts, now: datetime) -> Channel:
        with self.database.write() as session:
            workspace = find_workspace(session, self.me.team_id)
            return self._save(session, workspace.id, facts, now)

    def sweep(self, now: datetime) -> None:
        """Store jobs for the messages since the last sweep that are not stored yet."""
        found = self._with_guests(list(self.slack.channels()), now)
        self._refresh_unlisted(found, now)
        for facts in found:
            with self.database.write() as session:
                workspace = find_workspace(session, self.me.team_id)
                channel = self._save(session, workspace.id, facts, now)
                since = channel.swept_ts
                if since is None:  # the first sweep here: the past is for a backfill
                    # In whole seconds: Slack's clock differs from ours, and so may its precision.
                    channel.swept_ts = f"{int(now.timestamp())}.000000"
            if since is not None:
                MissedMessages(self.database, self.slack, self.me).fetch(channel, since, now)

    def _refresh_unlisted(self, found: Sequence[ChannelFacts], now: datetime) -> None:
        """Ask Slack about the public channels that the bot was in and that are listed no longer.

        They are archived, or the bot has left, or they are private and the app may not know it.
        Their members are not read: that takes many calls, at each sweep.
        """
        listed = {facts.slack_id for facts in found}
        with self.database.read() as session:
            workspace = find_workspace(session, self.me.team_id)
            was_in = (Channel.workspace_id == workspace.id) & Channel.swept_ts.is_not(None)
            public = select(Channel.slack_id).where(was_in, Channel.is_private.is_(False))
            known = [slack_id for slack_id in session.scalars(public) if slack_id]
        for slack_id in known:
            if slack_id not in listed:
                self._store(self._visible_facts(slack_id), now)

    def _with_guests(self, found: Sequence[ChannelFacts], now: datetime) -> Sequence[ChannelFacts]:
        """Return channels; those that are new with whether guests read them."""
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
        """Store what is known of a channel, with jobs for what names it if its readers change."""
        stored = channel_of_slack(session, workspace_id, facts.slack_id)
        before = None if stored is None else readers_of(stored)
        channel = save_channel(session, workspace_id, facts, mode=self.default_mode or "off")
        if before is not None and before != readers_of(channel):
            cause = f"readers:{channel.id}:{now.timestamp():.6f}"
            enqueue_jobs(session, workspace_id, jobs_about_channel(session, channel, cause), now)
        return channel

    def _facts(self, hint: ChannelHint, now: datetime) -> ChannelFacts:
        """Return what Slack and a hint say about a channel; if they differ, the more private."""
        facts = self._visible_facts(hint.slack_id, is_private=hint.is_private is not False)
        return replace(
            facts,
            is_private=facts.is_private or bool(hint.is_private),
            is_shared=facts.is_shared or hint.is_shared,
            has_guests=self._has_guests(hint.slack_id, now),
        )

    def _visible_facts(self, slack_id: str, *, is_private: bool = True) -> ChannelFacts:
        """Return what Slack says about a channel.

        Of one that cannot be looked up the worst is assumed: outsiders may read it; `is_private`
        is what is assumed of its privacy.
        """
        try:
            return self.slack.channel(slack_id)
        except GoneError:
            return ChannelFacts(slack_id, is_private=is_private, is_shared=True)

    def _has_guests(self, slack_id: str, now: datetime) -> bool:
        """Say whether a guest reads a channel; True if Slack does not say."""
        try:
            guests = self.slack.guests.current(now, self.slack.list_guests)
            return bool(guests) and any(user in guests for user in self.slack.members(slack_id))
        except (GoneError, SlackApiError):
            return True

    def _read_by_guests(self, now: datetime) -> set[str] | None:
        """Return the ids of the channels that guests read; None if Slack does not say.

        Asked by guest: there are few of them, in few channels. There are many channels with many
        members.
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
