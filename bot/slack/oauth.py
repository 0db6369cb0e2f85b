"""Several workspaces: Slack's OAuth flow, with the page `/slack/install` and its redirect."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from slack_bolt.error import BoltError
from slack_bolt.oauth import OAuthFlow
from slack_bolt.oauth.oauth_settings import OAuthSettings
from slack_sdk.oauth.installation_store import Bot, Installation, InstallationStore
from slack_sdk.oauth.installation_store.sqlalchemy import SQLAlchemyInstallationStore
from slack_sdk.oauth.state_store.sqlalchemy import SQLAlchemyOAuthStateStore
from sqlalchemy import update

from bot.settings import Settings
from bot.slack.client import Slack
from bot.slack.scopes import SCOPES
from bot.slack.tokens import StoredTokens
from bot.slack.web_api import anonymous_client
from models import Database, slack_bots
from services.errors import DejaError
from services.memory.workspaces import save_workspace

# How long a person may take on Slack's page that asks for consent.
STATE_SECONDS = 600

logger = logging.getLogger(__name__)


class Installations(InstallationStore):
    """Stores installations: the bot's token, and nothing about the person who installed it.

    The team id identifies a workspace, so the organisation's id is not stored either.
    """

    def __init__(
        self,
        settings: Settings,
        database: Database,
        clock: Callable[[], datetime],
    ) -> None:
        client_id, _ = settings.require_client_credentials()
        self._settings = settings
        self._database = database
        self._clock = clock
        self._store = SQLAlchemyInstallationStore(client_id, database.writer)

    @property
    def logger(self) -> logging.Logger:
        """The logger, which slack_sdk's interface requires."""
        return logger

    def save(self, installation: Installation) -> None:
        """Store the bot's token and its workspace."""
        bot = installation.to_bot()
        if bot.is_enterprise_install or bot.team_id is None:
            raise BoltError("install the app in a single workspace, not in a whole organisation")
        try:
            team = Slack.connect(self._settings, bot.bot_token).identify()
        except DejaError as error:
            raise BoltError(str(error)) from error
        with self._database.write() as session:
            save_workspace(session, team, self._clock(), adopt=False)
        bot.enterprise_id = None
        self._store.delete_bot(enterprise_id=None, team_id=bot.team_id)
        self._store.save_bot(bot)
        logger.info("the app was installed in %s", team.name or team.team_id)

    def replace_token(self, old: Bot, new: Bot) -> bool:
        """Replace the old token with a new one; return whether the old one was still stored.

        Meanwhile the app may have been uninstalled or reinstalled.
        """
        is_old = slack_bots.c.bot_refresh_token == old.bot_refresh_token
        known = new.to_dict()
        fresh = {
            "bot_token": new.bot_token,
            "bot_refresh_token": new.bot_refresh_token,
            "bot_token_expires_at": known["bot_token_expires_at"].replace(tzinfo=None),
        }
        with self._database.write() as session:
            replaced = update(slack_bots).where(is_old).values(fresh).returning(slack_bots.c.id)
            return session.scalar(replaced) is not None

    def find_bot(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        is_enterprise_install: bool | None = False,
    ) -> Bot | None:
        """Return the bot of a team."""
        return self._store.find_bot(enterprise_id=None, team_id=team_id)


def stored_tokens(settings: Settings, installations: Installations) -> StoredTokens:
    """Return the tokens of all workspaces that have installed the app."""
    client_id, client_secret = settings.require_client_credentials()
    return StoredTokens(installations, client_id, client_secret, anonymous_client(settings))


def install_flow(settings: Settings, database: Database, installations: Installations) -> OAuthFlow:
    """Return the OAuth flow, which checks the state and asks for the manifest's permissions."""
    client_id, client_secret = settings.require_client_credentials()
    return OAuthFlow(
        client=anonymous_client(settings),
        logger=logging.getLogger("slack_bolt"),
        settings=OAuthSettings(
            client_id=client_id,
            client_secret=client_secret,
            scopes=sorted(SCOPES | settings.extra_scopes),
            installation_store=installations,
            state_store=SQLAlchemyOAuthStateStore(STATE_SECONDS, database.writer),
            state_expiration_seconds=STATE_SECONDS,
            logger=logging.getLogger("slack_bolt"),
        ),
    )
