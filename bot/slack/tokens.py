"""Bot tokens: one from the settings, or one for each workspace from its installation."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

from slack_sdk.errors import SlackTokenRotationError
from slack_sdk.oauth.installation_store import Bot
from slack_sdk.oauth.token_rotation import TokenRotator
from slack_sdk.web import WebClient
from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from bot.slack.errors import outage_of
from bot.slack.web_api import NO_ANSWER
from models import slack_bots, slack_oauth_states
from services.errors import UnavailableError
from services.secrets.keyring import Keyring

# Tokens are valid for twelve hours. A new one is fetched this long before the old one expires.
AHEAD = timedelta(hours=2)

logger = logging.getLogger(__name__)


class Tokens(Protocol):
    """The tokens of workspaces, by Slack's team id."""

    def find(self, session: Session, team_id: str) -> str | None:
        """Return a team's bot token, or None if the app is not installed there.

        Raises `SettingsError` if it cannot be decrypted.
        """

    def teams(self, session: Session) -> set[str]:
        """Return the teams that have a token."""

    def due_end(self, session: Session, team_id: str, now: datetime) -> datetime | None:
        """Return when a team's token expires, if it is time to replace it, or else None."""

    def rotate(self, team_id: str) -> None:
        """Fetch a new token if the old one expires soon."""

    def forget(self, session: Session, team_id: str) -> None:
        """Delete a team's token, which Slack does not accept any more."""

    def purge_states(self, session: Session, now: datetime) -> None:
        """Delete what unfinished installations have left behind."""


@dataclass(frozen=True)
class OneToken:
    """The token from the settings, which does not rotate."""

    team_id: str
    token: str = field(repr=False)

    def find(self, session: Session, team_id: str) -> str | None:
        """Return the token if it belongs to that team."""
        return self.token if team_id == self.team_id else None

    def teams(self, session: Session) -> set[str]:
        """Return the only team."""
        return {self.team_id}

    def due_end(self, session: Session, team_id: str, now: datetime) -> datetime | None:
        """Return None: it never expires."""
        return None

    def rotate(self, team_id: str) -> None:
        """Do nothing."""

    def forget(self, session: Session, team_id: str) -> None:
        """Do nothing: it is in the settings."""

    def purge_states(self, session: Session, now: datetime) -> None:
        """Do nothing: there are no installations."""


class Store(Protocol):
    """Where bots are stored, see `bot.slack.oauth.Installations`."""

    def find_bot(self, *, enterprise_id: str | None, team_id: str | None) -> Bot | None:
        """Return the bot of a team."""

    def replace_token(self, old: Bot, new: Bot) -> bool:
        """Replace the old token with a new one; return whether the old one was still stored."""


@dataclass(frozen=True)
class StoredTokens:
    """The tokens of all workspaces that installed the app, each replaced before it expires."""

    store: Store
    client_id: str
    client_secret: str = field(repr=False)
    client: WebClient
    keyring: Keyring

    def find(self, session: Session, team_id: str) -> str | None:
        """Return a team's token. Raises `SettingsError` if it cannot be decrypted."""
        found = session.scalar(select(slack_bots.c.bot_token).where(self._of(team_id)))
        return None if found is None else self.keyring.open(found)

    def teams(self, session: Session) -> set[str]:
        """Return the teams that have the app installed."""
        ours = select(slack_bots.c.team_id).where(slack_bots.c.client_id == self.client_id)
        return {str(team_id) for team_id in session.scalars(ours)}

    def due_end(self, session: Session, team_id: str, now: datetime) -> datetime | None:
        """Return when a team's token expires, if it is time to replace it, or else None."""
        expiry = select(slack_bots.c.bot_token_expires_at).where(self._of(team_id))
        end: datetime | None = session.scalar(expiry)
        if end is None or now < end.replace(tzinfo=UTC) - AHEAD:
            return None
        return end

    def rotate(self, team_id: str) -> None:
        """Fetch a new token if it is due.

        Raises `UnavailableError` if Slack cannot be reached, and `OSError` if it refuses.
        """
        bot = self.store.find_bot(enterprise_id=None, team_id=team_id)
        if bot is None:
            return
        rotator = TokenRotator(
            client_id=self.client_id, client_secret=self.client_secret, client=self.client
        )
        minutes = int(AHEAD.total_seconds() // 60)
        try:
            fresh = rotator.perform_bot_token_rotation(bot=bot, minutes_before_expiration=minutes)
        except SlackTokenRotationError as error:  # its text contains secrets of the request
            outage = outage_of(error.api_error)
            if outage is not None:
                raise UnavailableError(outage) from None
            code = error.api_error.response.get("error")
            raise OSError(f"Slack refuses a new token ({code})") from None
        except NO_ANSWER as error:
            raise UnavailableError(type(error).__name__) from None
        if fresh is not None and self.store.replace_token(bot, fresh):
            logger.info("a token was replaced")

    def forget(self, session: Session, team_id: str) -> None:
        """Delete a team's token."""
        session.execute(delete(slack_bots).where(self._of(team_id)))

    def purge_states(self, session: Session, now: datetime) -> None:
        """Delete expired OAuth states."""
        expired = slack_oauth_states.c.expire_at < now.replace(tzinfo=None)
        session.execute(delete(slack_oauth_states).where(expired))

    def _of(self, team_id: str) -> ColumnElement[bool]:
        return (slack_bots.c.client_id == self.client_id) & (slack_bots.c.team_id == team_id)
