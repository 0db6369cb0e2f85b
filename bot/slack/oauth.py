"""Several workspaces: Slack's OAuth flow, with the page `/slack/install` and its redirect."""

from __future__ import annotations

import logging
from collections.abc import Callable
from copy import copy
from datetime import datetime

from slack_bolt.error import BoltError
from slack_bolt.oauth import OAuthFlow
from slack_bolt.oauth.oauth_settings import OAuthSettings
from slack_sdk.oauth.installation_store import Bot, Installation, InstallationStore
from slack_sdk.oauth.installation_store.sqlalchemy import SQLAlchemyInstallationStore
from slack_sdk.oauth.state_store.sqlalchemy import SQLAlchemyOAuthStateStore
from sqlalchemy import select, update

from bot.keys import open_keyring
from bot.settings import Settings
from bot.slack.client import Slack
from bot.slack.scopes import SCOPES
from bot.slack.tokens import StoredTokens
from bot.slack.web_api import anonymous_client
from models import Database, slack_bots
from models.types import Sealed
from services.errors import DejaError, SettingsError
from services.memory.workspaces import save_workspace
from services.secrets.stored import ensure_keys

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
        self._keyring = open_keyring(settings)
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
        sealed = self._sealed(bot)
        with self._database.write() as session:
            save_workspace(session, team, self._clock(), adopt=False)
        sealed.enterprise_id = None
        self._store.delete_bot(enterprise_id=None, team_id=bot.team_id)
        self._store.save_bot(sealed)
        logger.info("the app was installed in %s", team.name or team.team_id)

    def replace_token(self, old: Bot, new: Bot) -> bool:
        """Replace the old token with a new one; return whether the old one was still stored.

        Meanwhile the app may have been uninstalled or reinstalled.
        """
        is_team = slack_bots.c.team_id == old.team_id
        own = (slack_bots.c.client_id == self._store.client_id) & is_team
        rows = select(slack_bots.c.id, slack_bots.c.bot_refresh_token).where(own)
        known = new.to_dict()
        fresh = {
            "bot_token": self._seal(new.bot_token),
            "bot_refresh_token": self._seal(new.bot_refresh_token),
            "bot_token_expires_at": known["bot_token_expires_at"].replace(tzinfo=None),
        }
        with self._database.write() as session:
            # Two encryptions of the same token differ, so the tokens themselves are compared.
            for id_, stored in session.execute(rows.with_for_update()):
                if stored is not None and self._keyring.open(stored) == old.bot_refresh_token:
                    session.execute(update(slack_bots).where(slack_bots.c.id == id_).values(fresh))
                    return True
        return False

    def find_bot(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        is_enterprise_install: bool | None = False,
    ) -> Bot | None:
        """Return the bot of a team. Raises `SettingsError` if its token cannot be decrypted."""
        bot = self._store.find_bot(enterprise_id=None, team_id=team_id)
        if bot is not None:
            bot.bot_token = self._keyring.open(Sealed(bot.bot_token))
            if bot.bot_refresh_token is not None:
                bot.bot_refresh_token = self._keyring.open(Sealed(bot.bot_refresh_token))
        return bot

    def _sealed(self, bot: Bot) -> Bot:
        """Return a bot with encrypted tokens, as the store takes it.

        Raises `BoltError` if that cannot be done; anybody sees it on the page, and not the reason.
        """
        sealed = copy(bot)
        try:
            with self._database.read() as session:
                ensure_keys(session.connection(), self._keyring)
            sealed.bot_token = self._keyring.seal(bot.bot_token).text
            if bot.bot_refresh_token is not None:
                sealed.bot_refresh_token = self._keyring.seal(bot.bot_refresh_token).text
        except SettingsError as error:
            logger.error("the app cannot be installed: %s", error)
            raise BoltError("the token cannot be stored: the bot's log says why") from error
        return sealed

    def _seal(self, token: str | None) -> Sealed | None:
        return None if token is None else self._keyring.seal(token)


def stored_tokens(settings: Settings, installations: Installations) -> StoredTokens:
    """Return the tokens of all workspaces that have installed the app."""
    client_id, client_secret = settings.require_client_credentials()
    return StoredTokens(
        installations, client_id, client_secret, anonymous_client(settings), open_keyring(settings)
    )


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
