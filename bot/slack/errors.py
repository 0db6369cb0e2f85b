"""What Slack's errors mean: gone for good, a bad token, or a time to wait."""

from __future__ import annotations

from typing import Any

from slack_sdk.errors import SlackApiError

from services.errors import SettingsError

# How long to wait with a token that Slack does not take.
TOKEN_SECONDS = 60.0


# Where Slack says that the place or the message is no more, waiting does not bring it back.
GONE = frozenset(
    [
        "cant_delete_message",
        "cant_update_message",
        "channel_not_found",
        "edit_window_closed",
        "file_deleted",
        "file_not_found",
        "is_archived",
        "is_inactive",
        "message_not_found",
        "not_found",
        "not_in_channel",
        "restricted_action",
        "restricted_action_thread_locked",
        "thread_not_found",
        "user_not_in_channel",
    ]
)


_BAD_TOKEN = frozenset(
    [
        "account_inactive",
        "invalid_auth",
        "not_authed",
        "not_allowed_token_type",
        "token_expired",
        "token_revoked",
    ]
)


class GoneError(Exception):
    """The channel, thread or message a call was about is not there any more."""


def token_error(name: str, error: SlackApiError) -> SettingsError:
    """Return Slack's refusal of a token as one clear line."""
    code = error.response.get("error")
    if code in _BAD_TOKEN:
        return SettingsError(
            f"Slack refuses {name} ({code}). Copy it again from the app's settings page."
        )
    return SettingsError(f"Slack answers {code or error.response.status_code} to {name}.")


def _retry_after(headers: Any) -> float:
    lowered = {str(name).lower(): value for name, value in dict(headers).items()}
    value = lowered.get("retry-after", "1")
    first = value[0] if isinstance(value, list) else value
    return max(1.0, float(first)) if str(first).replace(".", "", 1).isdigit() else 1.0
