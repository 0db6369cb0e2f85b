"""Calls of Slack's Web API, with its errors translated into what the worker can act on."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPException
from threading import Event
from typing import Any, ParamSpec, TypeVar

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.http_retry import RetryHandler
from slack_sdk.web import SlackResponse

from bot.settings import Settings
from bot.slack.breaker import Breaker
from bot.slack.errors import BAD_TOKEN, GONE, TOKEN_SECONDS, GoneError, outage_of, retry_after
from bot.traces import span
from services.errors import RetryLaterError

TIMEOUT_SECONDS = 10

# Results per page, as Slack recommends; it may return fewer.
PAGE_SIZE = 200

# What is said of a call that Slack may still carry out.
TIMED_OUT = "no answer in time"

# What a call raises if there was no answer, or none of Slack's: `OSError` are network errors and
# timeouts, the others an answer that was cut off, one that is not JSON, and a failed upload.
NO_ANSWER = (OSError, HTTPException, json.JSONDecodeError, SlackRequestError)

# slack_sdk logs each failing call; the breaker does that once.
_silent = logging.getLogger("bot.slack.sdk")
_silent.setLevel(logging.CRITICAL)

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class WebApi:
    """One workspace's Web API."""

    client: WebClient
    # Set as soon as the app is uninstalled, so that a running job posts nothing more.
    uninstalled: Event = field(default_factory=Event, kw_only=True)

    # Shared by all clients of the workspace in this process.
    breaker: Breaker = field(default_factory=Breaker, kw_only=True)

    def call(self, method: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a method of the client.

        Raises `UnavailableError` if Slack cannot be reached or is out of order, `RetryLaterError`
        where it asks to wait, `GoneError` where the channel, thread or message is gone, and
        `SlackApiError` for anything else.
        """
        self.ensure_installed()
        self.breaker.check()
        try:
            with span(f"slack {getattr(method, '__name__', 'call')}"):
                result = method(*args, **kwargs)
        except NO_ANSWER as error:
            raise self.breaker.failure(_describe(error)) from error
        except SlackApiError as error:
            outage = outage_of(error)
            if outage is not None:
                raise self.breaker.failure(outage) from error
            self.breaker.note_answer()
            translated = _translated(error)
            if translated is error:
                raise
            raise translated from error
        self.breaker.note_answer()
        return result

    def pages(self, method: Callable[..., SlackResponse], **arguments: Any) -> Iterator[Any]:
        """Yield the pages of a method's result. Each is one call, and raises as `call` does."""
        pages = iter(self.call(method, **arguments))
        page = next(pages)  # the one that was just returned
        while True:
            yield page
            if not _has_next(page):
                return
            page = self.call(next, pages)

    def ensure_installed(self) -> None:
        """Raise `RetryLaterError` once the app is uninstalled."""
        if self.uninstalled.is_set():
            raise RetryLaterError("the app was uninstalled", TOKEN_SECONDS)


def web_client(token: str | None, base_url: str, *handlers: RetryHandler) -> WebClient:
    """Return slack_sdk's client with these retry handlers only.

    By default it would repeat a call whose connection broke, and so might post twice; the queue
    looks for the message first.
    """
    return WebClient(
        token=token,
        base_url=base_url,
        timeout=TIMEOUT_SECONDS,
        retry_handlers=list(handlers),
        logger=_silent,
    )


def anonymous_client(settings: Settings) -> WebClient:
    """Return a client without a token, for calls that an app makes before it has one."""
    return web_client(None, settings.slack_api_url)


def _translated(error: SlackApiError) -> Exception:
    response = error.response
    code = response.get("error")
    if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        return RetryLaterError("Slack is rate-limiting", retry_after(response.headers))
    if code in BAD_TOKEN:
        # The app was uninstalled, or will get another token: nothing is lost by waiting.
        return RetryLaterError(f"Slack rejects the token ({code})", TOKEN_SECONDS)
    if code in GONE:
        return GoneError(str(code))
    return error


def _has_next(page: SlackResponse) -> bool:
    """Say whether slack_sdk finds the cursor of a further page."""
    metadata = page.get("response_metadata") or {}
    return bool(metadata.get("next_cursor") or page.get("next_cursor"))


def _describe(error: Exception) -> str:
    """Return what went wrong in a few words, without addresses."""
    reason = getattr(error, "reason", None)  # what urllib's error is about
    cause = reason if isinstance(reason, Exception) else error
    if isinstance(cause, TimeoutError):
        return TIMED_OUT
    if isinstance(cause, json.JSONDecodeError):
        return "an answer that is not JSON"
    text = cause.strerror if isinstance(cause, OSError) and cause.strerror else ""
    return text or type(cause).__name__
