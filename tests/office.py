"""A bot that anybody may install, on the stand-in of many workspaces."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from itertools import count
from urllib.parse import parse_qs, urlencode, urlsplit

from slack_bolt import BoltRequest, BoltResponse

from bot.server.serve import Bot, build_bot
from bot.settings import Settings
from bot.wiring import Services, build
from services.search.embedders.embedding import Embedder
from tests.databases import open_database
from tests.serving import Clock, Desk, settings_values
from tests.slack_platform import CLIENT_ID, CLIENT_SECRET, SlackPlatform


@dataclass(frozen=True)
class Office:
    """The bot, and the workspaces in which it may be installed."""

    platform: SlackPlatform
    bot: Bot
    clock: Clock
    _ids: Iterator[int]

    @property
    def services(self) -> Services:
        """The bot's services."""
        return self.bot.services

    def desk(self, team: str) -> Desk:
        """Return a workspace in which the app is installed."""
        return Desk(self.platform.workspaces[team], self.bot, self._ids, self.clock)

    def begin(self) -> tuple[str, str]:
        """Open the page that installs the app, and return the link's state and the cookie."""
        assert self.bot.install is not None
        page = self.bot.install.handle_installation(BoltRequest(body=""))
        [cookie] = page.headers["set-cookie"]
        link = re.search(r'<a href="([^"]+)"', page.body)
        assert link is not None
        [state] = parse_qs(urlsplit(unescape(link[1])).query)["state"]
        return state, cookie.partition(";")[0]

    def come_back(self, query: dict[str, str], cookie: str) -> BoltResponse:
        """Return from Slack's page that asks for consent."""
        assert self.bot.install is not None
        request = BoltRequest(body="", query=urlencode(query), headers={"cookie": [cookie]})
        return self.bot.install.handle_callback(request)

    def install(self, team: str, **consent: object) -> BoltResponse:
        """Install the app in a workspace, from the page to its end."""
        state, cookie = self.begin()
        code = self.platform.consent(team, **consent)
        return self.come_back({"code": code, "state": state}, cookie)


def office_values(platform_url: str, database_url: str, data_dir: str) -> dict[str, str]:
    """Return the environment variables of a bot that anybody may install."""
    values = settings_values(platform_url, database_url, data_dir)
    del values["SLACK_BOT_TOKEN"]
    return {**values, "SLACK_CLIENT_ID": CLIENT_ID, "SLACK_CLIENT_SECRET": CLIENT_SECRET}


@contextmanager
def open_office(
    platform: SlackPlatform, database_url: str, data_dir: str, embedder: Embedder
) -> Iterator[Office]:
    """Give a bot that anybody may install, on a migrated database."""
    settings = Settings.from_mapping(office_values(platform.url, database_url, data_dir))
    services = build(settings, embedder, open_database(database_url))
    # slack_sdk compares the ends of states and tokens with the real time.
    clock = Clock(datetime.now(UTC))
    yield Office(platform, build_bot(services, clock), clock, count(1))
    services.close()
