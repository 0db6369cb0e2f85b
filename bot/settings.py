"""Settings, read from the environment or from a `.env` file in the working directory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.setting_fields import SECONDS, Prefix, Seconds, Words, keys, setting, token_field, upper
from services.channels.quiet_hours import QuietHours, read_hours, read_zone
from services.channels.settings import MODES, Mode
from services.errors import SettingsError
from services.job_waits import MAX_WAIT
from services.search.embedders.default_model import DEFAULT_MODEL

MAX_PORT = 65_535
MAX_WAIT_HOURS = MAX_WAIT.total_seconds() / 3600

# The longest pause between two messages of a burst, in seconds. People who split a sentence into
# messages continue at once; after some minutes they have something new to say.
BURST_SECONDS = 120.0

PrecisionSetting = Literal["auto", "float32", "bfloat16"]
LogFormat = Literal["text", "json"]
LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]


class Settings(BaseModel):
    """What an administrator decides. Secrets show neither in `repr` nor in error messages."""

    # Its validator is built when it is used: commands read the environment, by another one.
    model_config = ConfigDict(
        frozen=True, arbitrary_types_allowed=True, hide_input_in_errors=True, defer_build=True
    )

    data_dir: Path = Field(validation_alias="DEJA_DATA_DIR")
    database_url: SecretStr = Field(validation_alias="DEJA_DATABASE_URL")
    slack_bot_token: Annotated[SecretStr, token_field("xoxb-")] | None = setting(
        "SLACK_BOT_TOKEN", must="start with xoxb-: this looks like another kind of token"
    )
    slack_app_token: Annotated[SecretStr, token_field("xapp-")] | None = setting(
        "SLACK_APP_TOKEN", must="start with xapp-: this looks like another kind of token"
    )
    slack_signing_secret: SecretStr | None = setting("SLACK_SIGNING_SECRET")
    slack_client_id: str | None = setting("SLACK_CLIENT_ID")
    slack_client_secret: SecretStr | None = setting("SLACK_CLIENT_SECRET")
    slack_api_url: Annotated[str, BeforeValidator(lambda url: url.rstrip("/") + "/")] = setting(
        "SLACK_API_URL", "https://slack.com/api/"
    )
    carousels: bool = setting("DEJA_CAROUSELS", True, must="be yes or no, not {value!r}")
    extra_scopes: Words = setting("SLACK_EXTRA_SCOPES", frozenset())
    model: str = setting("DEJA_MODEL", DEFAULT_MODEL)
    model_sha256: str | None = setting("DEJA_MODEL_SHA256")
    image_model: str | None = setting("DEJA_IMAGE_MODEL")
    dimensions: Annotated[int, Field(ge=8)] | None = setting(
        "DEJA_DIMENSIONS", must="be a number of dimensions from 8 on, not {value!r}"
    )
    embedding_url: Annotated[str, Field(pattern=r"^https?://\S+$")] | None = setting(
        "DEJA_EMBEDDING_URL", must="be an address such as https://api.openai.com/v1/embeddings"
    )
    embedding_key: SecretStr | None = setting("DEJA_EMBEDDING_KEY")
    embedding_price: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = setting(
        "DEJA_EMBEDDING_PRICE", must="be the price of a million tokens, not {value!r}"
    )
    llm_url: Annotated[str, Field(pattern=r"^https?://\S+$")] | None = setting(
        "DEJA_LLM_URL", must="be an address such as https://api.openai.com/v1/chat/completions"
    )
    llm_model: str | None = setting("DEJA_LLM_MODEL")
    llm_key: SecretStr | None = setting("DEJA_LLM_KEY")
    precision: PrecisionSetting = setting(
        "DEJA_PRECISION", "auto", must="be auto, float32 or bfloat16, not {value!r}"
    )
    qdrant_url: Annotated[str, Field(pattern=r"^https?://\S+$")] | None = setting(
        "DEJA_QDRANT_URL", must="be an address such as http://127.0.0.1:6333"
    )
    qdrant_api_key: SecretStr | None = setting("DEJA_QDRANT_API_KEY")
    qdrant_prefix: Prefix = setting(
        "DEJA_QDRANT_PREFIX", "deja", must="be letters, digits, _ and -, not {value!r}"
    )
    github_token: SecretStr | None = setting("DEJA_GITHUB_TOKEN")
    jira_email: str | None = setting("DEJA_JIRA_EMAIL")
    jira_token: SecretStr | None = setting("DEJA_JIRA_TOKEN")
    zendesk_client_id: str | None = setting("DEJA_ZENDESK_CLIENT_ID")
    zendesk_client_secret: SecretStr | None = setting("DEJA_ZENDESK_CLIENT_SECRET")
    secret_keys: Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(keys)] = setting(
        "DEJA_SECRET_KEY",
        (),
        must="be a key that `deja secrets new-key` prints, or several, the newest first",
    )
    secret_key_file: Path | None = setting("DEJA_SECRET_KEY_FILE")
    port: Annotated[int, Field(ge=0, le=MAX_PORT)] = setting(
        "DEJA_PORT", 3000, must=f"be a number from 0 to {MAX_PORT}, not {{value!r}}"
    )
    # Browsers send secure cookies by HTTPS alone, and to this machine in the clear.
    web_url: (
        Annotated[
            str,
            BeforeValidator(lambda url: url.rstrip("/")),
            Field(pattern=r"^(https://[^\s/@]+|http://(localhost|127\.0\.0\.1)(:\d+)?)$"),
        ]
        | None
    ) = setting("DEJA_WEB_URL", must="be an address such as https://deja.example.com")
    web_port: Annotated[int, Field(ge=0, le=MAX_PORT)] = setting(
        "DEJA_WEB_PORT", 3001, must=f"be a number from 0 to {MAX_PORT}, not {{value!r}}"
    )
    web_client_id: str | None = setting("DEJA_WEB_CLIENT_ID")
    web_client_secret: SecretStr | None = setting("DEJA_WEB_CLIENT_SECRET")
    metrics_port: Annotated[int, Field(ge=0, le=MAX_PORT)] | None = setting(
        "DEJA_METRICS_PORT", must=f"be a number from 0 to {MAX_PORT}, not {{value!r}}"
    )
    metrics_host: str = setting("DEJA_METRICS_HOST", "127.0.0.1")
    alert_channel: Annotated[str, Field(pattern=r"^[CGU][A-Z0-9]+$")] | None = setting(
        "DEJA_ALERT_CHANNEL",
        must="be the id of a channel (C…) or of a person (U…) in Slack, not {value!r}",
    )
    alert_minutes: Annotated[float, Field(gt=0, allow_inf_nan=False)] = setting(
        "DEJA_ALERT_MINUTES", 30, must="be a number of minutes above 0, not {value!r}"
    )
    traces_url: Annotated[str, Field(pattern=r"^https?://\S+$")] | None = setting(
        "DEJA_TRACES_URL", must="be an address such as http://127.0.0.1:4318/v1/traces"
    )
    log_format: LogFormat = setting(
        "DEJA_LOG_FORMAT", "text", must="be text or json, not {value!r}"
    )
    log_level: Annotated[LogLevel, BeforeValidator(upper)] | None = setting(
        "DEJA_LOG_LEVEL", must="be debug, info, warning or error, not {value!r}"
    )
    ticket_bots: Words = setting("DEJA_TICKET_BOTS", frozenset())
    default_mode: Mode | None = setting(
        "DEJA_DEFAULT_MODE", must=f"be {', '.join(MODES[:-1])} or {MODES[-1]}, not {{value!r}}"
    )
    purge_hours: Annotated[int, Field(ge=0)] = setting(
        "DEJA_PURGE_HOURS", 24, must="be a whole number of hours, not {value!r}"
    )
    max_wait_hours: Annotated[float, Field(gt=0, allow_inf_nan=False)] = setting(
        "DEJA_MAX_WAIT_HOURS", MAX_WAIT_HOURS, must="be a number of hours above 0, not {value!r}"
    )
    # Slack accepts about one message per second and channel.
    post_interval: Seconds = setting("DEJA_POST_INTERVAL", 1.0, must=SECONDS)
    burst_seconds: Seconds = setting("DEJA_BURST_SECONDS", BURST_SECONDS, must=SECONDS)
    quiet_hours: Annotated[tuple[int, int], NoDecode, BeforeValidator(read_hours)] = setting(
        "DEJA_QUIET_HOURS",
        (QuietHours.quiet_from, QuietHours.quiet_until),
        must="be two hours from 0 to 23, such as 20-7 (0-0: never quiet), not {value!r}",
    )
    time_zone: Annotated[tzinfo, NoDecode, BeforeValidator(read_zone)] = setting(
        "DEJA_TIME_ZONE", UTC, must="be a name such as Europe/Berlin, not {value!r}"
    )

    @classmethod
    def from_env(cls) -> Settings:
        """Read the environment, and `.env` for what the environment does not set."""
        return _validated(lambda: _EnvironmentSettings.model_validate({}))

    @classmethod
    def from_mapping(cls, values: Mapping[str, str | None]) -> Settings:
        """Return the settings in `values`. Raises `SettingsError` for a value that is invalid."""
        return _validated(lambda: Settings.model_validate(dict(values)))

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, values: dict[str, str | None]) -> dict[str, str]:
        """Drop what is empty, and derive the folder and the database that are not set."""
        found = {name: text for name, value in values.items() if (text := (value or "").strip())}
        home = found.get("XDG_DATA_HOME", "~/.local/share")
        data_dir = Path(found.get("DEJA_DATA_DIR") or Path(home) / "deja").expanduser().absolute()
        url = found.get("DEJA_DATABASE_URL") or f"sqlite:///{data_dir / 'deja.db'}"
        return {**found, "DEJA_DATA_DIR": str(data_dir), "DEJA_DATABASE_URL": url}

    @property
    def has_slack(self) -> bool:
        """Say whether there are credentials to connect to Slack with."""
        return self.slack_bot_token is not None or self.has_many_workspaces

    @property
    def has_many_workspaces(self) -> bool:
        """Say whether any workspace may install the app, instead of one with a token."""
        return self.slack_client_id is not None or self.slack_client_secret is not None

    def require_bot_token(self) -> str:
        """Return the bot's token. Raises `SettingsError` if there is none."""
        if self.slack_bot_token is None:
            raise SettingsError(
                "SLACK_BOT_TOKEN is not set. `deja try` runs without Slack; docs/setup.md explains "
                "how to connect a workspace."
            )
        return self.slack_bot_token.get_secret_value()

    def require_client_credentials(self) -> tuple[str, str]:
        """Return the app's client id and secret. Raises `SettingsError` if one is missing."""
        if self.slack_client_id is None or self.slack_client_secret is None:
            raise SettingsError(
                "Several workspaces need both SLACK_CLIENT_ID and SLACK_CLIENT_SECRET: copy them "
                "from the app's Basic Information."
            )
        return self.slack_client_id, self.slack_client_secret.get_secret_value()

    def require_web_credentials(self) -> tuple[str, str]:
        """Return the id and the secret of the app that people sign in to the dashboard with.

        Raises `SettingsError` if one is missing.
        """
        secret = self.web_client_secret or self.slack_client_secret
        client_id = self.web_client_id or self.slack_client_id
        if client_id is None or secret is None:
            raise SettingsError(
                "To sign in to the dashboard, DEJA_WEB_CLIENT_ID and DEJA_WEB_CLIENT_SECRET are "
                "needed: copy them from the app's Basic Information."
            )
        return client_id, secret.get_secret_value()

    def check_connection(self) -> None:
        """Raise `SettingsError` unless the bot can call Slack and Slack can reach the bot."""
        if self.has_many_workspaces:
            self._check_many_workspaces()
            return
        self.require_bot_token()
        if self.slack_app_token is None and self.slack_signing_secret is None:
            raise SettingsError(
                "Set SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP): without one of "
                "them Slack cannot reach the bot."
            )

    def _check_many_workspaces(self) -> None:
        self.require_client_credentials()
        if self.slack_bot_token is not None or self.slack_app_token is not None:
            raise SettingsError(
                "SLACK_CLIENT_ID is for several workspaces, SLACK_BOT_TOKEN and SLACK_APP_TOKEN "
                "are for one: set only one kind."
            )
        if self.slack_signing_secret is None:
            raise SettingsError(
                "Set SLACK_SIGNING_SECRET: with several workspaces Slack reaches the bot by HTTP."
            )

    @property
    def hours(self) -> QuietHours:
        """The team's time zone and its quiet hours."""
        return QuietHours(self.time_zone, *self.quiet_hours)

    @property
    def index_dir(self) -> Path:
        """The folder of the index snapshot."""
        return self.data_dir / "index"

    @property
    def model_dir(self) -> Path:
        """The folder of the models that `deja model get` downloaded."""
        return self.data_dir / "models"

    @property
    def key_file(self) -> Path:
        """The file of the keys, if they are not in DEJA_SECRET_KEY."""
        return self.secret_key_file or self.data_dir / "secret.key"

    @property
    def backup_dir(self) -> Path:
        """The folder of the backups that are made before an upgrade."""
        return self.data_dir / "backups"


class _EnvironmentSettings(Settings, BaseSettings):
    """The same settings, read from the environment first and from `.env` second."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8",
        case_sensitive=True,
        extra="ignore",
        validate_default=False,
    )
    # Not a setting of ours: it moves the default of DEJA_DATA_DIR.
    xdg_data_home: str | None = Field(None, validation_alias="XDG_DATA_HOME")


def _validated(read: Callable[[], Settings]) -> Settings:
    try:
        return read()
    except ValidationError as error:
        # `from None`: the original error holds the rejected value, which may be a secret.
        raise SettingsError(_one_line(error)) from None


def _one_line(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    name = str(first["loc"][0])
    [field] = [one for one in Settings.model_fields.values() if one.validation_alias == name]
    return f"{name} must {field.description}.".format(value=first["input"])
