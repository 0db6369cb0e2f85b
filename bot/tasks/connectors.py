"""The connectors of sources: the only place that gives them their tokens."""

from __future__ import annotations

from base64 import b64encode

from bot.keys import open_keyring
from bot.settings import Settings
from models import Connection, Source
from services.errors import SettingsError, SourceError
from services.sources.api import Api
from services.sources.connector import Connector
from services.sources.credentials import Credentials, open_credentials
from services.sources.github import GitHub
from services.sources.jira import Jira
from services.sources.zendesk import READ, READ_AND_WRITE, AccessTokens, Zendesk

USER_AGENT = "Deja"

# Of Zendesk, by address, client and scope: a new one for each page would be too many.
_signed_in: dict[tuple[str, str, str, str], AccessTokens] = {}


def open_connector(settings: Settings, source: Source, connection: Connection) -> Connector:
    """Return the connector of a source. Raises `SourceError` if what it signs in with is not set.

    A source has a token of its own, or else that of the settings.
    """
    try:
        own = open_credentials(connection.credentials, open_keyring(settings))
    except SettingsError as error:
        raise SourceError(str(error)) from error
    label = f"the token of {source.name} (`deja sources token`)"
    if source.kind == "github":
        return _github(settings, connection, own, label)
    if source.kind == "jira":
        return _jira(settings, connection, own, label)
    if source.kind == "zendesk":
        return _zendesk(settings, connection, own, label)
    raise SourceError(f"Tickets of {source.name} are not fetched: it sends them.")


def _github(
    settings: Settings, connection: Connection, own: Credentials | None, label: str
) -> GitHub:
    headers = {
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": "2022-11-28",
        "User-Agent": USER_AGENT,
    }
    credentials = "DEJA_GITHUB_TOKEN (not set)"
    if own is not None:
        token, credentials = own.secret, label
    elif settings.github_token is not None:
        token, credentials = settings.github_token.get_secret_value(), "DEJA_GITHUB_TOKEN"
    else:
        token = None
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    api = Api("GitHub", connection.address, headers, credentials)
    return GitHub(api, connection.scope)


def _jira(settings: Settings, connection: Connection, own: Credentials | None, label: str) -> Jira:
    credentials = label
    if own is None:
        if settings.jira_email is None or settings.jira_token is None:
            raise SourceError("Set DEJA_JIRA_EMAIL and DEJA_JIRA_TOKEN: docs/sources.md says how.")
        own = Credentials(settings.jira_token.get_secret_value(), settings.jira_email)
        credentials = "DEJA_JIRA_EMAIL and DEJA_JIRA_TOKEN"
    pair = f"{own.account}:{own.secret}"
    headers = {
        "Accept": "application/json",
        "Authorization": f"Basic {b64encode(pair.encode()).decode()}",
        "User-Agent": USER_AGENT,
    }
    api = Api("Jira", connection.address, headers, credentials)
    return Jira(api, tuple(connection.scope.split(",")))


def _zendesk(
    settings: Settings, connection: Connection, own: Credentials | None, label: str
) -> Zendesk:
    credentials = label
    if own is None:
        client, given = settings.zendesk_client_id, settings.zendesk_client_secret
        if client is None or given is None:
            raise SourceError(
                "Set DEJA_ZENDESK_CLIENT_ID and DEJA_ZENDESK_CLIENT_SECRET: docs/sources.md says"
                " how."
            )
        own = Credentials(given.get_secret_value(), client)
        credentials = "DEJA_ZENDESK_CLIENT_ID and DEJA_ZENDESK_CLIENT_SECRET"
    writes = connection.writes_since is not None or connection.creates_issues
    scope = READ_AND_WRITE if writes else READ
    account = own.account or ""
    key = connection.address, account, own.secret, scope
    tokens = _signed_in.setdefault(key, AccessTokens(account, own.secret, scope=scope))
    headers = {"Accept": "application/json", "User-Agent": USER_AGENT}
    return Zendesk(Api("Zendesk", connection.address, headers, credentials), tokens)
