"""The connectors of sources: the only place that gives them their tokens."""

from __future__ import annotations

from base64 import b64encode

from bot.clock import utc_now
from bot.settings import Settings
from models import Connection, Source
from services.errors import SourceError
from services.sources.api import Api
from services.sources.connector import Connector
from services.sources.github import GitHub
from services.sources.jira import Jira
from services.sources.zendesk import READ, READ_AND_WRITE, AccessTokens, Zendesk

USER_AGENT = "Deja"

# Of Zendesk, by address, client and scope: a new one for each page would be too many.
_signed_in: dict[tuple[str, str, str, str], AccessTokens] = {}


def open_connector(settings: Settings, source: Source, connection: Connection) -> Connector:
    """Return the connector of a source. Raises `SourceError` if what it signs in with is not set.

    Tokens come from the settings; this is where another place for them would be asked.
    """
    if source.kind == "github":
        return _github(settings, connection)
    if source.kind == "jira":
        return _jira(settings, connection)
    if source.kind == "zendesk":
        return _zendesk(settings, connection)
    raise SourceError(f"Tickets of {source.name} are not fetched: it sends them.")


def _github(settings: Settings, connection: Connection) -> GitHub:
    headers = {
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": "2022-11-28",
        "User-Agent": USER_AGENT,
    }
    token = settings.github_token
    if token is not None:
        headers["Authorization"] = f"Bearer {token.get_secret_value()}"
    credentials = "DEJA_GITHUB_TOKEN" if token is not None else "no token (DEJA_GITHUB_TOKEN)"
    api = Api("GitHub", connection.address, headers, credentials)
    return GitHub(api, connection.scope)


def _jira(settings: Settings, connection: Connection) -> Jira:
    if settings.jira_email is None or settings.jira_token is None:
        raise SourceError("Set DEJA_JIRA_EMAIL and DEJA_JIRA_TOKEN: docs/sources.md says how.")
    pair = f"{settings.jira_email}:{settings.jira_token.get_secret_value()}"
    headers = {
        "Accept": "application/json",
        "Authorization": f"Basic {b64encode(pair.encode()).decode()}",
        "User-Agent": USER_AGENT,
    }
    credentials = "DEJA_JIRA_EMAIL and DEJA_JIRA_TOKEN"
    api = Api("Jira", connection.address, headers, credentials)
    return Jira(api, tuple(connection.scope.split(",")), utc_now)


def _zendesk(settings: Settings, connection: Connection) -> Zendesk:
    client, given = settings.zendesk_client_id, settings.zendesk_client_secret
    if client is None or given is None:
        raise SourceError(
            "Set DEJA_ZENDESK_CLIENT_ID and DEJA_ZENDESK_CLIENT_SECRET: docs/sources.md says how."
        )
    secret = given.get_secret_value()
    scope = READ if connection.writes_since is None else READ_AND_WRITE
    key = connection.address, client, secret, scope
    tokens = _signed_in.setdefault(key, AccessTokens(client, secret, scope=scope))
    headers = {"Accept": "application/json", "User-Agent": USER_AGENT}
    credentials = "DEJA_ZENDESK_CLIENT_ID and DEJA_ZENDESK_CLIENT_SECRET"
    return Zendesk(Api("Zendesk", connection.address, headers, credentials), tokens)
