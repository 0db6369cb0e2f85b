"""Settings from the environment and `.env`; invalid ones have a clear one-line error."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from bot.connection import connect
from bot.settings import Settings
from bot.wiring import build
from services.channels.quiet_hours import QuietHours
from services.errors import DatabaseError, SettingsError
from tests.hashing import HashingEmbedder


def test_defaults() -> None:
    """Without settings: SQLite in the data folder, Slack's own URL, and the default model."""
    settings = Settings.from_mapping({"XDG_DATA_HOME": "/srv/share"})
    assert settings.database_url.get_secret_value() == "sqlite:////srv/share/deja/deja.db"
    assert settings.slack_api_url == "https://slack.com/api/"
    assert settings.model == "all-MiniLM-L6-v2"
    assert (settings.port, settings.log_format, settings.has_slack) == (3000, "text", False)
    assert settings.hours == QuietHours(UTC, 20, 7)


@pytest.mark.parametrize(
    ("value", "quiet"), [("22-6", (22, 6)), ("08-09", (8, 9)), ("0-0", (0, 0)), (" 23-0 ", (23, 0))]
)
def test_quiet_hours_have_a_time_zone(value: str, quiet: tuple[int, int]) -> None:
    """They are two whole hours, in a time zone with an IANA name."""
    values = {"DEJA_QUIET_HOURS": value, "DEJA_TIME_ZONE": "Europe/Berlin"}
    assert Settings.from_mapping(values).hours == QuietHours(ZoneInfo("Europe/Berlin"), *quiet)


def test_the_environment_wins_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A `.env` file is read, but the environment takes precedence, even if it is empty."""
    (tmp_path / ".env").write_text("DEJA_PORT=4000\nDEJA_LOG_FORMAT=json\nDEJA_PURGE_HOURS=1\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DEJA_PORT", "5000")
    monkeypatch.setenv("DEJA_PURGE_HOURS", "")
    monkeypatch.setenv("DEJA_TICKET_BOTS", "B1,B2 B3")
    settings = Settings.from_env()
    assert (settings.port, settings.log_format, settings.purge_hours) == (5000, "json", 24)
    assert settings.ticket_bots == {"B1", "B2", "B3"}
    assert settings.hours == QuietHours(UTC, 20, 7)


def test_secrets_are_not_shown() -> None:
    """Neither the settings as text nor an error about one of them contains a secret."""
    secrets = {
        "SLACK_BOT_TOKEN": "xoxb-hidden",
        "SLACK_APP_TOKEN": "xapp-hidden",
        "SLACK_SIGNING_SECRET": "hidden",
        "SLACK_CLIENT_SECRET": "hidden",
        "DEJA_DATABASE_URL": "postgresql+psycopg://deja:hidden@db/deja",
    }
    settings = Settings.from_mapping(secrets)
    assert "hidden" not in f"{settings!r} {settings}"
    with pytest.raises(SettingsError) as caught:
        Settings.from_mapping({**secrets, "SLACK_APP_TOKEN": "xoxb-hidden"})
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("SLACK_BOT_TOKEN", "xapp-1", "must start with xoxb-"),
        ("SLACK_APP_TOKEN", "xoxb-1", "must start with xapp-"),
        ("DEJA_PORT", "http", "must be a number"),
        ("DEJA_PORT", "70000", "must be a number"),
        ("DEJA_POST_INTERVAL", "soon", "number of seconds"),
        ("DEJA_BURST_SECONDS", "-1", "number of seconds"),
        ("DEJA_QDRANT_PREFIX", "our tickets", "letters, digits"),
        ("DEJA_QDRANT_PREFIX", "x" * 101, "letters, digits"),
        ("DEJA_LOG_FORMAT", "xml", "text or json"),
        ("DEJA_LOG_LEVEL", "loud", "debug, info"),
        *(
            ("DEJA_QUIET_HOURS", value, "two hours from 0 to 23")
            for value in ("night", "20", "20-24", "-1-7", "20-07-09", "٢٠-٧", "20:30-7")
        ),
        *(
            ("DEJA_TIME_ZONE", value, "a name such as Europe/Berlin")
            for value in ("Berlin", "Europe", "CEST+2", "../UTC", "/etc/localtime", "a\0b")
        ),
    ],
)
def test_invalid_settings_are_named(name: str, value: str, message: str) -> None:
    """The error has the setting's name and the allowed values, but no secret."""
    with pytest.raises(SettingsError, match=message) as caught:
        Settings.from_mapping({name: value})
    assert name in str(caught.value)


def test_serving_needs_a_bot_token_and_a_connection() -> None:
    """The error names the missing bot token, or the missing token of the connection."""
    with pytest.raises(SettingsError, match="SLACK_BOT_TOKEN is not set"):
        Settings.from_mapping({}).check_connection()
    with pytest.raises(SettingsError, match="SLACK_APP_TOKEN"):
        Settings.from_mapping({"SLACK_BOT_TOKEN": "xoxb-1"}).check_connection()


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("nonsense", SettingsError),
        ("mysql+nothing://x", SettingsError),
        ("sqlite:////nowhere/at/all/deja.db", DatabaseError),
        ("postgresql+psycopg://nobody@127.0.0.1:1/none", DatabaseError),
    ],
)
def test_an_unusable_database_url_has_a_clear_error(
    tmp_path: Path, url: str, error: type[Exception]
) -> None:
    """The error is one line without the password."""
    settings = Settings.from_mapping({"DEJA_DATA_DIR": str(tmp_path), "DEJA_DATABASE_URL": url})
    with pytest.raises(error) as caught:
        connect(settings)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_a_database_is_refused(tmp_path: Path) -> None:
    """Another file under the database's name is not changed."""
    file = tmp_path / "deja.db"
    file.write_bytes(b"not a database, but somebody's letter" * 100)
    before = file.read_bytes()
    with pytest.raises(DatabaseError, match="cannot be"):
        build(Settings.from_mapping({"DEJA_DATA_DIR": str(tmp_path)}), HashingEmbedder())
    assert file.read_bytes() == before


def test_a_full_disk_loses_nothing(sqlite_url: str, tmp_path: Path) -> None:
    """When the database cannot grow, the write fails as a whole, and earlier rows stay."""
    settings = Settings.from_mapping(
        {"DEJA_DATA_DIR": str(tmp_path), "DEJA_DATABASE_URL": sqlite_url}
    )
    services = build(settings, HashingEmbedder())
    add = text("INSERT INTO workspaces (name, created_at) VALUES (:name, '2026-01-01 00:00:00')")
    with services.database.write() as session:
        session.execute(add, {"name": "kept"})

    def fill_the_disk() -> None:
        with services.database.write() as session:
            session.execute(text("PRAGMA max_page_count = 1"))  # no more than it has now
            session.execute(add, [{"name": "x" * 10_000}] * 100)

    with pytest.raises(OperationalError, match="full") as caught:
        fill_the_disk()
    assert "xxx" not in str(caught.value)  # no text of people in an error
    with services.database.read() as session:
        assert session.scalars(text("SELECT name FROM workspaces")).all() == ["kept"]
    services.close()
