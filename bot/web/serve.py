"""Build the dashboard from the services, and let it listen on a port."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

from bot.clock import utc_now
from bot.server.serve import build_bot, is_healthy, start_server
from bot.server.workspaces import ConnectedWorkspaces
from bot.settings import Settings
from bot.slack.tokens import OneToken
from bot.slack.web_api import anonymous_client
from bot.web.dashboard import LOOPBACK, Dashboard
from bot.web.pages import Pages
from bot.web.reviews import Reviews
from bot.web.sessions import Cookies
from bot.web.sign_in import SlackSignIn
from bot.web.viewers import LocalViewers, SlackViewers, Viewers
from bot.wiring import Services
from services.errors import SettingsError
from services.memory.workspaces import find_workspace

logger = logging.getLogger(__name__)


def ensure_host(settings: Settings, host: str) -> None:
    """Raise `SettingsError` if other machines could open pages that need no sign-in."""
    if settings.web_url is None and host not in LOOPBACK:
        raise SettingsError(
            f"Without sign-in the dashboard listens on this machine alone, not on {host}: set "
            "DEJA_WEB_URL, and people sign in with Slack."
        )


def local_dashboard(
    services: Services, team_id: str | None, user: str, clock: Callable[[], datetime] = utc_now
) -> Dashboard:
    """Return the dashboard of whoever works at this machine.

    Raises `NotFoundError` and `InputError` as `find_workspace` does.
    """
    with services.database.read() as session:
        workspace_id = find_workspace(session, team_id).id
    viewers = LocalViewers(services.database, workspace_id, user)
    cookies = Cookies(secrets.token_urlsafe(32), is_secure=False, clock=clock)
    return _dashboard(services, viewers, cookies, clock)


def team_dashboard(services: Services) -> Dashboard:
    """Return the dashboard that people sign in to with Slack.

    Raises `SettingsError` if a setting is missing, and `UnreachableError` if Slack does not answer.
    """
    return connected_dashboard(services, build_bot(services).workspaces, utc_now)


def connected_dashboard(
    services: Services, workspaces: ConnectedWorkspaces, clock: Callable[[], datetime]
) -> Dashboard:
    """Return the dashboard for the workspaces that a bot is connected to."""
    settings = services.settings
    url = urlsplit(settings.web_url or "")
    client_id, client_secret = settings.require_web_credentials()
    cookies = Cookies(services.keyring.newest(), url.scheme == "https", clock)
    team = workspaces.tokens.team_id if isinstance(workspaces.tokens, OneToken) else None
    sign_in = SlackSignIn(
        anonymous_client(settings), client_id, client_secret, url.geturl(), clock, team
    )
    viewers = SlackViewers(workspaces)
    host = url.netloc.casefold()
    return _dashboard(services, viewers, cookies, clock, sign_in=sign_in, host=host)


def _dashboard(
    services: Services,
    viewers: Viewers,
    cookies: Cookies,
    clock: Callable[[], datetime],
    *,
    sign_in: SlackSignIn | None = None,
    host: str | None = None,
) -> Dashboard:
    return Dashboard(
        viewers=viewers,
        cookies=cookies,
        pages=Pages(services),
        reviews=Reviews(services.live, clock),
        clock=clock,
        is_healthy=lambda: is_healthy(services),
        sign_in=sign_in,
        host=host,
    )


def serve_dashboard(
    settings: Settings, dashboard: Dashboard, host: str, port: int | None
) -> Callable[[], None]:
    """Start to answer requests; return the function that stops it.

    Raises `SettingsError` if the port cannot be used.
    """
    server = start_server(dashboard, host, settings.web_port if port is None else port)
    shown = f"[{host}]" if ":" in host else host
    logger.info("the dashboard is at %s", settings.web_url or f"http://{shown}:{server.port}/")
    return server.stop
