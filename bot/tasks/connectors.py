"""The connectors of sources: the only place that gives them their tokens."""

from __future__ import annotations

from bot.settings import Settings
from models import Connection, Source
from services.errors import SourceError
from services.sources.api import Api
from services.sources.connector import Connector
from services.sources.github import GitHub

USER_AGENT = "Deja"


def open_connector(settings: Settings, source: Source, connection: Connection) -> Connector:
    """Return the connector of a source. Raises `SourceError` if what it signs in with is not set.

    Tokens come from the settings; this is where another place for them would be asked.
    """
    if source.kind == "github":
        return _github(settings, connection)
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
