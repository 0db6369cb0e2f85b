"""Who reads a reply that only one person sees, as Slack tells now. Nothing of it is kept."""

from __future__ import annotations

from dataclasses import dataclass, replace

from slack_sdk.errors import SlackApiError
from sqlalchemy import select

from bot.events import Self
from bot.requests import Request
from bot.slack import GoneError, Person, Slack
from bot.texts import texts_for, texts_in
from models import Channel, Database
from services.audience import Place, Reader, place_of_person


@dataclass(frozen=True)
class Readers:
    """The people of one workspace. Asked anew each time: who was removed must not read on."""

    database: Database
    slack: Slack
    me: Self

    def place(self, channel: Channel, user: str) -> Place:
        """Return what somebody may read who asks in a channel and is answered alone."""
        return self._place(channel, user, self.slack.person(user))

    def request(self, text: str, channel: Channel, user: str) -> Request:
        """Return a request of somebody who asks in a channel and is answered alone."""
        person = self.slack.person(user)
        say = texts_for(person.locale if person else None, texts_in(channel).language)
        return Request(text, channel, self._place(channel, user, person), say)

    def _place(self, channel: Channel, user: str, person: Person | None) -> Place:
        reader = self.reader(channel.workspace_id, user, person)
        # Whoever asks in a channel reads it.
        here = replace(reader, channel_ids=reader.channel_ids | {channel.id})
        return place_of_person(channel.workspace_id, here)

    def reader(self, workspace_id: int, user: str, person: Person | None) -> Reader:
        """Return what somebody reads, of whom Slack says this."""
        is_member = person is not None and person.is_member_of(self.me.team_id)
        return Reader(is_member, frozenset(self._channels(workspace_id, user)))

    def _channels(self, workspace_id: int, user: str) -> set[int]:
        try:
            slack_ids = [facts.slack_id for facts in self.slack.channels(user)]
        except (GoneError, SlackApiError):
            return set()
        with self.database.read() as session:
            return set(
                session.scalars(
                    select(Channel.id).where(
                        Channel.workspace_id == workspace_id, Channel.slack_id.in_(slack_ids)
                    )
                )
            )
