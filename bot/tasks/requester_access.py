"""Who reads a reply that only one person sees, as Slack tells now. Nothing of it is kept."""

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
from services.memory.workspaces import ChannelFacts
from services.phrases import phrase
from services.topics.scopes import Scope, scope_of_channel, scope_of_everybody

MEMBERS = phrase("Topics are built from what all members can read, so only members can see them.")


@dataclass(frozen=True)
class RequesterAccess:
    """The people of one workspace. Asked anew each time: who was removed must not read on."""

    database: Database
    slack: Slack
    me: BotIdentity

    def place_in_form(self, channel: Channel, user: str) -> Audience | None:
        """Return what somebody may read who sends a form that says it is about a channel.

        None where they do not read that one: a channel that a command or a click comes from is
        Slack's word, one that stands in a form or in a button's value may be anybody's.
        """
        reader = self.reader(channel.workspace_id, user, self.slack.person(user))
        return _here(channel, reader) if _reads(reader, channel) else None

    def request(self, text: str, channel: Channel, user: str) -> Request:
        """Return a request of somebody who asks in a channel and is answered alone."""
        person = self.slack.person(user)
        say = texts_for(person.locale if person else None, texts_in(channel).language)
        reader = self.reader(channel.workspace_id, user, person)
        place = _here(channel, reader)
        return Request(text, channel, place, say, _scope(channel, reader))

    def scope(self, channel: Channel, user: str) -> Scope:
        """Return whose topics are shown in a channel to somebody who asks for them there.

        Raises `NotAllowedError` for who does not read all that these are made of.
        """
        reader = self.reader(channel.workspace_id, user, self.slack.person(user))
        scope = _scope(channel, reader)
        if scope is None:
            raise NotAllowedError(MEMBERS)
        return scope

    def reader(self, workspace_id: int, user: str, person: Person | None) -> PersonAccess:
        """Return what somebody reads, of whom Slack says this.

        Of a full member only the private channels are asked for, where there are any.
        """
        is_member = person is not None and person.is_member_of(self.me.team_id)
        ask = self.slack.private_channels if is_member else self.slack.channels
        known = Channel.workspace_id == workspace_id
        if is_member:
            known &= Channel.is_private
        with self.database.read() as session:
            rows = session.execute(select(Channel.slack_id, Channel.id).where(known))
            ids = {slack_id: channel_id for slack_id, channel_id in rows if slack_id}
        return PersonAccess(is_member, frozenset(_asked(ids, ask, user) if ids else ()))


def _here(channel: Channel, reader: PersonAccess) -> Audience:
    """Return what somebody reads who asks in a channel: that one, too."""
    here = replace(reader, channel_ids=reader.channel_ids | {channel.id})
    return audience_of_person(channel.workspace_id, here)


def _scope(channel: Channel, reader: PersonAccess) -> Scope | None:
    """Return whose topics somebody may see in a channel; None where they read less than these."""
    if is_direct(str(channel.slack_id)) or scope_of(channel) == PUBLIC:
        return scope_of_everybody(channel.workspace_id) if reader.reads_public else None
    return scope_of_channel(channel) if _reads(reader, channel) else None


def _reads(reader: PersonAccess, channel: Channel) -> bool:
    is_open = reader.reads_public and not channel.is_private
    return is_open or channel.id in reader.channel_ids


def _asked(
    ids: Mapping[str, int], ask: Callable[[str], Iterable[ChannelFacts]], user: str
) -> set[int]:
    """Return the ids of the channels that Slack says somebody is in; what it hides counts not."""
    try:
        return {ids[facts.slack_id] for facts in ask(user) if facts.slack_id in ids}
    except (GoneError, SlackApiError):
        return set()
