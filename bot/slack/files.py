"""Fetching files that people shared in Slack. The token goes to Slack and nowhere else."""

from __future__ import annotations

import time
from dataclasses import dataclass
from email.message import Message
from http import HTTPStatus
from http.client import HTTPResponse, IncompleteRead
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from bot.slack.client import Slack
from bot.slack.errors import GoneError, retry_after
from bot.slack.web_api import TIMEOUT_SECONDS
from services.errors import InputError, RetryLaterError

# A worker waits for a file, so one that only trickles is given up. The largest picture that is read
# takes as long at 170 kB a second.
MAX_SECONDS = 60.0
_BLOCK = 1 << 16

SLACK_HOSTS = ("slack.com", "slack-files.com")


class _NoRedirects(HTTPRedirectHandler):
    """Without the permission Slack redirects to its sign-in page."""

    def redirect_request(self, *_arguments: object) -> None:
        """Follow no redirect: that would take the token along."""


_opener = build_opener(_NoRedirects)


@dataclass(frozen=True)
class _Answer:
    """What Slack answers to a request for a file; one that `is_late` was given up."""

    status: int
    headers: Message
    content: bytes = b""
    is_late: bool = False


def fetch_file(slack: Slack, url: str, max_bytes: int) -> bytes:
    """Return the content of a file.

    Raises `InputError` where the bot may not read it, it is too large or too slow, or it is not
    Slack's; `GoneError` if it was deleted; and `RetryLaterError` if Slack gives no answer.
    """
    if not _is_slacks(url, slack):
        raise InputError("the file is not kept by Slack")
    request = Request(url, headers={"Authorization": f"Bearer {slack.client.token}"})  # noqa: S310 - checked
    answer = slack.call(get_file, request, max_bytes + 1)
    error = _error_of(answer)
    if error is not None:
        raise error
    if len(answer.content) > max_bytes:
        raise InputError("the file is too large")
    return answer.content


def get_file(request: Request, max_bytes: int, max_seconds: float = MAX_SECONDS) -> _Answer:
    """Return the beginning of a file, or what Slack answers instead."""
    deadline = time.monotonic() + max_seconds
    try:
        with _opener.open(request, timeout=TIMEOUT_SECONDS) as response:
            size = max_bytes if response.length is None else min(response.length, max_bytes)
            content = _read(response, size, deadline)
            if content is None:
                return _Answer(response.status, response.headers, is_late=True)
            # A connection that breaks ends a bounded read without an error.
            if response.length is not None and len(content) < size:
                raise IncompleteRead(content, size - len(content))
            return _Answer(response.status, response.headers, content)
    except HTTPError as error:
        if error.code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise ConnectionError(error.code, f"Slack answers {error.code} to a file") from error
        return _Answer(error.code, error.headers)


def _read(response: HTTPResponse, size: int, deadline: float) -> bytes | None:
    """Return so many bytes, or all there are; None if they are not there at the deadline."""
    content = bytearray()
    while len(content) < size and (block := response.read1(min(_BLOCK, size - len(content)))):
        content += block
        if time.monotonic() > deadline:
            return None
    return bytes(content)


def _is_slacks(url: str, slack: Slack) -> bool:
    """Say whether a token may be sent to a URL: over TLS to Slack, or where its API is."""
    parts, api = urlsplit(url), urlsplit(slack.client.base_url)
    if (parts.scheme, parts.netloc) == (api.scheme, api.netloc):
        return True
    host = parts.hostname or ""
    is_host = any(host == one or host.endswith(f".{one}") for one in SLACK_HOSTS)
    return parts.scheme == "https" and is_host


def _error_of(answer: _Answer) -> Exception | None:
    """Return why an answer has no file; None if it has one."""
    if answer.is_late:
        return InputError(f"the file takes longer than {MAX_SECONDS:.0f} s to come")
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return RetryLaterError("Slack is rate-limiting", retry_after(answer.headers))
    if answer.status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        return GoneError("the file is gone")
    is_page = answer.headers.get_content_type() == "text/html"
    if answer.status != HTTPStatus.OK or is_page:
        return InputError("the app may not read the file: it lacks the permission files:read")
    return None
