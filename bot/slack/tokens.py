"""Bot tokens: the one of the settings, or one a workspace, from its installation."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from slack_sdk.errors import SlackTokenRotationError
from slack_sdk.oauth.installation_store import Bot
from slack_sdk.oauth.token_rotation import TokenRotator
from slack_sdk.web import WebClient
from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from models import slack_bots, slack_oauth_states

# Tokens live twelve hours. A new one is fetched this long before the end.
AHEAD = timedelta(hours=2)

logger = logging.getLogger(__name__)


class Tokens(Protocol):
    """Where the tokens of workspaces come from. A team is named as Slack names it."""

    def find(self, session: Session, team_id: str) -> str | None:
        """Return a team's bot token; None where the app is not installed there."""

    def teams(self, session: Session) -> set[str]:
        """Return the teams that have a token."""

    def due_end(self, session: Session, team_id: str, now: datetime) -> datetime | None:
        """Return when a team's token expires, if it should be replaced by now."""

    def rotate(self, team_id: str) -> None:
        """Fetch a new token, where the old one nears its end."""

    def forget(self, session: Session, team_id: str) -> None:
        """Forget a team's token: Slack takes it no more."""

    def tidy(self, session: Session, now: datetime) -> None:
        """Forget installations that were begun and never ended."""


@dataclass(frozen=True)
class OneToken:
    """The settings' token, which does not rotate."""

    team_id: str
    token: str

    def find(self, session: Session, team_id: str) -> str | None:
        """Return the token, if it is that team's."""
        return self.token if team_id == self.team_id else None

    def teams(self, session: Session) -> set[str]:
        """Return the one team."""
        return {self.team_id}

    def due_end(self, session: Session, team_id: str, now: datetime) -> datetime | None:
        """Return None: it never expires."""
        return None

    def rotate(self, team_id: str) -> None:
        """Do nothing."""

    def forget(self, session: Session, team_id: str) -> None:
        """Do nothing: it stands in the settings."""

    def tidy(self, session: Session, now: datetime) -> None:
        """Do nothing: nobody installs anything."""


class Store(Protocol):
    """The part of slack_sdk's store that keeps bots."""

    def find_bot(self, *, enterprise_id: str | None, team_id: str | None) -> Bot | None:
        """Return a team's bot."""

    def replace_token(self, old: Bot, new: Bot) -> bool:
        """Store a new token in place of the old one; return whether that still stood."""


@dataclass(frozen=True)
class StoredTokens:
    """The tokens of everybody who installed the app, each replaced before it ends."""

    store: Store
    client_id: str
    client_secret: str
    client: WebClient

    def find(self, session: Session, team_id: str) -> str | None:
        """Return a team's token."""
        return session.scalar(select(slack_bots.c.bot_token).where(self._of(team_id)))

    def teams(self, session: Session) -> set[str]:
        """Return the teams the app is installed in."""
        ours = select(slack_bots.c.team_id).where(slack_bots.c.client_id == self.client_id)
        return {str(team_id) for team_id in session.scalars(ours)}

    def due_end(self, session: Session, team_id: str, now: datetime) -> datetime | None:
        """Return when a team's token expires, if that is soon or was before."""
        expiry = select(slack_bots.c.bot_token_expires_at).where(self._of(team_id))
        end: datetime | None = session.scalar(expiry)
        if end is None or now < end.replace(tzinfo=UTC) - AHEAD:
            return None
        return end

    def rotate(self, team_id: str) -> None:
        """Fetch a new token. Raises `OSError` where Slack gives none."""
        bot = self.store.find_bot(enterprise_id=None, team_id=team_id)
        if bot is None:
            return
        rotator = TokenRotator(
            client_id=self.client_id, client_secret=self.client_secret, client=self.client
        )
        minutes = int(AHEAD.total_seconds() // 60)
        try:
            fresh = rotator.perform_bot_token_rotation(bot=bot, minutes_before_expiration=minutes)
        except SlackTokenRotationError as error:  # its text has the request's secrets in it
            code = error.api_error.response.get("error")
            raise OSError(f"Slack gives no new token ({code})") from None
        if fresh is not None and self.store.replace_token(bot, fresh):
            logger.info("a token was replaced")

    def forget(self, session: Session, team_id: str) -> None:
        """Forget a team's token."""
        session.execute(delete(slack_bots).where(self._of(team_id)))

    def tidy(self, session: Session, now: datetime) -> None:
        """Forget the states whose time is over."""
        over = slack_oauth_states.c.expire_at < now.replace(tzinfo=None)
        session.execute(delete(slack_oauth_states).where(over))

    def _of(self, team_id: str) -> ColumnElement[bool]:
        return (slack_bots.c.client_id == self.client_id) & (slack_bots.c.team_id == team_id)
