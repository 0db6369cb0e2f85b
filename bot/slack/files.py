"""Fetching files that people shared in Slack. The token goes to Slack and nowhere else."""

from __future__ import annotations

from http import HTTPStatus
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from bot.slack.client import Slack
from bot.slack.errors import GoneError, retry_after
from bot.slack.web_api import NO_ANSWER, TIMEOUT_SECONDS
from services.errors import InputError, RetryLaterError

SLACK_HOSTS = ("slack.com", "slack-files.com")


class _NoRedirects(HTTPRedirectHandler):
    """Without the permission Slack redirects to its sign-in page."""

    def redirect_request(self, *_arguments: object) -> None:
        """Follow no redirect: that would take the token along."""


_opener = build_opener(_NoRedirects)


def fetch_file(slack: Slack, url: str, max_bytes: int) -> bytes:
    """Return the content of a file.

    Raises `InputError` where the bot may not read it, it is too large, or it is not Slack's;
    `GoneError` if it was deleted; and `RetryLaterError` if Slack gives no answer.
    """
    slack.ensure_installed()
    if not _is_slacks(url, slack):
        raise InputError("the file is not kept by Slack")
    request = Request(url, headers={"Authorization": f"Bearer {slack.client.token}"})  # noqa: S310 - checked
    try:
        with _opener.open(request, timeout=TIMEOUT_SECONDS) as response:
            content: bytes = response.read(max_bytes + 1)
            kind = response.headers.get_content_type()
    except HTTPError as error:
        raise _translated(error) from error
    except NO_ANSWER as error:
        raise slack.breaker.failure("no answer to a file") from error
    if len(content) > max_bytes:
        raise InputError("the file is too large")
    if kind == "text/html":
        raise InputError("the app lacks the permission files:read")
    return content


def _is_slacks(url: str, slack: Slack) -> bool:
    """Say whether a token may be sent to a URL: over TLS to Slack, or where its API is."""
    parts, api = urlsplit(url), urlsplit(slack.client.base_url)
    if (parts.scheme, parts.netloc) == (api.scheme, api.netloc):
        return True
    host = parts.hostname or ""
    is_host = any(host == one or host.endswith(f".{one}") for one in SLACK_HOSTS)
    return parts.scheme == "https" and is_host


def _translated(error: HTTPError) -> Exception:
    if error.code == HTTPStatus.TOO_MANY_REQUESTS:
        return RetryLaterError("Slack is rate-limiting", retry_after(error.headers))
    if error.code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return RetryLaterError(f"Slack answers {error.code} to a file", 1.0)
    if error.code in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        return GoneError("the file is gone")
    return InputError("the app may not read the file: it lacks the permission files:read")
