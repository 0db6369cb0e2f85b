"""Setting up channels: the bot asks once, and the people who may answer by button or form."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.blocks.channel_setup import reason_view, render_setup
from bot.blocks.parts import Block
from bot.blocks.sender_choice import SenderChoice
from bot.blocks.settings_form import settings_view
from bot.i18n.texts import Texts, texts_in
from bot.jobs.event_kinds import BotInvited
from bot.jobs.kinds import BotJob, Lease, enqueue_jobs
from bot.jobs.private_replies import reason_job
from bot.jobs.request_kinds import ModeClick, SettingsForm, SettingsOpened
from bot.jobs.update_kinds import SetupUpdate
from bot.slack.client import Slack
from bot.slack.errors import GoneError
from bot.tasks.backfill import backfill_job
from bot.tasks.channel_sync import ChannelSync
from bot.tasks.requester_access import SETUP_REFUSED, RequesterAccess
from bot.wiring import Services
from models import Channel
from services.channels.quiet_hours import hours_of_channel
from services.channels.settings import ChannelSettings, save_settings, settings_of, shown_name
from services.intake.classify import ChannelRules
from services.intake.senders import Sender, seen_senders
from services.judgement.caution import caution_of, reset_caution
from services.phrases import phrase

NOT_HERE = phrase("I'm not in this channel. Invite me first, then set me up.")


@dataclass(frozen=True)
class ChannelSetup:
    """Asks how to work in a channel, and stores what people choose who may."""

    services: Services
    slack: Slack
    channels: ChannelSync
    access: RequesterAccess

    def ask(self, job: BotInvited, lease: Lease, now: datetime) -> list[BotJob]:
        """Ask once how to work in a channel that the bot was invited to."""
        channel = self.channels.refresh(job.channel, now)
        say = self._greeting(channel, job.inviter)
        with self.services.database.write() as session:
            stored = session.get_one(Channel, channel.id)
            stored.invited_by = job.inviter or stored.invited_by
            stored.language = say.language
        if channel.asked_ts is not None or self.services.settings.default_mode is not None:
            return []
        message = render_setup(job.channel, settings_of(channel), None, say)
        try:
            ts = self.slack.post_in_channel_once(job.channel, message, now)
        except GoneError:
            return []
        with self.services.database.write() as session:
            session.get_one(Channel, channel.id).asked_ts = ts
        return []

    def _greeting(self, channel: Channel, inviter: str | None) -> Texts:
        """Return the texts in a channel's language, or the inviter's until it was asked."""
        before = texts_in(channel)
        if channel.asked_ts is not None or inviter is None:
            return before
        return self.slack.texts(inviter, before.language)

    def choose(self, job: ModeClick, lease: Lease, now: datetime) -> list[BotJob]:
        """Set the mode of the button that somebody pressed."""
        return self._store(job, lease, lambda before: replace(before, mode=job.mode), now)

    def save(self, job: SettingsForm, lease: Lease, now: datetime) -> list[BotJob]:
        """Store the settings of a form that somebody submitted."""

        def change(before: ChannelSettings) -> ChannelSettings:
            # The form does not ask for these: `deja settings apply` sets them.
            zone, quiet = before.time_zone, before.quiet_hours
            return replace(job.settings, time_zone=zone, quiet_hours=quiet)

        return self._store(job, lease, change, now)

    def open(self, job: SettingsOpened, lease: Lease, now: datetime) -> list[BotJob]:
        """Fill the form that was opened empty."""
        channel = self.channels.ensure_channel(job.channel, now)
        say = self.slack.texts(job.user, texts_in(channel).language)
        if channel.name is None:
            view = reason_view(NOT_HERE, say)
        elif not self.access.may_set_up(channel, job.user):
            view = reason_view(SETUP_REFUSED, say)
        else:
            view = self._form(channel, job.channel, say)
        with suppress(GoneError):  # the form was closed meanwhile
            self.slack.update_view(job.view_id, view)
        return []

    def _form(self, channel: Channel, slack_id: str, say: Texts) -> Block:
        with self.services.database.read() as session:
            caution = caution_of(session, channel)
            senders = self._senders(session, channel)
            hours = hours_of_channel(session, channel, self.services.settings.hours)
        return settings_view(
            slack_id,
            shown_name(channel),
            settings_of(channel),
            hours,
            say,
            caution=caution,
            senders=senders,
        )

    def _senders(self, session: Session, channel: Channel) -> list[SenderChoice]:
        """Return the bots and forms to choose from: those seen, and those chosen unseen."""
        rules = ChannelRules.of(channel)
        seen = seen_senders(session, channel)
        missing = (rules.ticket_senders | rules.ignored_senders) - {one.id for one in seen}
        everywhere = self.channels.me.ticket_bots
        choices = []
        for one in [*seen, *(Sender(id_, id_) for id_ in sorted(missing))]:
            by_default = one.is_form or one.id in everywhere or one.id in rules.ignored_senders
            is_ticket = rules.opens_tickets(one, unless_chosen=by_default)
            choices.append(SenderChoice(one.id, one.name, one.is_form, is_ticket, by_default))
        return choices

    def update(self, job: SetupUpdate, lease: Lease, now: datetime) -> list[BotJob]:
        """Show what was chosen in the message that asked."""
        with self.services.database.read() as session:
            channel = session.get_one(Channel, job.channel_id)
            slack_id, asked_ts = channel.slack_id, channel.asked_ts
            settings, by = settings_of(channel), job.by
            message = render_setup(str(slack_id), settings, by, texts_in(channel))
        if slack_id is not None and asked_ts is not None:
            with suppress(GoneError):
                self.slack.update(slack_id, asked_ts, message)
        return []

    def _store(
        self,
        job: ModeClick | SettingsForm,
        lease: Lease,
        change: Callable[[ChannelSettings], ChannelSettings],
        now: datetime,
    ) -> list[BotJob]:
        """Store a change once, because a second run would undo later changes."""
        channel = self.channels.ensure_channel(job.channel, now)
        if not self.access.may_set_up(channel, job.user):
            return [reason_job(SETUP_REFUSED, job)]
        with self.services.database.write() as session:
            if not lease.finish(session, now):
                return []
            stored = session.get_one(Channel, channel.id)
            after = change(settings_of(stored))
            save_settings(session, stored, after, by=job.user, now=now)
            if isinstance(job, SettingsForm) and job.resets_caution:
                reset_caution(session, stored, by=job.user, now=now)
            follow_ups: list[BotJob] = [
                SetupUpdate(key=f"setup_show:{job.key}", channel_id=channel.id, by=job.user)
            ]
            days = job.backfill if isinstance(job, SettingsForm) else None
            if days and after.mode != "off":
                since = now - timedelta(days=days)
                past = backfill_job(channel.id, since, user=job.user, cause=job.key)
                follow_ups.append(past)
            enqueue_jobs(session, lease.workspace_id, follow_ups, now)
        return follow_ups
