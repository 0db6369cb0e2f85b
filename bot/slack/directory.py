"""What Slack knows about a workspace: its channels, their members, and its people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from slack_sdk.errors import SlackApiError

from bot.i18n.texts import Texts, texts_for
from bot.slack.errors import GoneError, is_rejection, token_error
from bot.slack.people import Guests, Person
from bot.slack.web_api import PAGE_SIZE, WebApi
from services.channels.settings import Language
from services.errors import RetryLaterError, UnreachableError
from services.memory.channel_facts import ChannelFacts
from services.memory.workspaces import Team

# The app may not see this user, or there is none.
_UNKNOWN_PERSON = frozenset(["missing_scope", "user_not_found", "user_not_visible"])


@dataclass(frozen=True)
class Directory(WebApi):
    """The calls that look up the workspace, channels and people."""

    guests: Guests = field(default_factory=Guests, kw_only=True)

    def identify(self) -> Team:
        """Return the workspace that the token belongs to.

        Raises `SettingsError` if Slack rejects the token, `UnreachableError` if it does not answer.
        """
        try:
            found = self.call(self.client.auth_test)
        except SlackApiError as error:
            raise token_error("SLACK_BOT_TOKEN", error) from error
        except RetryLaterError as error:
            if isinstance(error.__cause__, SlackApiError) and is_rejection(error.__cause__):
                raise token_error("SLACK_BOT_TOKEN", error.__cause__) from error
            raise UnreachableError(
                f"Slack cannot be reached at {self.client.base_url}: {error}."
            ) from error
        return Team(
            team_id=str(found["team_id"]),
            name=found.get("team"),
            url=found.get("url"),
            bot_user_id=found.get("user_id"),
            bot_id=found.get("bot_id"),
        )

    def scopes(self) -> set[str]:
        """Return the permissions of the token, or an empty set if Slack does not list them."""
        return set(self._header("x-oauth-scopes").replace(",", " ").split())

    def clock(self) -> datetime | None:
        """Return what time it is for Slack, to the second; None if it does not say."""
        try:
            return parsedate_to_datetime(self._header("date"))
        except ValueError:
            return None

    def _header(self, name: str) -> str:
        """Return a header of Slack's answers; "" if there is none of that name, in lower case."""
        headers = self.call(self.client.auth_test).headers
        found = {str(one).lower(): value for one, value in dict(headers).items()}.get(name, "")
        return str(found[0] if isinstance(found, list) else found)

    def channel(self, channel: str) -> ChannelFacts:
        """Return the facts of a channel. Raises `GoneError` also if the app may not look it up."""
        try:
            found = self.call(self.client.conversations_info, channel=channel)
        except SlackApiError as error:
            if error.response.get("error") == "missing_scope":
                raise GoneError("missing_scope") from error
            raise
        return _facts(found["channel"])

    def channels(self, user: str | None = None) -> Iterator[ChannelFacts]:
        """Return the channels that the bot is in, or those of a user.

        Of a user's private channels Slack lists only those that the bot is in, too.
        """
        return self._channels(user, "public_channel,private_channel")

    def private_channels(self, user: str) -> Iterator[ChannelFacts]:
        """Return the private channels that both the bot and a user are in: these are few."""
        return self._channels(user, "private_channel")

    def _channels(self, user: str | None, types: str) -> Iterator[ChannelFacts]:
        for page in self.pages(
            self.client.users_conversations,
            types=types,
            exclude_archived=user is None,
            limit=PAGE_SIZE,
            user=user,
        ):
            yield from map(_facts, page.get("channels") or [])

    def members(self, channel: str) -> Iterator[str]:
        """Return the user ids of a channel's members."""
        for page in self.pages(self.client.conversations_members, channel=channel, limit=PAGE_SIZE):
            yield from page.get("members") or []

    def list_guests(self) -> Iterator[str]:
        """Return the user ids of the workspace's guests, without those who have left."""
        for page in self.pages(self.client.users_list, limit=PAGE_SIZE):
            for user in page.get("members") or []:
                is_guest = user.get("is_restricted") or user.get("is_ultra_restricted")
                if is_guest and not user.get("deleted"):
                    yield str(user["id"])

    def person(self, user: str) -> Person | None:
        """Return what Slack knows about a user; None if there is none that the app may see."""
        try:
            found = self.call(self.client.users_info, user=user, include_locale=True)["user"]
        except GoneError:
            return None
        except SlackApiError as error:
            if error.response.get("error") in _UNKNOWN_PERSON:
                return None
            raise
        return _person(found)

    def may_react(self, user: str, team_id: str) -> bool:
        """Say whether a user's reactions count in a workspace; not if Slack does not say who."""
        person = self.person(user)
        return person is not None and person.may_react_in(team_id)

    def texts(self, user: str, otherwise: Language = "en") -> Texts:
        """Return the texts in a user's language, or in `otherwise` if Slack does not tell it.

        This never fails: trouble with Slack shows in the next call.
        """
        try:
            person = self.person(user)
        except (SlackApiError, RetryLaterError):
            return Texts(otherwise)
        return texts_for(person.locale if person else None, otherwise)


def _person(user: dict[str, Any]) -> Person:
    return Person(
        is_admin=bool(user.get("is_admin") or user.get("is_owner")),
        is_guest=bool(
            user.get("is_restricted")
            or user.get("is_ultra_restricted")
            or user.get("is_stranger")
            or user.get("deleted")
        ),
        team_id=user.get("team_id"),
        locale=str(user.get("locale") or ""),
        is_bot=bool(user.get("is_bot")),
    )


def _facts(channel: dict[str, Any]) -> ChannelFacts:
    return ChannelFacts(
        slack_id=channel["id"],
        name=channel.get("name"),
        is_private=bool(
            channel.get("is_private") or channel.get("is_im") or channel.get("is_mpim")
        ),
        is_shared=bool(channel.get("is_ext_shared") or channel.get("is_pending_ext_shared")),
        creator=channel.get("creator") or None,
    )
