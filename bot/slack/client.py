"""One workspace's Slack: everything that Déjà reads there and everything that it posts."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from http import HTTPStatus
from typing import Any, TypeVar

from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler
from slack_sdk.webhook import WebhookClient, WebhookResponse

from bot.clock import utc_now
from bot.settings import Settings
from bot.slack.breaker import Breaker
from bot.slack.directory import Directory
from bot.slack.errors import GoneError, retry_after
from bot.slack.history import History
from bot.slack.messages import METADATA_TYPE, Message
from bot.slack.pacing import Pacer
from bot.slack.simpler_blocks import REFUSALS, Block, simpler_versions
from bot.slack.web_api import TIMED_OUT, TIMEOUT_SECONDS, web_client
from services.errors import RetryLaterError, UnavailableError

logger = logging.getLogger(__name__)

# How often in a row one call of a backfill waits for as long as Slack asks.
MAX_WAITS = 20

# How long to wait after a post that timed out before looking for it: Slack may still be at it.
SETTLE_SECONDS = 15.0

T = TypeVar("T")


@dataclass(frozen=True)
class Slack(Directory, History):
    """The calls that post, and those that read from `Directory` and `History`."""

    pacer: Pacer = field(default_factory=lambda: Pacer(0.0), kw_only=True)
    carousels: bool = field(default=True, kw_only=True)

    @classmethod
    def connect(
        cls,
        settings: Settings,
        token: str | None = None,
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> Slack:
        """Return the API for a token, by default the settings'; this makes no call.

        Raises `SettingsError` if there is no token.
        """
        token = token or settings.require_bot_token()
        client = web_client(token, settings.slack_api_url)
        return cls(
            client,
            breaker=Breaker(clock),
            pacer=Pacer(settings.post_interval),
            carousels=settings.carousels,
        )

    def retrying_rate_limits(self) -> Slack:
        """Return the same API, which waits by itself where Slack limits the rate."""
        waiting = RateLimitErrorRetryHandler(max_retry_count=MAX_WAITS)
        return replace(self, client=web_client(self.client.token, self.client.base_url, waiting))

    def post(self, channel: str, thread_ts: str | None, message: Message) -> str:
        """Post into a thread, or into the channel if it is None; return the message's `ts`."""
        try:
            response = self._show(
                message.blocks,
                lambda blocks: self.call(
                    self.client.chat_postMessage,
                    channel=channel,
                    thread_ts=thread_ts,
                    text=message.text,
                    blocks=blocks,
                    metadata=_metadata(message),
                    unfurl_links=False,
                    unfurl_media=False,
                ),
            )
        except UnavailableError as error:
            if str(error) != TIMED_OUT:
                raise
            raise UnavailableError(TIMED_OUT, max(error.probe_in or 0, SETTLE_SECONDS)) from error
        return str(response["ts"])

    def post_once(self, channel: str, thread_ts: str, message: Message) -> None:
        """Post into a thread when its turn comes, unless it is there or the thread is gone."""
        self.pacer.reserve_slot(channel, message.mark)
        thread = self.find_in_thread(channel, thread_ts, message.mark)
        if thread.exists and thread.our_ts is None:
            self.post(channel, thread_ts, message)

    def post_in_channel_once(self, channel: str, message: Message, now: datetime) -> str:
        """Post into a channel when its turn comes; return the message's `ts`.

        Nothing is posted if the message is there already: an earlier attempt may have died before
        it recorded that.
        """
        self.pacer.reserve_slot(channel, message.mark)
        return self.find_own(channel, message.mark, now) or self.post(channel, None, message)

    def update(self, channel: str, ts: str, message: Message) -> None:
        """Replace the content of one of our messages."""
        self._show(
            message.blocks,
            lambda blocks: self.call(
                self.client.chat_update,
                channel=channel,
                ts=ts,
                text=message.text,
                blocks=blocks,
                metadata=_metadata(message),
            ),
        )

    def delete(self, channel: str, ts: str) -> None:
        """Delete one of our messages, if it is still there."""
        try:
            self.call(self.client.chat_delete, channel=channel, ts=ts)
        except GoneError:
            return

    def post_ephemeral(self, channel: str, user: str, text: str, blocks: Sequence[Block]) -> None:
        """Post a message in a channel that only one person sees."""
        self._show(
            blocks,
            lambda shown: self.call(
                self.client.chat_postEphemeral, channel=channel, user=user, text=text, blocks=shown
            ),
        )

    def respond(
        self, response_url: str, text: str, blocks: Sequence[Block], *, in_place: bool = False
    ) -> None:
        """Answer a command or click, visible only to the person it came from.

        `in_place`: the answer replaces the message that was clicked.
        Raises `GoneError` if the address is used up or has expired.
        """
        webhook = WebhookClient(response_url, timeout=TIMEOUT_SECONDS, retry_handlers=[])
        self._show(
            blocks,
            lambda shown: _check(
                self.call(
                    webhook.send,
                    text=text,
                    blocks=shown,
                    response_type="ephemeral",
                    replace_original=in_place,
                )
            ),
        )

    def _show(self, blocks: Sequence[Block], send: Callable[[list[Block]], T]) -> T:
        """Send blocks; where Slack refuses them, simpler ones that say the same."""
        *versions, last = simpler_versions(blocks, carousels=self.carousels)
        for version in versions:
            try:
                return send(version)
            except SlackApiError as error:
                code = str(error.response.get("error"))
                if code not in REFUSALS:
                    raise
                logger.warning("Slack refuses a message's blocks (%s); trying simpler ones", code)
        return send(last)

    def upload(
        self, channel: str, thread_ts: str, content: bytes, *, title: str, alt_text: str
    ) -> str:
        """Upload a picture into a thread and return its file id."""
        response = self.call(
            self.client.files_upload_v2,
            channel=channel,
            thread_ts=thread_ts,
            content=content,
            filename="topics.png",
            title=title,
            alt_txt=alt_text,
        )
        return str(response["files"][0]["id"])

    def delete_file(self, file_id: str) -> None:
        """Delete one of our files, if it is still there."""
        try:
            self.call(self.client.files_delete, file=file_id)
        except GoneError:
            return

    def open_view(self, trigger_id: str, view: dict[str, Any]) -> str | None:
        """Open a form for the person who clicked, within three seconds; return its id.

        None if Slack refused: nobody waits for a second attempt.
        """
        try:
            opened = self.call(self.client.views_open, trigger_id=trigger_id, view=view)
        except (SlackApiError, GoneError, RetryLaterError) as error:
            logger.warning("a form could not be opened: %s", type(error).__name__)
            return None
        return str(opened["view"]["id"])

    def update_view(self, view_id: str, view: dict[str, Any]) -> None:
        """Replace the content of an open form."""
        self.call(self.client.views_update, view_id=view_id, view=view)

    def publish_home(self, user: str, view: dict[str, Any]) -> None:
        """Publish a user's Home tab."""
        self.call(self.client.views_publish, user_id=user, view=view)

    def suggest_prompts(
        self, channel: str, thread_ts: str, title: str, prompts: Sequence[tuple[str, str]]
    ) -> None:
        """Suggest prompts (title and message) in a thread of the assistant pane.

        They are a convenience: it does not matter if Slack refuses them.
        """
        try:
            self.call(
                self.client.assistant_threads_setSuggestedPrompts,
                channel_id=channel,
                thread_ts=thread_ts,
                title=title,
                prompts=[{"title": name, "message": typed} for name, typed in prompts],
            )
        except (GoneError, SlackApiError) as error:
            logger.warning("no prompts could be suggested: %s", type(error).__name__)


def _check(response: WebhookResponse) -> None:
    """Raise what the answer of a response URL means, as the Web API's answers do."""
    if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        raise RetryLaterError("Slack is rate-limiting", retry_after(response.headers))
    if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise UnavailableError(f"Slack answers {response.status_code} to a reply")
    if response.status_code >= HTTPStatus.BAD_REQUEST:
        if response.body in REFUSALS:
            raise SlackApiError(  # type: ignore[no-untyped-call]
                "Slack refuses the blocks of a reply", {"error": response.body}
            )
        raise GoneError(f"the response address is used up ({response.status_code})")


def _metadata(message: Message) -> dict[str, Any]:
    return {"event_type": METADATA_TYPE, "event_payload": {"mark": message.mark}}
