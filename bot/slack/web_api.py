"""Calls of Slack's Web API, with its errors translated into what the worker can act on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from threading import Event
from typing import Any, ParamSpec, TypeVar

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry import RetryHandler
from slack_sdk.web import SlackResponse

from bot.settings import Settings
from bot.slack.errors import BAD_TOKEN, GONE, TOKEN_SECONDS, GoneError, retry_after
from services.errors import RetryLaterError

TIMEOUT_SECONDS = 10

# Results per page, as Slack recommends; it may return fewer.
PAGE_SIZE = 200

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class WebApi:
    """One workspace's Web API."""

    client: WebClient
    # Set as soon as the app is uninstalled, so that a running job posts nothing more.
    uninstalled: Event = field(default_factory=Event, kw_only=True)

    def call(self, method: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a method of the client.

        Raises `RetryLaterError` where waiting helps, `GoneError` where the channel, thread or
        message is gone, `OSError` for network trouble, and `SlackApiError` for anything else.
        """
        self.ensure_installed()
        try:
            return method(*args, **kwargs)
        except SlackApiError as error:
            translated = _translated(error)
            if translated is error:
                raise
            raise translated from error
        except json.JSONDecodeError as error:  # of a further page; slack_sdk checks only the first
            raise OSError("Slack's answer is not JSON") from error

    def pages(self, method: Callable[..., SlackResponse], **arguments: Any) -> Iterator[Any]:
        """Yield the pages of a method's result. Each is one call, and raises as `call` does."""
        pages = iter(self.call(method, **arguments))
        while (page := self.call(next, pages, None)) is not None:
            yield page

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
        token=token, base_url=base_url, timeout=TIMEOUT_SECONDS, retry_handlers=list(handlers)
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
