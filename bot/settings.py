"""The settings: all from the environment, or from a `.env` file in the working directory."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Literal, cast
from zoneinfo import ZoneInfo

from dotenv import dotenv_values

from services.channels.quiet_hours import HOURS_A_DAY, QuietHours
from services.channels.settings import MODES, Mode
from services.errors import SettingsError
from services.intake.bursts import WINDOW
from services.search.embedding import DEFAULT_MODEL

SLACK_API_URL = "https://slack.com/api/"
DEFAULT_PORT = 3000
HIGHEST_PORT = 65_535
DEFAULT_PURGE_HOURS = 24
# Slack takes about one message a second in a channel.
DEFAULT_POST_INTERVAL = 1.0

_QUIET_HOURS = re.compile(r"(\d{1,2})-(\d{1,2})", re.ASCII)

LogFormat = Literal["text", "json"]


@dataclass(frozen=True)
class Settings:
    """What an administrator decides. Secrets stay out of `repr`."""

    data_dir: Path
    database_url: str = field(repr=False)
    slack_bot_token: str | None = field(default=None, repr=False)
    slack_app_token: str | None = field(default=None, repr=False)
    slack_signing_secret: str | None = field(default=None, repr=False)
    slack_client_id: str | None = None
    slack_client_secret: str | None = field(default=None, repr=False)
    slack_api_url: str = SLACK_API_URL
    extra_scopes: frozenset[str] = frozenset()
    model: str = DEFAULT_MODEL
    model_sha256: str | None = None
    port: int = DEFAULT_PORT
    log_format: LogFormat = "text"
    log_level: str | None = None
    ticket_bots: frozenset[str] = frozenset()
    default_mode: Mode | None = None
    purge_hours: int = DEFAULT_PURGE_HOURS
    post_interval: float = DEFAULT_POST_INTERVAL
    burst_seconds: float = WINDOW
    hours: QuietHours = field(default_factory=QuietHours)

    @classmethod
    def from_env(cls) -> Settings:
        """Read the environment; what it does not say is read from `.env`."""
        return cls.from_mapping({**dotenv_values(".env"), **os.environ})

    @classmethod
    def from_mapping(cls, values: Mapping[str, str | None]) -> Settings:
        """Return the settings that `values` tell. Raises `SettingsError` for one that cannot be."""

        def get(name: str) -> str | None:
            return (values.get(name) or "").strip() or None

        home = get("XDG_DATA_HOME") or "~/.local/share"
        data_dir = Path(get("DEJA_DATA_DIR") or Path(home) / "deja").expanduser().absolute()
        bots = (get("DEJA_TICKET_BOTS") or "").replace(",", " ").split()
        return cls(
            data_dir=data_dir,
            database_url=get("DEJA_DATABASE_URL") or f"sqlite:///{data_dir / 'deja.db'}",
            slack_bot_token=_token("SLACK_BOT_TOKEN", get("SLACK_BOT_TOKEN"), "xoxb-"),
            slack_app_token=_token("SLACK_APP_TOKEN", get("SLACK_APP_TOKEN"), "xapp-"),
            slack_signing_secret=get("SLACK_SIGNING_SECRET"),
            slack_client_id=get("SLACK_CLIENT_ID"),
            slack_client_secret=get("SLACK_CLIENT_SECRET"),
            slack_api_url=(get("SLACK_API_URL") or SLACK_API_URL).rstrip("/") + "/",
            extra_scopes=frozenset((get("SLACK_EXTRA_SCOPES") or "").replace(",", " ").split()),
            model=get("DEJA_MODEL") or DEFAULT_MODEL,
            model_sha256=get("DEJA_MODEL_SHA256"),
            port=_port(get("DEJA_PORT")),
            log_format=_log_format(get("DEJA_LOG_FORMAT")),
            log_level=_log_level(get("DEJA_LOG_LEVEL")),
            ticket_bots=frozenset(bots),
            default_mode=_mode(get("DEJA_DEFAULT_MODE")),
            purge_hours=_hours(get("DEJA_PURGE_HOURS")),
            post_interval=_seconds(values, "DEJA_POST_INTERVAL", DEFAULT_POST_INTERVAL),
            burst_seconds=_seconds(values, "DEJA_BURST_SECONDS", WINDOW),
            hours=_told_hours(get("DEJA_QUIET_HOURS"), _zone(get("DEJA_TIME_ZONE"))),
        )

    @property
    def has_slack(self) -> bool:
        """Say whether there is something to connect to Slack with."""
        return self.slack_bot_token is not None or self.has_many_workspaces

    @property
    def has_many_workspaces(self) -> bool:
        """Say whether the app is for whoever installs it, not for one workspace's token."""
        return self.slack_client_id is not None or self.slack_client_secret is not None

    @property
    def index_dir(self) -> Path:
        """The folder of the index snapshot."""
        return self.data_dir / "index"


def _token(name: str, value: str | None, prefix: str) -> str | None:
    if value is not None and not value.startswith(prefix):
        raise SettingsError(
            f"{name} must start with {prefix}: it looks like another kind of token."
        )
    return value


def _port(value: str | None) -> int:
    if value is None:
        return DEFAULT_PORT
    if not value.isdecimal() or int(value) > HIGHEST_PORT:
        raise SettingsError(f"DEJA_PORT must be a number from 0 to {HIGHEST_PORT}, not {value!r}.")
    return int(value)


def _hours(value: str | None) -> int:
    if value is None:
        return DEFAULT_PURGE_HOURS
    if not value.isdecimal():
        raise SettingsError(f"DEJA_PURGE_HOURS must be a whole number of hours, not {value!r}.")
    return int(value)


def _told_hours(value: str | None, zone: tzinfo) -> QuietHours:
    if value is None:
        return QuietHours(zone)
    found = _QUIET_HOURS.fullmatch(value)
    if found is None or max(map(int, found.groups())) >= HOURS_A_DAY:
        raise SettingsError(
            "DEJA_QUIET_HOURS must be two hours from 0 to 23, such as 20-7 (0-0: never quiet), "
            f"not {value!r}."
        )
    return QuietHours(zone, int(found[1]), int(found[2]))


def _zone(value: str | None) -> tzinfo:
    """Return a time zone. Names are looked up as files: wrong ones fail in several ways."""
    if value is None:
        return UTC
    try:
        return ZoneInfo(value)
    except (ValueError, LookupError, OSError) as error:
        raise SettingsError(
            f"DEJA_TIME_ZONE must be a name such as Europe/Berlin, not {value!r}."
        ) from error


def _seconds(values: Mapping[str, str | None], name: str, default: float) -> float:
    value = (values.get(name) or "").strip()
    if not value:
        return default
    if not value.replace(".", "", 1).isdecimal():
        raise SettingsError(f"{name} must be a number of seconds, not {value!r}.")
    return float(value)


def _log_format(value: str | None) -> LogFormat:
    if value not in {None, "text", "json"}:
        raise SettingsError(f"DEJA_LOG_FORMAT must be text or json, not {value!r}.")
    return cast(LogFormat, value or "text")


def _mode(value: str | None) -> Mode | None:
    if value is not None and value not in MODES:
        known = f"{', '.join(MODES[:-1])} or {MODES[-1]}"
        raise SettingsError(f"DEJA_DEFAULT_MODE must be {known}, not {value!r}.")
    return value


def _log_level(value: str | None) -> str | None:
    if value is None:
        return None
    level = value.upper()
    if level not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        raise SettingsError(f"DEJA_LOG_LEVEL must be debug, info, warning or error, not {value!r}.")
    return level
