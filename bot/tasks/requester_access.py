"""What a person may read, as Slack says at the moment. None of it is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from slack_sdk.errors import SlackApiError
from sqlalchemy import select

from bot.i18n.texts import texts_for, texts_in
from bot.slack.client import Slack
from bot.slack.errors import GoneError
from bot.slack.identity import BotIdentity, is_direct
from bot.slack.people import Person
from bot.tasks.request import Request
from models import Channel, Database
from services.channels.audience import PUBLIC, Audience, PersonAccess, audience_of_person, scope_of
from services.errors import NotAllowedError
from services.memory.channel_facts import ChannelFacts
from services.phrases import phrase
from services.topics.scopes import Scope, scope_of_channel, scope_of_everybody

SETUP_REFUSED = phrase(
    "Only workspace admins and whoever created this channel or invited me can change how "
    "I work here."
)
MEMBERS = phrase("Topics are built from what all members can read, so only members can see them.")


@dataclass(frozen=True)
class RequesterAccess:
    """Asks Slack what a person of the workspace may read: each time, because it may change."""

    database: Database
    slack: Slack
    me: BotIdentity

    def audience_in_form(self, channel: Channel, user: str) -> Audience | None:
        """Return the audience of a reply to somebody whose form is about a channel.

        None if they do not read that channel: Slack vouches for the channel of a command or a
        click, but one in a form or in a button's value may be forged.
        """
        access = self.of_person(channel.workspace_id, user, self.slack.person(user))
        return _audience_in(channel, access) if _reads(access, channel) else None

    def may_set_up(self, channel: Channel, user: str) -> bool:
        """Say whether somebody may set up a channel; they may not if Slack cannot tell.

        Nobody may set up a private channel that they are not in: even its name is private.
        """
        if channel.is_private and self.audience_in_form(channel, user) is None:
            return False
        if user in {channel.creator, channel.invited_by}:
            return True
        person = self.slack.person(user)
        if person is None or not person.is_member_of(self.me.team_id):
            return False  # admins of other organisations do not decide here
        return person.is_admin

    def request(self, text: str, channel: Channel, user: str) -> Request:
        """Return the request of somebody in a channel who gets a private reply."""
        person = self.slack.person(user)
        say = texts_for(person.locale if person else None, texts_in(channel).language)
        access = self.of_person(channel.workspace_id, user, person)
        return Request(text, channel, _audience_in(channel, access), say, _scope(channel, access))

    def scope(self, channel: Channel, user: str) -> Scope:
        """Return the scope of the topics that somebody sees in a channel.

        Raises `NotAllowedError` if they may not read all tickets of these topics.
        """
        access = self.of_person(channel.workspace_id, user, self.slack.person(user))
        scope = _scope(channel, access)
        if scope is None:
            raise NotAllowedError(MEMBERS)
        return scope

    def of_person(self, workspace_id: int, user: str, person: Person | None) -> PersonAccess:
        """Return what a user may read; `person` is what Slack says of them.

        Full members read every public channel, so Slack is asked only for their private ones.
        """
        is_member = person is not None and person.is_member_of(self.me.team_id)
        ask = self.slack.private_channels if is_member else self.slack.channels
        known = Channel.workspace_id == workspace_id
        if is_member:
            known &= Channel.is_private
        with self.database.read() as session:
            rows = session.execute(select(Channel.slack_id, Channel.id).where(known))
            ids = {slack_id: channel_id for slack_id, channel_id in rows if slack_id}
        return PersonAccess(is_member, frozenset(_channels_of(user, ids, ask) if ids else ()))


def _audience_in(channel: Channel, access: PersonAccess) -> Audience:
    """Return the audience of a private reply in a channel, which the person reads in any case."""
    access = replace(access, channel_ids=access.channel_ids | {channel.id})
    return audience_of_person(channel.workspace_id, access)


def _scope(channel: Channel, access: PersonAccess) -> Scope | None:
    """Return the scope of the topics that somebody may see in a channel, if any."""
    if is_direct(str(channel.slack_id)) or scope_of(channel) == PUBLIC:
        return scope_of_everybody(channel.workspace_id) if access.reads_public else None
    return scope_of_channel(channel) if _reads(access, channel) else None


def _reads(access: PersonAccess, channel: Channel) -> bool:
    is_open = access.reads_public and not channel.is_private
    return is_open or channel.id in access.channel_ids


def _channels_of(
    user: str, ids: Mapping[str, int], ask: Callable[[str], Iterable[ChannelFacts]]
) -> set[int]:
    """Return the ids of the channels that somebody is in; none if Slack does not say."""
    try:
        return {ids[facts.slack_id] for facts in ask(user) if facts.slack_id in ids}
    except (GoneError, SlackApiError):
        return set()
