"""What Slack's error codes mean: gone for good, a bad token, or a time to wait."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from slack_sdk.errors import SlackApiError

from services.errors import SettingsError

# How long to wait before a rejected token is tried again.
TOKEN_SECONDS = 60.0

# The channel, thread, message or file does not exist any more: waiting does not bring it back.
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

BAD_TOKEN = frozenset(
    [
        "account_inactive",
        "invalid_auth",
        "not_authed",
        "not_allowed_token_type",
        "token_expired",
        "token_revoked",
    ]
)

# Slack itself is out of order: waiting helps.
OUT_OF_ORDER = frozenset(
    [
        "accesslimited",
        "fatal_error",
        "internal_error",
        "request_timeout",
        "service_unavailable",
        "team_added_to_org",  # the workspace is being moved
    ]
)


class GoneError(Exception):
    """The channel, thread, message or file that a call was about does not exist any more."""


def is_rejection(error: SlackApiError) -> bool:
    """Say whether Slack rejects a token."""
    return error.response.get("error") in BAD_TOKEN


def token_error(name: str, error: SlackApiError) -> SettingsError:
    """Return the error for a token (`name` is its setting) that Slack rejects."""
    code = error.response.get("error")
    if code in BAD_TOKEN:
        return SettingsError(
            f"Slack rejects {name} ({code}). Copy it again from the app's settings page."
        )
    return SettingsError(f"Slack answers {code or error.response.status_code} to {name}.")


def outage_of(error: SlackApiError) -> str | None:
    """Return what an answer says of an outage of Slack, or None if it is not about one."""
    status, code = error.response.status_code, str(error.response.get("error") or "")
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
        return f"Slack answers {status}"
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return None
    if " " in code:  # a sentence of slack_sdk about a body that is not JSON
        return f"an answer that is not JSON (status {status})"
    return f"Slack answers {code}" if code in OUT_OF_ORDER else None


def retry_after(headers: Any) -> float:
    """Return the seconds that the `Retry-After` header asks to wait: 1 if it is missing."""
    lowered = {str(name).lower(): value for name, value in dict(headers).items()}
    value = lowered.get("retry-after", "1")
    first = value[0] if isinstance(value, list) else value
    return max(1.0, float(first)) if str(first).replace(".", "", 1).isdigit() else 1.0
